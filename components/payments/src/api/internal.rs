//! What only other services and schedulers ask.

use axum::extract::State;
use db::Db;
use service::outbox::{self, Events, Outbox, Taken};
use service::{Context, Health, Json, JsonBody, Problem, ServiceToken};

use crate::following;
use crate::paying::Till;
use crate::reconciling::Reconciled;

pub async fn health(_: ServiceToken, State(db): State<Db>, State(outbox): State<Outbox>) -> Health {
    Health::of(Some(&db), None).await.with_events(&outbox).await
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
