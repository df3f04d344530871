//! The clock of a shop that `up` serves: it asks for what is due every two seconds, as a scheduler does
//! elsewhere (docs/operations.md). A shop that does not answer is told once, until it answers again.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(2);
/// Longer than a service takes for any request.
const LIMIT: Duration = Duration::from_secs(30);

/// Ticks for as long as it is awaited.
pub async fn run(url: &str, service_token: &str) {
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut fails = false;
    loop {
        every.tick().await;
        let ticked = tick(url, service_token).await;
        if let (Err(error), false) = (&ticked, fails) {
            crate::complain!("What is due was not done: {error:#}");
        }
        fails = ticked.is_err();
    }
}

async fn tick(url: &str, service_token: &str) -> Result<()> {
    let (url, token) = (format!("{url}/internal/tick"), service_token.to_owned());
    let sent = tokio::task::spawn_blocking(move || {
        let config = ureq::Agent::config_builder().timeout_global(Some(LIMIT));
        let agent = ureq::Agent::from(config.proxy(None).build());
        let tick = agent.post(&url).header("comptoir-service-token", &token);
        tick.send_empty().map(drop)
    });
    let answered = sent.await.context("a thread ended")?;
    answered.context("POST /internal/tick failed")
}
