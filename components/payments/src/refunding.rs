//! Giving money back: the row and its part of the payment first, then the provider, then what it said. As with
//! paying, the same request again goes on from where it stopped, and reconciling takes up what nobody asks
//! for again.

use commerce::{Money, PaymentId, RefundId, Text};
use service::idempotency::{Answer, Claim};
use service::{Author, Caller, Context, Deed, Problem, Role};

use crate::api::view::RefundView;
use crate::domain::payment_view::Sight;
use crate::paying::Till;
use crate::payment::Payment;
use crate::recording::{self, Asked};
use crate::refund::{self, Refund, Refusal, Status, Wanted};
use crate::store::{payments, refunds};

/// What a seller asks for, parsed.
pub struct Draft {
    pub id: RefundId,
    pub payment: PaymentId,
    pub wanted: Wanted,
    pub reason: String,
    pub restock: bool,
    pub author: Author,
}

impl Till {
    /// Makes the refund and stores its answer under the claim.
    pub async fn refund(
        &self,
        context: &Context,
        claim: &Claim,
        draft: Draft,
    ) -> Result<Answer, Problem> {
        let (payment, refund, is_known) = match refunds::find(&self.db, draft.id).await? {
            Some(known) => self.go_on_refunding(known, &draft).await?,
            None => self.begin_refund(&draft).await?,
        };
        // What has just begun is what was asked for, whatever there was left of it.
        if is_known && !refund.is_of(&draft.wanted, &draft.reason, draft.restock) {
            return Err(Problem::idempotency_key_reused());
        }
        let report = match refund.status {
            Status::Pending => Some(self.ask_refund(&payment, &refund, is_known).await?),
            Status::Succeeded | Status::Failed => None,
        };
        let claim = Some(claim);
        let (_, answer) = self.record_refund(context, claim, &refund, report).await?;
        self.tell_orders_now(context, payment.id).await;
        answer.ok_or_else(Problem::not_found)
    }

    /// Takes up a refund that somebody left.
    pub async fn settle_refund(
        &self,
        context: &Context,
        refund: &Refund,
    ) -> Result<Refund, Problem> {
        let payment = payments::find(&self.db, refund.payment_id).await?;
        let payment = payment.ok_or_else(Problem::not_found)?;
        let report = self.ask_refund(&payment, refund, true).await?;
        let (refund, _) = self
            .record_refund(context, None, refund, Some(report))
            .await?;
        Ok(refund)
    }

    async fn go_on_refunding(
        &self,
        refund: Refund,
        draft: &Draft,
    ) -> Result<(Payment, Refund, bool), Problem> {
        if refund.payment_id != draft.payment {
            return Err(Problem::idempotency_key_reused());
        }
        let payment = payments::find(&self.db, draft.payment).await?;
        Ok((payment.ok_or_else(Problem::not_found)?, refund, true))
    }

    async fn begin_refund(&self, draft: &Draft) -> Result<(Payment, Refund, bool), Problem> {
        let begun = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let found = payments::lock(&mut tx, draft.payment).await?;
                let mut payment = found.ok_or_else(Problem::not_found)?;
                check_allowed(&payment, draft)?;
                // A twin with the same key was first, while this one waited for the lock.
                if let Some(twin) = refunds::read_in(&mut tx, draft.id).await? {
                    return Ok((payment, twin, true));
                }
                let standing = refunds::list_standing(&mut tx, payment.id).await?;
                let share = refund::share(&payment, &standing, draft.wanted.clone());
                let share = share.map_err(|refusal| seen(refusal, &payment, draft))?;
                let asked = Asked {
                    id: draft.id,
                    reason: draft.reason.clone(),
                    restock: draft.restock,
                    actor_id: Some(draft.author.user),
                    reference: None,
                };
                let before = payment.gist();
                let refund = recording::begin_refund(&mut tx, &mut payment, share, asked).await?;
                let (path, after) = (payment.path(), payment.gist());
                let deed = Deed::changed("payment.refunded", &path, &before, &after);
                draft.author.record(&mut tx, deed).await?;
                Ok((payment, refund, false))
            }
            .await;
            tx.finish(outcome).await
        });
        begun.await
    }

    async fn ask_refund(
        &self,
        payment: &Payment,
        refund: &Refund,
        is_known: bool,
    ) -> Result<refund::Report, Problem> {
        let account = self.providers.account(payment.provider)?;
        Ok(if is_known {
            account.refund_again(payment, refund).await?
        } else {
            account.refund(payment, refund).await?
        })
    }

    /// Writes down what the provider said and, for a claim, the answer.
    async fn record_refund(
        &self,
        context: &Context,
        claim: Option<&Claim>,
        refund: &Refund,
        report: Option<refund::Report>,
    ) -> Result<(Refund, Option<Answer>), Problem> {
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let found = payments::lock(&mut tx, refund.payment_id).await?;
                let mut payment = found.ok_or_else(Problem::not_found)?;
                let found = refunds::read_in(&mut tx, refund.id).await?;
                let mut refund = found.ok_or_else(Problem::not_found)?;
                if let Some(report) = report.clone() {
                    let (payment, refund) = (&mut payment, &mut refund);
                    recording::take_refund_report(context, &mut tx, payment, refund, report)
                        .await?;
                }
                let Some(claim) = claim else {
                    return Ok((refund, None));
                };
                let location = format!("/api/payments/{}/refunds", payment.id);
                let view = RefundView::from(payment.whole_refund(&refund));
                let answer = Answer::created(location, payment.version, &view)?;
                claim.store(&mut tx, &answer).await?;
                Ok((refund, Some(answer)))
            }
            .await;
            tx.finish(outcome).await
        })
        .await
    }
}

