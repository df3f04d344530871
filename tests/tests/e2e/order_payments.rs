//! What payments tells, as it may come: twice, late, of another payment, of another amount.

use comptoir_tests::until;
use serde_json::{Value, json};

use crate::counter::{Counter, open, open_with, path, place};

const FIRST: &str = "01939d6b-8f1c-7c43-9a5e-000000000001";
const SECOND: &str = "01939d6b-8f1c-7c43-9a5e-000000000002";

/// Has payments tell of a payment, as its event number `number`, and every service do what is due.
async fn tell(counter: &Counter, number: u8, kind: &str, data: Value) {
    let event = json!({
        "id": format!("01939d6b-8f1c-7c43-9a5e-1000000000{number:02}"),
        "kind": kind,
        "aggregate_id": data["payment_id"],
        "occurred_at": format!("2026-11-22T08:00:{number:02}Z"),
        "data": data,
    });
    counter.shop.tell("payments", "orders", &event).await;
    counter.shop.tick().await;
}

fn payment(id: &str, order: &str, status: &str, amount: i64) -> Value {
    json!({
        "payment_id": id,
        "order_id": order,
        "provider": "stripe",
        "status": status,
        "amount": { "amount": amount, "currency": "EUR" },
    })
}

/// The order's history, from the first: what happened, and why.
async fn history(counter: &Counter, order: &str) -> Vec<(String, Value)> {
    let events = counter.admin.list(&format!("{}/events", path(order))).await;
    let told = |event: &Value| {
        let kind = event["kind"].as_str().unwrap().to_owned();
        (kind, event["reason"].clone())
    };
    events.iter().rev().map(told).collect()
}

fn happened(kind: &str, reason: Option<&str>) -> (String, Value) {
    (kind.to_owned(), json!(reason))
}

#[tokio::test]
async fn the_end_of_an_order_that_went_on_gives_no_sold_stock_back() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let placed = place(&client, "k1", &[(&counter.pen, 3)]).await.is(201);
    let id = placed.id();
    let before = counter.pen.stock_levels(&client).await.0;
    tell(
        &counter,
        1,
        "payment.succeeded",
        payment(FIRST, &id, "succeeded", 750),
    )
    .await;
    let sold = (before - 3, before - 3);
    assert_eq!(counter.pen.stock_levels(&client).await, sold);
    // Of the version that was placed, and of one that is still to come.
    for (version, levels) in [(1, sold), (99, (before, before))] {
        let event = json!({
            "id": format!("01939d6b-8f1c-7c43-9a5e-2000000000{version:02}"),
            "kind": "order.expired",
            "aggregate_id": id,
            "occurred_at": "2026-11-22T08:00:00Z",
            "data": { "order_id": id, "order_version": version },
        });
        counter.shop.tell("orders", "catalog", &event).await;
        counter.shop.tick().await;
        assert_eq!(counter.pen.stock_levels(&client).await, levels, "{version}");
    }
}

#[tokio::test]
async fn a_payment_that_is_told_twice_pays_once_and_another_is_rejected_once() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    let begun = payment(FIRST, &id, "requires_payment", 750);
    tell(&counter, 1, "payment.created", begun).await;
    let shown = async || client.get(&path(&id)).await.is(200).json()["payment"].clone();
    assert_eq!(shown().await["status"], "requires_payment");
    for number in [2, 2, 3] {
        let done = payment(FIRST, &id, "succeeded", 750);
        tell(&counter, number, "payment.succeeded", done).await;
    }
    for number in [4, 4, 5] {
        let done = payment(SECOND, &id, "succeeded", 750);
        tell(&counter, number, "payment.succeeded", done).await;
    }
    let order = client.get(&path(&id)).await.is(200).json();
    assert_eq!(order["status"], "paid");
    assert_eq!(
        shown().await,
        json!({
            "id": FIRST, "status": "succeeded", "link": format!("/api/payments/{FIRST}"),
        })
    );
    assert_eq!(counter.pen.stock_levels(&client).await, (7, 7));
    let expected = [
        happened("order.placed", None),
        happened("order.paid", None),
        happened("payment.rejected", Some("order_paid")),
    ];
    assert_eq!(history(&counter, &id).await, expected);
}

