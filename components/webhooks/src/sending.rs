//! Sends what is due: several deliveries at once, each taken in hand by a short transaction before and
//! written down by another after, and none while the network is waited for.
//!
//! Whoever dies with deliveries in hand leaves them to the next, when their lease is over; so an event
//! arrives at least once. One run at a time in the shop, and a webhook that is slow or silent takes only
//! a part of it: the others are not made to wait for it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use commerce::WebhookId;
use db::Db;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::Request;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use service::outgoing::{self, SendError};
use service::{Done, Problem, Turn, clock, within};

use crate::address::Reach;
use crate::delivery::{Answer, Unanswered};
use crate::recording;
use crate::schedule;
use crate::signature;
use crate::store::queue::{self, Due, Parcel};

/// How many deliveries are under way at once.
const AT_ONCE: usize = 32;
/// How many of them to one webhook.
const AT_ONCE_TO_ONE: usize = 4;
/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a delivery is in hand: the patience, and what it takes to write its result down.
const LEASE_MS: i64 = 20_000;
/// How many due deliveries are looked at to choose from.
const CHOICE: i64 = 128;
/// How long after a look nobody looks again, while something is under way: a look at thousands that wait for
/// one receiver reads all of them.
const PAUSE: Duration = Duration::from_millis(250);
/// How long what was found is good: a webhook may have been changed or disabled since.
const FRESH: Duration = Duration::from_secs(1);
/// How long a run goes on taking more in hand while receivers answer. Nobody else sends before it has ended.
const LONGEST: Duration = Duration::from_secs(30);
const SENDER: &str = concat!("Comptoir-Webhooks/", env!("CARGO_PKG_VERSION"));

/// Sends what is due, as far as the time goes.
#[derive(Clone)]
pub struct Sender {
    pub db: Db,
    pub reach: Reach,
}

/// How one run has got on with each webhook.
#[derive(Default)]
struct Run {
    under_way: HashMap<WebhookId, usize>,
    /// Due, each the first of its aggregate, and not taken in hand yet.
    found: Vec<Due>,
    /// When it was last looked for more.
    looked: Option<Instant>,
}

impl Run {
    /// Those that are left alone for now.
    fn busy(&self) -> impl Iterator<Item = WebhookId> {
        let full = |(id, count): (&WebhookId, &usize)| (*count >= AT_ONCE_TO_ONE).then_some(*id);
        self.under_way.iter().filter_map(full)
    }

    /// As many of those found as there is room for, in all and for each webhook; the others stay.
    fn choose(&mut self, room: usize) -> Vec<Due> {
        let mut counts = self.under_way.clone();
        let mut chosen = Vec::new();
        self.found.retain(|due| {
            let count = counts.entry(due.webhook).or_default();
            let fits = *count < AT_ONCE_TO_ONE && chosen.len() < room;
            if fits {
                *count += 1;
                chosen.push(*due);
            }
            !fits
        });
        chosen
    }

    fn forget_stale(&mut self) {
        if self.looked.is_some_and(|looked| looked.elapsed() > FRESH) {
            self.found.clear();
        }
    }

    fn may_look(&self, is_idle: bool) -> bool {
        let is_fresh = |looked: Instant| looked.elapsed() < PAUSE;
        is_idle || !self.looked.is_some_and(is_fresh)
    }

    fn begin(&mut self, parcel: &Parcel) {
        *self.under_way.entry(parcel.webhook).or_default() += 1;
    }

    /// The place of one that was silent stays taken: in this run its webhook gets fewer of them.
    fn end(&mut self, parcel: &Parcel, answer: Answer) {
        if answer.error().is_none()
            && let Some(count) = self.under_way.get_mut(&parcel.webhook)
        {
            *count = count.saturating_sub(1);
        }
    }
}

impl Sender {
    /// Sends until nothing is due or the time is over; what is under way then is waited for. While something is
    /// under way, more is taken in hand, so that nobody waits for a receiver that is silent.
    pub async fn run(self, turn: &Turn) -> Result<Done, Problem> {
        let context = &turn.context;
        let began = Instant::now();
        let mut run = Run::default();
        let mut under_way = FuturesUnordered::new();
        let mut sent = 0;
        let mut failed = None;
        loop {
            let goes_on = turn.has_time() || !under_way.is_empty() && began.elapsed() < LONGEST;
            while under_way.len() < AT_ONCE && goes_on && failed.is_none() {
                let parcels = match self.take(&mut run, under_way.len()).await {
                    Ok(parcels) => parcels,
                    Err(problem) => {
                        // What is under way is still written down.
                        failed = Some(problem);
                        break;
                    }
                };
                if parcels.is_empty() {
                    break;
                }
                for parcel in parcels {
                    run.begin(&parcel);
                    under_way.push(self.send(parcel));
                }
            }
            match within(PAUSE, under_way.next()).await {
                Some(Some((parcel, answer))) => {
                    run.end(&parcel, answer);
                    recording::record_quietly(context, &self.db, &parcel, answer).await;
                    sent += 1;
                }
                Some(None) => break,
                // Something may have become due meanwhile.
                None => {}
            }
        }
        match failed {
            Some(problem) => Err(problem),
            None => Ok(Done::with_left(sent, usize::from(!turn.has_time()))),
        }
    }

