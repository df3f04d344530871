//! The circuit of each peer: one that is dead or slow is not asked for a while, so that whoever needs it is
//! told at once, and it is not kept busy while it recovers.
//!
//! [`state`] has the rules. All instances share the state through Redis, by compare-and-set of one key. An
//! instance that knows of no trouble looks at it twice a second at most, so that a healthy call asks Redis for
//! nothing; without Redis, it goes by what it has seen itself.

mod state;

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use cache::{Reply, Script};

use crate::clock::now_ms;
use crate::context::Context;
use crate::metrics;
use state::{State, Verdict};

/// How long what was seen in Redis is good.
const LOOKS_LAST: Duration = Duration::from_millis(500);
/// How long a call may take that finds out whether the peer is back.
const PROBE: Duration = Duration::from_secs(1);
/// How often a change is tried again that another instance was faster than.
const ATTEMPTS: usize = 4;

/// Sets a state if it is still the one that is expected, where none is the empty text. Answers what there was.
const SET: Script = Script::new(
    "local held = redis.call('get', KEYS[1]) or ''
     if held == ARGV[1] and ARGV[1] ~= ARGV[2] then
       if ARGV[2] == '' then
         redis.call('del', KEYS[1])
       else
         redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
       end
     end
     return held",
);

/// What this instance knows of a peer.
#[derive(Clone, Copy, Debug, Default)]
struct View {
    state: State,
    looked: Option<Instant>,
    answered: Option<Instant>,
}

thread_local! {
    static VIEWS: RefCell<HashMap<&'static str, View>> = RefCell::default();
}

/// The right to make one call, and what is to be told of it afterwards.
#[derive(Debug)]
pub(crate) struct Call {
    peer: &'static str,
    is_probe: bool,
    began: Instant,
    patience: Duration,
    /// Whether it says something about the peer when its time is over. One that has less than half of what a
    /// request may take does not, and none that hands over in the background what may be a lot of work.
    tells: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With an answer, whatever it said.
    Answered,
    /// Without a connection, or with one that broke.
    Unreachable,
    /// When its time was over.
    TooSlow,
}

/// A call that may take so long; nothing while the circuit is open.
pub(crate) async fn begin(
    context: &Context,
    peer: &'static str,
    patience: Duration,
) -> Option<Call> {
    let view = view(peer);
    let is_fresh = view.looked.is_some_and(|at| at.elapsed() < LOOKS_LAST);
    let mut state = view.state;
    if !is_fresh {
        change(peer, |view| view.looked = Some(Instant::now()));
        if let Err(held) = swap(context, peer, state, state).await {
            state = held;
        }
    }
    let (verdict, next) = state.admit(now_ms());
    let is_probe = match verdict {
        Verdict::Pass => false,
        // One of those who would like to: the others see that somebody was faster.
        Verdict::Probe if swap(context, peer, state, next).await.is_ok() => {
            note(peer, "probed");
            true
        }
        Verdict::Refuse | Verdict::Probe => {
            note(peer, "refused");
            return None;
        }
    };
    let whole = context.house().map_or(patience, |house| house.deadline);
    Some(Call {
        peer,
        is_probe,
        began: Instant::now(),
        tells: is_probe || context.is_awaited() && patience >= whole / 2,
        patience: if is_probe {
            patience.min(PROBE)
        } else {
            patience
        },
    })
}

impl Call {
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Tells everybody how it ended.
    pub async fn end(self, context: &Context, outcome: Outcome) {
        let peer = self.peer;
        if outcome == Outcome::Answered {
            change(peer, |view| view.answered = Some(Instant::now()));
        }
        let Some(heard) = self.weigh(outcome, view(peer).answered) else {
            return;
        };
        let mut state = view(peer).state;
        for _ in 0..ATTEMPTS {
            let next = state.hear(self.is_probe, heard, now_ms());
            if next == state {
                return;
            }
            match swap(context, peer, state, next).await {
                Ok(()) => return note_change(peer, state, next),
                Err(held) => state = held,
            }
        }
    }

    /// How much it says of the peer, in points; none where it answers. A call that has waited for nothing while
    /// others had answers may have asked for something difficult.
    fn weigh(&self, outcome: Outcome, answered: Option<Instant>) -> Option<u32> {
        match outcome {
            Outcome::Answered => Some(0),
            Outcome::Unreachable => Some(1),
            Outcome::TooSlow if !self.tells => None,
            Outcome::TooSlow if answered.is_some_and(|at| at > self.began) => Some(1),
            Outcome::TooSlow => Some(state::LIMIT),
        }
    }
}

fn note(peer: &str, decision: &str) {
    let labels = [("peer", peer), ("decision", decision)];
    metrics::count("comptoir_breaker_decisions_total", &labels);
}

fn note_change(peer: &str, before: State, after: State) {
    match (before.is_open(), after.is_open()) {
        (false, true) => note(peer, "opened"),
        (true, false) => note(peer, "closed"),
        _ => {}
    }
}

fn view(peer: &'static str) -> View {
    VIEWS.with_borrow(|views| views.get(peer).copied().unwrap_or_default())
}

fn change(peer: &'static str, change: impl FnOnce(&mut View)) {
    VIEWS.with_borrow_mut(|views| change(views.entry(peer).or_default()));
}

/// Puts the next state in the place of the one that is expected, or says which one is there instead. Either
/// way this instance knows it from now on. Without Redis, there is only what this instance knows.
async fn swap(
    context: &Context,
    peer: &'static str,
    expected: State,
    next: State,
) -> Result<(), State> {
    let (from, to, lasts) = (
        expected.to_string(),
        next.to_string(),
        next.lasts_ms().to_string(),
    );
    let args = [from.as_bytes(), to.as_bytes(), lasts.as_bytes()];
    let key = format!("breaker:{peer}");
    let replies = match context.house() {
        Some(house) => house.shared.run(context, &SET, &[&key], &args).await,
        None => None,
    };
    let held = replies.and_then(|replies| match replies.into_iter().next()? {
        Reply::Bytes(text) => String::from_utf8(text).ok(),
        _ => None,
    });
    let outcome = match held {
        Some(held) if held != from => Err(held.parse().unwrap_or_default()),
        _ => Ok(()),
    };
    let now = outcome.as_ref().err().copied().unwrap_or(next);
    change(peer, |view| {
        view.state = now;
        view.looked = Some(Instant::now());
    });
    outcome
}
