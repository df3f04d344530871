//! What moved at the provider for a payment of ours, whoever began it there: refunds and disputes are written
//! down as if they had begun here, by the transaction that has locked the payment.

use commerce::Money;
use db::Tx;
use service::{Context, Problem, clock};

use crate::dispute::{self, Dispute, Step};
use crate::events;
use crate::payment::Payment;
use crate::recording::{self, Asked};
use crate::refund::{self, Refund, Status, Wanted};
use crate::store::{disputes, payments, refunds};

/// Why money went back that nobody has asked for here: somebody has made the refund at the provider.
const MADE_AT_PROVIDER: &str = "made_at_provider";
/// The client has won a dispute.
const DISPUTE_LOST: &str = "dispute_lost";

/// Why what the provider says cannot be written down.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    #[error("refund {0} at the provider is in another currency than its payment")]
    Currency(String),
    /// A refund of ours is on its way for the same money; one of the two will fail.
    #[error("refund {0} at the provider is more than is left of its payment: {1}")]
    NotLeft(String, #[source] refund::Refusal),
    #[error("dispute {0} ended as {told} at the provider, and as {known} before: somebody must look",
        told = .1.as_str(), known = .2.as_str())]
    Contradiction(String, dispute::Status, dispute::Status),
}

/// Takes a refund in, as the provider shows it.
pub async fn take_refund(
    context: &Context,
    tx: &mut Tx,
    payment: &mut Payment,
    seen: &refund::Seen,
) -> Result<(), Problem> {
    let known = refunds::list_in(tx, payment.id).await?;
    if let Some(mut refund) = known.into_iter().find(|refund| is_same(refund, seen)) {
        let report = seen.report.clone();
        return recording::take_refund_report(context, tx, payment, &mut refund, report).await;
    }
    if seen.report.status == Status::Failed {
        // No money has moved, and none will.
        return Ok(());
    }
    give_back(context, tx, payment, seen, MADE_AT_PROVIDER).await
}

/// Whether a refund of ours is the one that the provider shows.
fn is_same(refund: &Refund, seen: &refund::Seen) -> bool {
    Some(refund.id) == seen.ours || refund.provider_ref.as_deref() == Some(&*seen.reference)
}

/// Writes down that so much has gone back already.
async fn give_back(
    context: &Context,
    tx: &mut Tx,
    payment: &mut Payment,
    seen: &refund::Seen,
    reason: &str,
) -> Result<(), Problem> {
    if seen.amount.currency() != payment.amount.currency() {
        let error = Unwritable::Currency(seen.reference.clone());
        service::warn(context, "a refund is not believed", &error);
        return Ok(());
    }
    let wanted = match seen.amount == refund::left(payment) {
        true => Wanted::Everything,
        false => Wanted::Amount(seen.amount),
    };
    let standing = refunds::list_standing(tx, payment.id).await?;
    // Whoever tells of it tells again: until then, a refund of ours may have made room.
    let share = refund::share(payment, &standing, wanted).map_err(|refusal| {
        Problem::unavailable(Unwritable::NotLeft(seen.reference.clone(), refusal))
    })?;
    let asked = Asked {
        id: refund::id_at_provider(payment.id, &seen.reference),
        reason: reason.to_owned(),
        restock: false,
        actor_id: None,
        reference: Some(seen.reference.clone()),
    };
    let mut refund = recording::begin_refund(tx, payment, share, asked).await?;
    let report = seen.report.clone();
    recording::take_refund_report(context, tx, payment, &mut refund, report).await
}

/// Takes a dispute in, as the provider shows it. One that is lost is money that has gone back.
pub async fn take_dispute(
    context: &Context,
    tx: &mut Tx,
    payment: &mut Payment,
    seen: &dispute::Seen,
) -> Result<(), Problem> {
    let now = clock::now();
    let mut known = disputes::list_in(tx, payment.id).await?;
    let id = dispute::derive_id(payment.id, &seen.reference);
    match known.iter_mut().find(|dispute| dispute.id == id) {
        None => {
            let begun = seen.begin(payment.id, now);
            disputes::insert(tx, &begun).await?;
            known.push(begun);
        }
        Some(dispute) => match dispute.step(seen.status) {
            Step::Nothing => return Ok(()),
            Step::Contradiction => {
                let reference = seen.reference.clone();
                let error = Unwritable::Contradiction(reference, seen.status, dispute.status);
                service::warn(context, "a dispute ended twice", &error);
                return Ok(());
            }
            Step::To(status) => {
                dispute.status = status;
                dispute.updated_at = now;
                disputes::update(tx, dispute).await?;
            }
        },
    }
    recording::touch(payment, now);
    payments::update(tx, payment).await?;
    tell(tx, payment, &known, seen).await?;
    if seen.status == dispute::Status::Lost {
        lose(context, tx, payment, seen).await?;
    }
    Ok(())
}

async fn tell(
    tx: &mut Tx,
    payment: &Payment,
    known: &[Dispute],
    seen: &dispute::Seen,
) -> db::Result<()> {
    match dispute::together(known) {
        Some(together) => events::tell_dispute(tx, payment, together, &seen.reason).await,
        None => Ok(()),
    }
}

/// The provider has taken the money of a lost dispute, as far as it was not given back before.
async fn lose(
    context: &Context,
    tx: &mut Tx,
    payment: &mut Payment,
    seen: &dispute::Seen,
) -> Result<(), Problem> {
    let left = refund::left(payment);
    let amount = Money::new(
        seen.amount.amount().min(left.amount()),
        seen.amount.currency(),
    );
    if amount.amount() <= 0 {
        return Ok(());
    }
    let lost = refund::Seen {
        ours: None,
        reference: seen.reference.clone(),
        amount,
        report: refund::Report {
            status: Status::Succeeded,
            reference: Some(seen.reference.clone()),
            failure: None,
        },
    };
    give_back(context, tx, payment, &lost, DISPUTE_LOST).await
}
