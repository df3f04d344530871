//! Whose cart a request is about: the signed-in client's, or else that of the guest's `Cart-Token`.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::HeaderName;
use http::request::Parts;
use service::{Caller, ClientAddress, Context, Problem, Role, count_address};

use crate::App;
use crate::store::carts::CartKey;
use crate::token::CartToken;

pub const CART_TOKEN: HeaderName = HeaderName::from_static("cart-token");

/// The cart to read. Whoever has none yet, or shows a token that is none, sees an empty one.
pub struct Reader(pub Option<CartKey>);

/// The cart to write to, and the token of it that a newcomer is to be given.
pub struct Writer {
    pub key: CartKey,
    pub new_token: Option<CartToken>,
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(client) = client(parts, app).await? {
            return Ok(Self(Some(client)));
        }
        let token = shown(parts).and_then(|text| CartToken::parse(text).ok());
        Ok(Self(token.as_ref().map(CartKey::of_guest)))
    }
}

impl FromRequestParts<App> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(key) = client(parts, app).await? {
            let new_token = None;
            return Ok(Self { key, new_token });
        }
        match shown(parts) {
            Some(text) => Ok(Self {
                key: CartKey::of_guest(&CartToken::parse(text).map_err(|_| no_token())?),
                new_token: None,
            }),
            None => {
                let Ok(context) = Context::from_request_parts(parts, app).await;
                let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
                count_address(&context, "carts", address).await?;
                let token = CartToken::generate().map_err(Problem::internal)?;
                Ok(Self {
                    key: CartKey::of_guest(&token),
                    new_token: Some(token),
                })
            }
        }
    }
}

/// The cart of a signed-in client. Whoever is signed in to sell or to run the shop buys as a guest does.
async fn client(parts: &mut Parts, app: &App) -> Result<Option<CartKey>, Problem> {
    let caller = <Caller as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
    Ok(caller
        .filter(|caller| caller.role == Role::Client)
        .map(|caller| CartKey::of_client(caller.user)))
}

fn shown(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(&CART_TOKEN)?;
    Some(value.to_str().unwrap_or_default())
}

fn no_token() -> Problem {
    Problem::unprocessable().detail(
        "L’en-tête Cart-Token n’est pas un jeton de panier.",
        "The Cart-Token header is not a cart token.",
    )
}
