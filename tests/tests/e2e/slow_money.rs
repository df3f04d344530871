//! Money that takes its time: transfers wait for days, direct debits until the bank knows, and what comes after
//! the end pays its order or goes back.

use comptoir_tests::{
    GOOD_CARD, Item, Person, identity, sell_in_own_name, sellers_identity, until,
};
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, place};
use crate::stripe_webhooks::{event, send_signed};
use crate::till::{self, begin, begin_with, order_in, path, payment_in};

const DAY_S: i64 = 24 * 60 * 60;

/// Seconds from one instant of an order to another.
fn seconds_between(order: &Value, from: &str, to: &str) -> i64 {
    let at = |name: &str| {
        let text = order[name].as_str().unwrap();
        text.parse::<commerce::Timestamp>().unwrap().unix_ms()
    };
    (at(to) - at(from)) / 1000
}

async fn order_of(api: &Person, order: &str) -> Value {
    api.get(&counter::path(order)).await.is(200).json()
}

/// An order of two pens that its client pays by transfer, and the payment.
async fn by_transfer(counter: &Counter, client: &Person, key: &str) -> (String, String) {
    let order = place(client, key, &[(&counter.pen, 2)]).await.is(201).id();
    let payment = begin_with(client, key, &order, "offline").await.is(201);
    (order, payment.id())
}

/// Has the term of an order be over, and waits until everybody knows.
async fn expire(counter: &Counter, client: &Person, order: &str) {
    counter.shop.end_term(order).await;
    until("the order has ended everywhere", async || {
        counter.shop.tick().await;
        let events = client.list(&format!("/api/orders/{order}/events")).await;
        let told = events.iter().any(|event| event["kind"] == "order.expired");
        told.then_some(())
    })
    .await;
}

async fn confirm(api: &Person, payment: &str) -> Value {
    let confirm = format!("{}/confirm", path(payment));
    api.post(&confirm, json!({})).await.is(200).json()
}

#[tokio::test]
async fn an_order_paid_by_transfer_waits_for_days_with_its_stock() {
    let counter = counter::open_with(&[("reservation_seconds", "2")]).await;
    let client = counter.shop.client().await;
    let card = place(&client, "k0", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    let (order, payment) = by_transfer(&counter, &client, "k1").await;
    // The very next request sees until when.
    let shown = order_of(&client, &order).await;
    assert_eq!(
        seconds_between(&shown, "created_at", "expires_at"),
        7 * DAY_S
    );
    assert_eq!(shown["payment"]["id"], payment.as_str());
    // Whoever asks again does not get longer.
    let again = begin_with(&client, "k2", &order, "offline").await;
    again.problem(409, "payment-exists");
    order_in(&client, &card, "expired").await;
    counter.shop.tick().await;
    let later = order_of(&client, &order).await;
    assert_eq!(later["status"], "awaiting_payment");
    assert_eq!(later["expires_at"], shown["expires_at"]);
    until("only the transfer holds stock", async || {
        (counter.pen.stock_levels(&client).await == (10, 8)).then_some(())
    })
    .await;
    confirm(&counter.seller, &payment).await;
    assert_eq!(order_of(&client, &order).await["status"], "paid");
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
}

#[tokio::test]
async fn the_term_of_a_transfer_is_the_shortest_of_those_who_sell() {
    let counter = counter::open().await;
    let shop = counter.admin.get("/api/merchants/shop").await.is(200);
    assert_eq!(shop.json()["transfer_days"], 7);
    let mut body = identity("F-", "A-");
    for days in [0, 31, -1, 256] {
        body["transfer_days"] = json!(days);
        let request = counter.admin.put("/api/merchants/shop", body.clone());
        let refused = request.if_match(&shop.etag()).await;
        assert_eq!(refused.invalid_fields(), ["/transfer_days"], "{days}");
    }
    body["transfer_days"] = json!(10);
    let request = counter.admin.put("/api/merchants/shop", body);
    request.if_match(&shop.etag()).await.is(200);
    let other = counter.shop.seller().await;
    let cup = Item::create(&other, &counter.category, "Tasse", 900, 5).await;
    let mut own = sellers_identity();
    own["transfer_days"] = json!(3);
    sell_in_own_name(&counter.admin, &other, own).await;
    let client = counter.shop.client().await;
    for (key, lines, days) in [
        ("k1", vec![(&counter.pen, 1)], 10),
        ("k2", vec![(&counter.pen, 1), (&cup, 1)], 3),
    ] {
        let order = place(&client, key, &lines).await.is(201).id();
        begin_with(&client, key, &order, "offline").await.is(201);
        let shown = order_of(&client, &order).await;
        assert_eq!(
            seconds_between(&shown, "created_at", "expires_at"),
            days * DAY_S
        );
    }
}

#[tokio::test]
async fn a_transfer_after_its_term_pays_the_order_whose_stock_is_there() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let (order, payment) = by_transfer(&counter, &client, "k1").await;
    expire(&counter, &client, &order).await;
    payment_in(&client, &payment, "cancelled").await;
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    // Whoever is told that the money is there finds the order paid and its invoice.
    let confirmed = confirm(&counter.seller, &payment).await;
    assert_eq!(confirmed["status"], "succeeded");
    let paid = order_of(&client, &order).await;
    assert_eq!(paid["status"], "paid");
    assert_eq!(paid["payment"]["id"], payment.as_str());
    let invoices = format!("/api/invoices?order_id={order}");
    assert_eq!(client.list(&invoices).await.len(), 1);
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
    // Said again, it is the same money.
    confirm(&counter.seller, &payment).await;
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
    let events = client.list(&format!("/api/orders/{order}/events")).await;
    assert_eq!(events[0]["kind"], "order.paid");
    assert_eq!(events[0]["reason"], "stock_found_again");
}

