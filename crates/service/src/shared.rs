//! What instances know together, through Redis, and each can do without: how much somebody has asked, which
//! peer is away, what is measured.
//!
//! A Redis that is away or slow is left in peace for a moment, and the log is told of it once a minute and
//! instance. Nobody is refused because of it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use cache::{Cache, Reply, Script};

use crate::context::Context;
use crate::log::warn;
use crate::patience::within;

/// How long a request waits for Redis.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long Redis is not asked again after it did not answer.
const PAUSE: Duration = Duration::from_secs(2);
/// How long the log is not told again.
const SILENCE: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s", PATIENCE.as_secs())]
struct TooSlow;

thread_local! {
    static FAILED: Cell<Option<Instant>> = const { Cell::new(None) };
    static TOLD: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The Redis that all services share.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Cache);

impl Shared {
    pub fn new(url: &str) -> Self {
        Self(Cache::new(url))
    }

    /// Runs a script; nothing where Redis did not answer, now or a moment ago.
    pub async fn run(
        &self,
        context: &Context,
        script: &Script,
        keys: &[&str],
        args: &[&[u8]],
    ) -> Option<Vec<Reply>> {
        if is_within(FAILED.get(), PAUSE) {
            return None;
        }
        let cause: Box<dyn std::error::Error> =
            match within(PATIENCE, self.0.run_repeatable(script, keys, args)).await {
                Some(Ok(replies)) => return Some(replies),
                Some(Err(error)) => error.into(),
                None => TooSlow.into(),
            };
        FAILED.set(Some(Instant::now()));
        if !is_within(TOLD.get(), SILENCE) {
            TOLD.set(Some(Instant::now()));
            warn(
                context,
                "Redis is away: nobody is limited, and instances know of slow peers by themselves",
                &*cause,
            );
        }
        None
    }
}

fn is_within(since: Option<Instant>, time: Duration) -> bool {
    since.is_some_and(|since| since.elapsed() < time)
}
