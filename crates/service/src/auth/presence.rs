//! The question whether a caller is still who the token says, asked once in each request, wherever a handler
//! learns who asks: so no handler can forget it.

use commerce::UserId;
use http::request::Parts;

use super::{Verified, bearer};
use crate::authority;
use crate::context::Context;
use crate::problem::Problem;

/// Whose presence was found, in the extensions of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Present(UserId);

/// Refuses somebody who is no longer who the token says, as far as the request needs to know.
pub(super) async fn check(parts: &mut Parts, verified: &Verified) -> Result<(), Problem> {
    let present = Present(verified.caller.user);
    if parts.extensions.get() == Some(&present) {
        return Ok(());
    }
    let context = parts.extensions.get::<Context>();
    let token = bearer(&parts.headers)?.unwrap_or_default();
    authority::check(context, verified, token, parts.method.is_safe()).await?;
    parts.extensions.insert(present);
    Ok(())
}
