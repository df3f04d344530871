//! The connections of one instance, shared by its requests.
//!
//! The host answers `Connection::open` under a lock that it hands from call to call, and dropping a
//! connection waits for that lock with the whole instance stopped. A drop while another call of the
//! instance is in flight therefore never ends. So every call holds an [`InFlight`], and a connection to
//! be thrown away waits in a list that is emptied only when nothing is in flight (ADR 0002).
//!
//! Requests of an instance cannot wake each other either, so nobody waits for a connection: one more is
//! opened, up to a bound, and past it the request is refused.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use spin_sdk::mysql::Connection;

use crate::error::{Error, Result};

/// As many as an instance may have requests at once, where it is told to take more than by default (16).
const MAX_OPEN: usize = 64;

/// For how long it is remembered how many connections were in use at once. So many are kept, because opening one
/// is a login; and no more, because there are many instances, and the server's connections are for all of them.
const REMEMBERED: Duration = Duration::from_secs(5);

/// A connection that no request uses: outside any transaction, with no row left in it.
pub(crate) struct Idle {
    pub(crate) connection: Connection,
    /// Whether its transactions are at `READ COMMITTED` already.
    pub(crate) read_committed: bool,
}

thread_local! {
    static IDLE: RefCell<Vec<Idle>> = const { RefCell::new(Vec::new()) };
    static DISCARDED: RefCell<Vec<Connection>> = const { RefCell::new(Vec::new()) };
    static OPEN: Cell<usize> = const { Cell::new(0) };
    static IN_FLIGHT: Cell<usize> = const { Cell::new(0) };
    static PEAKS: Cell<Peaks> = const { Cell::new(Peaks { since: None, now: 0, before: 0 }) };
}

/// The most connections that were in use at once, in the time that passes now and in the one before it.
#[derive(Clone, Copy, Debug)]
struct Peaks {
    since: Option<Instant>,
    now: usize,
    before: usize,
}

impl Peaks {
    /// After so many have come into use.
    fn note(mut self, in_use: usize, at: Instant) -> Self {
        let passed = self.since.map(|since| at.duration_since(since));
        match passed {
            Some(passed) if passed < REMEMBERED => {}
            Some(passed) if passed < 2 * REMEMBERED => {
                (self.before, self.now, self.since) = (self.now, 0, Some(at));
            }
            _ => (self.before, self.now, self.since) = (0, 0, Some(at)),
        }
        self.now = self.now.max(in_use);
        self
    }

    fn most(self) -> usize {
        self.now.max(self.before)
    }
}

/// How many connections are in use, a request's own among them; and how many are worth having.
fn note_use() -> usize {
    let idle = IDLE.with_borrow(Vec::len);
    let peaks = PEAKS.get();
    let peaks = peaks.note(OPEN.get().saturating_sub(idle), Instant::now());
    PEAKS.set(peaks);
    peaks.most()
}

/// Takes the connection that was used last, if one is idle.
pub(crate) fn take() -> Option<Idle> {
    let taken = IDLE.with_borrow_mut(Vec::pop);
    note_use();
    taken
}

/// Keeps a clean connection for the next request. Those that were not used for longest go where there are more
/// than were in use at once lately.
pub(crate) fn keep(idle: Idle) {
    let wanted = note_use();
    IDLE.with_borrow_mut(|kept| kept.push(idle));
    while OPEN.get() > wanted {
        let oldest = IDLE.with_borrow_mut(|kept| (!kept.is_empty()).then(|| kept.remove(0)));
        match oldest {
            Some(oldest) => discard(oldest.connection),
            None => return,
        }
    }
}

/// Throws a connection away as soon as that is safe.
pub(crate) fn discard(connection: Connection) {
    OPEN.set(OPEN.get().saturating_sub(1));
    DISCARDED.with_borrow_mut(|discarded| discarded.push(connection));
    drop_discarded();
}

/// Throws every idle connection away: after one was found dead, the others of its age are too.
pub(crate) fn forget_idle() {
    for idle in IDLE.take() {
        discard(idle.connection);
    }
}

/// A place for one more connection, given back by [`discard`] or by dropping it.
pub(crate) struct Place(());

impl Place {
    pub(crate) fn reserve() -> Result<Self> {
        if OPEN.get() >= MAX_OPEN {
            return Err(Error::Busy);
        }
        OPEN.set(OPEN.get() + 1);
        note_use();
        Ok(Self(()))
    }

    /// The place is taken by a connection that was opened.
    pub(crate) fn fill(self) {
        std::mem::forget(self);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.set(OPEN.get().saturating_sub(1));
    }
}

/// Held for as long as a call to the host runs, also when its future is dropped before its end.
pub(crate) struct InFlight(());

impl InFlight {
    pub(crate) fn enter() -> Self {
        IN_FLIGHT.set(IN_FLIGHT.get() + 1);
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.set(IN_FLIGHT.get() - 1);
        drop_discarded();
    }
}

fn drop_discarded() {
    if IN_FLIGHT.get() == 0 {
        drop(DISCARDED.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_worth_having_as_were_in_use_at_once_lately() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let none = Peaks {
            since: None,
            now: 0,
            before: 0,
        };
        let busy = none.note(3, at(0)).note(12, at(1)).note(1, at(2));
        assert_eq!(busy.most(), 12);
        let later = busy.note(2, at(6));
        assert_eq!(later.most(), 12, "the time before is remembered");
        assert_eq!(later.note(1, at(12)).most(), 2);
        assert_eq!(
            busy.note(1, at(60)).most(),
            1,
            "after a quiet time it is not"
        );
    }
}
