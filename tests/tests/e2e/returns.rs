//! Money that goes back, and the goods that come with it.

use comptoir_tests::{Answer, Api, Person, until};
use serde_json::{Value, json};

use crate::counter::{Counter, act, open, path, place};

/// An order of three pens that its seller has marked paid: its client, its id and its payment's.
async fn sold(counter: &Counter) -> (Person, String, String) {
    let client = counter.shop.client().await;
    let placed = place(&client, "k1", &[(&counter.pen, 3)]).await.is(201);
    let id = placed.id();
    let paid = act(&counter.seller, &id, "mark-paid").await.is(200).json();
    let payment = paid["payment"]["id"].as_str().unwrap().to_owned();
    // Payments is told of it.
    until("the payment is there", async || {
        let found = client.get(&format!("/api/payments/{payment}")).await;
        (found.status == 200).then_some(())
    })
    .await;
    (client, id, payment)
}

async fn refund(api: &Api, key: &str, payment: &str, body: Value) -> Answer {
    let path = format!("/api/payments/{payment}/refunds");
    api.post(&path, body).key(key).await
}

fn pens(counter: &Counter, quantity: i64) -> Value {
    let lines = json!([{ "item_id": counter.pen.id, "quantity": quantity }]);
    json!({ "lines": lines, "reason": "Abîmé", "restock": true })
}

/// The order, once so many cents of it went back.
async fn refunded(counter: &Counter, api: &Api, order: &str, amount: i64) -> Value {
    until("the refund is counted", async || {
        // Payments takes it up when it is its time.
        counter.shop.tick().await;
        let order = api.get(&path(order)).await.is(200).json();
        (order["refunded"]["amount"] == amount).then_some(order)
    })
    .await
}

fn stands(order: &Value) -> (&str, &str) {
    let text = |name: &str| order[name].as_str().unwrap();
    (text("status"), text("fulfillment"))
}

#[tokio::test]
async fn what_comes_back_of_a_refund_is_stock_again_and_the_rest_is_still_sent() {
    let counter = open().await;
    let (client, id, payment) = sold(&counter).await;
    let seller = &counter.seller;
    // The second is the first again.
    for _ in 0..2 {
        let one = pens(&counter, 1);
        refund(seller, "r1", &payment, one).await.is(201);
    }
    let order = refunded(&counter, &client, &id, 250).await;
    assert_eq!(stands(&order), ("partially_refunded", "unfulfilled"));
    assert_eq!(order["payment"]["status"], "succeeded");
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
    let ledger = format!("/api/items/{}/stock/movements", counter.pen.id);
    let back = seller.list(&ledger).await[0].clone();
    assert_eq!((&back["delta"], &back["balance"]), (&json!(1), &json!(8)));
    assert_eq!(
        (&back["reason"], &back["order_id"]),
        (&json!("return"), &json!(id))
    );

    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A123" });
    let ship = seller.post(&format!("{}/ship", path(&id)), parcel).await;
    assert_eq!(
        stands(&ship.is(200).json()),
        ("partially_refunded", "shipped")
    );
    let rest = json!({ "reason": "Perdu", "restock": false });
    refund(&counter.admin, "r2", &payment, rest).await.is(201);
    let order = refunded(&counter, &client, &id, 750).await;
    assert_eq!(stands(&order), ("refunded", "shipped"));
    assert_eq!(order["payment"]["status"], "refunded");
    let arrived = act(seller, &id, "deliver").await.is(200).json();
    assert_eq!(stands(&arrived), ("refunded", "delivered"));
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
    let history = client.list(&format!("{}/events", path(&id))).await;
    let reasons: Vec<_> = history
        .iter()
        .filter(|event| event["kind"] == "order.refunded")
        .map(|event| (&event["reason"], &event["actor"]["user_id"]))
        .collect();
    let expected = [
        (&json!("Perdu"), &json!(counter.admin.id)),
        (&json!("Abîmé"), &json!(seller.id)),
    ];
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn what_is_all_refunded_is_not_sent() {
    let counter = open().await;
    let (client, id, payment) = sold(&counter).await;
    let all = pens(&counter, 3);
    refund(&counter.seller, "r1", &payment, all).await.is(201);
    let order = refunded(&counter, &client, &id, 750).await;
    assert_eq!(stands(&order), ("refunded", "unfulfilled"));
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A123" });
    let ship = counter.seller.post(&format!("{}/ship", path(&id)), parcel);
    ship.await.problem(409, "order-refunded");
    for action in ["prepare", "cancel"] {
        let act = act(&counter.admin, &id, action).await;
        act.problem(409, "order-refunded");
    }
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
}

#[tokio::test]
async fn a_cancelled_order_brings_back_what_had_not_come_back() {
    let counter = open().await;
    let (client, id, payment) = sold(&counter).await;
    let one = pens(&counter, 1);
    refund(&counter.seller, "r1", &payment, one).await.is(201);
    refunded(&counter, &client, &id, 250).await;
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
    act(&counter.admin, &id, "cancel").await.is(200);
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    // The rest of the money is owed: whoever took it by hand gives it back by hand.
    let link = format!("/api/payments/{payment}");
    let owed = client.get(&link).await.is(200).json()["refunds"].clone();
    let mut owed = owed.as_array().unwrap().iter();
    let owed = owed.find(|refund| refund["status"] == "pending").unwrap();
    let confirm = format!("{link}/refunds/{}/confirm", owed["id"].as_str().unwrap());
    counter.seller.post(&confirm, json!({})).await.is(200);
    let order = refunded(&counter, &client, &id, 750).await;
    assert_eq!(stands(&order), ("refunded", "unfulfilled"));
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    let late = counter.admin.delete(&path(&id)).if_match("*").await;
    late.problem(409, "order-not-ended");
}
