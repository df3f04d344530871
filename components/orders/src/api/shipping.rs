//! Preparing, shipping and delivering an order that is paid, or that a company pays on terms: by the seller of
//! everything in it, or an admin.

use axum::extract::State;
use commerce::{BoundedText, Label, OrderId, Text};
use serde::Deserialize;
use service::openapi::Refusals;
use service::{Author, Condition, Context, Invalid, JsonBody, Path, Problem, Resource, Seller};
use utoipa::ToSchema;

use super::changes::{as_seller, may_sell};
use super::orders::view;
use super::refusals::{DELIVERY, ON_TERMS, SHIPPING};
use crate::changing::{self, Act};
use crate::desk::Desk;
use crate::life::Change;
use crate::order::{Order, OrderBody, Parcel};

/// The longest name of a carrier, and the longest of its numbers.
type Written = Label<100>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShipOrder {
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S", example = "Colissimo")]
    carrier: BoundedText<100>,
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S", example = "6A12345678901")]
    tracking_number: BoundedText<100>,
}

/// Accepts the order of a company on terms: it is delivered before it is paid, and invoiced when it is
/// delivered. Its stock is sold.
#[utoipa::path(post, path = "/api/orders/{id}/accept", tag = "orders",
    security(("bearer" = [])), params(("id" = OrderId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = OrderBody),
        (status = 409, description = ON_TERMS),
        Refusals))]
pub async fn accept(
    context: Context,
    _: Seller,
    author: Author,
    Path(id): Path<OrderId>,
    condition: Condition,
    State(desk): State<Desk>,
) -> Result<Resource<OrderBody>, Problem> {
    let caller = author.caller();
    let choose = |order: &Order| {
        may_sell(order, caller)?;
        condition.check(order.version)?;
        if order.company.is_none() {
            return Err(no_company());
        }
        Ok(Act {
            change: Change::Accept,
            actor: Some(caller.user),
            author: Some(author.clone()),
            reason: None,
            means: None,
        })
    };
    let order = changing::change(&context, &desk, id, choose).await?;
    view(&desk.db, order, caller).await
}

fn no_company() -> Problem {
    Problem::conflict(
        "order-of-a-consumer",
        Text::new(
            "Seule une entreprise achète à terme",
            "Only a company buys on terms",
        ),
    )
}

/// Notes that the order is being prepared, which nobody has to.
#[utoipa::path(post, path = "/api/orders/{id}/prepare", tag = "orders",
    security(("bearer" = [])), params(("id" = OrderId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = OrderBody),
        (status = 409, description = SHIPPING),
        Refusals))]
pub async fn prepare(
    context: Context,
    _: Seller,
    author: Author,
    Path(id): Path<OrderId>,
    condition: Condition,
    State(desk): State<Desk>,
) -> Result<Resource<OrderBody>, Problem> {
    as_seller(&context, &desk, &author, (id, condition), |_| {
        Change::Prepare
    })
    .await
}

/// Notes who carries the order. The same again changes nothing; another carrier or number is 409.
#[utoipa::path(post, path = "/api/orders/{id}/ship", tag = "orders", request_body = ShipOrder,
    security(("bearer" = [])), params(("id" = OrderId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = OrderBody),
        (status = 409, description = SHIPPING),
        Refusals))]
pub async fn ship(
    context: Context,
    _: Seller,
    author: Author,
    Path(id): Path<OrderId>,
    condition: Condition,
    State(desk): State<Desk>,
    body: JsonBody<ShipOrder>,
) -> Result<Resource<OrderBody>, Problem> {
    let parcel = parse(body.value)?;
    as_seller(&context, &desk, &author, (id, condition), |_| {
        Change::Ship(parcel.clone())
    })
    .await
}

fn parse(body: ShipOrder) -> Result<Parcel, Problem> {
    let mut invalid = Invalid::new();
    let carrier = invalid.check("/carrier", Written::parse(&body.carrier));
    let number = invalid.check("/tracking_number", Written::parse(&body.tracking_number));
    let (Some(carrier), Some(number)) = (carrier, number) else {
        return Err(invalid.into());
    };
    Ok(Parcel {
        carrier: carrier.as_str().to_owned(),
        tracking_number: number.as_str().to_owned(),
    })
}

/// Notes that the parcel has arrived.
#[utoipa::path(post, path = "/api/orders/{id}/deliver", tag = "orders",
    security(("bearer" = [])), params(("id" = OrderId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = OrderBody),
        (status = 409, description = DELIVERY),
        Refusals))]
pub async fn deliver(
    context: Context,
    _: Seller,
    author: Author,
    Path(id): Path<OrderId>,
    condition: Condition,
    State(desk): State<Desk>,
) -> Result<Resource<OrderBody>, Problem> {
    as_seller(&context, &desk, &author, (id, condition), |_| {
        Change::Deliver
    })
    .await
}
