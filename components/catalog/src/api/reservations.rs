//! Reservations, for the service that places orders.

use std::collections::HashSet;

use axum::extract::State;
use commerce::{BoundedList, ItemId, OrderId, Price, Quantity, Text, Timestamp, UserId, VatRate};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, Invalid, Json, JsonBody, Path, Problem, Query, ServiceToken};

use crate::reservation::{Asked, Line, Reservation, ReservationError, Shortage, Wanted};
use crate::warehouse::Warehouse;

/// As many lines as an order may have.
pub const MAX_LINES: usize = 1000;

/// The longest time that stock is held, in seconds: a day.
const MAX_TTL: i64 = 24 * 60 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    client_id: UserId,
    /// Each item once.
    lines: BoundedList<WantedLine, MAX_LINES>,
    /// Seconds.
    ttl: i64,
    /// Of the order, once there is one.
    #[serde(default)]
    order_version: u32,
}

/// Which version of the order asks.
#[derive(Deserialize)]
pub struct Asking {
    order_version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedLine {
    item_id: ItemId,
    quantity: Quantity,
}

#[derive(Serialize)]
pub struct ReservationBody {
    order_id: OrderId,
    state: &'static str,
    expires_at: Timestamp,
    lines: Vec<LineBody>,
}

#[derive(Serialize)]
struct LineBody {
    item_id: ItemId,
    name: String,
    unit_price: Price,
    vat_rate: VatRate,
    seller_id: UserId,
    quantity: Quantity,
}

/// `PUT /internal/reservations/{order_id}`: all lines or none; the same id, the same answer.
pub async fn reserve(
    _: ServiceToken,
    Path(order_id): Path<OrderId>,
    context: Context,
    State(warehouse): State<Warehouse>,
    body: JsonBody<Reserve>,
) -> Result<Json<ReservationBody>, Problem> {
    let asked = parse(order_id, body.value)?;
    let reservation = warehouse.reserve(&context, &asked).await?;
    Ok(Json(reservation.into()))
}

fn parse(order_id: OrderId, body: Reserve) -> Result<Asked, Problem> {
    let mut invalid = Invalid::new();
    check_lines(&mut invalid, &body.lines);
    if !(1..=MAX_TTL).contains(&body.ttl) {
        let text = Text::new("De 1 à 86400 secondes", "From 1 to 86400 seconds");
        invalid.refuse("/ttl", text);
    }
    invalid.finish()?;
    Ok(Asked {
        order_id,
        client_id: body.client_id,
        lines: body.lines.into_iter().map(Wanted::from).collect(),
        ttl_ms: body.ttl.saturating_mul(1000),
        order_version: body.order_version,
    })
}

/// There are lines, and each is of another item.
pub fn check_lines(invalid: &mut Invalid, lines: &[WantedLine]) {
    if lines.is_empty() {
        let text = Text::new("Au moins une ligne", "At least one line");
        invalid.refuse("/lines", text);
    }
    let mut seen = HashSet::new();
    for (index, line) in lines.iter().enumerate() {
        if !seen.insert(line.item_id) {
            let text = Text::new("Un article, une ligne", "One line an item");
            invalid.refuse(format!("/lines/{index}/item_id"), text);
        }
    }
}

/// `POST /internal/reservations/{order_id}/commit?order_version=`: the stock is sold.
pub async fn commit(
    _: ServiceToken,
    Path(order_id): Path<OrderId>,
    context: Context,
    State(warehouse): State<Warehouse>,
    Query(asking): Query<Asking>,
) -> Result<Json<ReservationBody>, Problem> {
    let version = asking.order_version;
    let reservation = warehouse.commit(&context, order_id, version).await?;
    Ok(Json(reservation.into()))
}

/// When a reservation ends, as of a version of its order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    order_version: u32,
    expires_at: Timestamp,
}

