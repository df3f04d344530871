//! Waiting for what takes its time, with an end.

use std::future::Future;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(50);

/// Asks again and again until there is something; fails when it takes too long.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "after {} s, still not: {what}",
            PATIENCE.as_secs()
        );
        tokio::time::sleep(STEP).await;
    }
}