#[tokio::test]
async fn a_transfer_for_what_is_gone_is_noted_and_given_back_by_hand() {
    let counter = counter::open().await;
    let (client, seller) = (counter.shop.client().await, &counter.seller);
    let order = place(&client, "k1", &[(&counter.book, 3)])
        .await
        .is(201)
        .id();
    let payment = begin_with(&client, "k1", &order, "offline")
        .await
        .is(201)
        .id();
    expire(&counter, &client, &order).await;
    let sold = json!({ "delta": -1, "reason": "Vendu au comptoir" });
    let stock = format!("/api/items/{}/stock", counter.book.id);
    until("the books are free", async || {
        let sale = seller.post(&stock, sold.clone()).await;
        (sale.status == 201).then_some(())
    })
    .await;
    let confirmed = confirm(seller, &payment).await;
    assert_eq!(confirmed["status"], "succeeded");
    let owed = confirmed["refunds"][0].clone();
    assert_eq!(owed["status"], "pending");
    assert_eq!(owed["by_hand"], true);
    assert_eq!(owed["reason"], "order_expired");
    assert_eq!(owed["amount"], confirmed["amount"]);
    assert_eq!(order_of(&client, &order).await["status"], "expired");
    // No clock and no provider sends it back.
    counter.shop.tick().await;
    let reconcile = counter.shop.api().post("/internal/reconcile", json!({}));
    let token = counter.shop.service_token();
    reconcile
        .header("comptoir-service-token", token)
        .await
        .is(200);
    let still = client.get(&path(&payment)).await.is(200).json();
    assert_eq!(still["refunds"][0], owed);
    let by_hand = async |reader: &Person| {
        let list = reader.get("/api/refunds/by-hand").await.is(200).json();
        list["data"].as_array().unwrap().clone()
    };
    assert_eq!(by_hand(seller).await, std::slice::from_ref(&owed));
    assert_eq!(by_hand(&counter.admin).await, std::slice::from_ref(&owed));
    let done = format!(
        "{}/refunds/{}/confirm",
        path(&payment),
        owed["id"].as_str().unwrap()
    );
    let stranger = counter.shop.seller().await;
    assert!(by_hand(&stranger).await.is_empty());
    client
        .post(&done, json!({}))
        .await
        .problem(403, "forbidden");
    stranger
        .post(&done, json!({}))
        .await
        .problem(404, "not-found");
    for _ in 0..2 {
        let done = seller.post(&done, json!({})).await.is(200).json();
        assert_eq!(done["status"], "succeeded");
        assert_eq!(done["by_hand"], false);
    }
    assert!(by_hand(seller).await.is_empty());
    let back = client.get(&path(&payment)).await.is(200).json();
    assert_eq!(back["refunded"], back["amount"]);
    let order = order_of(&client, &order).await;
    assert_eq!(order["status"], "expired");
    assert_eq!(order["payment"]["status"], "refunded");
    assert_eq!(counter.book.stock_levels(&client).await, (2, 2));
}

