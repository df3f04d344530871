//! A seller says that the money of an order has come another way. It pays the order, or, where the order has
//! ended and its stock is gone, it is noted as received and is to be given back.

use commerce::OrderId;
use db::Tx;
use service::{Author, Context, Problem, clock};

use crate::desk::Desk;
use crate::history;
use crate::order::Order;
use crate::store::orders;
use crate::take_money::{self, Received, Rejection};

/// Whether there is nothing to note: the money was noted before, whatever became of it, or none is owed.
async fn is_noted(tx: &mut Tx, order: &Order) -> db::Result<bool> {
    let payment = order.offline_payment();
    Ok(order.life.is_free()
        || order.paid_by == Some(payment)
        || take_money::was_rejected(tx, order, payment).await?)
}

/// Takes the money of the order, if whoever says so may; the order as it is then.
pub async fn mark_paid(
    context: &Context,
    desk: &Desk,
    author: &Author,
    id: OrderId,
    check: impl Fn(&Order) -> Result<(), Problem>,
) -> Result<Order, Problem> {
    let order = db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let found = orders::lock(&mut tx, id).await?;
            let mut order = found.ok_or_else(Problem::not_found)?;
            check(&order)?;
            let received = Received {
                payment: order.offline_payment(),
                amount: order.totals.gross,
                means: None,
                actor: Some(author.user),
                author: Some(author.clone()),
            };
            let (tx, order_now) = (&mut tx, &mut order);
            if is_noted(tx, order_now).await? {
                return Ok(order);
            }
            match take_money::take_money(context, desk, tx, order_now, &received).await? {
                // It was marked before, or its client has paid it meanwhile.
                None | Some(Rejection::OrderPaid) => {}
                Some(why) => {
                    let now = clock::now();
                    take_money::reject(context, tx, order_now, &received, why, now).await?;
                }
            }
            Ok::<_, Problem>(order)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    let outbox = &desk.outbox;
    outbox
        .deliver_now(context, history::PAYMENTS, id.as_uuid())
        .await;
    Ok(order)
}