/// `PUT /internal/reservations/{order_id}/expiry`: it ends then, unless it has ended or is sold.
pub async fn reschedule(
    _: ServiceToken,
    Path(order_id): Path<OrderId>,
    State(warehouse): State<Warehouse>,
    body: JsonBody<Expiry>,
) -> Result<StatusCode, Problem> {
    let Expiry {
        order_version,
        expires_at,
    } = body.value;
    warehouse
        .reschedule(order_id, order_version, expires_at)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /internal/reservations/{order_id}?order_version=`: the stock is free again, or back if it was sold,
/// unless a newer version of the order has sold it. There is nothing to free where there is no reservation.
pub async fn release(
    _: ServiceToken,
    Path(order_id): Path<OrderId>,
    context: Context,
    State(warehouse): State<Warehouse>,
    Query(asking): Query<Asking>,
) -> Result<StatusCode, Problem> {
    let version = asking.order_version;
    match warehouse.release(&context, order_id, version).await {
        Ok(_) | Err(ReservationError::Unknown) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(error.into()),
    }
}

impl From<WantedLine> for Wanted {
    fn from(line: WantedLine) -> Self {
        Self {
            item_id: line.item_id,
            quantity: line.quantity,
        }
    }
}

impl From<Reservation> for ReservationBody {
    fn from(reservation: Reservation) -> Self {
        Self {
            order_id: reservation.order_id,
            state: reservation.state.as_str(),
            expires_at: reservation.expires_at,
            lines: reservation.lines.into_iter().map(LineBody::from).collect(),
        }
    }
}

impl From<Line> for LineBody {
    fn from(line: Line) -> Self {
        Self {
            item_id: line.item_id,
            name: line.name,
            unit_price: line.unit_price,
            vat_rate: line.vat_rate,
            seller_id: line.seller_id,
            quantity: line.quantity,
        }
    }
}

impl From<ReservationError> for Problem {
    fn from(error: ReservationError) -> Self {
        match error {
            ReservationError::OutOfStock(short) => Problem::conflict(
                "out-of-stock",
                Text::new("Le stock ne suffit pas", "Not enough stock"),
            )
            .with("items", short.iter().map(shortage).collect::<Value>()),
            ReservationError::ItemsUnavailable(items) => Problem::conflict(
                "items-unavailable",
                Text::new(
                    "Des articles ne sont plus en vente",
                    "Some items are no longer for sale",
                ),
            )
            .with(
                "items",
                items
                    .iter()
                    .map(|id| json!({"item_id": id}))
                    .collect::<Value>(),
            ),
            ReservationError::Conflict => Problem::conflict(
                "reservation-conflict",
                Text::new(
                    "La commande a déjà réservé autre chose",
                    "The order has reserved something else already",
                ),
            ),
            ReservationError::Ended => Problem::conflict(
                "reservation-ended",
                Text::new("La réservation est terminée", "The reservation is over"),
            ),
            ReservationError::Unknown => Problem::not_found(),
            ReservationError::Database(error) => error.into(),
        }
    }
}

fn shortage(short: &Shortage) -> Value {
    json!({
        "item_id": short.item_id,
        "name": short.name,
        "requested": short.requested,
        "available": short.available,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserve(items: &[u8], ttl: i64) -> Reserve {
        let line = |byte: &u8| WantedLine {
            item_id: ItemId::from_bytes([*byte; 16]),
            quantity: Quantity::new(1).unwrap(),
        };
        Reserve {
            client_id: UserId::from_bytes([9; 16]),
            lines: items
                .iter()
                .map(line)
                .collect::<Vec<_>>()
                .try_into()
                .unwrap(),
            ttl,
            order_version: 0,
        }
    }

    #[test]
    fn a_reservation_has_lines_of_different_items_and_an_end() {
        let order = OrderId::from_bytes([1; 16]);
        let asked = parse(order, reserve(&[2, 1], 900)).unwrap();
        assert_eq!(asked.ttl_ms, 900_000);
        assert_eq!(
            asked.item_ids(),
            [2, 1].map(|byte| ItemId::from_bytes([byte; 16]))
        );
        for refused in [
            reserve(&[], 900),
            reserve(&[1, 2, 1], 900),
            reserve(&[1], 0),
            reserve(&[1], MAX_TTL + 1),
        ] {
            assert_eq!(parse(order, refused).unwrap_err().status(), 422);
        }
    }
}
