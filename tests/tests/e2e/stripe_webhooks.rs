//! Stripe's webhooks: believed when they are signed, applied once, in any order.

use std::time::{SystemTime, UNIX_EPOCH};

use comptoir_tests::{Answer, GOOD_CARD, Stripe};
use reqwest::Method;
use serde_json::{Value, json};

use crate::till::{self, Till, begin, open_without_webhooks, order_in, path, refund};

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

pub fn event(id: &str, kind: &str, object: &Value) -> String {
    json!({ "id": id, "object": "event", "type": kind, "data": { "object": object } }).to_string()
}

async fn send(till: &Till, body: &str, signature: &str) -> Answer {
    let request = till
        .counter
        .shop
        .api()
        .request(Method::POST, "/webhooks/stripe");
    let request = request.body("application/json", body.to_owned());
    request.header("stripe-signature", signature).await
}

/// Signed by Stripe's own Python library.
pub async fn send_signed(till: &Till, body: &str) -> Answer {
    let signature = Stripe::signature(body, &till.stripe.secret, now()).await;
    send(till, body, &signature).await
}

/// An order that Stripe was paid for, of which the shop has not heard: its id, the payment's, and the intent.
async fn paid_unheard(till: &Till) -> (String, String, Value) {
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let begun = begin(&till.client, "k1", &order).await.is(201).json();
    let secret = begun["client_secret"].as_str().unwrap();
    let paid = till.stripe.pay(secret, GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    let intent = till.stripe.intent(secret).await;
    (order, begun["id"].as_str().unwrap().to_owned(), intent)
}

async fn status(till: &Till, payment: &str) -> Value {
    let payment = till.client.get(&path(payment)).await.is(200).json();
    payment["status"].clone()
}

#[tokio::test]
async fn an_event_signed_by_stripes_own_library_is_applied_once() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid_unheard(&till).await;
    let body = event("evt_1", "payment_intent.succeeded", &intent);
    send_signed(&till, &body).await.is(200);
    assert_eq!(status(&till, &payment).await, "succeeded");
    order_in(&till.client, &order, "paid").await;
    let before = till.client.get(&path(&payment)).await.is(200).etag();
    for _ in 0..3 {
        send_signed(&till, &body).await.is(200);
    }
    let other = event("evt_2", "payment_intent.succeeded", &intent);
    send_signed(&till, &other).await.is(200);
    let after = till.client.get(&path(&payment)).await.is(200).etag();
    assert_eq!(before, after);
    let events = till
        .client
        .list(&format!("/api/orders/{order}/events"))
        .await;
    let paid = events.iter().filter(|event| event["kind"] == "order.paid");
    assert_eq!(paid.count(), 1, "{events:#?}");
}

#[tokio::test]
async fn what_is_forged_stale_or_wrongly_signed_is_refused() {
    let till = open_without_webhooks(&[]).await;
    let (_, payment, intent) = paid_unheard(&till).await;
    let body = event("evt_1", "payment_intent.succeeded", &intent);
    let secret = &till.stripe.secret;
    let good = Stripe::signature(&body, secret, now()).await;
    let stale = Stripe::signature(&body, secret, now() - 301).await;
    let early = Stripe::signature(&body, secret, now() + 360).await;
    let wrong = Stripe::signature(&body, "whsec_another", now()).await;
    let forged = body.replace("evt_1", "evt_2");
    for (body, signature) in [
        (&body, stale.as_str()),
        (&body, &early),
        (&body, &wrong),
        (&forged, &good),
        (&body, ""),
        (&body, "t=,v1="),
        (&body, &good.replace("v1=", "v0=")),
    ] {
        let refused = send(&till, body, signature).await;
        refused.problem(400, "malformed-request");
    }
    let api = till.counter.shop.api();
    let unsigned = api.post("/webhooks/stripe", json!({})).await;
    unsigned.problem(400, "malformed-request");
    assert_eq!(status(&till, &payment).await, "requires_payment");
    send(&till, &body, &good).await.is(200);
    assert_eq!(status(&till, &payment).await, "succeeded");
}

