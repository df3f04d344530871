//! The read model behind the reports: built by itself, built anew while it is read, lost, told twice.

use comptoir_tests::{Api, Item, OwnServers, Person, Shop, create_category, until};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::counter::{self, Counter, act, place};
use crate::reports::{during, rows_when};

/// A shop that has sold five pens to two clients.
async fn open() -> Counter {
    let counter = counter::open().await;
    for (key, pieces) in [("k1", 3), ("k2", 2)] {
        let client = counter.shop.client().await;
        let order = place(&client, key, &[(&counter.pen, pieces)]).await;
        let order = order.is(201).id();
        act(&counter.seller, &order, "mark-paid").await.is(200);
    }
    rows_when(&counter.admin, "best-sellers", |rows| {
        rows.first().is_some_and(|row| row["quantity"] == 5)
    })
    .await;
    rows_when(&counter.admin, "stock", |rows| {
        rows.iter()
            .any(|row| row["on_hand"] == 5 && row["reserved"] == 0)
    })
    .await;
    counter
}

/// Every report, whole.
async fn everything(counter: &Counter) -> Vec<Value> {
    let papers = counter.admin.list("/api/invoices").await;
    let mut all = Vec::new();
    for report in [
        "stock".to_owned(),
        "best-sellers".to_owned(),
        "highest-spenders".to_owned(),
        "suppliers".to_owned(),
        during("sales", &papers),
        during("vat", &papers),
    ] {
        let answer = counter.admin.get(&format!("/api/reports/{report}")).await;
        all.push(answer.is(200).json());
    }
    all
}

/// Has the model built anew, and waits; what that has found.
async fn rebuild(admin: &Api) -> Value {
    let before = drift(admin).await["last"]["at"].clone();
    let begun = admin.post("/api/reports/rebuild", json!({})).await.is(202);
    assert_eq!(begun.header("location"), "/api/reports/drift");
    assert_eq!(begun.json()["building"]["why"], "asked");
    until("the model is built", || async {
        let drift = drift(admin).await;
        let is_done = drift["building"].is_null() && drift["last"]["at"] != before;
        is_done.then_some(drift)
    })
    .await
}

async fn drift(admin: &Api) -> Value {
    admin.get("/api/reports/drift").await.is(200).json()
}

#[tokio::test]
async fn what_is_built_anew_says_the_same_and_finds_no_difference() {
    let counter = open().await;
    let before = everything(&counter).await;
    let found = rebuild(&counter.admin).await;
    assert_eq!(found["status"], "ready");
    let last = &found["last"];
    assert_eq!(last["why"], "asked");
    assert_eq!(last["compared"], true);
    assert_eq!(last["differences"], 0, "{last:#}");
    assert_eq!(everything(&counter).await, before);
}

#[tokio::test]
async fn reports_are_answered_and_kept_while_they_are_built_anew() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let order = place(&client, "k3", &[(&counter.book, 1)]).await;
    let order = order.is(201).id();
    let admin = &counter.admin;
    // Twice at once is once.
    let mut asked = JoinSet::new();
    for _ in 0..2 {
        asked.spawn(admin.post("/api/reports/rebuild", json!({})).attempt());
    }
    for answer in asked.join_all().await {
        answer.unwrap().is(202);
    }
    act(&counter.seller, &order, "mark-paid").await.is(200);
    until("the model is built", || async {
        admin.get("/api/reports/best-sellers").await.is(200);
        let drift = drift(admin).await;
        (drift["building"].is_null() && drift["last"]["why"] == "asked").then_some(())
    })
    .await;
    let rows = rows_when(admin, "best-sellers", |rows| rows.len() == 2).await;
    assert_eq!(rows[1]["item_id"], counter.book.id.as_str());
    let found = rebuild(admin).await;
    assert_eq!(found["last"]["differences"], 0, "{found:#}");
}

#[tokio::test]
async fn losing_redis_loses_nothing() {
    let counter = open().await;
    let before = everything(&counter).await;
    counter.shop.empty_redis().await;
    rows_when(&counter.admin, "stock", |_| true).await;
    assert_eq!(everything(&counter).await, before);
    let found = drift(&counter.admin).await;
    assert_eq!(found["last"]["why"], "missing");
    assert_eq!(found["last"]["compared"], false);
}

