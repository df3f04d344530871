//! Waits until the shop has come to rest: nothing is owed to anybody any more, by anybody.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::books::Books;
use super::report::Rule;
use super::watch;
use super::world::World;

/// Longer than anything waits that was refused four times.
const PATIENCE: Duration = Duration::from_secs(420);
const STEP: Duration = Duration::from_millis(500);

/// What waits for something, and how many of it there are.
const PENDING: [(&str, &str); 8] = [
    (
        "orders that await payment",
        "select count(*) from {orders}.orders where status = 'awaiting_payment'",
    ),
    (
        "reservations that are held",
        "select count(*) from {catalog}.reservations where state = 'held'",
    ),
    (
        "events of orders on their way",
        "select count(*) from {orders}.outbox",
    ),
    (
        "events of the catalogue on their way",
        "select count(*) from {catalog}.outbox",
    ),
    (
        "events of payments on their way",
        "select count(*) from {payments}.outbox",
    ),
    (
        "payments that may still be made",
        "select count(*) from {payments}.payments \
         where status in ('pending', 'requires_payment', 'processing')",
    ),
    (
        "refunds that are pending",
        "select count(*) from {payments}.refunds where status = 'pending'",
    ),
    (
        "deliveries to merchants that are pending",
        "select count(*) from {webhooks}.deliveries where status = 'pending'",
    ),
];

/// Reconciles and waits until nothing is pending, while the scheduler goes on.
pub async fn settle(world: &Arc<World>, books: &mut Books) {
    let begun = Instant::now();
    loop {
        let waiting = pending(books).await;
        if waiting.is_empty() {
            world
                .report
                .add("seconds until rest", begun.elapsed().as_secs());
            return;
        }
        if begun.elapsed() > PATIENCE {
            world
                .report
                .broken(Rule::ThingsComeToRest, waiting.join(", "));
            return;
        }
        watch::ask_service(world, "/internal/reconcile").await;
        tokio::time::sleep(STEP).await;
    }
}

async fn pending(books: &mut Books) -> Vec<String> {
    let mut waiting = Vec::new();
    for (what, text) in PENDING {
        match books.number(text).await {
            Ok(0) => {}
            Ok(number) => waiting.push(format!("{number} {what}")),
            Err(error) => waiting.push(format!("{what} cannot be counted: {error:#}")),
        }
    }
    waiting
}
