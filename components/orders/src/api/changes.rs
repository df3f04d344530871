//! Marking an order paid, calling it off, and removing it.

use axum::extract::State;
use commerce::{BoundedText, Label, OrderId, Text};
use db::Db;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use service::openapi::Refusals;
use service::{
    Admin, Author, Caller, Condition, Context, Deed, IfMatch, Invalid, JsonBody, Path, Problem,
    Resource, Role, Seller, clock,
};
use utoipa::ToSchema;

use super::refusals::{CANCEL, MARK_PAID};
use crate::api::orders::view;
use crate::changing::{self, Act};
use crate::desk::Desk;
use crate::history::Kind;
use crate::life::{Change, Stage, Status};
use crate::mark_paid;
use crate::order::{Order, OrderBody};
use crate::store::{events, orders};

/// Notes that a transfer or cash has arrived, and sells the reserved stock. By the seller of everything in
/// the order, or an admin. Money that comes after the order has expired pays it if its stock is found again. If it
/// is not, and always where the order was cancelled, the order stays as it is, its payment is noted (`payment`, and
/// `payment.rejected` in its events), and a refund of it waits until somebody has sent the money back.
#[utoipa::path(post, path = "/api/orders/{id}/mark-paid", tag = "orders",
    security(("bearer" = [])), params(("id" = OrderId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = OrderBody),
        (status = 409, description = MARK_PAID),
        Refusals))]
pub async fn mark_paid(
    context: Context,
    _: Seller,
    author: Author,
    Path(id): Path<OrderId>,
    condition: Condition,
    State(desk): State<Desk>,
) -> Result<Resource<OrderBody>, Problem> {
    let caller = author.caller();
    let check = |order: &Order| {
        may_sell(order, caller)?;
        condition.check(order.version)
    };
    let order = mark_paid::mark_paid(&context, &desk, &author, id, check).await?;
    view(&desk.db, order, caller).await
}

/// Makes a change that only the seller of everything in the order may make, or an admin, if the order is as they
/// want it to be.
pub async fn as_seller(
    context: &Context,
    desk: &Desk,
    author: &Author,
    (id, condition): (OrderId, Condition),
    change: impl Fn(&Order) -> Change,
) -> Result<Resource<OrderBody>, Problem> {
    let caller = author.caller();
    let choose = |order: &Order| {
        may_sell(order, caller)?;
        condition.check(order.version)?;
        Ok(Act {
            change: change(order),
            actor: Some(caller.user),
            author: Some(author.clone()),
            reason: None,
            means: None,
        })
    };
    let order = changing::change(context, desk, id, choose).await?;
    view(&desk.db, order, caller).await
}

pub fn may_sell(order: &Order, caller: Caller) -> Result<(), Problem> {
    match caller.role {
        Role::Admin => Ok(()),
        _ if order.is_all_from(caller.user) => Ok(()),
        _ if order.lines.iter().any(|line| line.seller_id == caller.user) => {
            Err(Problem::forbidden().detail(
                "Cette commande a aussi d’autres vendeurs : un administrateur s’en charge",
                "This order has other sellers too: an admin sees to it",
            ))
        }
        _ => Err(Problem::not_found()),
    }
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelOrder {
    /// For the history.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, pattern = r"\S")]
    reason: Option<BoundedText<500>>,
    /// Whether goods that were shipped are back: false if absent. What was not shipped is in stock again anyway, and
    /// `false` is refused.
    restock: Option<bool>,
}

/// Calls an order off: by its client while it awaits payment, by an admin until it is shipped, or, on terms, until it
/// is paid. Its stock comes back, once, if it was not shipped. If it was, `fulfillment` stays what it is, and the stock
/// comes back when an admin says that the goods are back (`restock`), with this request or with the same again. What
/// was paid is refunded; an invoice that was not paid, or of nothing, has a credit note.
#[utoipa::path(post, path = "/api/orders/{id}/cancel", tag = "orders",
    request_body = Option<CancelOrder>,
    security(("bearer" = [])), params(("id" = OrderId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = OrderBody),
        (status = 409, description = CANCEL),
        Refusals))]
