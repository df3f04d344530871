//! Webhooks: made, read and changed by admins.

use comptoir_tests::{Answer, Receiver, Shop};
use serde_json::{Value, json};

use crate::merchant::open;

#[tokio::test]
async fn a_secret_is_shown_when_it_is_made_and_never_again() {
    let (shop, merchant) = open().await;
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
    assert!(!shop.log().contains(&merchant.secret));
}

#[tokio::test]
async fn a_webhook_that_is_asked_for_twice_with_one_key_is_one_and_shows_its_secret_once() {
    let (shop, merchant) = open().await;
    let body = json!({ "url": merchant.receiver.url() });
    let create = || merchant.admin.post("/api/webhooks", body.clone()).key("k1");
    let first = create().await.is(201);
    let again = create().await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    // The secret is in the first answer and nowhere else.
    let mut shown = first.json();
    assert!(shown["secret"].as_str().unwrap().starts_with("whsec_"));
    shown["secret"] = Value::Null;
    assert_eq!(again.json(), shown);
    let kept = "select count(*) from {webhooks}.idempotency_keys where body like '%whsec%'";
    assert_eq!(shop.number(kept).await, 0);
    assert_eq!(merchant.admin.list("/api/webhooks").await.len(), 2);
    // Whoever has lost it makes another.
    let rotate = format!("/api/webhooks/{}/rotate-secret", first.id());
    let rotated = merchant.admin.post(&rotate, json!({})).await.is(200).json();
    assert!(rotated["secret"].as_str().unwrap().starts_with("whsec_"));
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
        "https://foo.lan/".to_owned(),
        "https://x.svc/".to_owned(),
        "https://localhost./".to_owned(),
        "https://orders.default.svc.cluster.local/".to_owned(),
        "https://shop.test/".to_owned(),
        "https://foo.ｌａｎ/".to_owned(),
        "https://co.uk/".to_owned(),
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
    let (_shop, merchant) = open().await;
    let body = json!({ "url": "http://orders.spin.internal/internal/tick" });
    let refused = merchant.admin.post("/api/webhooks", body).await;
    assert_eq!(refused.invalid_fields(), ["/url"]);
}

#[tokio::test]
async fn only_known_types_are_asked_for() {
    let (_shop, merchant) = open().await;
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
    let (shop, merchant) = open().await;
    let delivery = merchant.path_of(&merchant.test().await);
    for person in [shop.seller().await, shop.client().await] {
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
    let nobody = shop.api().get(&merchant.path).await;
    nobody.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_change_needs_the_version_that_was_read() {
    let (_shop, merchant) = open().await;
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
    let (shop, merchant) = open().await;
    let body = json!({ "events": [] });
    let token = shop.service_token().to_owned();
    for path in ["/internal/events", "/api/webhooks/internal/events"] {
        let request = merchant.admin.post(path, body.clone());
        let refused = request.header("comptoir-service-token", &token).await;
        assert!(matches!(refused.status, 404 | 405), "{refused}");
    }
}
