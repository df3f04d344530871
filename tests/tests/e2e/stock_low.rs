//! Sellers are told, through webhooks, when little is left.

use comptoir_tests::Received;
use serde_json::{Value, json};

use crate::counter::{Counter, act, open_with, place};
use crate::merchant::{Merchant, TO_PRIVATE_ADDRESSES};

async fn want_at_least(counter: &Counter, item: &str, pieces: i64) {
    let body = json!({ "stock_minimum": pieces });
    let change = counter.seller.patch(&format!("/api/items/{item}"), body);
    change.if_match("*").await.is(200);
}

/// The names and stocks of what was told, in any order.
fn told(received: &[Received]) -> Vec<(Value, Value)> {
    let data = received.iter().map(|event| event.body()["data"].clone());
    let mut told: Vec<_> = data
        .map(|data| (data["name"].clone(), data["on_hand"].clone()))
        .collect();
    told.sort_by_key(|(name, _)| name.to_string());
    told
}

#[tokio::test]
async fn little_stock_is_told_once_when_it_falls_below_the_minimum() {
    let counter = open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let merchant = Merchant::join(&counter.admin, &["stock.low"]).await;
    want_at_least(&counter, &counter.pen.id, 8).await;
    want_at_least(&counter, &counter.book.id, 3).await;
    let client = counter.shop.client().await;
    let both = [(&counter.pen, 3), (&counter.book, 1)];
    // What is ordered is still there; what is sold is not.
    for (key, lines) in [("k1", &both[..]), ("k2", &[(&counter.pen, 1)])] {
        let order = place(&client, key, lines).await.is(201).id();
        act(&counter.seller, &order, "mark-paid").await.is(200);
    }
    let first = merchant.receives(2).await;
    assert_eq!(
        told(&first),
        [(json!("Carnet"), json!(2)), (json!("Stylo"), json!(7))]
    );
    let pen = first
        .iter()
        .find(|event| event.body()["data"]["item_id"] == counter.pen.id.as_str());
    assert_eq!(pen.unwrap().body()["data"]["stock_minimum"], 8);
    // It is told again once there was enough meanwhile.
    for delta in [-1, 5, -4] {
        let body = json!({ "delta": delta, "reason": "Inventaire" });
        let path = format!("/api/items/{}/stock", counter.pen.id);
        counter.seller.post(&path, body).await.is(201);
    }
    let all = merchant.receives(3).await;
    assert_eq!(told(&all[2..]), [(json!("Stylo"), json!(6))]);
    counter.shop.tick().await;
    assert_eq!(merchant.deliveries().await.len(), 3);
}
