//! A refund that the shop owes outside any provider: somebody has sent the money back by hand, and says so.

use commerce::{PaymentId, RefundId, Text};
use service::{Author, Condition, Context, Deed, Problem};

use crate::paying::{Till, check_seller};
use crate::payment::{Payment, Provider};
use crate::recording;
use crate::refund::{self, Refund};
use crate::store::{payments, refunds};

impl Till {
    /// Notes that the money of a refund was sent back; once, however often it is said.
    pub async fn confirm_refund(
        &self,
        context: &Context,
        author: &Author,
        (payment, refund): (PaymentId, RefundId),
        condition: &Condition,
    ) -> Result<(Payment, Refund), Problem> {
        let confirmed = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let found = payments::lock(&mut tx, payment).await?;
                let mut payment = found.ok_or_else(Problem::not_found)?;
                check_seller(&payment, author.caller())?;
                condition.check(payment.version)?;
                let found = refunds::read_in(&mut tx, refund).await?;
                let found = found.filter(|refund| refund.payment_id == payment.id);
                let mut refund = found.ok_or_else(Problem::not_found)?;
                if payment.provider != Provider::Offline {
                    return Err(not_offline());
                }
                if refund.status == refund::Status::Succeeded {
                    return Ok((payment, refund));
                }
                let before = payment.gist();
                let report = refund::Report {
                    status: refund::Status::Succeeded,
                    reference: None,
                    failure: None,
                };
                let (p, r) = (&mut payment, &mut refund);
                recording::take_refund_report(context, &mut tx, p, r, report).await?;
                let (path, after) = (payment.path(), payment.gist());
                let deed = Deed::changed("refund.confirmed", &path, &before, &after);
                author.record(&mut tx, deed).await?;
                Ok((payment, refund))
            }
            .await;
            tx.finish(outcome).await
        })
        .await?;
        self.tell_orders_now(context, payment).await;
        Ok(confirmed)
    }
}

fn not_offline() -> Problem {
    Problem::conflict(
        "refund-not-offline",
        Text::new(
            "Seul le prestataire confirme ce remboursement",
            "Only its provider confirms this refund",
        ),
    )
}
