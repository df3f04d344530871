//! A job: its name, how often it runs, and what it does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::Turn;
use crate::problem::Problem;

/// What one run has done, in things of the job's own: orders, events, deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    pub did: u64,
    /// What is known to be left, at least.
    pub left: u64,
}

impl Done {
    pub fn all(did: usize) -> Self {
        Self::with_left(did, 0)
    }

    pub fn with_left(did: usize, left: usize) -> Self {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Self {
            did: number(did),
            left: number(left),
        }
    }
}

type Running = Pin<Box<dyn Future<Output = Result<Done, Problem>> + Send>>;

/// Something that is done by the clock. It ends soon after its turn is over, and
/// says what is left.
#[derive(Clone)]
pub struct Job {
    pub(super) name: &'static str,
    pub(super) every: Duration,
    /// Whether a tick only begins it.
    pub(super) is_awaited: bool,
    work: Arc<dyn Fn(Turn) -> Running + Send + Sync>,
}

impl Job {
    /// The name is a verb and what it acts on, such as `expire_orders`.
    pub fn new<F>(
        name: &'static str,
        every: Duration,
        work: impl Fn(Turn) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Done, Problem>> + Send + 'static,
    {
        Self {
            name,
            every,
            is_awaited: true,
            work: Arc::new(move |turn| Box::pin(work(turn))),
        }
    }

    /// The same for work that waits for others, as sending does: a tick begins it, and nobody waits for its end.
    pub fn in_background(self) -> Self {
        Self {
            is_awaited: false,
            ..self
        }
    }

    pub(super) fn begin(&self, turn: Turn) -> Running {
        (self.work)(turn)
    }
}
