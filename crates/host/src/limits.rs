//! Limits of connections, counted over all instances of the process.
//!
//! Spin does not fail at the limit: whoever asks for one more connection waits until one is
//! closed, without a deadline. So does this host.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A limit, or none.
#[derive(Debug, Clone, Default)]
pub struct Limit(Option<Arc<Semaphore>>);

/// A place under a limit, given back when dropped.
#[derive(Debug)]
pub struct Place {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Limit {
    /// A limit of `count` connections; without a count there is none.
    #[must_use]
    pub fn new(count: Option<usize>) -> Self {
        Self(count.map(|count| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))))
    }

    /// Waits for a place.
    pub async fn take(&self) -> Place {
        let permit = match &self.0 {
            // The semaphore is never closed, so this is always a permit.
            Some(semaphore) => Arc::clone(semaphore).acquire_owned().await.ok(),
            None => None,
        };
        Place { _permit: permit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_given_back_lets_the_next_one_in() {
        let limit = Limit::new(Some(1));
        let first = limit.take().await;
        let mut second = Box::pin(limit.take());
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        second.await;
    }

    #[tokio::test]
    async fn without_a_limit_nobody_waits() {
        let limit = Limit::new(None);
        let _places = [limit.take().await, limit.take().await];
    }
}
