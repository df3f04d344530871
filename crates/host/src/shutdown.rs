//! Stopping: everyone learns of it, and the host waits for the instances that still work.

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The wish to stop, shared by all parts of the host.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    stop: CancellationToken,
    alive: TaskTracker,
}

/// Held by an instance for as long as it lives.
#[derive(Debug)]
pub struct Alive {
    _token: TaskTrackerToken,
}

impl Shutdown {
    /// Asks everyone to stop.
    pub fn start(&self) {
        self.stop.cancel();
        self.alive.close();
    }

    /// Ends when the host is asked to stop.
    pub fn wait(&self) -> WaitForCancellationFutureOwned {
        self.stop.clone().cancelled_owned()
    }

    /// Counts one more instance.
    #[must_use]
    pub fn stay_alive(&self) -> Alive {
        Alive {
            _token: self.alive.token(),
        }
    }

    /// Ends when no instance is left, once the host is asked to stop.
    pub async fn wait_for_instances(&self) {
        self.alive.wait().await;
    }
}