/// A seller gives back their own lines, or anything where all lines are theirs; an admin anything.
fn check_allowed(payment: &Payment, draft: &Draft) -> Result<(), Problem> {
    let Caller { user: seller, role } = draft.author.caller();
    match (&draft.wanted, role) {
        (_, Role::Admin) => Ok(()),
        _ if payment.is_all_from(seller) => Ok(()),
        _ if !payment.has_lines_of(seller) => Err(Problem::not_found()),
        (Wanted::Lines { lines, shipping }, _) => {
            let is_own = |item_id| {
                let mut lines = payment.lines.iter();
                lines.any(|line| line.item_id == item_id && line.seller_id == seller)
            };
            let own_lines = lines.iter().all(|pieces| is_own(pieces.item_id));
            // Without lines it would be everybody's shipping.
            let own_shipping = !lines.is_empty() && payment.ships_alone(seller);
            match own_lines && (own_shipping || !shipping) {
                true => Ok(()),
                false => Err(own_lines_only()),
            }
        }
        (Wanted::Everything | Wanted::Amount(_), _) => Err(own_lines_only()),
    }
}

/// A refusal as far as who asks sees the payment: what is left of others' lines is not theirs to know.
fn seen(refusal: Refusal, payment: &Payment, draft: &Draft) -> Refusal {
    let sight = payment.sight(draft.author.caller().into());
    match refusal {
        Refusal::TooMuch { .. } if matches!(sight, Some(Sight::Part(_))) => Refusal::NothingLeft,
        refusal => refusal,
    }
}

fn own_lines_only() -> Problem {
    Problem::forbidden().detail(
        "Cette commande a aussi d’autres vendeurs : ne remboursez que vos lignes",
        "This order has other sellers too: refund your own lines only",
    )
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let too_large = |left: Money| {
            Problem::conflict(
                "refund-too-large",
                Text::new(
                    "Il reste moins que cela à rembourser",
                    "Less than that is left to be refunded",
                ),
            )
            .with("refundable", serde_json::json!(left))
        };
        match refusal {
            Refusal::NotPaid { status } => Problem::conflict(
                "payment-not-succeeded",
                Text::new(
                    "Le paiement n’a pas abouti",
                    "The payment has not succeeded",
                ),
            )
            .with("payment_status", status.as_str()),
            Refusal::NothingLeft => Problem::conflict(
                "nothing-to-refund",
                Text::new(
                    "Il ne reste rien à rembourser",
                    "Nothing is left to be refunded",
                ),
            ),
            Refusal::TooMuch { left } => too_large(left),
            Refusal::TooManyPieces { item_id, left } => Problem::conflict(
                "line-refunded",
                Text::new(
                    "Il reste moins de pièces à rembourser",
                    "Fewer pieces are left to be refunded",
                ),
            )
            .with("item_id", item_id.to_string())
            .with("refundable_quantity", left),
            Refusal::NoSuchLine { item_id } => Problem::conflict(
                "line-not-paid",
                Text::new(
                    "Cet article n’est pas dans la commande",
                    "This item is not in the order",
                ),
            )
            .with("item_id", item_id.to_string()),
        }
    }
}
