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

use spin_sdk::mysql::Connection;

use crate::error::{Error, Result};

/// As many as an instance has requests at once by default (16), and room for a larger setting.
const MAX_OPEN: usize = 32;

/// How many an instance keeps that it does not use: there are many instances, and the server's
/// connections are for all of them.
const MAX_IDLE: usize = 4;

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
}

/// Takes the connection that was used last, if one is idle.
pub(crate) fn take() -> Option<Idle> {
    IDLE.with_borrow_mut(Vec::pop)
}

/// Keeps a clean connection for the next request, if there are not enough of them.
pub(crate) fn keep(idle: Idle) {
    let surplus = IDLE.with_borrow_mut(|kept| {
        if kept.len() >= MAX_IDLE {
            return Some(idle);
        }
        kept.push(idle);
        None
    });
    if let Some(surplus) = surplus {
        discard(surplus.connection);
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
