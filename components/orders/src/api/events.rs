//! The history of an order: to its client, to the sellers of its lines, and to admins.

use axum::extract::State;
use commerce::{EventId, OrderId, Timestamp, UserId};
use db::Db;
use serde::Serialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Caller, List, Page, Path, Problem};
use utoipa::ToSchema;

use crate::history::Entry;
use crate::store::events;

/// One thing that happened to an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderEvent)]
pub struct EventBody {
    /// The same wherever the event is told.
    id: EventId,
    #[schema(example = "order.paid")]
    kind: String,
    actor: Actor,
    /// What a person wrote, or a word of the shop's own, such as `stock_found_again`.
    reason: Option<String>,
    occurred_at: Timestamp,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Actor {
    User {
        user_id: UserId,
    },
    /// The shop itself: time has passed, or a payment has told.
    System,
}

/// What happened to an order, from the newest.
#[utoipa::path(get, path = "/api/orders/{id}/events", tag = "orders", security(("bearer" = [])),
    params(("id" = OrderId, Path), PageQuery),
    responses((status = 200, body = ListBody<EventBody>), Refusals))]
pub async fn list(
    caller: Caller,
    Path(id): Path<OrderId>,
    page: Page<EventId>,
    State(db): State<Db>,
) -> Result<List<EventBody>, Problem> {
    super::orders::find(&db, id, caller).await?;
    let found = events::list(&db, id, page.after, page.rows()).await?;
    let list = page.list(found, |entry| entry.id);
    Ok(list.map(EventBody::from))
}

impl From<Entry> for EventBody {
    fn from(entry: Entry) -> Self {
        let user = |user_id| Actor::User { user_id };
        Self {
            id: entry.id,
            kind: entry.kind,
            actor: entry.actor.map_or(Actor::System, user),
            reason: entry.reason,
            occurred_at: entry.occurred_at,
        }
    }
}
