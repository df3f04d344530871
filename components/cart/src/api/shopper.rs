//! Whose cart a request is about: the signed-in client's, or else that of the guest's `Cart-Token`.

use axum::extract::FromRequestParts;
use commerce::Text;
use http::HeaderName;
use http::request::Parts;
use service::auth::bearer;
use service::handler::Reads;
use service::{Caller, ClientAddress, Context, Problem, Role, count_address};

use crate::App;
use crate::store::carts::CartKey;
use crate::token::CartToken;

pub const CART_TOKEN: HeaderName = HeaderName::from_static("cart-token");

/// The cart to read, and whether a guest's token names it. Whoever has none yet sees an empty one.
pub struct Reader {
    pub key: Option<CartKey>,
    pub is_guests: bool,
}

/// The cart to write to, and the token of it that a newcomer is to be given.
pub struct Writer {
    pub key: CartKey,
    pub new_token: Option<CartToken>,
}

impl Reads for Reader {}
impl Reads for Writer {}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let key = client(parts, app).await?;
        if key.is_some() {
            let is_guests = false;
            return Ok(Self { key, is_guests });
        }
        let key = shown(parts).map(guest).transpose()?;
        let is_guests = key.is_some();
        Ok(Self { key, is_guests })
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
                key: guest(text)?,
                new_token: None,
            }),
            None => {
                let Ok(context) = Context::from_request_parts(parts, app).await;
                let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
                count_address(&context, "carts", address).await?;
                let token = CartToken::generate().map_err(Problem::internal)?;
                Ok(Self {
                    key: CartKey::of_new_guest(&token),
                    new_token: Some(token),
                })
            }
        }
    }
}

/// The cart of a signed-in client. Whoever is signed in to sell or to run the shop buys as a guest does.
async fn client(parts: &mut Parts, app: &App) -> Result<Option<CartKey>, Problem> {
    if bearer(&parts.headers)?.is_none() {
        return Ok(None);
    }
    // A token that is not good is refused for reads too: whose cart is asked for is not known without it.
    let caller = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
    let is_client = caller.role == Role::Client;
    Ok(is_client.then(|| CartKey::of_client(caller.user)))
}

fn guest(token: &str) -> Result<CartKey, Problem> {
    let token = CartToken::parse(token).map_err(|_| no_token())?;
    Ok(CartKey::of_guest(&token))
}

fn shown(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(&CART_TOKEN)?;
    Some(value.to_str().unwrap_or_default())
}

fn no_token() -> Problem {
    let title = Text::new(
        "L’en-tête Cart-Token n’est pas un jeton de panier",
        "The Cart-Token header is not a cart token",
    );
    begin_anew(Problem::unprocessable_as("cart-token-invalid", title))
}

/// A guest's cart that has gone: it has joined a client's, or nobody has touched it for too long.
pub fn no_cart() -> Problem {
    begin_anew(Problem::not_found())
}

/// Says the way on.
fn begin_anew(problem: Problem) -> Problem {
    problem.detail(
        "Aucun panier ne porte ce jeton : recommencez sans l’en-tête Cart-Token, un premier ajout en donne un autre",
        "No cart has this token: begin again without the Cart-Token header, a first item gives another one",
    )
}
