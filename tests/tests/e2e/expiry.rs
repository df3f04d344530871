//! Unpaid orders past their time: closed together, and their stock free before anybody has swept it.

use std::collections::HashMap;

use comptoir_tests::{Api, Shop, until};
use serde_json::json;

use crate::counter::{body, open_with, path, place};
use crate::merchant::{Merchant, TO_PRIVATE_ADDRESSES};

const SHORT: (&str, &str) = ("reservation_seconds", "3");

const HELD: &str = "select count(*) from {catalog}.reservations where state = 'held'";

/// Keeps everybody from sweeping.
async fn stop_sweeping(shop: &Shop) {
    shop.stop_job("orders", "expire_orders").await;
    shop.stop_job("catalog", "expire_reservations").await;
}

#[tokio::test]
async fn what_is_held_past_its_time_is_shown_and_sold_before_anybody_has_swept_it() {
    let counter = open_with(&[SHORT]).await;
    let shop = &counter.shop;
    stop_sweeping(shop).await;
    let (first, second) = (shop.client().await, shop.client().await);
    for key in ["k1", "k2"] {
        place(&first, key, &[(&counter.pen, 5)]).await.is(201);
    }
    assert_eq!(counter.pen.stock_levels(&second).await, (10, 0));
    until("the pens are shown as free", async || {
        (counter.pen.stock_levels(&second).await == (10, 10)).then_some(())
    })
    .await;
    let listed = second.list("/api/items?in_stock=true").await;
    let pen = listed
        .iter()
        .find(|item| item["id"] == counter.pen.id.as_str());
    assert_eq!(pen.unwrap()["stock"]["available"], 10);
    assert_eq!(shop.number(HELD).await, 2);
    place(&second, "k1", &[(&counter.pen, 10)]).await.is(201);
    assert_eq!(counter.pen.stock_levels(&second).await, (10, 0));
    assert_eq!(shop.number(HELD).await, 1);
}

#[tokio::test]
async fn the_last_pieces_are_sold_once_however_many_want_what_is_past_its_time() {
    let counter = open_with(&[SHORT]).await;
    let shop = &counter.shop;
    stop_sweeping(shop).await;
    let holders = shop.crowd(10);
    for holder in &holders {
        place(holder, "k1", &[(&counter.pen, 1)]).await.is(201);
    }
    until("the pens are shown as free", async || {
        (counter.pen.stock_levels(&holders[0]).await == (10, 10)).then_some(())
    })
    .await;
    let mut placed = tokio::task::JoinSet::new();
    for buyer in shop.crowd(24) {
        let order = body(&[(&counter.pen, 1)]);
        placed.spawn(buyer.post("/api/orders", order).key("k1").into_future());
    }
    let mut answers = HashMap::<u16, usize>::new();
    for answer in placed.join_all().await {
        assert!(matches!(answer.status, 201 | 409), "{answer}");
        *answers.entry(answer.status).or_default() += 1;
    }
    // An order's own time may be over before the last has asked.
    assert!(answers[&201] >= 10, "{answers:?}");
    let wrong = "select count(*) from {catalog}.items where reserved > on_hand or reserved < 0";
    assert_eq!(shop.number(wrong).await, 0);
}

#[tokio::test]
async fn a_seller_takes_away_what_is_held_past_its_time() {
    let counter = open_with(&[SHORT]).await;
    stop_sweeping(&counter.shop).await;
    let client = counter.shop.client().await;
    place(&client, "k1", &[(&counter.pen, 8)]).await.is(201);
    let stock = format!("/api/items/{}/stock", counter.pen.id);
    let take = || {
        let body = json!({ "delta": -10, "reason": "Casse" });
        counter.seller.post(&stock, body)
    };
    take().await.problem(409, "stock-too-low");
    until("the pens can be taken", async || {
        (take().await.status == 201).then_some(())
    })
    .await;
    assert_eq!(counter.pen.stock_levels(&client).await, (0, 0));
}

