//! Events of the shop, as merchants receive them.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use comptoir_tests::{Received, Receiver, Reply};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::counter;
use crate::merchant::{Merchant, TO_PRIVATE_ADDRESSES, open};

#[tokio::test]
async fn a_test_event_arrives_and_verifies_with_the_library_of_the_standard() {
    let (_shop, merchant) = open().await;
    let sent = merchant.test().await;
    let received = merchant.receives(1).await;
    let event = &received[0];
    assert_eq!(event.id(), sent["event_id"].as_str().unwrap());
    assert_eq!(event.kind(), "webhook.test");
    assert_eq!(event.header("content-type"), "application/json");
    let id = merchant.shown().await.id();
    assert_eq!(event.body()["data"], json!({ "webhook_id": id }));
    assert!(event.body()["timestamp"].is_string());
    assert_eq!(event.header("webhook-signature").split(' ').count(), 1);

    let delivery = merchant.ends(&sent, "delivered").await;
    assert_eq!(delivery["event_type"], "webhook.test");
    assert_eq!(delivery["attempts"], 1);
    assert_eq!(delivery["response_status"], 204);
    assert_eq!(delivery["next_attempt_at"], Value::Null);
    assert!(delivery["ended_at"].is_string());
}

#[tokio::test]
async fn after_a_rotation_both_secrets_verify() {
    let (_shop, merchant) = open().await;
    let path = format!("{}/rotate-secret", merchant.path);
    let rotated = merchant.admin.post(&path, json!({})).await.is(200).json();
    let fresh = rotated["secret"].as_str().unwrap();
    assert_ne!(fresh, merchant.secret);
    assert!(rotated["previous_secret_expires_at"].is_string());
    merchant.receiver.trust(fresh);
    merchant.test().await;
    let received = merchant.receives(1).await;
    assert_eq!(received[0].verified_by, [merchant.secret.as_str(), fresh]);
}

#[tokio::test]
async fn a_receiver_that_was_down_gets_its_events_later() {
    let (_shop, mut merchant) = open().await;
    merchant.receiver.stop().await;
    let sent = merchant.test().await;
    let failed = merchant.is_tried(&sent).await;
    assert_eq!(failed["error"], "connection_failed");
    assert_eq!(failed["response_status"], Value::Null);
    assert!(failed["next_attempt_at"].is_string());
    assert!(merchant.shown().await.json()["failing_since"].is_string());
    merchant.receiver.start_again().await;
    let delivery = merchant.ends(&sent, "delivered").await;
    assert!(delivery["attempts"].as_u64().unwrap() > 1);
    let received = merchant.receives(1).await;
    assert_eq!(received[0].id(), sent["event_id"].as_str().unwrap());
    assert_eq!(merchant.shown().await.json()["failing_since"], Value::Null);
}