#[tokio::test]
async fn either_secret_is_believed_while_they_are_rotated() {
    let secrets = [("stripe_webhook_secrets", "whsec_old whsec_new")];
    let till = open_without_webhooks(&secrets).await;
    let unknown = event("evt_1", "customer.created", &json!({}));
    for secret in ["whsec_old", "whsec_new"] {
        let signature = Stripe::signature(&unknown, secret, now()).await;
        send(&till, &unknown, &signature).await.is(200);
    }
    let signature = Stripe::signature(&unknown, "whsec_older", now()).await;
    let refused = send(&till, &unknown, &signature).await;
    refused.problem(400, "malformed-request");
}

#[tokio::test]
async fn an_event_that_means_nothing_here_is_taken_and_logged() {
    let till = open_without_webhooks(&[]).await;
    let unknown = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    let intent = |metadata: Value| {
        json!({ "id": "pi_1", "status": "succeeded", "amount": 1, "currency": "eur",
            "metadata": metadata })
    };
    for (id, kind, object) in [
        ("evt_kind", "customer.created", json!({})),
        ("evt_plain", "payment_intent.succeeded", intent(json!({}))),
        (
            "evt_other",
            "payment_intent.succeeded",
            intent(json!({ "payment_id": unknown })),
        ),
        ("evt_form", "payment_intent.succeeded", json!({ "id": 7 })),
    ] {
        send_signed(&till, &event(id, kind, &object)).await.is(200);
    }
    let log = till.counter.shop.log();
    for said in ["evt_kind", "evt_plain", "evt_other", "is not understood"] {
        assert!(log.contains(said), "{said}");
    }
}

#[tokio::test]
async fn events_in_any_order_leave_the_money_where_it_is() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid_unheard(&till).await;
    for (id, kind, status_then) in [
        ("evt_3", "payment_intent.payment_failed", "failed"),
        ("evt_1", "payment_intent.processing", "failed"),
        ("evt_4", "payment_intent.succeeded", "succeeded"),
        ("evt_2", "payment_intent.payment_failed", "succeeded"),
        ("evt_0", "payment_intent.canceled", "succeeded"),
    ] {
        send_signed(&till, &event(id, kind, &intent)).await.is(200);
        assert_eq!(status(&till, &payment).await, status_then, "{kind}");
    }
    order_in(&till.client, &order, "paid").await;
}

#[tokio::test]
async fn another_amount_is_not_believed() {
    let till = open_without_webhooks(&[]).await;
    let (_, payment, mut intent) = paid_unheard(&till).await;
    intent["amount"] = json!(1);
    let body = event("evt_1", "payment_intent.succeeded", &intent);
    send_signed(&till, &body).await.is(200);
    assert_eq!(status(&till, &payment).await, "requires_payment");
    assert!(till.counter.shop.log().contains("is not believed"));
}

#[tokio::test]
async fn a_refund_ends_as_its_event_says() {
    let till = till::open().await;
    let (_, payment) = till.paid_order("k1").await;
    let seller = &till.counter.seller;
    let body = json!({ "amount": { "amount": 100, "currency": "EUR" }, "reason": "a",
        "restock": false });
    for (key, status) in [("r1", "succeeded"), ("r2", "failed")] {
        till.stripe
            .proxy
            .lose_requests(Method::POST, "/v1/refunds", 1);
        refund(seller, key, &payment, body.clone()).await.is(503);
        let list = format!("{}/refunds", path(&payment));
        let pending = seller.list(&list).await.pop().unwrap();
        assert_eq!(pending["status"], "pending");
        let told = json!({ "id": format!("re_{key}"), "status": status,
            "metadata": { "refund_id": pending["id"] } });
        let kind = format!("refund.{}", if key == "r1" { "updated" } else { "failed" });
        let told = event(&format!("evt_{key}"), &kind, &told);
        send_signed(&till, &told).await.is(200);
        let ended = seller.list(&list).await.pop().unwrap();
        assert_eq!(ended["status"], status);
    }
    let paid = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(paid["refunded"]["amount"], 100);
    let rest = json!({ "reason": "a", "restock": false });
    let rest = refund(seller, "r3", &payment, rest).await.is(201).json();
    assert_eq!(rest["amount"]["amount"], 1555 - 100);
}