#[tokio::test]
async fn orders_that_expire_together_each_end_as_one_that_expires_alone() {
    let counter = open_with(&[SHORT, TO_PRIVATE_ADDRESSES]).await;
    let shop = &counter.shop;
    let merchant = Merchant::join(&counter.admin, &["order.expired"]).await;
    counter.pen.stock(&counter.seller, 100).await;
    stop_sweeping(shop).await;
    let crowd = shop.crowd(40);
    let mut orders = Vec::new();
    for client in &crowd {
        let order = place(client, "k1", &[(&counter.pen, 2)]).await;
        orders.push(order.is(201).id());
    }
    until("all of them are past their time", async || {
        let due = "select count(*) from {orders}.orders where expires_at <= 1000 * unix_timestamp(now(3))";
        (shop.number(due).await == 40).then_some(())
    })
    .await;
    shop.let_job_go_on("orders", "expire_orders").await;
    shop.tick().await;
    for (client, order) in crowd.iter().zip(&orders) {
        let shown = client.get(&path(order)).await.is(200).json();
        assert_eq!(shown["status"], "expired");
        let history = client.list(&format!("{}/events", path(order))).await;
        assert_eq!(history[0]["kind"], "order.expired");
        assert_eq!(history[0]["actor"], json!({ "type": "system" }));
        assert_eq!(history.len(), 2);
    }
    // The catalogue hears of it, though nobody sweeps there.
    until("the stock is free", async || {
        shop.tick().await;
        (shop.number(HELD).await == 0).then_some(())
    })
    .await;
    assert_eq!(counter.pen.stock_levels(&crowd[0]).await, (110, 110));
    let told = merchant.receives(40).await;
    let mut ids: Vec<_> = told
        .iter()
        .map(|event| {
            event.body()["data"]["order_id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    ids.sort_unstable();
    orders.sort_unstable();
    assert_eq!(ids, orders);
    assert_eq!(told[0].body()["data"]["status"], "expired");
}

#[tokio::test]
async fn an_order_that_somebody_is_paying_does_not_hold_up_the_others() {
    let counter = open_with(&[SHORT]).await;
    let shop = &counter.shop;
    let client = shop.client().await;
    // However long it takes to place them, none is closed before the first is locked.
    shop.stop_job("orders", "expire_orders").await;
    let mut orders = Vec::new();
    for key in ["k1", "k2", "k3"] {
        let order = place(&client, key, &[(&counter.pen, 1)]).await;
        orders.push(order.is(201).id());
    }
    let held = shop.hold_row("orders", "orders", &orders[0]).await;
    shop.let_job_go_on("orders", "expire_orders").await;
    // What is past its time is shown as expired before it is closed: its history tells when it is.
    let newest = async |order: &str| {
        let history = client.list(&format!("{}/events", path(order))).await;
        history[0]["kind"].as_str().unwrap().to_owned()
    };
    for order in &orders[1..] {
        until("the others are closed", async || {
            shop.tick().await;
            (newest(order).await == "order.expired").then_some(())
        })
        .await;
    }
    assert_eq!(newest(&orders[0]).await, "order.placed");
    let first = client.get(&path(&orders[0])).await.is(200).json();
    assert_eq!(first["status"], "expired");
    held.release().await;
    until("the first one is closed too", async || {
        shop.tick().await;
        (newest(&orders[0]).await == "order.expired").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_code_of_orders_that_expire_together_can_be_used_again() {
    let counter = open_with(&[SHORT]).await;
    let shop = &counter.shop;
    let code = json!({ "percent": 10, "max_uses": 2 });
    let put = counter.admin.put("/api/discounts/BIENVENUE", code).await;
    put.is(201);
    stop_sweeping(shop).await;
    let order = async |client: &Api, key: &str| {
        let mut body = body(&[(&counter.pen, 1)]);
        body["discount_code"] = json!("BIENVENUE");
        client.post("/api/orders", body).key(key).await
    };
    // Unpaid orders of one customer hold one use: it takes two customers to use the code up.
    let crowd = shop.crowd(3);
    for client in &crowd[..2] {
        order(client, "k1").await.is(201);
    }
    let late = &crowd[2];
    let refused = order(late, "k1").await;
    refused.problem(409, "discount-refused");
    shop.let_job_go_on("orders", "expire_orders").await;
    until("the code can be used again", async || {
        shop.tick().await;
        (order(late, "k2").await.status == 201).then_some(())
    })
    .await;
}
