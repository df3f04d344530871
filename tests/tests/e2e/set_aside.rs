//! Events that their consumers cannot take: what waits for them, who is told, and how they are sent again.

use comptoir_tests::{Shop, until};
use serde_json::{Value, json};

use crate::counter::{self, Counter};
use crate::metrics::{WATCHED, scrape, total};
use crate::reports::rows_when;

/// A test's own events, by number.
fn id(number: usize) -> String {
    format!("01939d6b-8f1c-7c43-9a5e-7000000{number:05}")
}

/// Has the catalogue tell reports that something has changed.
async fn tell(shop: &Shop, number: usize, aggregate: usize, data: Value) {
    let event = json!({
        "id": id(number),
        "kind": "items.changed",
        "aggregate_id": id(aggregate),
        "occurred_at": "2026-11-22T08:00:00Z",
        "data": data,
    });
    shop.tell("catalog", "reports", &event).await;
}

const WAITING: &str = "select count(*) from {catalog}.outbox where consumer = 'reports'";

/// What readiness says, once it passes; what it says may be a second old.
async fn ready_when(shop: &Shop, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    until(what, async || {
        let ready = shop.api().get("/readyz").await.is(200).json();
        is_so(&ready).then_some(ready)
    })
    .await
}

async fn open() -> Counter {
    let counter = counter::open_with(&[WATCHED]).await;
    rows_when(&counter.admin, "stock", |rows| rows.len() == 2).await;
    until("nothing waits", async || {
        counter.shop.tick().await;
        (counter.shop.number(WAITING).await == 0).then_some(())
    })
    .await;
    counter
}

#[tokio::test]
async fn no_event_waits_behind_one_that_cannot_be_taken_but_those_of_its_aggregate() {
    const TO_PAYMENTS: &str = "select count(*) from {orders}.outbox where consumer = 'payments'";
    let counter = open().await;
    let shop = &counter.shop;
    shop.stop_job("orders", "relay_events").await;
    for number in 1..60 {
        let order = id(number);
        // The second is of the first one's aggregate, which says nothing readable.
        let aggregate = id(if number == 2 { 1 } else { number });
        let data = match number {
            1 => json!({ "nothing": "of the kind" }),
            _ => json!({ "order_id": order, "order_version": 2 }),
        };
        let event = json!({
            "id": order, "kind": "order.expired", "aggregate_id": aggregate,
            "occurred_at": "2026-11-22T08:00:00Z", "data": data,
        });
        shop.tell("orders", "payments", &event).await;
    }
    shop.let_job_go_on("orders", "relay_events").await;
    until("the others have passed", async || {
        shop.tick().await;
        (shop.number(TO_PAYMENTS).await == 2).then_some(())
    })
    .await;
    let refused =
        "select count(*) from {orders}.outbox where attempts > 0 and last_reason like '%order_id%'";
    assert_eq!(shop.number(refused).await, 1);
    let waiting = "select count(*) from {orders}.outbox where attempts = 0 and last_reason is null";
    assert_eq!(shop.number(waiting).await, 1);
}

#[tokio::test]
async fn a_whole_batch_does_not_fail_with_an_event_that_its_consumer_cannot_even_read() {
    let counter = open().await;
    let shop = &counter.shop;
    shop.stop_job("catalog", "relay_events").await;
    for number in 1..6 {
        let data = json!({ "item_ids": [counter.pen.id] });
        let mut event = json!({
            "id": id(number), "kind": "items.changed", "aggregate_id": id(number),
            "occurred_at": "2026-11-22T08:00:00Z", "data": data,
        });
        // What no consumer knows for an event.
        match number {
            2 => event["kind"] = json!(7),
            4 => event["occurred_at"] = json!("yesterday"),
            _ => {}
        }
        shop.tell("catalog", "reports", &event).await;
    }
    shop.let_job_go_on("catalog", "relay_events").await;
    shop.tick().await;
    until("the others have passed", async || {
        (shop.number(WAITING).await == 2).then_some(())
    })
    .await;
    let refused =
        "select count(*) from {catalog}.outbox where attempts > 0 and last_reason is not null";
    assert_eq!(shop.number(refused).await, 2);
}

