//! Money that goes back: some of it, some pieces, or all, now and then by two people at once.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use super::courier::Errand;
use super::shopper::Placed;
use super::world::World;

/// How often the staff looks for the payment of an order that was paid in cash.
const LOOKS: usize = 20;
const LOOK: Duration = Duration::from_millis(500);

/// Gives something back of a paid order.
pub async fn refund(world: &World, order: &Placed, luck: &mut Rng) {
    let Some(payment) = payment_of(world, order, luck).await else {
        return;
    };
    let path = format!("/api/payments/{payment}/refunds");
    match luck.u64(..10) {
        0 => {
            // Two people, each with a key: only one can give everything back.
            let body = || json!({ "reason": "Geste commercial", "restock": true });
            let one = Errand::post(&path, body(), luck);
            let other = Errand::post(&path, body(), luck);
            let mut luck_of_other = luck.fork();
            tokio::join!(
                send(world, &one, luck),
                send(world, &other, &mut luck_of_other)
            );
        }
        1..3 => {
            let amount = luck.i64(1..=order.total);
            let amount = json!({ "amount": amount, "currency": "EUR" });
            let body = json!({ "amount": amount, "reason": "Retard", "restock": false });
            send(world, &Errand::post(path, body, luck), luck).await;
        }
        3..5 => {
            let body = json!({ "reason": "Rétractation", "restock": luck.bool() });
            send(world, &Errand::post(path, body, luck), luck).await;
        }
        _ => {
            let Some((item, quantity)) = luck.choice(&order.lines) else {
                return;
            };
            let lines = json!([{ "item_id": item, "quantity": luck.i64(1..=*quantity) }]);
            let body = json!({ "lines": lines, "reason": "Retour", "restock": luck.bool() });
            send(world, &Errand::post(path, body, luck), luck).await;
        }
    }
}

async fn send(world: &World, errand: &Errand, luck: &mut Rng) {
    let Some(reply) = world.ask(&world.admin, errand, luck).await else {
        return;
    };
    match reply.status {
        201 => {
            world.report.count("refunds answered 201");
            let amount = reply.amount("/amount/amount");
            world.ledger.refunded(reply.text("/id"), amount);
        }
        // Less is left.
        409 => world.report.count("refunds refused"),
        _ => world.surprised(errand, &reply),
    }
}

/// The payment that has paid the order, as soon as there is one.
async fn payment_of(world: &World, order: &Placed, luck: &mut Rng) -> Option<String> {
    let errand = Errand::get(format!("/api/payments?order_id={}", order.id));
    for _ in 0..LOOKS {
        let reply = world.ask(&world.admin, &errand, luck).await?;
        if reply.status != 200 {
            world.surprised(&errand, &reply);
            return None;
        }
        let payments = reply.body.pointer("/data").and_then(Value::as_array);
        let mut payments = payments.into_iter().flatten();
        let paid = payments.find(|one| one.get("status") == Some(&json!("succeeded")));
        let id = paid.and_then(|paid| paid.get("id")?.as_str());
        if id.is_some() {
            return id.map(str::to_owned);
        }
        tokio::time::sleep(LOOK).await;
    }
    None
}