pub async fn cancel(
    context: Context,
    author: Author,
    Path(id): Path<OrderId>,
    condition: Condition,
    State(desk): State<Desk>,
    body: Option<JsonBody<Option<CancelOrder>>>,
) -> Result<Resource<OrderBody>, Problem> {
    let caller = author.caller();
    let body = body.and_then(|body| body.value).unwrap_or_default();
    let restock = body.restock;
    let act = Act {
        change: Change::Cancel {
            restock: restock.unwrap_or(false),
        },
        actor: Some(caller.user),
        author: Some(author),
        reason: parse_reason(body)?,
        means: None,
    };
    let choose = |order: &Order| {
        may_cancel(order, caller)?;
        condition.check(order.version)?;
        may_restock(order, caller, restock)?;
        Ok(act.clone())
    };
    let order = changing::change(&context, &desk, id, choose).await?;
    view(&desk.db, order, caller).await
}

fn parse_reason(body: CancelOrder) -> Result<Option<String>, Problem> {
    let mut invalid = Invalid::new();
    let reason = body
        .reason
        .and_then(|reason| invalid.check("/reason", Label::<500>::parse(&reason)));
    invalid.finish()?;
    Ok(reason.map(|reason| reason.as_str().to_owned()))
}

fn may_cancel(order: &Order, caller: Caller) -> Result<(), Problem> {
    match caller.role {
        Role::Admin => Ok(()),
        Role::Client if order.client_id == caller.user => match order.life.stage {
            Stage::Paid | Stage::Preparing if order.life.paid => Err(Problem::conflict(
                "order-paid",
                Text::new(
                    "La commande est payée : demandez un remboursement",
                    "The order is paid: ask for a refund",
                ),
            )),
            // Accepted on terms: it is on its way to a company.
            Stage::Preparing | Stage::Shipped | Stage::Delivered if !order.life.paid => {
                Err(changing::illegal(&order.life))
            }
            _ => Ok(()),
        },
        _ => Err(Problem::not_found()),
    }
}

/// What was not shipped is always in stock again. Only an admin says that shipped goods are back: not the customer, who
/// had them.
fn may_restock(order: &Order, caller: Caller, restock: Option<bool>) -> Result<(), Problem> {
    match (restock, &order.shipment) {
        (Some(false), None) => Err(Problem::conflict(
            "order-not-shipped",
            Text::new(
                "Ce qui n’a pas été expédié revient toujours en stock",
                "What was not shipped is always in stock again",
            ),
        )),
        (Some(true), Some(_)) if caller.role != Role::Admin => Err(Problem::forbidden()),
        _ => Ok(()),
    }
}

/// Removes an order that has ended without a sale: nothing was shipped, no money ever came for it, also none that went
/// back, and none may still come by a transfer that its customer has begun.
#[utoipa::path(delete, path = "/api/orders/{id}", tag = "orders", security(("bearer" = [])),
    params(("id" = OrderId, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "The order is gone"),
        (status = 409, description = "`order-not-ended`: only what was cancelled or has expired is removed, and \
            only if nothing was shipped, no money ever came for it, and no transfer was begun"),
        Refusals))]
pub async fn delete(
    _: Admin,
    author: Author,
    Path(id): Path<OrderId>,
    if_match: IfMatch,
    State(db): State<Db>,
) -> Result<StatusCode, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let found = orders::lock(&mut tx, id).await?;
            let order = found.ok_or_else(Problem::not_found)?;
            if_match.check(order.version)?;
            let has_traces = order.shipment.is_some()
                || order.begun_offline.is_some()
                || events::any(&mut tx, id, Kind::PaymentRejected).await?;
            if has_traces || !order.life.has_left_nothing() {
                return Err(not_ended(order.life_at(clock::now()).status()));
            }
            orders::delete(&mut tx, id).await?;
            let subject = format!("/api/orders/{id}");
            let deed = Deed::removed("order.removed", &subject, &order.gist());
            Ok(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stock or money hangs on it.
fn not_ended(status: Status) -> Problem {
    Problem::conflict(
        "order-not-ended",
        Text::new(
            "Seule une commande annulée ou expirée, ni payée ni expédiée, peut être supprimée",
            "Only an order that was cancelled or has expired, neither paid nor shipped, can be removed",
        ),
    )
    .with("order_status", json!(status))
}