#[tokio::test]
async fn cash_for_an_order_that_has_ended_pays_it_or_is_given_back() {
    let counter = counter::open().await;
    let (client, seller) = (counter.shop.client().await, &counter.seller);
    let late = place(&client, "k1", &[(&counter.pen, 2)])
        .await
        .is(201)
        .id();
    expire(&counter, &client, &late).await;
    let paid = act(seller, &late, "mark-paid").await.is(200).json();
    assert_eq!(paid["status"], "paid");

    let off = place(&client, "k2", &[(&counter.pen, 2)])
        .await
        .is(201)
        .id();
    act(&client, &off, "cancel").await.is(200);
    for _ in 0..2 {
        let noted = act(seller, &off, "mark-paid").await.is(200).json();
        assert_eq!(noted["status"], "cancelled");
        assert_eq!(noted["payment"]["status"], "succeeded");
        let link = noted["payment"]["link"].as_str().unwrap();
        let payment = client.get(link).await.is(200).json();
        assert_eq!(payment["status"], "succeeded");
        let refunds = payment["refunds"].as_array().unwrap();
        assert_eq!(refunds.len(), 1, "{payment:#}");
        assert_eq!(refunds[0]["reason"], "order_cancelled");
        assert_eq!(refunds[0]["by_hand"], true);
    }
    assert_eq!(counter.pen.stock_levels(&client).await, (8, 8));
    let log = format!("/api/audit/orders?subject=/api/orders/{off}");
    let entries = counter.admin.list(&log).await;
    let rejected = entries
        .iter()
        .filter(|entry| entry["action"] == "payment.rejected");
    assert_eq!(rejected.count(), 1, "{entries:#?}");
}

