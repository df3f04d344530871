//! Events that no consumer can take, written into every outbox all the while, as a mistake of a producer would: they
//! stay where they are, with the reason of their refusal, and nobody waits behind them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::books::Books;
use super::report::Rule;
use super::world::World;

/// How often one is written.
const EVERY: Duration = Duration::from_secs(3);
/// An event that has waited for so long while all has been up for as long waits behind something.
const TOO_LONG: Duration = Duration::from_secs(45);

/// The beginning of the ids of poisonous events, and of their aggregates.
const MARK: &str = "0badbad0";

/// Whose events they seem to be, for whom, and of which kind. The last ones are no events at all.
const KINDS: [(&str, &str, &str); 8] = [
    ("catalog", "reports", "'items.changed'"),
    ("catalog", "webhooks", "7"),
    ("payments", "orders", "'payment.succeeded'"),
    ("payments", "webhooks", "7"),
    ("orders", "catalog", "'order.cancelled'"),
    ("orders", "payments", "'order.cancelled'"),
    ("orders", "reports", "'papers.issued'"),
    ("orders", "webhooks", "7"),
];

/// What is not poisonous, for a count of rows of an outbox.
pub const GOOD: &str = "left(lower(hex(event_id)), 8) <> '0badbad0'";

/// Writes them until it is dropped, whether or not the database answers.
pub async fn spread(world: Arc<World>, mut books: Books) {
    for (number, (service, consumer, kind)) in KINDS.iter().cycle().enumerate() {
        let id = format!("{MARK}{number:024x}");
        let text = format!(
            "insert(insert(insert(insert('{id}', 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')"
        );
        let body = format!(
            "json_object('id', {text}, 'kind', {kind}, 'aggregate_id', {text}, \
             'occurred_at', '2026-11-22T08:00:00Z', 'data', json_object('poison', true))"
        );
        let insert = format!(
            "insert into {{{service}}}.outbox (consumer, event_id, aggregate_id, body, due_at, written_at) \
             values ('{consumer}', unhex('{id}'), unhex('{id}'), {body}, 0, 1000 * unix_timestamp())"
        );
        if books.rows::<i64>(&insert).await.is_ok() {
            world.report.count("poisonous events");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Whether an event waits that should have arrived.
pub async fn watch(world: &World, books: &mut Books) {
    let calm = *world.calm.lock().unwrap();
    if calm.is_none_or(|since: Instant| since.elapsed() <= TOO_LONG) {
        return;
    }
    for service in ["catalog", "payments", "orders"] {
        let late = TOO_LONG.as_millis();
        let waiting = format!(
            "select concat(consumer, ' waits for ', body) from {{{service}}}.outbox \
             where {GOOD} and written_at < 1000 * unix_timestamp() - {late}"
        );
        for what in books.rows::<String>(&waiting).await.unwrap_or_default() {
            world.report.broken(Rule::NobodyWaitsForPoison, what);
        }
    }
}

/// Each is where it was written, and says what it met.
pub async fn check(world: &World, books: &mut Books) -> anyhow::Result<()> {
    for service in ["catalog", "payments", "orders"] {
        let silent = format!(
            "select concat(consumer, ': ', body) from {{{service}}}.outbox where not {GOOD} \
             and (attempts = 0 or last_reason is null) \
             and written_at < 1000 * unix_timestamp() - 10000"
        );
        for what in books.rows::<String>(&silent).await? {
            world.report.broken(Rule::PoisonIsNoted, what);
        }
    }
    Ok(())
}
