//! Those who run the shop: they mark orders paid, call some off, and bring new goods.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use tokio::sync::mpsc;

use super::courier::Errand;
use super::shopper::Placed;
use super::world::{Good, World};

/// What comes into somebody's tray.
#[derive(Clone, Debug)]
pub enum Parcel {
    /// The client pays in cash.
    ToBePaid(Placed),
}

/// Works until the tray is taken away and empty.
pub async fn work(world: Arc<World>, number: usize, mut tray: mpsc::UnboundedReceiver<Parcel>) {
    let mut luck = world.luck("staff", number);
    while let Some(parcel) = tray.recv().await {
        match parcel {
            Parcel::ToBePaid(order) => {
                if mark_paid(&world, &order, &mut luck).await && luck.u64(..100) < 15 {
                    cancel(&world, &order, &mut luck).await;
                }
            }
        }
    }
}

/// Whether it is paid.
async fn mark_paid(world: &World, order: &Placed, luck: &mut Rng) -> bool {
    let path = format!("/api/orders/{}/mark-paid", order.id);
    let errand = Errand::post(path, json!({}), luck);
    let Some(reply) = world.ask(&world.admin, &errand, luck).await else {
        return false;
    };
    match (reply.status, reply.code.as_str()) {
        (200, _) => {
            world.report.count("orders marked paid");
            world.ledger.paid(&order.id);
            true
        }
        (409, "order-expired" | "order-cancelled") => {
            world.report.count("payments in cash refused");
            false
        }
        _ => {
            world.surprised(&errand, &reply);
            false
        }
    }
}

async fn cancel(world: &World, order: &Placed, luck: &mut Rng) {
    let path = format!("/api/orders/{}/cancel", order.id);
    let errand = Errand::post(path, json!({}), luck);
    let Some(reply) = world.ask(&world.admin, &errand, luck).await else {
        return;
    };
    match reply.status {
        200 => {
            world.report.count("paid orders cancelled by the admin");
            world.ledger.cancelled(&order.id);
        }
        _ => world.surprised(&errand, &reply),
    }
}

/// Brings goods until the shop closes: the scarce ones more often, and sometimes a piece is broken.
pub async fn restock(world: Arc<World>) {
    let mut luck = world.luck("restocker", 0);
    while world.rest(Duration::from_millis(luck.u64(200..1_200))).await {
        let scarce = luck.u64(..3) > 0;
        let goods = world.goods.iter().filter(|good| good.is_scarce == scarce);
        let Some(good) = luck.choice(goods.collect::<Vec<_>>()) else {
            continue;
        };
        let delta = if luck.u64(..6) == 0 { -1 } else { luck.i64(1..5) };
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
