//! Webhooks: events of the shop as a merchant receives them.

use std::time::Duration;

use comptoir_tests::{Answer, Person, Received, Receiver, Reply, Shop, until};
use serde_json::{Value, json};

struct Merchant {
    shop: Shop,
    admin: Person,
    receiver: Receiver,
    /// Of the webhook.
    path: String,
    secret: String,
}

/// A shop that sends to private addresses, and a webhook for every event.
async fn open() -> Merchant {
    let shop = Shop::open_with(&[("webhooks_to_private_addresses", "true")]).await;
    let admin = shop.admin().await;
    let receiver = Receiver::start().await;
    let body = json!({ "url": receiver.url(), "description": "Comptabilité" });
    let created = admin.post("/api/webhooks", body).await.is(201);
    let secret = created.json()["secret"].as_str().unwrap().to_owned();
    receiver.trust(&secret);
    Merchant {
        path: created.header("location").to_owned(),
        shop,
        admin,
        receiver,
        secret,
    }
}

impl Merchant {
    /// Sends a test event; its delivery.
    async fn test(&self) -> Value {
        let path = format!("{}/test", self.path);
        self.admin.post(&path, json!({})).await.is(202).json()
    }

    fn path_of(&self, delivery: &Value) -> String {
        let id = delivery["id"].as_str().unwrap();
        format!("{}/deliveries/{id}", self.path)
    }

    /// The delivery, once it is of this status.
    async fn ends(&self, delivery: &Value, status: &str) -> Value {
        let path = self.path_of(delivery);
        until(&format!("{path} is {status}"), async || {
            let delivery = self.admin.get(&path).await.is(200).json();
            (delivery["status"] == status).then_some(delivery)
        })
        .await
    }

    /// The delivery, once it has been tried and has failed so often.
    async fn fails(&self, delivery: &Value, attempts: u64) -> Value {
        let path = self.path_of(delivery);
        until(&format!("{path} fails"), async || {
            let delivery = self.admin.get(&path).await.is(200).json();
            let answered = !delivery["response_status"].is_null() || !delivery["error"].is_null();
            let tried = delivery["attempts"].as_u64().unwrap() >= attempts;
            (answered && tried).then_some(delivery)
        })
        .await
    }

    async fn shown(&self) -> Answer {
        self.admin.get(&self.path).await.is(200)
    }

    /// What verified and was taken, once there are so many.
    async fn receives(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} events arrive"), async || {
            let good = self.receiver.good();
            (good.len() >= count).then_some(good)
        })
        .await
    }
}

#[tokio::test]
async fn a_test_event_arrives_and_verifies_with_the_library_of_the_standard() {
    let merchant = open().await;
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
async fn a_secret_is_shown_when_it_is_made_and_never_again() {
    let merchant = open().await;
    let hidden = |answer: &Answer| !answer.text().contains("whsec_");
    assert!(hidden(&merchant.shown().await));
    let list = merchant.admin.get("/api/webhooks").await.is(200);
    assert_eq!(list.json()["data"][0]["description"], "Comptabilité");
    assert!(hidden(&list));
    let changed = merchant
        .admin
        .patch(&merchant.path, json!({ "description": "" }))
        .if_match("*")
        .await
        .is(200);
    assert!(hidden(&changed));
    assert!(!merchant.shop.log().contains(&merchant.secret));
}

#[tokio::test]
async fn a_webhook_that_is_asked_for_twice_with_one_key_is_one() {
    let merchant = open().await;
    let body = json!({ "url": merchant.receiver.url() });
    let create = || merchant.admin.post("/api/webhooks", body.clone()).key("k1");
    let first = create().await.is(201);
    let again = create().await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.json(), again.json());
    assert_eq!(merchant.admin.list("/api/webhooks").await.len(), 2);
}

#[tokio::test]
async fn after_a_rotation_both_secrets_verify() {
    let merchant = open().await;
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
    let mut merchant = open().await;
    merchant.receiver.stop().await;
    let sent = merchant.test().await;
    let failed = merchant.fails(&sent, 1).await;
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
    let merchant = open().await;
    merchant.receiver.answer(Reply::status(500));
    let sent = merchant.test().await;
    let failed = merchant.fails(&sent, 1).await;
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
    let merchant = open().await;
    let elsewhere = Receiver::start().await;
    let redirect = Reply::status(307).header("location", elsewhere.url());
    merchant.receiver.answer(redirect);
    let sent = merchant.test().await;
    let failed = merchant.fails(&sent, 1).await;
    assert_eq!(failed["response_status"], 307);
    assert_eq!(failed["status"], "pending");
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_is_given_it() {
    let merchant = open().await;
    let busy = Reply::status(429).header("retry-after", "3600");
    merchant.receiver.answer(busy);
    let sent = merchant.test().await;
    merchant.fails(&sent, 1).await;
    merchant.receiver.answer(Reply::status(204));
    let waiting = merchant.fails(&sent, 1).await;
    assert_eq!(waiting["attempts"], 1);
    let retry = format!("{}/retry", merchant.path_of(&sent));
    merchant.admin.post(&retry, json!({})).await.is(202);
    merchant.ends(&sent, "delivered").await;
}

#[tokio::test]
async fn a_slow_receiver_keeps_nobody_else_waiting() {
    let merchant = open().await;
    let slow = Receiver::start().await;
    slow.answer(Reply::status(204).after(Duration::from_secs(600)));
    let body = json!({ "url": slow.url() });
    let created = merchant.admin.post("/api/webhooks", body).await.is(201);
    let test = format!("{}/test", created.header("location"));
    for _ in 0..12 {
        merchant.admin.post(&test, json!({})).await.is(202);
    }
    let sent = merchant.test().await;
    let delivery = merchant.ends(&sent, "delivered").await;
    assert_eq!(delivery["attempts"], 1);
}

#[tokio::test]
async fn whoever_answers_410_is_told_nothing_more() {
    let merchant = open().await;
    merchant
        .receiver
        .answer(Reply::status(503).header("retry-after", "3600"));
    let waiting = merchant.test().await;
    merchant.fails(&waiting, 1).await;
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
    let merchant = open().await;
    let mut sent = Vec::new();
    for status in [204, 500, 200] {
        merchant.receiver.answer(Reply::status(status));
        let delivery = merchant.test().await;
        merchant.fails(&delivery, 1).await;
        sent.insert(0, delivery["id"].clone());
    }
    let path = format!("{}/deliveries?limit=2", merchant.path);
    let listed = merchant.admin.list(&path).await;
    let ids: Vec<_> = listed.iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, sent);
    assert_eq!(listed[0]["status"], "delivered");
    assert_eq!(listed[0]["response_status"], 200);
    assert_eq!(listed[2]["status"], "delivered");
    let second = merchant.ends(&listed[1], "delivered").await;
    assert!(second["attempts"].as_u64().unwrap() > 1);
}