#[tokio::test]
async fn an_event_that_is_sent_again_has_the_same_id_and_body() {
    let (_shop, merchant) = open().await;
    merchant.receiver.answer(Reply::status(500));
    let sent = merchant.test().await;
    let failed = merchant.is_tried(&sent).await;
    assert_eq!(failed["response_status"], 500);
    assert_eq!(failed["status"], "pending");
    merchant.receiver.answer(Reply::status(200));
    merchant.ends(&sent, "delivered").await;
    let received = merchant.receiver.received();
    assert!(received.len() >= 2);
    assert!(received.iter().all(Received::is_verified));
    let first = &received[0];
    assert!(
        received
            .iter()
            .all(|again| again.id() == first.id() && again.bytes == first.bytes)
    );
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let (_shop, merchant) = open().await;
    let elsewhere = Receiver::start().await;
    let redirect = Reply::status(307).header("location", elsewhere.url());
    merchant.receiver.answer(redirect);
    let sent = merchant.test().await;
    let failed = merchant.is_tried(&sent).await;
    assert_eq!(failed["response_status"], 307);
    assert_eq!(failed["status"], "pending");
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_is_given_it() {
    let (_shop, merchant) = open().await;
    let busy = Reply::status(429).header("retry-after", "3600");
    merchant.receiver.answer(busy);
    let sent = merchant.test().await;
    merchant.is_tried(&sent).await;
    merchant.receiver.answer(Reply::status(204));
    let waiting = merchant.is_tried(&sent).await;
    assert_eq!(waiting["attempts"], 1);
    let retry = format!("{}/retry", merchant.path_of(&sent));
    merchant.admin.post(&retry, json!({})).await.is(202);
    merchant.ends(&sent, "delivered").await;
}

#[tokio::test]
async fn a_slow_receiver_keeps_nobody_else_waiting() {
    let (_shop, merchant) = open().await;
    let slow = Merchant::join(&merchant.admin, &[]).await;
    slow.receiver
        .answer(Reply::status(204).after(Duration::from_secs(600)));
    for _ in 0..12 {
        slow.test().await;
    }
    let sent = merchant.test().await;
    let delivery = merchant.ends(&sent, "delivered").await;
    assert_eq!(delivery["attempts"], 1);
}

#[tokio::test]
async fn whoever_answers_410_is_told_nothing_more() {
    let (_shop, merchant) = open().await;
    merchant
        .receiver
        .answer(Reply::status(503).header("retry-after", "3600"));
    let waiting = merchant.test().await;
    merchant.is_tried(&waiting).await;
    merchant.receiver.answer(Reply::status(410));
    let sent = merchant.test().await;
    let failed = merchant.ends(&sent, "failed").await;
    assert_eq!(failed["response_status"], 410);
    merchant.ends(&waiting, "cancelled").await;
    let shown = merchant.shown().await;
    assert_eq!(shown.json()["enabled"], false);
    assert_eq!(shown.json()["disabled_reason"], "gone");
    let path = format!("{}/test", merchant.path);
    let refused = merchant.admin.post(&path, json!({})).await;
    refused.problem(409, "webhook-disabled");

    merchant.receiver.answer(Reply::status(204));
    let enabled = merchant
        .admin
        .patch(&merchant.path, json!({ "enabled": true }))
        .if_match(&shown.etag())
        .await
        .is(200);
    assert_eq!(enabled.json()["disabled_reason"], Value::Null);
    let sent = merchant.test().await;
    merchant.ends(&sent, "delivered").await;
}

#[tokio::test]
async fn deliveries_are_listed_with_what_came_of_them() {
    let (_shop, merchant) = open().await;
    let mut sent = Vec::new();
    for status in [204, 500, 200] {
        merchant.receiver.answer(Reply::status(status));
        let delivery = merchant.test().await;
        merchant.is_tried(&delivery).await;
        sent.insert(0, delivery["id"].clone());
    }
    let listed = merchant.deliveries().await;
    let ids: Vec<_> = listed.iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, sent);
    assert_eq!(listed[0]["status"], "delivered");
    assert_eq!(listed[0]["response_status"], 200);
    assert_eq!(listed[2]["status"], "delivered");
    let second = merchant.ends(&listed[1], "delivered").await;
    assert!(second["attempts"].as_u64().unwrap() > 1);
}

/// The first request that arrives at an address, as bytes.
async fn raw_request(listener: tokio::net::TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // JSON ends with its last brace; a chunked body would go on behind it.
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && body.trim_end().ends_with(['}', '0'])
        {
            let answer = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).await.unwrap();
            return text;
        }
        let read = stream.read(&mut some).await.unwrap();
        assert_ne!(read, 0, "the sender has gone: {text}");
        bytes.extend_from_slice(&some[..read]);
    }
}

#[tokio::test]
async fn a_receiver_is_told_how_long_the_body_is() {
    let (_shop, merchant) = open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let created = merchant.admin.post("/api/webhooks", json!({ "url": url }));
    let path = created.await.is(201).header("location").to_owned();
    let received = tokio::spawn(raw_request(listener));
    let test = merchant.admin.post(&format!("{path}/test"), json!({}));
    test.await.is(202);
    let request = received.await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    let length = format!("content-length: {}", body.len());
    assert!(head.lines().any(|line| line == length), "{request}");
    assert!(!head.contains("transfer-encoding"), "{request}");
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(event["type"], "webhook.test");
}