#[tokio::test]
async fn an_event_that_is_told_again_changes_nothing() {
    let counter = open().await;
    let before = everything(&counter).await;
    let orders = counter.admin.list("/api/orders").await;
    let mut told = Vec::new();
    for order in &orders {
        told.push((
            "orders",
            "papers.issued",
            json!({ "order_id": order["id"] }),
        ));
    }
    let items = json!({ "item_ids": [counter.pen.id, counter.book.id, counter.pen.id] });
    told.push(("catalog", "items.changed", items));
    for round in 0..2 {
        for (number, (service, kind, data)) in told.iter().enumerate() {
            let event = json!({
                "id": format!("0192f0c1-2d3e-7abc-8def-00000000{round}{number:03}"),
                "kind": kind, "aggregate_id": counter.pen.id,
                "occurred_at": "2026-11-22T09:30:00Z", "data": data,
            });
            counter.shop.tell(service, "reports", &event).await;
        }
        until("nothing waits to be told", || async {
            let done = counter.shop.tick().await.json();
            let relayed = |service: &str| done[service]["relay_events"]["did"].as_u64().unwrap();
            (relayed("orders") + relayed("catalog") == 0).then_some(())
        })
        .await;
    }
    assert_eq!(everything(&counter).await, before);
    assert_eq!(rebuild(&counter.admin).await["last"]["differences"], 0);
}

#[tokio::test]
async fn a_model_that_is_wrong_is_found_out_warned_of_and_put_right() {
    let servers = OwnServers::start().await;
    let shop = Shop::open_on(&servers, &[]).await;
    let admin = shop.admin().await;
    let category = create_category(&admin, "Papeterie").await;
    let seller = shop.seller().await;
    let pen = Item::create(&seller, &category, "Stylo", 250, 10).await;
    rows_when(&admin, "stock", |rows| {
        rows.iter().any(|row| row["on_hand"] == 10)
    })
    .await;
    model_is(&admin, "pass").await;
    // Whatever was still on its way tells of the first pieces that go.
    let mut left = 10;
    let found = loop {
        shop.steal().await;
        left -= 1;
        let found = rebuild(&admin).await;
        if found["last"]["differences"] == 1 {
            break found;
        }
        assert!(left > 0, "{found:#}");
    };
    assert_eq!(found["last"]["examples"][0]["entry"], pen.id.as_str());
    let rows = rows_when(&admin, "stock", |rows| rows.len() == 1).await;
    assert_eq!(rows[0]["on_hand"], left);
    // Whoever runs the shop is to look why; everybody is served.
    assert_eq!(model_is(&admin, "warn").await["status"], "warn");
    assert_eq!(rebuild(&admin).await["last"]["differences"], 0);
    assert_eq!(model_is(&admin, "pass").await["status"], "pass");
}

/// What readiness says, once it says this of the model: it may be a second old.
async fn model_is(admin: &Person, status: &str) -> Value {
    until("readiness tells of the model", || async {
        let ready = admin.get("/readyz").await.is(200).json();
        (ready["checks"]["reports:model"] == status).then_some(ready)
    })
    .await
}

#[tokio::test]
async fn a_redis_that_has_restarted_is_not_trusted_until_the_model_is_built_anew() {
    let mut servers = OwnServers::start_durable().await;
    let shop = Shop::open_on(&servers, &[]).await;
    let admin = shop.admin().await;
    let category = create_category(&admin, "Papeterie").await;
    let seller = shop.seller().await;
    Item::create(&seller, &category, "Stylo", 250, 10).await;
    rows_when(&admin, "stock", |rows| {
        rows.iter().any(|row| row["on_hand"] == 10)
    })
    .await;
    servers.redis.kill().await;
    let refused = admin.get("/api/reports/stock").await;
    refused.problem(503, "unavailable");
    servers.redis.start_again().await.unwrap();
    until("the model is built anew", || async {
        admin.get("/readyz").await;
        let answer = admin.get("/api/reports/drift").await;
        let drift = (answer.status == 200).then(|| answer.json())?;
        let why = drift["last"]["why"].as_str()?;
        let is_new = ["redis_restarted", "missing"].contains(&why) && drift["status"] == "ready";
        (is_new && drift["building"].is_null()).then_some(())
    })
    .await;
    let rows = rows_when(&admin, "stock", |rows| rows.len() == 1).await;
    assert_eq!(rows[0]["on_hand"], 10);
}
