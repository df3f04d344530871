//! Marking an order paid, calling it off, and removing it.

use axum::extract::State;
use commerce::{OrderId, Text};
use db::Db;
use http::StatusCode;
use service::openapi::Refusals;
use service::{Admin, Caller, Context, IfMatch, Path, Problem, Resource, Role, Seller, clock};

use crate::api::orders::as_seen;
use crate::catalog::Catalog;
use crate::changing;
use crate::order::{Change, Order, Status};
use crate::store::orders;

/// Notes that a transfer or cash has arrived, and sells the reserved stock. By the seller of everything in
/// the order, or an admin.
#[utoipa::path(post, path = "/api/orders/{id}/mark-paid", tag = "orders",
    security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, body = Order), Refusals))]
pub async fn mark_paid(
    context: Context,
    Seller(caller): Seller,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
    State(catalog): State<Catalog>,
) -> Result<Resource<Order>, Problem> {
    let actor = Some(caller.user);
    let allow = |order: &Order| may_mark_paid(order, caller);
    let order = changing::change(&context, &db, &catalog, id, Change::Pay, actor, allow).await?;
    answer(order, caller)
}

fn may_mark_paid(order: &Order, caller: Caller) -> Result<(), Problem> {
    match caller.role {
        Role::Admin => Ok(()),
        _ if order.is_all_from(caller.user) => Ok(()),
        _ if order.lines.iter().any(|line| line.seller_id == caller.user) => {
            Err(Problem::forbidden().detail(
                "Cette commande a aussi d’autres vendeurs : un administrateur la marque payée",
                "This order has other sellers too: an admin marks it paid",
            ))
        }
        _ => Err(Problem::not_found()),
    }
}

/// Calls an order off and gives its stock back, once: by its client while it is unpaid, by an admin also
/// after.
#[utoipa::path(post, path = "/api/orders/{id}/cancel", tag = "orders",
    security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, body = Order), Refusals))]
pub async fn cancel(
    context: Context,
    caller: Caller,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
    State(catalog): State<Catalog>,
) -> Result<Resource<Order>, Problem> {
    let actor = Some(caller.user);
    let allow = |order: &Order| may_cancel(order, caller);
    let order = changing::change(&context, &db, &catalog, id, Change::Cancel, actor, allow).await?;
    answer(order, caller)
}

fn may_cancel(order: &Order, caller: Caller) -> Result<(), Problem> {
    match caller.role {
        Role::Admin => Ok(()),
        Role::Client if order.client_id == caller.user => match order.status {
            Status::Paid => Err(Problem::conflict(
                "order-paid",
                Text::new(
                    "La commande est payée : demandez un remboursement",
                    "The order is paid: ask for a refund",
                ),
            )),
            _ => Ok(()),
        },
        _ => Err(Problem::not_found()),
    }
}

fn answer(order: Order, caller: Caller) -> Result<Resource<Order>, Problem> {
    let body = as_seen(order, caller)?.ok_or_else(Problem::not_found)?;
    Ok(Resource {
        version: body.version,
        body,
    })
}

/// Removes an order that has ended without a sale.
#[utoipa::path(delete, path = "/api/orders/{id}", tag = "orders", security(("bearer" = [])),
    params(("id" = OrderId, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "The order is gone"), Refusals))]
pub async fn delete(
    _: Admin,
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
            if !order.status.is_final() {
                return Err(not_ended(order.status_at(clock::now())));
            }
            Ok(orders::delete(&mut tx, id).await?)
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
            "Seule une commande annulée ou expirée peut être supprimée",
            "Only a cancelled or expired order can be removed",
        ),
    )
    .with("order_status", status.as_str())
}