/// An event of orders, as its outbox has it.
fn paid(id: &str, aggregate: &str) -> Value {
    json!({
        "id": id,
        "kind": "order.paid",
        "aggregate_id": aggregate,
        "occurred_at": "2026-11-22T08:00:00Z",
        "data": { "client": "Zoé 🦊" },
    })
}

#[tokio::test]
async fn an_event_that_is_told_twice_is_one_delivery() {
    let (shop, merchant) = open().await;
    let first = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";
    let last = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4f";
    for id in [first, first, last] {
        shop.tell("orders", "webhooks", &paid(id, first)).await;
        shop.tick().await;
    }
    shop.tell("orders", "webhooks", &paid(last, first)).await;
    shop.tick().await;
    let received = merchant.receives(2).await;
    assert_eq!(received[0].id(), first);
    assert_eq!(received[1].id(), last);
    assert_eq!(received[0].body()["data"], paid(first, first)["data"]);
    assert_eq!(received[0].body()["timestamp"], "2026-11-22T08:00:00.000Z");
    assert_eq!(merchant.deliveries().await.len(), 2);
}

const LIFE: [&str; 5] = [
    "order.placed",
    "order.paid",
    "order.preparing",
    "order.shipped",
    "order.delivered",
];

/// Places an order and has all of that happen to it; its id.
async fn live(counter: &counter::Counter) -> String {
    let client = counter.shop.client().await;
    let placed = counter::place(&client, "k1", &[(&counter.pen, 1)]).await;
    let order = placed.is(201).id();
    for (action, body) in [
        ("mark-paid", json!({})),
        ("prepare", json!({})),
        (
            "ship",
            json!({ "carrier": "Colissimo", "tracking_number": "6A1" }),
        ),
        ("deliver", json!({})),
    ] {
        let path = format!("{}/{action}", counter::path(&order));
        counter.seller.post(&path, body).await.is(200);
    }
    order
}

#[tokio::test]
async fn a_receiver_that_was_down_gets_what_happened_in_its_order() {
    let counter = counter::open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let mut merchant = Merchant::join(&counter.admin, &[]).await;
    merchant.receiver.stop().await;
    let order = live(&counter).await;
    merchant.receiver.start_again().await;
    let received = merchant.receives(LIFE.len()).await;
    let kinds: Vec<_> = received.iter().map(Received::kind).collect();
    assert_eq!(kinds, LIFE);
    for event in received {
        assert_eq!(event.body()["data"]["order_id"], order.as_str());
    }
}

#[tokio::test]
async fn events_of_an_order_arrive_in_their_order_though_each_fails_once() {
    let counter = counter::open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let merchant = Merchant::join(&counter.admin, &[]).await;
    let seen = Mutex::new(HashSet::new());
    merchant.receiver.answer_by(move |request| {
        let first = seen.lock().unwrap().insert(request.id().to_owned());
        Reply::status(if first { 500 } else { 204 })
    });
    live(&counter).await;
    merchant.receives(LIFE.len()).await;
    let received = merchant.receiver.received();
    let tried: Vec<_> = received.iter().map(Received::kind).collect();
    assert_eq!(tried, LIFE.map(|kind| [kind, kind]).concat());
}

#[tokio::test]
async fn a_webhook_is_told_only_what_it_asks_for() {
    let counter = counter::open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let some = Merchant::join(&counter.admin, &["order.shipped", "order.paid"]).await;
    let all = Merchant::join(&counter.admin, &[]).await;
    live(&counter).await;
    all.receives(LIFE.len()).await;
    let received = some.receives(2).await;
    let kinds: Vec<_> = received.iter().map(Received::kind).collect();
    assert_eq!(kinds, ["order.paid", "order.shipped"]);
    assert_eq!(some.deliveries().await.len(), 2);
}
