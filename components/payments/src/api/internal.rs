//! What only other services and schedulers ask.

use axum::extract::State;
use db::Db;
use service::outbox::{self, Events, Taken};
use service::{Context, Health, Json, JsonBody, Problem, ServiceToken};

use crate::App;
use crate::following;
use crate::paying::Till;
use crate::reconciling::Reconciled;
use crate::tick::{self, Done};

pub async fn health(_: ServiceToken, State(db): State<Db>) -> Health {
    Health::of(Some(&db), None).await
}

/// What the orders service tells.
pub async fn events(
    _: ServiceToken,
    context: Context,
    State(db): State<Db>,
    body: JsonBody<Events>,
) -> Json<Taken> {
    let (context, db) = (&context, &db);
    let follow = async |event| following::follow(context, db, &event).await;
    outbox::take(context, body.value, follow).await
}

/// Asks the provider about everything in doubt.
pub async fn reconcile(
    _: ServiceToken,
    context: Context,
    State(till): State<Till>,
) -> Result<Json<Reconciled>, Problem> {
    Ok(Json(till.reconcile(&context).await?))
}

/// Does what is due.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(app): State<App>,
) -> Result<Json<Done>, Problem> {
    Ok(Json(tick::tick(&context, &app).await?))
}
