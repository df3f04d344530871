//! What only other services and schedulers ask.

use axum::extract::State;
use cache::Cache;
use commerce::{ItemId, Money, OrderId, Quantity, Timestamp, UserId};
use db::Db;
use serde::Serialize;
use service::{Context, Health, Json, Path, Problem, ServiceToken, clock};

use crate::App;
use crate::order::{Line, Order, Status};
use crate::store::orders;
use crate::tick::{self, Done};

/// An order, as far as it is to be paid.
#[derive(Serialize)]
pub struct Payable {
    id: OrderId,
    order_number: u64,
    client_id: UserId,
    status: Status,
    expires_at: Timestamp,
    total: Money,
    lines: Vec<PayableLine>,
}

#[derive(Serialize)]
struct PayableLine {
    item_id: ItemId,
    name: String,
    seller_id: UserId,
    quantity: Quantity,
    unit_price: Money,
    line_total: Money,
}

/// `GET /internal/orders/{id}`: the order as it stands at this moment.
pub async fn show(
    _: ServiceToken,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Json<Payable>, Problem> {
    let order = orders::find(&db, id).await?;
    Ok(Json(order.ok_or_else(Problem::not_found)?.into()))
}

impl From<Order> for Payable {
    fn from(order: Order) -> Self {
        Self {
            status: order.status_at(clock::now()),
            id: order.id,
            order_number: order.order_number,
            client_id: order.client_id,
            expires_at: order.expires_at,
            total: order.totals.gross,
            lines: order.lines.into_iter().map(PayableLine::from).collect(),
        }
    }
}

impl From<Line> for PayableLine {
    fn from(line: Line) -> Self {
        Self {
            item_id: line.item_id,
            name: line.name,
            seller_id: line.seller_id,
            quantity: line.quantity,
            unit_price: line.unit_price,
            line_total: line.line_total,
        }
    }
}

pub async fn health(_: ServiceToken, State(db): State<Db>, State(cache): State<Cache>) -> Health {
    Health::of(Some(&db), Some(&cache)).await
}

/// Does what is due.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(app): State<App>,
) -> Result<Json<Done>, Problem> {
    Ok(Json(tick::tick(&context, &app).await?))
}