#[tokio::test]
async fn readiness_and_metrics_tell_of_events_that_were_set_aside() {
    let counter = open().await;
    let shop = &counter.shop;
    let check = |ready: &Value, says: &str| ready["checks"]["catalog:events"] == says;
    ready_when(shop, "no event is refused", |ready| check(ready, "pass")).await;
    tell(shop, 1, 1, json!({})).await;
    shop.tick().await;
    let ready = ready_when(shop, "an event is refused", |ready| check(ready, "warn")).await;
    assert_eq!(ready["status"], "warn", "{ready:#}");
    let waiting = &ready["events"]["catalog>reports"];
    assert_eq!(waiting["set_aside"], 1, "{ready:#}");
    assert_eq!(waiting["waiting"], 1, "{ready:#}");
    let labels = [("service", "catalog"), ("consumer", "reports")];
    until("the event is measured", async || {
        let scrape = scrape(shop).await;
        let number = total(&scrape, "comptoir_events_set_aside", &labels);
        (number == 1.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_when_somebody_asks_for_it() {
    let counter = open().await;
    let shop = &counter.shop;
    tell(shop, 1, 1, json!({})).await;
    shop.tick().await;
    let give_up = "update {catalog}.outbox set attempts = 12, due_at = 253402300799000";
    shop.change(give_up).await;
    ready_when(shop, "an event is given up", |ready| {
        ready["events"]["catalog>reports"]["given_up"] == 1
    })
    .await;
    shop.tick().await;
    assert_eq!(shop.number(WAITING).await, 1);
    let unknown = json!({ "service": "catalogue" });
    let refused = shop.ask_as_service("/internal/events/redeliver", unknown);
    refused.await.problem(422, "invalid-fields");
    // Whatever it met is mended meanwhile.
    let mended = "update {catalog}.outbox set body = json_set(body, '$.data', json_object('item_ids', json_array()))";
    shop.change(mended).await;
    let again = shop.ask_as_service(
        "/internal/events/redeliver",
        json!({ "service": "catalog" }),
    );
    let again = again.await.is(200).json();
    let sent = &again["catalog"]["events"][0];
    assert_eq!(sent["event_id"], id(1), "{again:#}");
    assert_eq!(sent["attempts"], 12, "{again:#}");
    assert!(sent["last_reason"].is_string(), "{again:#}");
    until("it is taken", async || {
        (shop.number(WAITING).await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn only_services_have_events_sent_again() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let body = json!({});
    for api in [shop.api(), &*admin] {
        let refused = api.post("/internal/events/redeliver", body.clone()).await;
        refused.problem(404, "not-found");
    }
}

#[tokio::test]
async fn no_price_and_no_stock_ends_the_reports_of_everybody() {
    let counter = open().await;
    let shop = &counter.shop;
    let supplier = shop.supplier().await;
    let change = json!({ "supplier_id": supplier.id });
    let pen = format!("/api/items/{}", counter.pen.id);
    counter
        .seller
        .patch(&pen, change)
        .if_match("*")
        .await
        .is(200);
    for (number, (price, stock)) in [
        (100_000_000, 1_001_000_000),
        (100_000_000, i64::MAX / 2),
        (1, i64::MAX),
        (250, 10),
    ]
    .into_iter()
    .enumerate()
    {
        shop.set_price_and_stock(&counter.pen.id, (price, stock))
            .await;
        tell(
            shop,
            number,
            number,
            json!({ "item_ids": [counter.pen.id] }),
        )
        .await;
        shop.tick().await;
        let value = i128::from(price) * i128::from(stock);
        let shown = i64::try_from(value).unwrap_or(i64::MAX);
        rows_when(&counter.admin, "suppliers", |rows| {
            let row = rows.first().unwrap_or(&Value::Null);
            row["value"]["amount"] == shown && row["on_hand"] == stock
        })
        .await;
    }
    // The others are counted as before, and the whole is what is built anew.
    let rebuilt = counter.admin.post("/api/reports/rebuild", json!({})).await;
    rebuilt.is(202);
    until("the model is built", async || {
        let drift = counter.admin.get("/api/reports/drift").await.is(200).json();
        let is_done = drift["building"].is_null() && drift["last"]["why"] == "asked";
        is_done.then(|| assert_eq!(drift["last"]["differences"], 0, "{drift:#}"))
    })
    .await;
    assert_eq!(shop.number(WAITING).await, 0);
}
