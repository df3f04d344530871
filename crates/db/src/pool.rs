//! The connections of one instance, shared by its requests.
//!
//! The host answers `Connection::open` under a lock that it hands from call to call, and dropping a
//! connection waits for that lock with the whole instance stopped. A drop while another call of the
//! instance is in flight therefore never ends. So every call holds an [`InFlight`], and connections are
//! dropped only when nothing is in flight (ADR 0002). Until then they count as open.
//!
//! Requests of an instance cannot wake each other either, so nobody waits for a connection: one more is
//! opened, up to a bound, and past it the request is refused.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use spin_sdk::mysql::Connection;

use crate::error::{Error, Result};

/// As many as an instance may have requests at once, where it is told to take more than by default (16).
const MAX_OPEN: usize = 64;

/// For how long a connection is kept that no request uses. Opening one is a login; but there are many instances, none
/// can use another's, and the server's connections are for all of them. Shorter than anybody waits for one.
const KEPT: Duration = Duration::from_secs(2);

/// So many are kept for as long as the instance lives.
const ALWAYS_KEPT: usize = 1;

/// A connection that no request uses: outside any transaction, with no row left in it.
pub(crate) struct Idle {
    pub(crate) connection: Connection,
    /// Whether its transactions are at `READ COMMITTED` already.
    pub(crate) read_committed: bool,
    since: Instant,
}

thread_local! {
    /// From the one that was not used for longest.
    static IDLE: RefCell<Vec<Idle>> = const { RefCell::new(Vec::new()) };
    static DISCARDED: RefCell<Vec<Connection>> = const { RefCell::new(Vec::new()) };
    static OPEN: Cell<usize> = const { Cell::new(0) };
    static IN_FLIGHT: Cell<usize> = const { Cell::new(0) };
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
}

/// Takes the connection that was used last, if one is idle.
pub(crate) fn take() -> Option<Idle> {
    IDLE.with_borrow_mut(Vec::pop)
}

/// Keeps a clean connection for the next request.
pub(crate) fn keep(connection: Connection, read_committed: bool) {
    let since = Instant::now();
    IDLE.with_borrow_mut(|kept| {
        kept.push(Idle {
            connection,
            read_committed,
            since,
        });
    });
    drop_unwanted();
    watch();
}

/// Has connections dropped in time when no request comes any more.
fn watch() {
    let is_enough = || IDLE.with_borrow(Vec::len) <= ALWAYS_KEPT;
    if is_enough() || IS_WATCHED.replace(true) {
        return;
    }
    spin_sdk::wasip3::spawn(async move {
        while !is_enough() {
            spin_sdk::time::sleep(KEPT).await;
            drop_unwanted();
        }
        IS_WATCHED.set(false);
    });
}

/// Throws a connection away as soon as that is safe.
pub(crate) fn discard(connection: Connection) {
    DISCARDED.with_borrow_mut(|discarded| discarded.push(connection));
    drop_unwanted();
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
        drop_unwanted();
    }
}

/// Drops what was thrown away and what was not used for some time, if that is safe now.
fn drop_unwanted() {
    if IN_FLIGHT.get() > 0 {
        return;
    }
    let mut unwanted = DISCARDED.take();
    IDLE.with_borrow_mut(|kept| {
        let unused = unused(kept.iter().map(|idle| idle.since), Instant::now());
        unwanted.extend(kept.drain(..unused).map(|idle| idle.connection));
    });
    OPEN.set(OPEN.get().saturating_sub(unwanted.len()));
}

/// How many of the connections that are idle since then, from the first, are kept no longer.
fn unused(since: impl ExactSizeIterator<Item = Instant>, now: Instant) -> usize {
    let most = since.len().saturating_sub(ALWAYS_KEPT);
    let unused = since.take_while(|since| now.duration_since(*since) > KEPT);
    unused.count().min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_kept_for_a_moment_and_the_last_one_for_longer() {
        let start = Instant::now();
        let since = [0, 500, 1_500].map(|ms| start + Duration::from_millis(ms));
        let unused_at = |ms| unused(since.into_iter(), start + Duration::from_millis(ms));
        assert_eq!([2_000, 2_001, 3_000].map(unused_at), [0, 1, 2]);
        assert_eq!(unused_at(60_000), 2);
        assert_eq!(unused([start].into_iter(), start + 2 * KEPT), 0);
        assert_eq!(unused([].into_iter(), start), 0);
    }
}
