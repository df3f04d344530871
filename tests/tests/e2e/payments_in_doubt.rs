//! Answers of the provider that are lost, webhooks that never arrive, and a host that dies in between.

use std::time::Duration;

use comptoir_tests::{GOOD_CARD, until};
use reqwest::Method;
use serde_json::json;

use crate::counter;
use crate::till::{begin, open, open_without_webhooks, order_in, path, payment_in, refund};

const INTENTS: &str = "/v1/payment_intents";
const REFUNDS: &str = "/v1/refunds";

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_the_same_when_it_is_asked_for_again() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    till.stripe.proxy.lose_answers(Method::POST, INTENTS, 1);
    let lost = begin(&till.client, "k1", &order).await;
    lost.problem(503, "unavailable");
    let other = begin(&till.client, "k2", &order).await;
    other.problem(409, "payment-exists");
    let begun = begin(&till.client, "k1", &order).await.is(201).json();
    assert_eq!(begun["status"], "requires_payment");
    assert_eq!(till.stripe.intents().await.len(), 1);
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_reconciled() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    till.stripe.proxy.lose_answers(Method::POST, INTENTS, 1);
    let lost = begin(&till.client, "k1", &order).await;
    lost.problem(503, "unavailable");
    let listed = till
        .client
        .list(&format!("/api/payments?order_id={order}"))
        .await;
    assert_eq!(listed[0]["status"], "pending");
    let id = listed[0]["id"].as_str().unwrap();
    let done = till.internal("reconcile").await.is(200).json();
    assert_eq!(done["in_doubt"], 0, "{done:#}");
    payment_in(&till.client, id, "requires_payment").await;
    let again = begin(&till.client, "k1", &order).await.is(201).json();
    let secret = again["client_secret"].as_str().unwrap();
    let paid = till.stripe.pay(secret, GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    payment_in(&till.client, id, "succeeded").await;
    assert_eq!(till.stripe.intents().await.len(), 1);
}

#[tokio::test]
async fn money_is_found_without_a_webhook() {
    let till = open_without_webhooks(&[]).await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let begun = begin(&till.client, "k1", &order).await.is(201).json();
    let secret = begun["client_secret"].as_str().unwrap();
    let paid = till.stripe.pay(secret, GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    till.internal("reconcile").await.is(200);
    payment_in(&till.client, begun["id"].as_str().unwrap(), "succeeded").await;
    order_in(&till.client, &order, "paid").await;
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_gives_nobody_the_money_twice() {
    let till = open().await;
    let (_, payment) = till.paid_order("k1").await;
    let body = json!({ "reason": "Retour", "restock": false });
    till.stripe.proxy.lose_answers(Method::POST, REFUNDS, 1);
    let lost = refund(&till.counter.seller, "r1", &payment, body.clone()).await;
    lost.problem(503, "unavailable");
    let paid = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(paid["refunds"][0]["status"], "pending");
    let other = refund(&till.counter.seller, "r2", &payment, body.clone()).await;
    other.problem(409, "nothing-to-refund");
    let changed = json!({ "reason": "Erreur", "restock": false });
    let reused = refund(&till.counter.seller, "r1", &payment, changed).await;
    reused.problem(422, "idempotency-key-reused");
    let done = till.internal("reconcile").await.is(200).json();
    assert_eq!(done["in_doubt"], 0, "{done:#}");
    let paid = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(paid["refunds"][0]["status"], "succeeded");
    assert_eq!(paid["refunded"], paid["amount"]);
    let again = refund(&till.counter.seller, "r1", &payment, body).await;
    assert_eq!(again.is(201).json()["id"], paid["refunds"][0]["id"]);
    assert_eq!(till.stripe.refunds().await.len(), 1);
}

#[tokio::test]
async fn a_refund_that_never_reached_the_provider_is_made_when_it_is_reconciled() {
    let till = open().await;
    let (order, payment) = till.paid_order("k1").await;
    let body = json!({ "reason": "Retour", "restock": false });
    till.stripe.proxy.lose_requests(Method::POST, REFUNDS, 1);
    let lost = refund(&till.counter.seller, "r1", &payment, body).await;
    lost.problem(503, "unavailable");
    assert!(till.stripe.refunds().await.is_empty());
    till.internal("reconcile").await.is(200);
    assert_eq!(till.stripe.refunds().await.len(), 1);
    order_in(&till.client, &order, "refunded").await;
}

#[tokio::test]
async fn a_host_that_dies_while_it_refunds_has_refunded_once() {
    let mut till = open().await;
    let (order, payment) = till.paid_order("k1").await;
    till.stripe.proxy.delay(Duration::from_millis(300));
    let seller = till.counter.seller.clone();
    let asked = {
        let payment = payment.clone();
        let body = json!({ "reason": "Retour", "restock": false });
        tokio::spawn(async move {
            let path = format!("/api/payments/{payment}/refunds");
            let request = seller.post(&path, body).key("r1");
            request.attempt().await
        })
    };
    let proxy = &till.stripe.proxy;
    until("a refund on its way", || async {
        let mut calls = proxy.calls().into_iter();
        calls.find(|call| call.path == REFUNDS)
    })
    .await;
    till.counter.shop.kill().await;
    assert!(asked.await.unwrap().is_err());
    till.stripe.proxy.delay(Duration::ZERO);
    till.counter.shop.restart().await;
    until("nothing in doubt", || async {
        let done = till.internal("reconcile").await.is(200).json();
        (done["in_doubt"] == 0).then_some(())
    })
    .await;
    assert_eq!(till.stripe.refunds().await.len(), 1);
    let paid = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(paid["refunded"], paid["amount"]);
    // The host that died may have been the one that relays: the next one is whoever the clock asks.
    until("the order refunded", || async {
        till.counter.shop.tick().await;
        let order = till.client.get(&counter::path(&order)).await.is(200).json();
        (order["status"] == "refunded").then_some(())
    })
    .await;
}
