//! Signing in with a full basket: the guest's cart joins the client's.

use axum::extract::State;
use commerce::BoundedText;
use serde::Deserialize;
use service::openapi::Refusals;
use service::{Client, Context, Invalid, JsonBody, Problem};
use utoipa::ToSchema;

use crate::App;
use crate::api::cart::{CONFLICTS, Shown};
use crate::cart::PricedCart;
use crate::offer::Offers;
use crate::store::carts::{self, CartKey};
use crate::token::CartToken;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeCart {
    /// What the guest's first write answered in `Cart-Token`.
    #[schema(value_type = String, min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
    cart_token: BoundedText<64>,
}

/// Moves what a guest's cart holds into the client's; quantities of the same item add up.
///
/// A second time changes nothing, as there is no guest's cart any more. Where the sum would be too much
/// for one cart, both stay as they are (409).
#[utoipa::path(post, path = "/api/cart/merge", tag = "cart", security(("bearer" = [])),
    request_body = MergeCart, responses((status = 200, body = PricedCart),
        (status = 409, description = CONFLICTS),
        Refusals))]
pub async fn merge(
    Client(caller): Client,
    context: Context,
    State(app): State<App>,
    body: JsonBody<MergeCart>,
) -> Result<Shown, Problem> {
    let guest = CartKey::of_guest(&parse(&body.value)?);
    let cart = carts::merge(&app.cache, &CartKey::of_client(caller.user), &guest).await?;
    Shown::new(&app, &context, cart, Offers::default()).await
}

fn parse(body: &MergeCart) -> Result<CartToken, Problem> {
    let mut invalid = Invalid::new();
    invalid
        .check("/cart_token", CartToken::parse(&body.cart_token))
        .ok_or_else(|| invalid.into())
}
