//! Payments and refunds in doubt: the provider is asked what became of them, and what it knows is written
//! down. So a process may die between any call and its commit. Payments that their order has no need of any
//! more are cancelled there.

use std::time::{Duration, Instant};

use db::Db;
use futures_util::future::join_all;
use serde::Serialize;
use service::{Context, Problem, clock};

use crate::orders::OrderStatus;
use crate::paying::Till;
use crate::payment::{Payment, Status};
use crate::recording;
use crate::refund::Refund;
use crate::store::{payments, refunds};

/// How many are asked about at once.
const AT_ONCE: i64 = 8;
/// How long one request goes on: what is left then is for the next.
const TIME: Duration = Duration::from_secs(6);

/// What was asked about, and what is still in doubt.
#[derive(Debug, Default, Serialize)]
pub struct Reconciled {
    pub payments: usize,
    pub refunds: usize,
    /// Refunds and disputes at the provider that were not known here.
    pub found: usize,
    pub in_doubt: i64,
}

impl Till {
    /// Everything in doubt, due or not.
    pub async fn reconcile(&self, context: &Context) -> Result<Reconciled, Problem> {
        let db = &self.db;
        db::retry(|| async {
            let mut tx = db.begin().await?;
            let now = clock::now();
            let outcome = async {
                payments::make_all_due(&mut tx, now).await?;
                refunds::make_all_due(&mut tx, now).await
            }
            .await;
            tx.finish(outcome).await
        })
        .await?;
        let mut done = self.settle_due(context).await?;
        done.found = self.look_through(context).await?;
        done.in_doubt = payments::count_in_doubt(db).await? + refunds::count_in_doubt(db).await?;
        Ok(done)
    }

    /// What is due.
    pub async fn settle_due(&self, context: &Context) -> Result<Reconciled, Problem> {
        let db = &self.db;
        let begun = Instant::now();
        // What is put off meanwhile is not due again.
        let now = clock::now();
        let mut done = Reconciled::default();
        while begun.elapsed() < TIME {
            // Most of the time there is none, which one read each tells.
            let due = (
                payments::any_due(db, now).await?,
                refunds::any_due(db, now).await?,
            );
            if due == (false, false) {
                break;
            }
            let (payments, refunds) = self.take_due(db, now).await?;
            if payments.is_empty() && refunds.is_empty() {
                break;
            }
            done.payments += payments.len();
            done.refunds += refunds.len();
            let of_payments = payments.iter().map(|p| self.try_payment(context, p));
            let of_refunds = refunds.iter().map(|r| self.try_refund(context, r));
            join_all(of_payments).await;
            join_all(of_refunds).await;
        }
        Ok(done)
    }

    async fn take_due(
        &self,
        db: &Db,
        now: commerce::Timestamp,
    ) -> Result<(Vec<Payment>, Vec<Refund>), Problem> {
        let payments = db::retry(|| payments::take_due(db, now, AT_ONCE)).await?;
        let refunds = db::retry(|| refunds::take_due(db, now, AT_ONCE)).await?;
        Ok((payments, refunds))
    }

    /// One that cannot be settled is logged, and comes again.
    async fn try_payment(&self, context: &Context, payment: &Payment) {
        if let Err(problem) = self.settle_payment(context, payment).await {
            service::warn(context, "a payment stays in doubt", &problem);
        }
    }

    async fn try_refund(&self, context: &Context, refund: &Refund) {
        if let Err(problem) = self.settle_refund(context, refund).await {
            service::warn(context, "a refund stays in doubt", &problem);
        }
    }

    async fn settle_payment(&self, context: &Context, payment: &Payment) -> Result<(), Problem> {
        if payment.status == Status::Succeeded {
            return self.look_at_refunds(context, payment).await;
        }
        let account = self.providers.account(payment.provider)?;
        let report = match payment.status {
            Status::Pending => account.create(payment).await?,
            _ => account.look(payment).await?,
        };
        let db = &self.db;
        let payment = recording::record(context, db, payment.id, &report).await?;
        if payment.status.is_open() && self.is_needless(context, &payment).await? {
            let report = account.cancel(&payment).await?;
            recording::record(context, db, payment.id, &report).await?;
        }
        Ok(())
    }

    /// Whether its order needs no money any more, told or not.
    async fn is_needless(&self, context: &Context, payment: &Payment) -> Result<bool, Problem> {
        if payment.cancel_wanted {
            return Ok(true);
        }
        let order = self.orders.find(context, payment.order_id).await?;
        Ok(order.is_none_or(|order| order.status != OrderStatus::AwaitingPayment))
    }
}