#[tokio::test]
async fn an_order_waits_no_longer_for_money_that_another_payment_follows() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    let waits = async || {
        let order = client.get(&path(&id)).await.is(200).json();
        let at = |member: &str| {
            let text = order[member].as_str().unwrap();
            text.parse::<commerce::Timestamp>().unwrap().unix_ms()
        };
        (at("expires_at") - at("created_at")) / 1000 / 86_400
    };
    let on_its_way = payment(FIRST, &id, "processing", 750);
    tell(&counter, 1, "payment.processing", on_its_way).await;
    assert_eq!(waits().await, 60);
    // Its end is told late: the next payment has begun by then.
    let next = payment(SECOND, &id, "requires_payment", 750);
    tell(&counter, 2, "payment.created", next).await;
    assert_eq!(waits().await, 0);
    let failed = payment(FIRST, &id, "failed", 750);
    tell(&counter, 1, "payment.failed", failed).await;
    assert_eq!(waits().await, 0);
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 7));
}

#[tokio::test]
async fn a_payment_that_comes_too_late_finds_its_stock_again_or_goes_back() {
    let counter = open_with(&[("reservation_seconds", "1")]).await;
    let client = counter.shop.client().await;
    let pens = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    let books = place(&client, "k2", &[(&counter.book, 3)])
        .await
        .is(201)
        .id();
    for order in [&pens, &books] {
        until("the order has expired", async || {
            let history = history(&counter, order).await;
            (history.len() == 2).then_some(())
        })
        .await;
    }
    until("the stock is back", async || {
        let levels = counter.book.stock_levels(counter.shop.api()).await;
        (levels == (3, 3)).then_some(())
    })
    .await;
    let sold = json!({ "delta": -1, "reason": "Vendu au comptoir" });
    let stock = format!("/api/items/{}/stock", counter.book.id);
    counter.seller.post(&stock, sold).await.is(201);
    for number in [1, 1] {
        let done = payment(FIRST, &pens, "succeeded", 750);
        tell(&counter, number, "payment.succeeded", done).await;
        let done = payment(SECOND, &books, "succeeded", 3165);
        tell(&counter, number + 1, "payment.succeeded", done).await;
    }
    let order = client.get(&path(&pens)).await.is(200).json();
    assert_eq!(order["status"], "paid");
    assert_eq!(counter.pen.stock_levels(&client).await, (7, 7));
    let paid = happened("order.paid", Some("stock_found_again"));
    assert_eq!(history(&counter, &pens).await[2..], [paid]);
    let order = client.get(&path(&books)).await.is(200).json();
    assert_eq!(order["status"], "expired");
    assert_eq!(order["payment"]["status"], "succeeded");
    assert_eq!(counter.book.stock_levels(&client).await, (2, 2));
    let rejected = happened("payment.rejected", Some("order_expired"));
    assert_eq!(history(&counter, &books).await[2..], [rejected]);
}

#[tokio::test]
async fn another_amount_pays_nothing() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    let done = payment(FIRST, &id, "succeeded", 749);
    tell(&counter, 1, "payment.succeeded", done).await;
    let order = client.get(&path(&id)).await.is(200).json();
    assert_eq!(order["status"], "awaiting_payment");
    let rejected = happened("payment.rejected", Some("amount_differs"));
    assert_eq!(history(&counter, &id).await[1..], [rejected]);
}

#[tokio::test]
async fn a_refund_counts_once_and_no_more_than_was_paid() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    let done = payment(FIRST, &id, "succeeded", 750);
    tell(&counter, 1, "payment.succeeded", done).await;
    let refund = |number: u8, payment: &str, pens: i64| {
        json!({
            "refund_id": format!("01939d6b-8f1c-7c43-9a5e-2000000000{number:02}"),
            "payment_id": payment,
            "order_id": id,
            "amount": { "amount": 250 * pens, "currency": "EUR" },
            "reason": "Abîmé",
            "restock": true,
            "lines": [{ "item_id": counter.pen.id, "quantity": pens }],
        })
    };
    // Twice the same, one that is too much, and one of a payment that paid nothing here.
    for (number, refund) in [
        (2, refund(1, FIRST, 1)),
        (3, refund(1, FIRST, 1)),
        (4, refund(2, FIRST, 3)),
        (5, refund(3, SECOND, 1)),
    ] {
        tell(&counter, number, "refund.succeeded", refund).await;
    }
    let order = client.get(&path(&id)).await.is(200).json();
    assert_eq!(order["status"], "partially_refunded");
    assert_eq!(order["refunded"]["amount"], 250);
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
}
