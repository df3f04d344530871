//! Changing the state of an order together with its reservation.
//!
//! The order's row is locked while the catalogue is asked, so that paying, cancelling and expiring take
//! turns. Each is safe to repeat: the catalogue commits and gives back once, and a transaction that is
//! lost after the catalogue's answer leaves an order whose change can be made again.

use commerce::{OrderId, Text, UserId};
use db::{Db, Tx};
use service::{Context, Problem, clock};

use crate::catalog::{Catalog, CatalogError};
use crate::history::{self, Kind};
use crate::order::{self, Change, Order, Status, Step};
use crate::store::orders;

/// Makes a change if `allow` has nothing against it; a change that was made before is not made twice.
pub async fn change(
    context: &Context,
    db: &Db,
    catalog: &Catalog,
    id: OrderId,
    change: Change,
    actor: Option<UserId>,
    allow: impl Fn(&Order) -> Result<(), Problem>,
) -> Result<Order, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let found = orders::lock(&mut tx, id).await?;
            let mut order = found.ok_or_else(Problem::not_found)?;
            allow(&order)?;
            apply(context, catalog, &mut tx, &mut order, change, actor).await?;
            Ok(order)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

/// Makes a change to an order that was locked.
pub async fn apply(
    context: &Context,
    catalog: &Catalog,
    tx: &mut Tx,
    order: &mut Order,
    change: Change,
    actor: Option<UserId>,
) -> Result<(), Problem> {
    let now = clock::now();
    let next = match order::step(order.status, change) {
        Step::To(next) => next,
        Step::Already => return Ok(()),
        Step::Illegal => return Err(illegal(order.status_at(now))),
    };
    settle(context, catalog, order.id, next).await?;
    order.status = next;
    order.paid_at = order.paid_at.or((next == Status::Paid).then_some(now));
    order.updated_at = now;
    order.version += 1;
    orders::update_status(tx, order).await?;
    history::record(tx, order, Kind::of(next), actor).await?;
    Ok(())
}

/// Does to the stock what the order's next status says.
async fn settle(
    context: &Context,
    catalog: &Catalog,
    id: OrderId,
    next: Status,
) -> Result<(), CatalogError> {
    match next {
        Status::Paid => catalog.commit(context, id).await,
        Status::Cancelled | Status::Expired => catalog.release(context, id).await,
        Status::AwaitingPayment => Ok(()),
    }
}

fn illegal(status: Status) -> Problem {
    let (code, text) = match status {
        Status::AwaitingPayment => (
            "order-awaiting-payment",
            Text::new(
                "La commande attend son paiement",
                "The order awaits payment",
            ),
        ),
        Status::Paid => (
            "order-paid",
            Text::new("La commande est payée", "The order is paid"),
        ),
        Status::Cancelled => (
            "order-cancelled",
            Text::new("La commande est annulée", "The order is cancelled"),
        ),
        Status::Expired => (
            "order-expired",
            Text::new("La commande a expiré", "The order has expired"),
        ),
    };
    Problem::conflict(code, text)
}
