//! What happened at the provider and was never told, because its webhook was lost: the provider's own lists of
//! refunds and disputes are looked through from the newest, back to where that ended the last time, and to the
//! oldest dispute that is still open here.

use std::time::{Duration, Instant};

use commerce::Timestamp;
use service::{Context, Problem, clock};

use crate::paying::Till;
use crate::payment::Payment;
use crate::provider_activity;
use crate::store::provider_cursors::{self, Listed};
use crate::store::{disputes, payments};
use crate::stripe::{Stripe, StripeDispute, StripeRefund};

/// How long one request goes on with each list.
const TIME: Duration = Duration::from_secs(3);
/// The provider's clock is not ours, and its lists may be behind.
const OVERLAP_MS: i64 = 60 * 60 * 1000;
/// How far back the first time goes.
const FIRST_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// More was at the provider than could be looked through in time: it begins at the newest again.
#[derive(Debug, thiserror::Error)]
#[error("the provider has more {} than were looked through, back to {since:?}", .listed.as_str())]
struct Unfinished {
    listed: Listed,
    since: Timestamp,
}

/// One entry of such a list. The account may be of other businesses too: only an entry of a payment of this shop
/// has to make sense.
enum Entry {
    Refund(StripeRefund),
    Dispute(StripeDispute),
}

/// A page of such a list.
struct Page {
    entries: Vec<(Option<String>, Timestamp, Entry)>,
    /// What the provider calls the last of them, if there are more.
    next: Option<String>,
}

impl Till {
    /// How many refunds and disputes were found that were not known.
    pub async fn look_through(&self, context: &Context) -> Result<usize, Problem> {
        let Some(stripe) = self.providers.stripe() else {
            return Ok(0);
        };
        // One list that cannot be read keeps the other from nothing.
        let refunds = self.look_through_list(context, stripe, Listed::Refunds);
        let refunds = refunds.await;
        let disputes = self.look_through_list(context, stripe, Listed::Disputes);
        Ok(disputes.await? + refunds?)
    }

    async fn look_through_list(
        &self,
        context: &Context,
        stripe: &Stripe,
        listed: Listed,
    ) -> Result<usize, Problem> {
        let (begun, now) = (Instant::now(), clock::now());
        let first = now.plus_ms(-FIRST_MS);
        let since = provider_cursors::find(&self.db, listed).await?.max(first);
        let since = match listed {
            Listed::Refunds => since,
            Listed::Disputes => {
                let oldest = disputes::oldest_open(&self.db).await?;
                oldest.map_or(since, |opened| since.min(opened))
            }
        };
        let (mut found, mut after, mut is_complete) = (0, None, true);
        loop {
            let page = read_page(stripe, listed, after.as_deref()).await?;
            let is_last = page.entries.iter().any(|(_, created, _)| *created < since);
            for (intent, created, entry) in page.entries {
                if let Some(intent) = intent.filter(|_| created >= since) {
                    match self.take_entry(context, &intent, &entry).await {
                        Ok(is_new) => found += usize::from(is_new),
                        // It keeps the others from nothing, and is looked at again.
                        Err(problem) => {
                            is_complete = false;
                            let message = "what began at the provider is not written down yet";
                            service::warn(context, message, &problem);
                        }
                    }
                }
            }
            after = page.next;
            if is_last || after.is_none() {
                break;
            }
            if begun.elapsed() > TIME {
                let error = Unfinished { listed, since };
                service::warn(context, "not all of the provider's list was read", &error);
                return Ok(found);
            }
        }
        if is_complete {
            let until = now.plus_ms(-OVERLAP_MS);
            provider_cursors::move_to(&self.db, listed, until).await?;
        }
        Ok(found)
    }

    /// Takes an entry in; whether it has changed anything.
    async fn take_entry(
        &self,
        context: &Context,
        intent: &str,
        entry: &Entry,
    ) -> Result<bool, Problem> {
        let changed = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let Some(mut payment) = payments::lock_by_reference(&mut tx, intent).await? else {
                    return Ok(None);
                };
                let before = payment.version;
                match entry {
                    Entry::Refund(refund) => {
                        let (payment, seen) = (&mut payment, refund.seen()?);
                        provider_activity::take_refund(context, &mut tx, payment, &seen).await?;
                    }
                    Entry::Dispute(dispute) => {
                        let (payment, seen) = (&mut payment, dispute.seen()?);
                        provider_activity::take_dispute(context, &mut tx, payment, &seen).await?;
                    }
                }
                Ok::<_, Problem>((payment.version != before).then_some(payment.id))
            }
            .await;
            tx.finish(outcome).await
        })
        .await?;
        if let Some(payment) = changed {
            self.tell_orders_now(context, payment).await;
        }
        Ok(changed.is_some())
    }

    /// Asks the provider for every refund of a payment that has succeeded.
    pub async fn look_at_refunds(
        &self,
        context: &Context,
        payment: &Payment,
    ) -> Result<(), Problem> {
        if let (Some(stripe), Some(intent)) = (self.providers.stripe(), &payment.provider_ref) {
            for refund in stripe.list_refunds(intent).await? {
                let entry = Entry::Refund(refund);
                self.take_entry(context, intent, &entry).await?;
            }
        }
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let asked = payments::end_check(&mut tx, payment).await;
            tx.finish(asked).await
        })
        .await?;
        Ok(())
    }
}

async fn read_page(stripe: &Stripe, listed: Listed, after: Option<&str>) -> Result<Page, Problem> {
    let at = |seconds: i64| Timestamp::from_unix_ms(seconds.saturating_mul(1000));
    let (entries, next) = match listed {
        Listed::Refunds => {
            let (refunds, has_more) = stripe.recent_refunds(after).await?;
            let next = refunds
                .last()
                .filter(|_| has_more)
                .map(|last| last.id.clone());
            let entry = |mut refund: StripeRefund| {
                let (intent, created) = (refund.payment_intent.take(), at(refund.created));
                (intent, created, Entry::Refund(refund))
            };
            (refunds.into_iter().map(entry).collect(), next)
        }
        Listed::Disputes => {
            let (disputes, has_more) = stripe.recent_disputes(after).await?;
            let next = disputes
                .last()
                .filter(|_| has_more)
                .map(|last| last.id.clone());
            let entry = |mut dispute: StripeDispute| {
                let (intent, created) = (dispute.payment_intent.take(), at(dispute.created));
                (intent, created, Entry::Dispute(dispute))
            };
            (disputes.into_iter().map(entry).collect(), next)
        }
    };
    Ok(Page { entries, next })
}
