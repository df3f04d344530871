//! Writing down what became of payments and refunds, with the events that tell it: one place, whether the
//! provider answered, sent a webhook, or was asked later. The payment's row is locked while it is done.

use commerce::{PaymentId, Timestamp, UserId};
use db::{Db, Tx};
use service::{Context, Problem, clock};

use crate::events;
use crate::payment::{self, Payment, Provider};
use crate::refund::{self, Pieces, Refund, Share};
use crate::store::{lines, payments, refunds};

/// When a payment or refund is taken up that nobody has finished: later than a request may take.
const FIRST_CHECK_MS: i64 = 15_000;

/// Why the money of a refund stays where it is although the provider says something else.
#[derive(Debug, thiserror::Error)]
#[error("refund {id} is {is} here and {told} at the provider: somebody must look", id = .0,
    is = .1.as_str(), told = .2.as_str())]
struct Contradiction(commerce::RefundId, refund::Status, refund::Status);

/// Writes a report down in a transaction of its own; the payment as it is then.
pub async fn record(
    context: &Context,
    db: &Db,
    id: PaymentId,
    report: &payment::Report,
) -> Result<Payment, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let found = payments::lock(&mut tx, id).await?;
            let mut payment = found.ok_or_else(Problem::not_found)?;
            take_report(context, &mut tx, &mut payment, report.clone()).await?;
            Ok(payment)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

/// Takes a report into a payment that was locked. One that cannot be believed is logged, and changes nothing.
pub async fn take_report(
    context: &Context,
    tx: &mut Tx,
    payment: &mut Payment,
    report: payment::Report,
) -> Result<(), Problem> {
    let now = clock::now();
    let known = payment.provider_ref.is_some();
    let changed = match payment.take(report, now) {
        Ok(changed) => changed,
        Err(error) => {
            service::warn(context, "a report of the provider is not believed", &error);
            return Ok(());
        }
    };
    if !changed && known == payment.provider_ref.is_some() {
        return Ok(());
    }
    if payment.status.is_live() && !payment.holds_order {
        // Of a payment that had failed or was cancelled: its order may have another by now, and the orders
        // service decides.
        payment.holds_order = !payments::is_taken(tx, payment.order_id).await?;
    }
    payment.check_at = next_check(payment, now);
    payments::update(tx, payment).await?;
    if changed {
        events::tell_payment(tx, payment).await?;
    }
    Ok(())
}

/// When the provider is asked about a payment, if nothing is heard of it.
pub fn next_check(payment: &Payment, now: Timestamp) -> Option<Timestamp> {
    let unfinished = payment.status == payment::Status::Pending;
    match payment.provider {
        _ if !payment.status.is_open() => None,
        _ if payment.cancel_wanted => Some(now),
        Provider::Offline if !unfinished => None,
        Provider::Stripe | Provider::Offline => Some(now.plus_ms(FIRST_CHECK_MS)),
    }
}

/// Who asks for a refund, and why.
pub struct Asked {
    pub id: commerce::RefundId,
    pub reason: String,
    pub restock: bool,
    /// Nobody, if it is automatic or began at the provider.
    pub actor_id: Option<UserId>,
    /// What the provider calls it, if it began there.
    pub reference: Option<String>,
}

/// Begins a refund of a payment that was locked: from here on nobody else gives the same money back.
pub async fn begin_refund(
    tx: &mut Tx,
    payment: &mut Payment,
    share: Share,
    asked: Asked,
) -> Result<Refund, Problem> {
    let now = clock::now();
    let delay = asked.actor_id.map_or(0, |_| FIRST_CHECK_MS);
    // Whoever gave this money outside the shop gets it back there: a person has to do it, and says so.
    let by_hand = asked.actor_id.is_none() && payment.provider == Provider::Offline;
    let refund = Refund {
        id: asked.id,
        number: 0,
        payment_id: payment.id,
        status: refund::Status::Pending,
        amount: share.amount,
        lines: share.lines,
        shipping: share.shipping,
        credits: share.credits,
        reason: asked.reason,
        restock: asked.restock,
        actor_id: asked.actor_id,
        provider_ref: asked.reference,
        failure: None,
        attempts: 0,
        check_at: (!by_hand).then(|| now.plus_ms(delay)),
        created_at: now,
        updated_at: now,
    };
    refunds::insert(tx, &refund).await?;
    payment.refunding = sum(payment.refunding, refund.amount)?;
    touch(payment, now);
    payments::update(tx, payment).await?;
    lines::count_refunded(tx, payment.id, &refund.lines, 1).await?;
    Ok(refund)
}

/// Begins the one refund that the shop makes by itself, of all that is left; once.
pub async fn begin_automatic_refund(
    context: &Context,
    tx: &mut Tx,
    payment: &mut Payment,
    reason: &str,
) -> Result<(), Problem> {
    let id = refund::automatic_id(payment.id);
    if refunds::read_in(tx, id).await?.is_some() {
        return Ok(());
    }
    let standing = refunds::list_standing(tx, payment.id).await?;
    match refund::share(payment, &standing, refund::Wanted::Everything) {
        Ok(share) => {
            let asked = Asked {
                id,
                reason: reason.to_owned(),
                restock: false,
                actor_id: None,
                reference: None,
            };
            begin_refund(tx, payment, share, asked).await?;
        }
        Err(refusal) => service::warn(context, "nothing is refunded automatically", &refusal),
    }
    Ok(())
}

/// Takes a report into a refund whose payment was locked.
pub async fn take_refund_report(
    context: &Context,
    tx: &mut Tx,
    payment: &mut Payment,
    refund: &mut Refund,
    report: refund::Report,
) -> Result<(), Problem> {
    let told = report.status;
    if refund.status != refund::Status::Pending {
        if told != refund.status && told != refund::Status::Pending {
            let error = Contradiction(refund.id, refund.status, told);
            service::warn(context, "a refund ended twice", &error);
        }
        return Ok(());
    }
    let now = clock::now();
    refund.provider_ref = refund.provider_ref.take().or(report.reference);
    refund.status = told;
    refund.failure = report.failure;
    refund.updated_at = now;
    if told != refund::Status::Pending {
        refund.check_at = None;
    }
    refunds::update(tx, refund).await?;
    match told {
        refund::Status::Pending => return Ok(()),
        refund::Status::Succeeded => {
            payment.refunded = sum(payment.refunded, refund.amount)?;
            events::tell_refund(tx, payment, refund).await?;
        }
        refund::Status::Failed => give_pieces_up(tx, payment, &refund.lines).await?,
    }
    payment.refunding = payment
        .refunding
        .checked_sub(refund.amount)
        .map_err(Problem::internal)?;
    touch(payment, now);
    Ok(payments::update(tx, payment).await?)
}

/// The pieces of a refund that failed may be given back another time.
async fn give_pieces_up(tx: &mut Tx, payment: &Payment, pieces: &[Pieces]) -> db::Result<()> {
    lines::count_refunded(tx, payment.id, pieces, -1).await
}

fn sum(one: commerce::Money, other: commerce::Money) -> Result<commerce::Money, Problem> {
    one.checked_add(other).map_err(Problem::internal)
}

/// Notes that something of the payment was changed.
pub fn touch(payment: &mut Payment, now: Timestamp) {
    payment.version += 1;
    payment.updated_at = now;
}
