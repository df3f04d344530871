//! What payments tells of refunds: money of an order that went back is counted once, and the goods that come
//! with it are stock again.

use commerce::totals::Credit;
use commerce::{ItemId, Money, OrderId, PaymentId, Quantity, RefundId, Timestamp, UserId};
use db::Tx;
use serde::Deserialize;
use service::{Context, Problem};

use crate::catalog::{CatalogError, Wanted};
use crate::changing::{self, Act, ChangeError};
use crate::crediting::Refunded;
use crate::desk::Desk;
use crate::domain::refund_parts;
use crate::invoicing;
use crate::life::{Change, Step};
use crate::order::Order;
use crate::store::{orders, refunds};

/// As much of a reason as the history keeps, in characters.
const MAX_REASON: usize = 500;

#[derive(Deserialize)]
pub struct Refund {
    refund_id: RefundId,
    payment_id: PaymentId,
    order_id: OrderId,
    amount: Money,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    restock: bool,
    #[serde(default)]
    lines: Vec<RefundLine>,
    #[serde(default)]
    actor_id: Option<UserId>,
    #[serde(default)]
    credits: Vec<Option<Credit>>,
}

#[derive(Deserialize)]
struct RefundLine {
    item_id: ItemId,
    quantity: Quantity,
}

/// Counts the refund if its payment paid the order. Else it was rejected, and is only shown.
pub async fn take(
    context: &Context,
    desk: &Desk,
    refund: Refund,
    at: Timestamp,
) -> Result<(), Problem> {
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let Some(mut order) = orders::lock(&mut tx, refund.order_id).await? else {
                return Ok(());
            };
            if order.paid_by == Some(refund.payment_id) {
                return count(context, desk, &mut tx, &mut order, &refund).await;
            }
            if order.note_returned(refund.payment_id, at) {
                orders::update(&mut tx, &order).await?;
            }
            Ok(())
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

/// Counts a refund of the payment that paid the order, once.
async fn count(
    context: &Context,
    desk: &Desk,
    tx: &mut Tx,
    order: &mut Order,
    refund: &Refund,
) -> Result<(), Problem> {
    if refunds::exists(tx, refund.refund_id).await? {
        return Ok(());
    }
    let act = Act {
        change: Change::Refund(refund.amount),
        actor: refund.actor_id,
        author: None,
        reason: refund.reason.as_deref().map(shortened),
        means: None,
    };
    // More than was paid cannot go back: asking again would change nothing.
    if order.life.step(&act.change) == Step::Illegal {
        let illegal = ChangeError::Illegal(order.life);
        service::warn(context, "a refund is not counted", &illegal);
        return Ok(());
    }
    if refund.restock && !refund.lines.is_empty() {
        restock(context, desk, order.id, refund).await?;
    }
    let parts = refund_parts::of_refund(order, refund.amount, &refund.credits);
    let parts = parts.map_err(Problem::internal)?;
    let event = changing::apply(context, desk, tx, order, &act).await?;
    let (id, amount, now) = (refund.refund_id, refund.amount, order.updated_at);
    refunds::insert(tx, id, order.id, amount, event, &parts, now).await?;
    let refunded = Refunded {
        amount: refund.amount,
        reason: refund.reason.as_deref().map(shortened),
        credits: refund.credits.clone(),
    };
    Ok(invoicing::credit(tx, order, refund.refund_id, &refunded).await?)
}

/// What a cancelled order had is back already.
async fn restock(
    context: &Context,
    desk: &Desk,
    order: OrderId,
    refund: &Refund,
) -> Result<(), CatalogError> {
    let lines: Vec<Wanted> = refund.lines.iter().map(Wanted::from).collect();
    let catalog = &desk.catalog;
    match catalog
        .take_back(context, refund.refund_id, order, &lines)
        .await
    {
        Err(error @ CatalogError::NotSold) => {
            service::warn(context, "nothing comes back of a refund", &error);
            Ok(())
        }
        taken => taken,
    }
}

impl From<&RefundLine> for Wanted {
    fn from(line: &RefundLine) -> Self {
        Self {
            item_id: line.item_id,
            quantity: line.quantity,
        }
    }
}

fn shortened(reason: &str) -> String {
    reason.chars().take(MAX_REASON).collect()
}
