//! Whoever is told that something is done sees it done with the very next request.

use std::time::{Duration, Instant};

use comptoir_tests::Api;
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, body, open, place};
use crate::till::{begin, path, refund};

async fn order_of(api: &Api, order: &str) -> Value {
    api.get(&counter::path(order)).await.is(200).json()
}

async fn papers(api: &Api, order: &str) -> Vec<String> {
    let papers = api.list(&format!("/api/invoices?order_id={order}")).await;
    let kind = |paper: &Value| paper["kind"].as_str().unwrap().to_owned();
    papers.iter().map(kind).collect()
}

async fn confirm(counter: &Counter, payment: &str) {
    let confirm = format!("{}/confirm", path(payment));
    counter.seller.post(&confirm, json!({})).await.is(200);
}

#[tokio::test]
async fn the_request_after_a_payment_or_a_refund_sees_order_invoice_and_credit_note() {
    let counter = open().await;
    let client = counter.shop.client().await;
    // More than once, because luck would do it once.
    for round in 0..8 {
        let key = format!("k{round}");
        let order = place(&client, &key, &[(&counter.pen, 1)])
            .await
            .is(201)
            .id();
        let payment = begin(&client, &key, &order).await.is(201).id();
        let begun = order_of(&client, &order).await;
        assert_eq!(begun["payment"]["id"], payment.as_str());
        confirm(&counter, &payment).await;
        assert_eq!(papers(&client, &order).await, ["invoice"]);
        assert_eq!(order_of(&client, &order).await["status"], "paid");
        let back = json!({ "reason": "Retour", "restock": true });
        refund(&counter.seller, &key, &payment, back).await.is(201);
        assert_eq!(papers(&client, &order).await, ["credit_note", "invoice"]);
        assert_eq!(order_of(&client, &order).await["status"], "refunded");
        assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    }
}

#[tokio::test]
async fn the_request_after_cash_or_a_cancellation_sees_the_payment_and_the_stock() {
    let counter = open().await;
    let client = counter.shop.client().await;
    for round in 0..5 {
        let key = format!("k{round}");
        let order = place(&client, &key, &[(&counter.pen, 2)])
            .await
            .is(201)
            .id();
        let paid = act(&counter.seller, &order, "mark-paid")
            .await
            .is(200)
            .json();
        let link = paid["payment"]["link"].as_str().unwrap();
        let payment = client.get(link).await.is(200).json();
        assert_eq!(payment["status"], "succeeded");
        act(&counter.admin, &order, "cancel").await.is(200);
        let payment = client.get(link).await.is(200).json();
        assert_eq!(payment["refunds"][0]["reason"], "order_cancelled");
        assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));

        let key = format!("u{round}");
        let unpaid = place(&client, &key, &[(&counter.pen, 2)])
            .await
            .is(201)
            .id();
        let payment = begin(&client, &key, &unpaid).await.is(201).id();
        act(&client, &unpaid, "cancel").await.is(200);
        assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
        let late = json!({ "reason": "Retour", "restock": true });
        let late = refund(&counter.seller, &key, &payment, late).await;
        late.problem(409, "payment-not-succeeded");
    }
}

#[tokio::test]
async fn many_at_once_see_their_own() {
    let counter = open().await;
    let stock = json!({ "delta": 100, "reason": "Livraison" });
    let stock_path = format!("/api/items/{}/stock", counter.pen.id);
    counter.seller.post(&stock_path, stock).await.is(201);
    let clients = counter.shop.crowd(24);
    let counter = std::sync::Arc::new(counter);
    let buying = clients.into_iter().map(|client| {
        let counter = std::sync::Arc::clone(&counter);
        tokio::spawn(async move {
            let order = body(&[(&counter.pen, 1)]);
            let order = client
                .post("/api/orders", order)
                .key("k1")
                .await
                .is(201)
                .id();
            let payment = begin(&client, "k1", &order).await.is(201).id();
            confirm(&counter, &payment).await;
            let order_now = order_of(&client, &order).await;
            (order_now["status"].clone(), papers(&client, &order).await)
        })
    });
    for seen in buying.collect::<Vec<_>>() {
        let (status, papers) = seen.await.unwrap();
        assert_eq!(status, "paid");
        assert_eq!(papers, ["invoice"]);
    }
}

/// What cannot be delivered in time does not keep the answer, and is delivered later.
#[tokio::test]
async fn an_answer_does_not_wait_for_a_service_that_is_slow() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let order = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    let payment = begin(&client, "k1", &order).await.is(201).id();
    let held = counter.shop.hold("orders", "orders").await;
    let begun = Instant::now();
    confirm(&counter, &payment).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    held.release().await;
    crate::till::order_in(&client, &order, "paid").await;
    assert_eq!(papers(&client, &order).await, ["invoice"]);
}
