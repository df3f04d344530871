//! Paying an order that costs nothing, right after it was placed: there is no money to wait for.
//!
//! The order is written first, as every order is, and paid by a transaction of its own, because the catalogue
//! sells its stock in between: if the process dies there, the order expires like any that nobody pays, and its
//! stock goes back, whether it was sold or not. The same request again goes on from there.

use commerce::OrderId;
use service::idempotency::{Answer, Claim};
use service::{Context, Problem};

use crate::changing::{self, Act};
use crate::desk::Desk;
use crate::domain::order_view::OrderView;
use crate::life::Change;
use crate::order::OrderBody;
use crate::store::orders;

/// Pays the order and stores its answer under the claim of whoever placed it.
pub async fn pay_free_order(
    context: &Context,
    desk: &Desk,
    claim: &Claim,
    id: OrderId,
) -> Result<Answer, Problem> {
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let found = orders::lock(&mut tx, id).await?;
            let mut order = found.ok_or_else(Problem::not_found)?;
            let act = Act::by_service(Change::PayNothing);
            changing::apply(context, desk, &mut tx, &mut order, &act).await?;
            let location = format!("/api/orders/{id}");
            let version = order.version;
            let body = OrderBody::from(OrderView::whole(order));
            let answer = Answer::created(location, version, &body)?;
            claim.store(&mut tx, &answer).await?;
            Ok(answer)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}
