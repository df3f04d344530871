//! A client of the shop: orders something, and then pays, waits, thinks better of it, or forgets.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use super::courier::{Errand, Reply};
use super::ledger::Promise;
use super::paying;
use super::report::Rule;
use super::seller::Parcel;
use super::world::{Good, Somebody, World};
use crate::goods::address;

/// An order that was placed.
#[derive(Clone, Debug)]
pub struct Placed {
    pub id: String,
    /// In cents.
    pub total: i64,
    /// Items and how many of each.
    pub lines: Vec<(String, i64)>,
}

/// Shops until the shop closes.
pub async fn shop(world: Arc<World>, number: usize) {
    let mut luck = world.luck("shopper", number);
    let me = Somebody::new("client");
    while world.is_open() {
        if let Some(order) = place(&world, &me, &mut luck).await {
            go_on(&world, &me, &order, &mut luck).await;
        }
        world.rest(Duration::from_millis(luck.u64(50..900))).await;
    }
}

/// Orders one to three of the goods; none if there are not enough of them.
async fn place(world: &World, me: &Somebody, luck: &mut Rng) -> Option<Placed> {
    let mut chosen: Vec<(&Good, i64)> = Vec::new();
    for good in luck.choose_multiple(world.goods.iter(), luck.clone().usize(1..4)) {
        let most = if good.is_scarce { 2 } else { 5 };
        chosen.push((good, luck.i64(1..=most)));
    }
    let line =
        |(good, quantity): &(&Good, i64)| json!({ "item_id": good.id, "quantity": quantity });
    let items: Vec<Value> = chosen.iter().map(line).collect();
    let total = chosen
        .iter()
        .map(|(good, quantity)| good.price * quantity)
        .sum();
    let mut body = json!({ "items": items, "shipping_address": address() });
    if luck.bool()
        && let Some(body) = body.as_object_mut()
    {
        body.insert(
            "expected_total".to_owned(),
            json!({ "amount": total, "currency": "EUR" }),
        );
    }
    let errand = Errand::post("/api/orders", body, luck);
    world.ledger.asked(&me.id, errand.key());
    let reply = world.ask(me, &errand, luck).await?;
    let id = read_order(world, me, &errand, &reply, total)?;
    world.report.count("orders answered 201");
    // Some reload the page, which sends the form again.
    if luck.u64(..100) < 8 {
        world.report.count("orders sent again after their answer");
        let again = world.ask(me, &errand, luck).await?;
        let same = read_order(world, me, &errand, &again, total);
        if same.as_ref() != Some(&id) {
            let how = format!("{} was {id} and is {}", errand.key(), again.body);
            world.report.broken(Rule::OneAnswerAKey, how);
        }
    }
    let lines = chosen.iter();
    let lines = lines.map(|(good, quantity)| (good.id.clone(), *quantity));
    Some(Placed {
        id,
        total,
        lines: lines.collect(),
    })
}

/// The order's id, if it was placed.
fn read_order(
    world: &World,
    me: &Somebody,
    errand: &Errand,
    reply: &Reply,
    total: i64,
) -> Option<String> {
    match (reply.status, reply.code.as_str()) {
        (201, _) => {}
        (409, "out-of-stock") => {
            world.report.count("orders refused, out of stock");
            return None;
        }
        _ => {
            world.surprised(errand, reply);
            return None;
        }
    }
    let id = reply.text("/id").to_owned();
    let answered = reply.amount("/totals/gross/amount");
    if answered != total {
        world.surprised(errand, reply);
    }
    let promise = Promise {
        client: me.id.clone(),
        key: errand.key().to_owned(),
        total: answered,
    };
    world.ledger.ordered(&world.report, &id, promise);
    Some(id)
}

/// What becomes of an order.
async fn go_on(world: &World, me: &Somebody, order: &Placed, luck: &mut Rng) {
    match luck.u64(..100) {
        0..12 => world.report.count("orders abandoned"),
        12..22 => cancel(world, me, order, luck).await,
        22..28 => look(world, me, order, luck).await,
        28..45 => world.hand_over(Parcel::Cash(order.clone()), luck),
        45..52 => paying::by_transfer(world, me, order, luck).await,
        // Thinks better of it while the payment is on its way.
        52..57 => {
            let mut luck_of_payment = luck.fork();
            tokio::join!(
                paying::by_card(world, me, order, &mut luck_of_payment),
                cancel(world, me, order, luck)
            );
        }
        _ => paying::by_card(world, me, order, luck).await,
    }
}

/// Calls the order off, unless it was too late.
async fn cancel(world: &World, me: &Somebody, order: &Placed, luck: &mut Rng) {
    let path = format!("/api/orders/{}/cancel", order.id);
    let errand = Errand::post(path, json!({}), luck);
    let Some(reply) = world.ask(me, &errand, luck).await else {
        return;
    };
    match (reply.status, reply.code.as_str()) {
        (200, _) => {
            world.report.count("orders cancelled by clients");
            world.ledger.cancelled(&order.id);
        }
        (409, "order-paid" | "order-expired") => world.report.count("cancellations refused"),
        _ => world.surprised(&errand, &reply),
    }
}

/// Reads the order, and all orders.
async fn look(world: &World, me: &Somebody, order: &Placed, luck: &mut Rng) {
    for path in [
        format!("/api/orders/{}", order.id),
        "/api/orders?limit=5".to_owned(),
    ] {
        let errand = Errand::get(path);
        match world.ask(me, &errand, luck).await {
            Some(reply) if reply.status != 200 => world.surprised(&errand, &reply),
            _ => {}
        }
    }
}