    /// Takes due deliveries in hand, beside so many that are under way.
    async fn take(&self, run: &mut Run, under_way: usize) -> Result<Vec<Parcel>, Problem> {
        let room = AT_ONCE - under_way;
        run.forget_stale();
        let mut chosen = run.choose(room);
        if chosen.is_empty() && run.may_look(under_way == 0) {
            run.looked = Some(Instant::now());
            run.found = queue::list_due(&self.db, run.busy(), clock::now(), CHOICE).await?;
            chosen = run.choose(room);
        }
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        Ok(db::retry(|| self.lease(&chosen)).await?)
    }

    async fn lease(&self, chosen: &[Due]) -> db::Result<Vec<Parcel>> {
        let now = clock::now();
        let lease = service::fresh_uuid();
        let mut tx = self.db.begin().await?;
        let outcome = async {
            queue::take(&mut tx, chosen, lease, now, now.plus_ms(LEASE_MS)).await?;
            queue::list_taken(&mut tx, chosen, lease).await
        }
        .await;
        tx.finish(outcome).await
    }

    async fn send(&self, parcel: Parcel) -> (Parcel, Answer) {
        let answer = match self.request(&parcel) {
            Some(request) => read(outgoing::send_for_head(request, PATIENCE).await),
            None => Answer::Absent(Unanswered::AddressRefused),
        };
        (parcel, answer)
    }

    /// The signed request; none to an address that may not be called (any more).
    fn request(&self, parcel: &Parcel) -> Option<Request<Bytes>> {
        let url = self.reach.parse(&parcel.url).ok()?;
        let now = clock::now();
        let timestamp = now.unix_ms() / 1000;
        let id = parcel.event.to_string();
        let secrets = parcel.secrets.signing(now);
        let signature = signature::sign(secrets, &id, timestamp, &parcel.body);
        Request::post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, SENDER)
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(Bytes::from(parcel.body.clone()))
            .ok()
    }
}

fn read(answer: Result<http::Response<()>, SendError>) -> Answer {
    match answer {
        Ok(response) => {
            let header = response.headers().get(RETRY_AFTER);
            let header = header.and_then(|value| value.to_str().ok());
            Answer::Status {
                status: response.status().as_u16(),
                retry_after: header
                    .and_then(|text| schedule::read_retry_after(text, clock::now_ms())),
            }
        }
        Err(SendError::TooSlow) => Answer::Absent(Unanswered::Timeout),
        Err(SendError::Failed(_)) => Answer::Absent(Unanswered::ConnectionFailed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(webhook: u8, count: usize) -> Vec<Due> {
        let webhook = WebhookId::from_bytes([webhook; 16]);
        vec![
            Due {
                sequence: 1,
                webhook
            };
            count
        ]
    }

    #[test]
    fn one_webhook_does_not_take_all_the_room() {
        let mut run = Run {
            found: [due(1, 64), due(2, 2)].concat(),
            ..Run::default()
        };
        let chosen = run.choose(AT_ONCE);
        let to_second = chosen
            .iter()
            .filter(|due| due.webhook == WebhookId::from_bytes([2; 16]));
        assert_eq!((chosen.len(), to_second.count()), (AT_ONCE_TO_ONE + 2, 2));
        assert_eq!(run.found.len(), 64 - AT_ONCE_TO_ONE);
    }

    #[test]
    fn one_that_is_silent_is_left_alone_for_the_rest_of_the_run() {
        let webhook = WebhookId::from_bytes([1; 16]);
        let mut run = Run {
            under_way: HashMap::from([(webhook, AT_ONCE_TO_ONE)]),
            found: due(1, 2),
            ..Run::default()
        };
        assert_eq!(run.busy().collect::<Vec<_>>(), [webhook]);
        assert!(run.choose(AT_ONCE).is_empty());
    }

    #[test]
    fn while_something_is_under_way_nobody_looks_all_the_time() {
        let mut run = Run::default();
        assert!(run.may_look(false));
        run.looked = Some(Instant::now());
        assert!(!run.may_look(false));
        assert!(run.may_look(true));
    }
}
