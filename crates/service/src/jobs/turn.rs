//! The time that a job is given. It is shorter than the time that its calls to others may take: a job ends between
//! two batches, and never in the middle of one.

use std::time::{Duration, Instant};

use crate::context::Context;

/// What is kept for the last batch of a turn.
const LAST_BATCH: Duration = Duration::from_secs(4);

/// One run's time, and the context of the calls that it makes.
#[derive(Clone, Debug)]
pub struct Turn {
    pub context: Context,
    until: Instant,
}

impl Turn {
    /// Beside a request that waits for it, for so long at most.
    pub(crate) fn of(context: &Context, time: Duration) -> Self {
        Self {
            context: context.clone(),
            until: Instant::now() + time.min(context.time_left()),
        }
    }

    /// After an answer, with time of its own.
    pub(crate) fn afterwards(context: &Context) -> Self {
        let context = context.clone().renewed();
        let time = context.time_left().saturating_sub(LAST_BATCH);
        Self::of(&context, time)
    }

    /// Whether another batch may be begun.
    pub fn has_time(&self) -> bool {
        Instant::now() < self.until
    }
}
