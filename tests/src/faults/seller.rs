//! Those who run the shop: they mark orders paid, ship them, give money back, and bring new goods.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::courier::{Errand, Reply};
use super::refunding;
use super::shopper::Placed;
use super::world::{Good, World};

/// How often the staff looks whether an order is paid.
const LOOKS: usize = 15;
const LOOK: Duration = Duration::from_secs(1);

/// An order in somebody's tray, by how its client pays.
#[derive(Clone, Debug)]
pub enum Parcel {
    Cash(Placed),
    /// With the payment that is to be confirmed.
    Transfer(Placed, String),
    /// Paid already, and the shop may not know it yet.
    Card(Placed),
}

/// Works until the tray is taken away and empty. Orders wait for each other only while there is an answer
/// to wait for.
pub async fn work(world: Arc<World>, number: usize, mut tray: mpsc::UnboundedReceiver<Parcel>) {
    let mut luck = world.luck("staff", number);
    while let Some(parcel) = tray.recv().await {
        let order = match parcel {
            Parcel::Cash(order) if mark_paid(&world, &order, &mut luck).await => order,
            Parcel::Transfer(order, payment)
                if confirm(&world, &order, &payment, &mut luck).await
                    && is_paid(&world, &order, &mut luck).await =>
            {
                order
            }
            Parcel::Card(order) if is_paid(&world, &order, &mut luck).await => order,
            _ => continue,
        };
        go_on(&world, &order, &mut luck).await;
    }
}

/// What becomes of a paid order.
async fn go_on(world: &World, order: &Placed, luck: &mut Rng) {
    match luck.u64(..100) {
        0..10 => cancel(world, order, luck).await,
        10..20 => {
            refunding::refund(world, order, luck).await;
            cancel(world, order, luck).await;
        }
        20..30 => world.report.count("paid orders left alone"),
        _ => {
            if luck.u64(..3) == 0 {
                act(world, order, "prepare", json!({}), luck).await;
            }
            let parcel = json!({ "carrier": "Colissimo", "tracking_number": order.id });
            act(world, order, "ship", parcel, luck).await;
            if luck.u64(..3) > 0 {
                act(world, order, "deliver", json!({}), luck).await;
            }
            if luck.u64(..3) == 0 {
                refunding::refund(world, order, luck).await;
            }
        }
    }
}

/// Whether it is paid.
async fn mark_paid(world: &World, order: &Placed, luck: &mut Rng) -> bool {
    let Some((errand, reply)) = post(world, order, "mark-paid", json!({}), luck).await else {
        return false;
    };
    match (reply.status, reply.text("/status")) {
        (200, "expired" | "cancelled") => {
            world
                .report
                .count("payments in cash noted, to be given back");
            world.ledger.received(reply.text("/payment/id"));
            false
        }
        (200, _) => {
            world.report.count("orders marked paid");
            world.ledger.paid(&order.id);
            true
        }
        _ => {
            world.surprised(&errand, &reply);
            false
        }
    }
}

/// Whether the transfer pays its order; some arrive after their term, and each of them is noted.
async fn confirm(world: &World, order: &Placed, payment: &str, luck: &mut Rng) -> bool {
    if luck.u64(..4) == 0 && world.end_term(&order.id).await {
        world.report.count("transfers after their term");
        world.rest(Duration::from_millis(luck.u64(..3_000))).await;
    }
    let path = format!("/api/payments/{payment}/confirm");
    let errand = Errand::post(path, json!({}), luck);
    let Some(reply) = world.ask(&world.admin, &errand, luck).await else {
        return false;
    };
    if reply.status != 200 {
        world.surprised(&errand, &reply);
        return false;
    }
    world.ledger.received(payment);
    let is_owed = reply.body.pointer("/refunds/0").is_some();
    world.report.count(match is_owed {
        true => "transfers noted, to be given back",
        false => "transfers confirmed",
    });
    !is_owed
}

/// Looks until the shop knows of the payment, or the order has come to nothing.
async fn is_paid(world: &World, order: &Placed, luck: &mut Rng) -> bool {
    let errand = Errand::get(format!("/api/orders/{}", order.id));
    for _ in 0..LOOKS {
        let Some(reply) = world.ask(&world.admin, &errand, luck).await else {
            return false;
        };
        match (reply.status, reply.text("/status")) {
            (200, "paid") => return true,
            (200, "awaiting_payment" | "expired") => tokio::time::sleep(LOOK).await,
            (200, _) => return false,
            _ => {
                world.surprised(&errand, &reply);
                return false;
            }
        }
        if !world.is_open() {
            return false;
        }
    }
    false
}

/// Calls a paid order off, which gives all of its money back. Too late, if that was done already.
async fn cancel(world: &World, order: &Placed, luck: &mut Rng) {
    let Some((errand, reply)) = post(world, order, "cancel", json!({}), luck).await else {
        return;
    };
    match (reply.status, reply.code.as_str()) {
        (200, _) => {
            world.report.count("paid orders cancelled by the admin");
            world.ledger.cancelled(&order.id);
        }
        (409, "order-refunded") => world.report.count("cancellations refused"),
        _ => world.surprised(&errand, &reply),
    }
}

async fn act(world: &World, order: &Placed, action: &'static str, body: Value, luck: &mut Rng) {
    let Some((errand, reply)) = post(world, order, action, body, luck).await else {
        return;
    };
    match reply.status {
        200 => world.report.count("steps of paid orders"),
        _ => world.surprised(&errand, &reply),
    }
}

async fn post(
    world: &World,
    order: &Placed,
    action: &str,
    body: Value,
    luck: &mut Rng,
) -> Option<(Errand, Reply)> {
    let path = format!("/api/orders/{}/{action}", order.id);
    let errand = Errand::post(path, body, luck);
    let reply = world.ask(&world.admin, &errand, luck).await?;
    Some((errand, reply))
}

/// Brings goods until the shop closes: the scarce ones more often, and sometimes a piece is broken.
pub async fn restock(world: Arc<World>) {
    let mut luck = world.luck("restocker", 0);
    while world
        .rest(Duration::from_millis(luck.u64(200..1_200)))
        .await
    {
        let scarce = luck.u64(..3) > 0;
        let goods = world.goods.iter().filter(|good| good.is_scarce == scarce);
        let Some(good) = luck.choice(goods.collect::<Vec<_>>()) else {
            continue;
        };
        let is_broken = luck.u64(..6) == 0;
        let delta = if is_broken { -1 } else { luck.i64(1..5) };
        bring(&world, good, delta, &mut luck).await;
    }
}

/// Writes a movement into the stock of an item; whether it counts.
pub async fn bring(world: &World, good: &Good, delta: i64, luck: &mut Rng) -> bool {
    let body = json!({ "delta": delta, "reason": "Livraison" });
    let path = format!("/api/items/{}/stock", good.id);
    let errand = Errand::post(path, body, luck);
    let Some(reply) = world.ask(&world.seller, &errand, luck).await else {
        return false;
    };
    match (reply.status, reply.code.as_str()) {
        (201, _) => {
            world.report.count("movements of stock by the seller");
            world.ledger.moved(&good.id, delta);
            true
        }
        (409, "stock-too-low") => false,
        _ => {
            world.surprised(&errand, &reply);
            false
        }
    }
}
