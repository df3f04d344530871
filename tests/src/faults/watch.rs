//! What goes on beside the people: the scheduler that ticks, and somebody who looks at the stock again and
//! again, past the shop.

use std::sync::Arc;
use std::time::Duration;

use super::books::Books;
use super::report::Rule;
use super::world::World;

const TICK: Duration = Duration::from_secs(1);
const SAMPLE: Duration = Duration::from_millis(250);

/// Items that are below zero, are sold twice, or hold other than what reservations do: each of these is
/// changed in one transaction with the item, so that no moment may show a difference.
const WRONG_ITEMS: &str = "select concat(lower(hex(i.id)), ': ', i.on_hand, ' on hand, ', i.reserved, \
     ' reserved, ', coalesce(h.quantity, 0), ' held by reservations') \
     from {catalog}.items i left join (select l.item_id, cast(sum(l.quantity) as signed) quantity \
     from {catalog}.reservations r join {catalog}.reservation_lines l on l.order_id = r.order_id \
     where r.state = 'held' and l.held_until = r.expires_at group by l.item_id) h on h.item_id = i.id \
     where i.on_hand < 0 or i.reserved < 0 or i.reserved > i.on_hand \
     or i.reserved <> coalesce(h.quantity, 0)";

/// Ticks until it is dropped, whether or not somebody answers.
pub async fn tick(world: Arc<World>) {
    loop {
        ask_service(&world, "/internal/tick").await;
        tokio::time::sleep(TICK).await;
    }
}

/// Asks as a scheduler does, once; whether it was done.
pub async fn ask_service(world: &World, path: &str) -> bool {
    let request = world.api.post(path, serde_json::json!({}));
    let request = request.header("comptoir-service-token", &world.service_token);
    match request.attempt().await {
        Ok(answer) if answer.status == 200 => {
            world.report.count("ticks");
            true
        }
        Ok(answer) => {
            let how = format!("POST {path}: {} {}", answer.status, answer.text());
            match answer.status {
                500 => world.report.broken(Rule::NoServerError, how),
                ..500 => world.report.broken(Rule::OnlyExpectedAnswers, how),
                _ => {}
            }
            false
        }
        Err(_) => false,
    }
}

/// Reads reports until it is dropped, whether or not somebody answers.
pub async fn read_reports(world: Arc<World>) {
    let paths = [
        "stock",
        "best-sellers",
        "highest-spenders",
        "suppliers",
        "drift",
    ];
    for path in paths.iter().cycle() {
        let path = format!("/api/reports/{path}");
        match world.admin.api(&world).get(&path).attempt().await {
            Ok(answer) if answer.status == 200 => world.report.count("reports read"),
            Ok(answer) if matches!(answer.status, 502..=504) => {
                world.report.count("reports that were not there");
            }
            Ok(answer) => {
                let how = format!("GET {path}: {answer}");
                world.report.broken(Rule::OnlyExpectedAnswers, how);
            }
            Err(_) => {}
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Looks at the stock until it is dropped.
pub async fn sample(world: Arc<World>, mut books: Books) {
    loop {
        if let Ok(wrong) = books.rows::<String>(WRONG_ITEMS).await {
            world.report.count("samples of the stock");
            for how in wrong {
                world.report.broken(Rule::NeverNegative, how);
            }
        }
        tokio::time::sleep(SAMPLE).await;
    }
}
