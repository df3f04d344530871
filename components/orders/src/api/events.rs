//! The history of an order: to its client, to the sellers of its lines, and to admins.

use axum::extract::State;
use commerce::{EventId, OrderId, Timestamp, UserId};
use db::Db;
use serde::Serialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Caller, List, Page, Path, Problem};
use utoipa::ToSchema;

use crate::domain::event_view::{Actor, EventView, OwnRefunds};
use crate::domain::order_view::Sight;
use crate::store::{events, orders, refunds};

/// One thing that happened to an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderEvent)]
pub struct EventBody {
    /// The same wherever the event is told.
    id: EventId,
    #[schema(example = "order.paid")]
    kind: String,
    actor: ActorBody,
    /// What a person wrote, or a word of the shop's own, such as `stock_found_again`. A seller of some of the
    /// lines reads what is about those.
    reason: Option<String>,
    occurred_at: Timestamp,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = Actor)]
enum ActorBody {
    User {
        user_id: UserId,
    },
    /// Somebody who sells or runs the shop, for a seller of some of the lines.
    Staff,
    /// The shop itself: time has passed, or a payment has told.
    System,
}

/// What happened to an order, from the newest. A page may have fewer entries than asked for and a next one.
#[utoipa::path(get, path = "/api/orders/{id}/events", tag = "orders", security(("bearer" = [])),
    params(("id" = OrderId, Path), PageQuery),
    responses((status = 200, body = ListBody<EventBody>), Refusals))]
pub async fn list(
    caller: Caller,
    Path(id): Path<OrderId>,
    page: Page<EventId>,
    State(db): State<Db>,
) -> Result<List<EventBody>, Problem> {
    let order = orders::find(&db, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let sight = order.sight(caller.into()).ok_or_else(Problem::not_found)?;
    let own = match sight {
        Sight::Part(seller) => refunds::own_events(&db, id, seller).await?,
        Sight::Whole => OwnRefunds::new(),
    };
    let found = events::list(&db, id, page.after, page.rows()).await?;
    let list = page.list(found, |entry| entry.id);
    let customer = order.client_id;
    Ok(list.filter_map(|entry| entry.seen(sight, customer, &own).map(EventBody::from)))
}

impl From<EventView> for EventBody {
    fn from(event: EventView) -> Self {
        Self {
            id: event.id,
            kind: event.kind,
            actor: match event.actor {
                Actor::User(user_id) => ActorBody::User { user_id },
                Actor::Staff => ActorBody::Staff,
                Actor::System => ActorBody::System,
            },
            reason: event.reason,
            occurred_at: event.occurred_at,
        }
    }
}
