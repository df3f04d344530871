//! What becomes of an order once it is paid: prepared, shipped, delivered.

use comptoir_tests::{Answer, Api, Item};
use serde_json::{Value, json};

use crate::counter::{Counter, act, open, path, place};

/// An order of three pens that the seller has marked paid.
async fn paid(counter: &Counter) -> (comptoir_tests::Person, String) {
    let client = counter.shop.client().await;
    let placed = place(&client, "k1", &[(&counter.pen, 3)]).await.is(201);
    let id = placed.id();
    act(&counter.seller, &id, "mark-paid").await.is(200);
    (client, id)
}

async fn ship(api: &Api, order: &str, number: &str) -> Answer {
    let body = json!({ "carrier": "Colissimo", "tracking_number": number });
    api.post(&format!("/api/orders/{order}/ship"), body).await
}

fn stands(order: &Value) -> (&str, &str) {
    let text = |name: &str| order[name].as_str().unwrap();
    (text("status"), text("fulfillment"))
}

#[tokio::test]
async fn a_paid_order_is_prepared_shipped_and_delivered() {
    let counter = open().await;
    let (client, id) = paid(&counter).await;
    let seller = &counter.seller;
    let order = client.get(&path(&id)).await.is(200).json();
    assert_eq!(stands(&order), ("paid", "unfulfilled"));
    assert_eq!(order["shipment"], Value::Null);
    assert_eq!(order["refunded"], json!({ "amount": 0, "currency": "EUR" }));
    // Each may be asked for again, and changes nothing then.
    for _ in 0..2 {
        let order = act(seller, &id, "prepare").await.is(200).json();
        assert_eq!(stands(&order), ("preparing", "preparing"));
    }
    for _ in 0..2 {
        let order = ship(seller, &id, " 6A123 ").await.is(200).json();
        assert_eq!(stands(&order), ("shipped", "shipped"));
        assert_eq!(order["shipment"]["tracking_number"], "6A123");
        assert_eq!(order["shipment"]["delivered_at"], Value::Null);
    }
    for _ in 0..2 {
        let order = act(seller, &id, "deliver").await.is(200).json();
        assert_eq!(stands(&order), ("delivered", "delivered"));
        assert!(order["shipment"]["delivered_at"].is_string(), "{order:#}");
    }
    let order = client.get(&path(&id)).await.is(200).json();
    assert_eq!(order["shipment"]["carrier"], "Colissimo");
    let history = client.list(&format!("{}/events", path(&id))).await;
    assert_eq!(history.len(), 5, "{history:#?}");
    assert_eq!(counter.pen.stock_levels(&client).await, (7, 7));
}

#[tokio::test]
async fn nobody_has_to_say_that_an_order_is_prepared() {
    let counter = open().await;
    let (_, id) = paid(&counter).await;
    let order = ship(&counter.admin, &id, "6A123").await.is(200).json();
    assert_eq!(stands(&order), ("shipped", "shipped"));
    let late = act(&counter.seller, &id, "prepare").await;
    late.problem(409, "order-shipped");
}

#[tokio::test]
async fn a_parcel_does_not_change_on_its_way() {
    let counter = open().await;
    let (_, id) = paid(&counter).await;
    ship(&counter.seller, &id, "6A123").await.is(200);
    let other = ship(&counter.seller, &id, "6A124").await;
    other.problem(409, "order-shipped");
    act(&counter.seller, &id, "deliver").await.is(200);
    let order = ship(&counter.seller, &id, "6A123").await.is(200).json();
    assert_eq!(stands(&order), ("delivered", "delivered"));
}

#[tokio::test]
async fn what_an_order_does_not_allow_is_a_conflict_that_says_where_it_stands() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let seller = &counter.seller;
    let id = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    for action in ["prepare", "deliver"] {
        let early = act(seller, &id, action).await;
        early.problem(409, "order-awaiting-payment");
    }
    let early = ship(seller, &id, "6A123").await;
    early.problem(409, "order-awaiting-payment");
    act(seller, &id, "mark-paid").await.is(200);
    act(seller, &id, "deliver").await.problem(409, "order-paid");
    act(seller, &id, "prepare").await.is(200);
    act(&client, &id, "cancel").await.problem(409, "order-paid");
    ship(seller, &id, "6A123").await.is(200);
    for person in [&client, &counter.admin] {
        let late = act(person, &id, "cancel").await;
        late.problem(409, "order-shipped");
    }
    let second = place(&client, "k2", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    act(&client, &second, "cancel").await.is(200);
    let gone = ship(seller, &second, "6A123").await;
    gone.problem(409, "order-cancelled");
}

#[tokio::test]
async fn a_parcel_has_a_carrier_and_a_number() {
    let counter = open().await;
    let (_, id) = paid(&counter).await;
    let path = format!("/api/orders/{id}/ship");
    let body = json!({ "carrier": "  ", "tracking_number": "\u{200b}" });
    let refused = counter.seller.post(&path, body).await;
    assert_eq!(refused.invalid_fields(), ["/carrier", "/tracking_number"]);
}

#[tokio::test]
async fn an_order_is_sent_by_the_seller_of_all_of_it_or_an_admin() {
    let counter = open().await;
    let other = counter.shop.seller().await;
    let ink = Item::create(&other, &counter.category, "Encre", 700, 5).await;
    let client = counter.shop.client().await;
    let lines = [(&counter.pen, 1), (&ink, 1)];
    let id = place(&client, "k1", &lines).await.is(201).id();
    act(&counter.admin, &id, "mark-paid").await.is(200);
    let stranger = counter.shop.seller().await;
    for action in ["prepare", "deliver"] {
        act(&client, &id, action).await.problem(403, "forbidden");
        act(&other, &id, action).await.problem(403, "forbidden");
        act(&stranger, &id, action).await.problem(404, "not-found");
    }
    ship(&other, &id, "6A123").await.problem(403, "forbidden");
    ship(&stranger, &id, "6A123")
        .await
        .problem(404, "not-found");
    ship(&counter.admin, &id, "6A123").await.is(200);
}

#[tokio::test]
async fn an_order_that_was_paid_another_way_shows_a_payment_too() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let placed = place(&client, "k1", &[(&counter.pen, 1)]).await.is(201);
    assert_eq!(placed.json()["payment"], Value::Null);
    let paid = act(&counter.seller, &placed.id(), "mark-paid")
        .await
        .is(200);
    let payment = paid.json()["payment"].clone();
    assert_eq!(payment["status"], "succeeded");
    let link = format!("/api/payments/{}", payment["id"].as_str().unwrap());
    assert_eq!(payment["link"], link.as_str());
}