#[tokio::test]
async fn money_on_its_way_holds_order_and_stock_until_it_succeeds() {
    let till = till::open_with(&[("reservation_seconds", "3")]).await;
    let order = till.order("k1", &[(&till.counter.pen, 2)]).await;
    let payment = begin(&till.client, "k1", &order).await.is(201).json();
    let secret = payment["client_secret"].as_str().unwrap();
    let intent = on_its_way(&till, secret, "evt_1").await;
    let id = payment["id"].as_str().unwrap();
    payment_in(&till.client, id, "processing").await;
    until("the order waits", || async {
        let order = order_of(&till.client, &order).await;
        let waits = seconds_between(&order, "created_at", "expires_at") > 30 * DAY_S;
        waits.then_some(())
    })
    .await;
    // Longer than a card has.
    let card = till.order("k2", &[(&till.counter.pen, 1)]).await;
    order_in(&till.client, &card, "expired").await;
    till.internal("reconcile").await.is(200);
    let waiting = order_of(&till.client, &order).await;
    assert_eq!(waiting["status"], "awaiting_payment");
    assert_eq!(waiting["payment"]["status"], "processing");
    let other = begin(&till.client, "k3", &order).await;
    other.problem(409, "payment-exists");
    // A card, and then a transfer beside it: refused, and nothing is held for it.
    let beside = till.order("k4", &[(&till.counter.pen, 1)]).await;
    begin(&till.client, "k4", &beside).await.is(201);
    let transfer = begin_with(&till.client, "k5", &beside, "offline").await;
    transfer.problem(409, "payment-exists");
    let shown = order_of(&till.client, &beside).await;
    assert!(seconds_between(&shown, "created_at", "expires_at") < DAY_S);
    order_in(&till.client, &beside, "expired").await;
    // The bank has paid, and Stripe tells.
    till.stripe.proxy.beyond().set_processing(&intent, false);
    let paid = till.stripe.pay(secret, GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    order_in(&till.client, &order, "paid").await;
    assert_eq!(till.counter.pen.stock_levels(&till.client).await, (8, 8));
}

#[tokio::test]
async fn money_on_its_way_that_fails_leaves_the_order_as_long_as_a_card() {
    let till = till::open_with(&[("reservation_seconds", "4")]).await;
    let order = till.order("k1", &[(&till.counter.pen, 2)]).await;
    let payment = begin(&till.client, "k1", &order).await.is(201).json();
    let (id, secret) = (payment["id"].as_str().unwrap(), &payment["client_secret"]);
    let secret = secret.as_str().unwrap();
    let intent = on_its_way(&till, secret, "evt_1").await;
    payment_in(&till.client, id, "processing").await;
    until("the order waits", || async {
        let order = order_of(&till.client, &order).await;
        (order["payment"]["status"] == "processing").then_some(())
    })
    .await;
    till.stripe.proxy.beyond().set_processing(&intent, false);
    let mut object = till.stripe.intent(secret).await;
    object["last_payment_error"] = json!({ "message": "Insufficient funds" });
    let failed = event("evt_2", "payment_intent.payment_failed", &object);
    send_signed(&till, &failed).await.is(200);
    payment_in(&till.client, id, "failed").await;
    // It may be paid another way meanwhile, and then it is over.
    until("the order waits for minutes again", || async {
        let order = order_of(&till.client, &order).await;
        let waits = seconds_between(&order, "created_at", "expires_at");
        (waits < DAY_S).then_some(())
    })
    .await;
    order_in(&till.client, &order, "expired").await;
    until("its stock is back", || async {
        let levels = till.counter.pen.stock_levels(&till.client).await;
        (levels == (10, 10)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_direct_debit_after_a_card_that_failed_holds_the_order() {
    let till = till::open_with(&[("reservation_seconds", "6")]).await;
    let order = till.order("k1", &[(&till.counter.pen, 2)]).await;
    let payment = begin(&till.client, "k1", &order).await.is(201).json();
    let (id, secret) = (payment["id"].as_str().unwrap(), &payment["client_secret"]);
    let secret = secret.as_str().unwrap();
    let declined = till.stripe.pay(secret, comptoir_tests::BAD_CARD).await;
    assert_eq!(declined, Err(402));
    payment_in(&till.client, id, "failed").await;
    on_its_way(&till, secret, "evt_1").await;
    payment_in(&till.client, id, "processing").await;
    until("the order waits", || async {
        let order = order_of(&till.client, &order).await;
        let waits = seconds_between(&order, "created_at", "expires_at") > 30 * DAY_S;
        waits.then_some(())
    })
    .await;
    let other = begin(&till.client, "k2", &order).await;
    other.problem(409, "payment-exists");
}

/// What Stripe shows and tells when its client has chosen a direct debit; the intent.
async fn on_its_way(till: &till::Till, secret: &str, id: &str) -> String {
    let intent = till.stripe.intent(secret).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    till.stripe.proxy.beyond().set_processing(&intent, true);
    let mut object = till.stripe.intent(secret).await;
    object["status"] = json!("processing");
    object["last_payment_error"] = Value::Null;
    let told = event(id, "payment_intent.processing", &object);
    send_signed(till, &told).await.is(200);
    intent
}
