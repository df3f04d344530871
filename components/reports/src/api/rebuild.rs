//! Building the read model anew, and what that has found.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cache::Cache;
use commerce::Timestamp;
use http::StatusCode;
use http::header::LOCATION;
use serde::Serialize;
use service::openapi::Refusals;
use service::{Admin, Context, Jobs, Json, Problem};
use utoipa::ToSchema;

use crate::building::{ASKED, BUILD, Builder};
use crate::store::state::{self, Finding, State as Model};

/// Where the state of the model is.
const DRIFT: &str = "/api/reports/drift";

/// What the read model is like.
#[derive(Serialize, ToSchema)]
pub struct Drift {
    /// `ready`; `doubted` after a restart of Redis, until it is built anew; or `missing`, and reports answer 503.
    #[schema(pattern = "^(ready|doubted|missing)$", example = "ready")]
    status: &'static str,
    /// What is being built beside it.
    building: Option<Building>,
    /// What the last building has found: how the model differed from the truth.
    last: Option<Finding>,
}

#[derive(Serialize, ToSchema)]
struct Building {
    since: Timestamp,
    /// `asked`, `daily`, `missing` or `redis_restarted`.
    #[schema(pattern = "^(asked|daily|missing|redis_restarted)$", example = "daily")]
    why: String,
}

impl From<Model> for Drift {
    fn from(model: Model) -> Self {
        let status = match (model.is_served, model.is_trusted) {
            (false, _) => "missing",
            (true, false) => "doubted",
            (true, true) => "ready",
        };
        Self {
            status,
            building: model.building.map(|build| Building {
                since: build.begun_at,
                why: build.why,
            }),
            last: model.last,
        }
    }
}

/// Builds the read model anew from the truth, and compares the two. Reports are answered from the old one until
/// the new one is complete. While one is being built, asking again changes nothing.
#[utoipa::path(post, path = "/api/reports/rebuild", tag = "reports", security(("bearer" = [])),
    responses((status = 202, body = Drift, headers(("Location" = String))), Refusals))]
pub async fn begin(
    _: Admin,
    context: Context,
    State(builder): State<Builder>,
    State(jobs): State<Jobs>,
) -> Result<Response, Problem> {
    builder.begin(ASKED).await?;
    let drift = Drift::from(state::read(&builder.cache).await?);
    jobs.run_soon(&context, BUILD);
    let location = [(LOCATION, DRIFT)];
    Ok((StatusCode::ACCEPTED, location, Json(drift)).into_response())
}

/// How the read model differed from the truth when it was last built, and whether it is being built now.
#[utoipa::path(get, path = "/api/reports/drift", tag = "reports", security(("bearer" = [])),
    responses((status = 200, body = Drift), Refusals))]
pub async fn show(_: Admin, State(cache): State<Cache>) -> Result<Json<Drift>, Problem> {
    Ok(Json(Drift::from(state::read(&cache).await?)))
}
