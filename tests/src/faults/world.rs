//! What everybody in a run shares: the shop's address, what it sells, what was promised and counted, and
//! whether the shop is still open.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::sync::{mpsc, watch};

use super::books::Books;
use super::ledger::{Ledger, compact};
use super::report::Report;
use super::seller::Parcel;
use crate::api::Api;
use crate::forge::{Mint, uuid};
use crate::stripe::Stripe;

/// Less than a third of what a token is good for.
const TOKEN_LASTS: Duration = Duration::from_secs(240);

/// How long a request may still suffer from a fault that is over.
const AFTERMATH: Duration = Duration::from_secs(6);

/// What is for sale.
#[derive(Clone, Debug)]
pub struct Good {
    pub id: String,
    /// In cents.
    pub price: i64,
    /// Everybody wants it, and there are few.
    pub is_scarce: bool,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    Open,
    /// Nobody begins anything new; what was begun is answered until then.
    Closing(Instant),
}

#[derive(Debug)]
pub struct World {
    pub api: Api,
    pub stripe: Arc<Stripe>,
    pub service_token: String,
    pub seed: u64,
    pub goods: Vec<Good>,
    pub seller: Somebody,
    pub admin: Somebody,
    pub ledger: Ledger,
    pub report: Report,
    pub day: watch::Sender<Day>,
    /// Since when nothing goes wrong; none while something does.
    pub calm: Mutex<Option<Instant>>,
    pub mint: Mint,
    /// For whom time passes faster than for the shop.
    pub calendar: tokio::sync::Mutex<Books>,
    /// The staff's in-trays; none when the shop has closed.
    pub trays: Mutex<Vec<mpsc::UnboundedSender<Parcel>>>,
}

impl World {
    pub fn is_open(&self) -> bool {
        *self.day.borrow() == Day::Open
    }

    /// Whether an answer is still waited for.
    pub fn is_patient(&self) -> bool {
        match *self.day.borrow() {
            Day::Open => true,
            Day::Closing(end) => Instant::now() < end,
        }
    }

    /// Sleeps, but not past the end of the day; whether the shop is still open.
    pub async fn rest(&self, time: Duration) -> bool {
        let mut day = self.day.subscribe();
        let closing = day.wait_for(|day| *day != Day::Open);
        tokio::time::timeout(time, closing).await.is_err()
    }

    /// Whether everything has been up for a while, and every wait for it is over.
    pub fn is_calm(&self) -> bool {
        let calm = self.calm.lock().unwrap();
        calm.is_some_and(|since| since.elapsed() > AFTERMATH)
    }

    /// Has the days pass that an order waits for its money; false where the database is away.
    pub async fn end_term(&self, order: &str) -> bool {
        let id = compact(order);
        self.end_terms(&format!("= unhex('{id}')")).await.is_ok()
    }

    /// The same for every order that still waits.
    pub async fn end_all_terms(&self) -> anyhow::Result<()> {
        self.end_terms("is not null").await
    }

    async fn end_terms(&self, which: &str) -> anyhow::Result<()> {
        let mut calendar = self.calendar.lock().await;
        // A reservation and its lines say the same at every moment.
        for update in [
            format!(
                "update {{catalog}}.reservations r join {{catalog}}.reservation_lines l \
                 on l.order_id = r.order_id set r.expires_at = 1, l.held_until = 1 \
                 where r.order_id {which} and r.state = 'held'"
            ),
            format!(
                "update {{orders}}.orders set expires_at = 1 \
                 where id {which} and status = 'awaiting_payment'"
            ),
        ] {
            calendar.rows::<i64>(&update).await?;
        }
        Ok(())
    }

    /// Draws what one of the people does, from the seed of the run.
    pub fn luck(&self, who: &str, number: usize) -> Rng {
        let name = format!("{who} {number}");
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Rng::with_seed(self.seed ^ hash)
    }

    /// Puts an order into somebody's tray.
    pub fn hand_over(&self, parcel: Parcel, luck: &mut Rng) {
        let trays = self.trays.lock().unwrap();
        if let Some(tray) = luck.choice(trays.iter()) {
            tray.send(parcel).ok();
        }
    }
}

/// Somebody with an access token. Clients have no account.
#[derive(Debug)]
pub struct Somebody {
    pub id: String,
    pub role: &'static str,
    token: Mutex<Option<(Instant, String)>>,
}

impl Somebody {
    pub fn new(role: &'static str) -> Self {
        Self {
            id: uuid(),
            role,
            token: Mutex::default(),
        }
    }

    /// The shop's API as this person.
    pub fn api(&self, world: &World) -> Api {
        let mut token = self.token.lock().unwrap();
        let fresh = token
            .take()
            .filter(|(since, _)| since.elapsed() < TOKEN_LASTS)
            .unwrap_or_else(|| (Instant::now(), world.mint.token(&self.id, self.role)));
        let api = world.api.with_token(&fresh.1);
        *token = Some(fresh);
        api
    }
}