#[tokio::test]
async fn private_addresses_are_refused() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let receiver = Receiver::start().await;
    let port = receiver.url().replace("http://127.0.0.1", "");
    for url in [
        receiver.url(),
        format!("https://127.0.0.1{port}"),
        format!("https://localhost{port}"),
        format!("https://[::ffff:127.0.0.1]{port}"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "http://orders.spin.internal/internal/tick".to_owned(),
        "http://shop.example/".to_owned(),
        "https://user:password@shop.example/".to_owned(),
    ] {
        let refused = admin.post("/api/webhooks", json!({ "url": url })).await;
        assert_eq!(refused.invalid_fields(), ["/url"], "{url}");
    }
    let good = json!({ "url": "https://shop.example/hook" });
    let created = admin.post("/api/webhooks", good).await.is(201);
    let moved = json!({ "url": receiver.url() });
    let path = created.header("location");
    let refused = admin.patch(path, moved).if_match("*").await;
    assert_eq!(refused.invalid_fields(), ["/url"]);
}

#[tokio::test]
async fn a_component_of_the_shop_is_no_receiver_even_for_developers() {
    let merchant = open().await;
    let body = json!({ "url": "http://orders.spin.internal/internal/tick" });
    let refused = merchant.admin.post("/api/webhooks", body).await;
    assert_eq!(refused.invalid_fields(), ["/url"]);
}

#[tokio::test]
async fn only_known_types_are_asked_for() {
    let merchant = open().await;
    let url = merchant.receiver.url();
    let body = json!({ "url": url, "event_types": ["order.paid", "order.eaten"] });
    let refused = merchant.admin.post("/api/webhooks", body).await;
    assert_eq!(refused.invalid_fields(), ["/event_types/1"]);
    let body = json!({ "url": url, "event_types": ["stock.low", "order.paid"] });
    let created = merchant.admin.post("/api/webhooks", body).await.is(201);
    let types = created.json()["event_types"].clone();
    assert_eq!(types, json!(["order.paid", "stock.low"]));
}

#[tokio::test]
async fn only_admins_have_webhooks() {
    let merchant = open().await;
    let delivery = merchant.path_of(&merchant.test().await);
    for person in [merchant.shop.seller().await, merchant.shop.client().await] {
        let reads = ["/api/webhooks", &merchant.path, &delivery];
        for path in reads {
            person.get(path).await.problem(403, "forbidden");
        }
        let body = json!({ "url": "https://shop.example/" });
        let writes = [
            person.post("/api/webhooks", body.clone()),
            person.patch(&merchant.path, body).if_match("*"),
            person.delete(&merchant.path).if_match("*"),
            person.post(&format!("{}/test", merchant.path), json!({})),
            person.post(&format!("{}/rotate-secret", merchant.path), json!({})),
            person.post(&format!("{delivery}/retry"), json!({})),
        ];
        for request in writes {
            request.await.problem(403, "forbidden");
        }
    }
    let nobody = merchant.shop.api().get(&merchant.path).await;
    nobody.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_change_needs_the_version_that_was_read() {
    let merchant = open().await;
    let tag = merchant.shown().await.etag();
    let change = || {
        let body = json!({ "enabled": false });
        merchant.admin.patch(&merchant.path, body)
    };
    change().await.problem(428, "precondition-required");
    let disabled = change().if_match(&tag).await.is(200).json();
    assert_eq!(disabled["disabled_reason"], "admin");
    let late = change().if_match(&tag).await;
    late.problem(412, "precondition-failed");
    let late = merchant.admin.delete(&merchant.path).if_match(&tag).await;
    late.problem(412, "precondition-failed");
    let deleted = merchant.admin.delete(&merchant.path).if_match("*").await;
    deleted.is(204);
    let gone = merchant.admin.get(&merchant.path).await;
    gone.problem(404, "not-found");
}

#[tokio::test]
async fn events_come_from_services_only() {
    let merchant = open().await;
    let body = json!({ "events": [] });
    let token = merchant.shop.service_token().to_owned();
    for path in ["/internal/events", "/api/webhooks/internal/events"] {
        let request = merchant.admin.post(path, body.clone());
        let refused = request.header("comptoir-service-token", &token).await;
        assert!(matches!(refused.status, 404 | 405), "{refused}");
    }
}
