//! Letting time pass in work that goes on beside requests.

use std::time::Duration;

/// Waits, and lets the instance's other requests go on.
pub async fn pause(time: Duration) {
    spin_sdk::time::sleep(time).await;
}
