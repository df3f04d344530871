//! Waits until the shop has come to rest: nothing is owed to anybody any more, by anybody.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::books::Books;
use super::poison;
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
        "select count(*) from {orders}.outbox where left(lower(hex(event_id)), 8) <> '0badbad0'",
    ),
    (
        "events of the catalogue on their way",
        "select count(*) from {catalog}.outbox where left(lower(hex(event_id)), 8) <> '0badbad0'",
    ),
    (
        "events of payments on their way",
        "select count(*) from {payments}.outbox where left(lower(hex(event_id)), 8) <> '0badbad0'",
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
        poison::watch(world, books).await;
        let waiting = pending(books).await;
        if waiting.is_empty() {
            world
                .report
                .add("seconds until rest", begun.elapsed().as_secs());
            return;
        }
        // Weeks pass: whoever has promised a transfer does not pay any more.
        if let Err(error) = world.end_all_terms().await {
            eprintln!("   terms do not end yet: {error:#}");
        }
        give_back_by_hand(world, books).await;
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

/// Somebody sends back what came outside the provider, and says so.
async fn give_back_by_hand(world: &World, books: &mut Books) {
    const SELECT: &str = "select lower(hex(r.payment_id)), lower(hex(r.id)) \
         from {payments}.refunds r join {payments}.payments p on p.id = r.payment_id \
         where p.provider = 'offline' and r.status = 'pending' and r.actor_id is null limit 50";
    let owed: Vec<(String, String)> = match books.rows(SELECT).await {
        Ok(owed) => owed,
        Err(error) => {
            eprintln!("   what is owed by hand is not known yet: {error:#}");
            return;
        }
    };
    for (payment, refund) in owed {
        let (payment, refund) = (hyphenated(&payment), hyphenated(&refund));
        let path = format!("/api/payments/{payment}/refunds/{refund}/confirm");
        let request = world.admin.api(world).post(&path, serde_json::json!({}));
        match request.attempt().await {
            Ok(answer) if answer.status == 200 => world.report.count("refunds by hand"),
            Ok(answer) if answer.status < 500 => {
                let how = format!("POST {path}: {answer}");
                world.report.broken(Rule::OnlyExpectedAnswers, how);
            }
            // It is asked for again.
            Ok(_) | Err(_) => {}
        }
    }
}

/// A UUID as paths have it.
fn hyphenated(hex: &str) -> String {
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    let parts = [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ];
    parts.join("-")
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
