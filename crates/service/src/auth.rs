//! Who is asking: access tokens (RFC 9068) verified without a call to accounts, whether their bearers are still
//! who the tokens say, and the token by which services know each other.

mod bearer;
mod callers;
mod presence;
mod role;
mod service_token;
mod tokens;

pub use bearer::bearer;
pub use callers::{AccountEmail, Admin, Caller, Client, Seller, Supplier, TokenGeneration};
pub use role::Role;
pub(crate) use service_token::SERVICE_TOKEN;
pub use service_token::{KnownService, ServiceToken};
pub(crate) use tokens::Verified;
pub use tokens::{AccessClaims, CLIENT_ID, Tokens};
