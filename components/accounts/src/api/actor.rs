//! Whoever sends a request with an access token, as use cases ask for them.

use axum::extract::FromRequestParts;
use http::request::Parts;
use service::handler::Reads;
use service::{Author, Problem, TokenGeneration};

use crate::App;
use crate::app::actor::Actor;

impl Reads for Actor {}

impl FromRequestParts<App> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let author = Author::from_request_parts(parts, app).await?;
        let TokenGeneration(generation) = TokenGeneration::from_request_parts(parts, app).await?;
        Ok(Self { author, generation })
    }
}
