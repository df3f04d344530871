//! A cart as it is read, and as every write answers it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{Quantity, Text};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use service::openapi::Refusals;
use service::{Context, Problem, Resource};

use crate::App;
use crate::api::shopper::{CART_TOKEN, Reader, no_cart};
use crate::cart::{Cart, PricedCart, full_text};
use crate::offer::Offers;
use crate::store::carts::{self, Refusal};
use crate::token::CartToken;

/// The cart, at the prices that items have now. Whoever has none yet sees an empty one; a `Cart-Token` that no
/// cart has, or has any more, is refused.
#[utoipa::path(get, path = "/api/cart", tag = "cart", security((), ("bearer" = [])),
    params(("Cart-Token" = Option<String>, Header, description = "A guest's cart")),
    responses((status = 200, body = PricedCart),
        (status = 404, description = "`not-found`: no cart has this `Cart-Token`"),
        Refusals))]
pub async fn show(
    Reader { key, is_guests }: Reader,
    context: Context,
    State(app): State<App>,
) -> Result<Shown, Problem> {
    let cart = match &key {
        Some(key) => carts::find(&app.cache, key).await?,
        None => Cart::default(),
    };
    if is_guests && cart.version == 0 {
        return Err(no_cart());
    }
    Shown::new(&app, &context, cart, Offers::default()).await
}

/// A cart on its way to whom it belongs to, and the token of it if that is new.
pub struct Shown {
    cart: Resource<PricedCart>,
    new_token: Option<CartToken>,
}

impl Shown {
    /// Prices a cart; asks the catalogue about the lines that these offers say nothing of.
    pub async fn new(
        app: &App,
        context: &Context,
        cart: Cart,
        mut offers: Offers,
    ) -> Result<Self, Problem> {
        let unknown = cart.item_ids().filter(|id| !offers.covers(*id));
        let found = app.catalog.offers(context, unknown).await?;
        offers.extend(found);
        let version = cart.version;
        let body = cart.price(&offers).map_err(Problem::internal)?;
        Ok(Self {
            cart: Resource { version, body },
            new_token: None,
        })
    }

    pub fn with_token(self, new_token: Option<CartToken>) -> Self {
        Self { new_token, ..self }
    }
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let mut response = self.cart.into_response();
        let headers = response.headers_mut();
        // Two guests have the same address and two carts: nothing between us and them may keep one.
        let private = HeaderValue::from_static("private, no-cache");
        headers.insert(CACHE_CONTROL, private);
        let token = self.new_token.map(|token| token.to_text());
        if let Some(token) = token.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(CART_TOKEN, token);
        }
        response
    }
}

/// What a cart refuses with 409, as the OpenAPI document says it.
pub const CONFLICTS: &str = "`cart-full`: it has as many lines as it may; \
    `quantity-too-large`: more units than one line may have; \
    `items-unavailable`: `items` are not for sale";

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Changed => Self::precondition_failed(),
            Refusal::NoCart => no_cart(),
            Refusal::NotInCart => Self::not_found(),
            Refusal::Full { most } => Self::conflict("cart-full", full_text(most)),
            Refusal::TooMany { item } => Self::conflict("quantity-too-large", too_many_text())
                .with("item_id", item.to_string()),
            Refusal::Cache(error) => error.into(),
        }
    }
}

fn too_many_text() -> Text {
    Text::new(
        format!(
            "Un panier contient au plus {} fois le même article.",
            Quantity::MAX
        ),
        format!("A cart holds at most {} of one item.", Quantity::MAX),
    )
}
