//! Paying orders: with Stripe, offline, once.

use comptoir_tests::{BAD_CARD, GOOD_CARD, Item, until};
use serde_json::json;

use crate::counter;
use crate::till::{begin, begin_with, open, order_in, path, payment_in};

#[tokio::test]
async fn an_order_is_paid_with_stripe() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 3)]).await;
    let answer = begin(&till.client, "k1", &order).await.is(201);
    let payment = answer.json();
    assert_eq!(answer.header("location"), path(&answer.id()));
    assert_eq!(payment["status"], "requires_payment");
    assert_eq!(payment["provider"], "stripe");
    assert_eq!(payment["amount"], json!({"amount": 750, "currency": "EUR"}));
    let secret = payment["client_secret"].as_str().unwrap();
    let intent = till.stripe.intent(secret).await;
    assert_eq!(intent["amount"], 750);
    assert_eq!(intent["metadata"]["order_id"], order.as_str());
    let paid = till.stripe.pay(secret, GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    let paid = payment_in(&till.client, &answer.id(), "succeeded").await;
    assert!(paid["client_secret"].is_null(), "{paid:#}");
    order_in(&till.client, &order, "paid").await;
    let levels = till.counter.pen.stock_levels(&till.client).await;
    assert_eq!(levels, (7, 7));
}

#[tokio::test]
async fn after_a_card_that_failed_the_order_is_paid_by_another_payment() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let first = begin(&till.client, "k1", &order).await.is(201).json();
    let first_id = first["id"].as_str().unwrap();
    let secret = first["client_secret"].as_str().unwrap();
    assert_eq!(till.stripe.pay(secret, BAD_CARD).await, Err(402));
    let failed = payment_in(&till.client, first_id, "failed").await;
    assert_eq!(failed["failure"], "Your card was declined.");

    let second = begin(&till.client, "k2", &order).await.is(201).json();
    assert_ne!(second["id"], first["id"]);
    assert_eq!(till.stripe.intent(secret).await["status"], "canceled");
    payment_in(&till.client, first_id, "cancelled").await;
    let secret = second["client_secret"].as_str().unwrap();
    let paid = till.stripe.pay(secret, GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    payment_in(&till.client, second["id"].as_str().unwrap(), "succeeded").await;
    order_in(&till.client, &order, "paid").await;
    let list = format!("/api/payments?order_id={order}");
    let listed = till.client.list(&list).await;
    let statuses: Vec<_> = listed.iter().map(|p| p["status"].clone()).collect();
    assert_eq!(statuses, ["succeeded", "cancelled"]);
}

#[tokio::test]
async fn an_order_has_one_live_payment() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let first = begin(&till.client, "k1", &order).await.is(201).id();
    let second = begin(&till.client, "k2", &order).await;
    let problem = second.problem(409, "payment-exists");
    assert_eq!(problem["payment_id"], first.as_str());
    assert_eq!(till.stripe.intents().await.len(), 1);
}

#[tokio::test]
async fn the_same_key_twenty_times_at_once_is_one_payment() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let begun = (0..20).map(|_| {
        let (client, order) = (till.client.clone(), order.clone());
        tokio::spawn(async move { begin(&client, "k1", &order).await })
    });
    let mut ids = Vec::new();
    for answer in begun.collect::<Vec<_>>() {
        ids.push(answer.await.unwrap().is(201).id());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(till.stripe.intents().await.len(), 1);
    let again = begin(&till.client, "k1", &order).await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = till.order("k2", &[(&till.counter.pen, 1)]).await;
    let reused = begin(&till.client, "k1", &other).await;
    reused.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn only_a_clients_own_order_that_awaits_payment_is_paid() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let stranger = till.counter.shop.client().await;
    let theirs = begin(&stranger, "k1", &order).await;
    theirs.problem(404, "not-found");
    let seller = begin(&till.counter.seller, "k1", &order).await;
    seller.problem(403, "forbidden");
    let none = begin(&till.client, "k0", "0192f0c1-2d3e-7abc-8def-0123456789ab").await;
    none.problem(404, "not-found");
    let body = json!({ "order_id": order });
    let keyless = till.client.post("/api/payments", body).await;
    keyless.problem(400, "idempotency-key-missing");
    counter::act(&till.client, &order, "cancel").await.is(200);
    let cancelled = begin(&till.client, "k1", &order).await;
    cancelled.problem(409, "order-cancelled");
}

#[tokio::test]
async fn others_see_no_payment() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let id = begin(&till.client, "k1", &order).await.is(201).id();
    let shop = &till.counter.shop;
    for stranger in [shop.client().await, shop.seller().await] {
        let seen = stranger.get(&path(&id)).await;
        seen.problem(404, "not-found");
        let refunds = stranger.get(&format!("{}/refunds", path(&id))).await;
        refunds.problem(404, "not-found");
        let list = format!("/api/payments?order_id={order}");
        assert!(stranger.list(&list).await.is_empty());
    }
    for seen in [&till.counter.seller, &till.counter.admin] {
        let payment = seen.get(&path(&id)).await.is(200).json();
        assert!(payment["client_secret"].is_null(), "{payment:#}");
    }
    shop.api().get(&path(&id)).await.is(401);
    let whose = till.client.get("/api/payments").await;
    assert_eq!(whose.invalid_fields(), ["order_id"]);
}

#[tokio::test]
async fn a_seller_confirms_a_payment_that_was_made_offline() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 2)]).await;
    let begun = begin_with(&till.client, "k1", &order, "offline").await;
    let payment = begun.is(201).json();
    assert_eq!(payment["status"], "requires_payment");
    assert!(
        payment["instructions"]
            .as_str()
            .unwrap()
            .contains("Virement")
    );
    assert!(payment["client_secret"].is_null());
    let id = payment["id"].as_str().unwrap();
    let confirm = format!("{}/confirm", path(id));
    let stranger = till.counter.shop.seller().await;
    for (who, status, code) in [
        (&till.client, 403, "forbidden"),
        (&stranger, 404, "not-found"),
    ] {
        who.post(&confirm, json!({})).await.problem(status, code);
    }
    for _ in 0..2 {
        let confirmed = till.counter.seller.post(&confirm, json!({})).await;
        assert_eq!(confirmed.is(200).json()["status"], "succeeded");
    }
    order_in(&till.client, &order, "paid").await;
    assert!(till.stripe.intents().await.is_empty());
}

#[tokio::test]
async fn a_seller_of_a_part_confirms_nothing_and_nobody_confirms_for_stripe() {
    let till = open().await;
    let counter = &till.counter;
    let other = counter.shop.seller().await;
    let cup = Item::create(&other, &counter.category, "Tasse", 900, 5).await;
    let order = till.order("k1", &[(&counter.pen, 1), (&cup, 1)]).await;
    let begun = begin_with(&till.client, "k1", &order, "offline").await;
    let confirm = format!("{}/confirm", path(&begun.is(201).id()));
    let refused = other.post(&confirm, json!({})).await;
    refused.problem(403, "forbidden");
    counter.admin.post(&confirm, json!({})).await.is(200);

    let order = till.order("k2", &[(&counter.pen, 1)]).await;
    let begun = begin(&till.client, "k2", &order).await.is(201).id();
    let confirm = format!("{}/confirm", path(&begun));
    let refused = counter.seller.post(&confirm, json!({})).await;
    refused.problem(409, "payment-not-offline");
}

#[tokio::test]
async fn without_an_account_at_stripe_orders_are_paid_offline() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let order = counter::place(&client, "k1", &[(&counter.pen, 1)]).await;
    let order = order.is(201).id();
    let refused = begin_with(&client, "k1", &order, "stripe").await;
    refused.problem(409, "provider-not-offered");
    let begun = begin(&client, "k2", &order).await.is(201).json();
    assert_eq!(begun["provider"], "offline");
}

#[tokio::test]
async fn a_payment_of_an_order_that_was_cancelled_is_cancelled_at_stripe() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 1)]).await;
    let payment = begin(&till.client, "k1", &order).await.is(201).json();
    counter::act(&till.client, &order, "cancel").await.is(200);
    payment_in(&till.client, payment["id"].as_str().unwrap(), "cancelled").await;
    let secret = payment["client_secret"].as_str().unwrap();
    assert_eq!(till.stripe.intent(secret).await["status"], "canceled");
}

#[tokio::test]
async fn an_order_that_a_seller_marked_paid_has_a_payment_that_can_be_refunded() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 2)]).await;
    let live = begin(&till.client, "k1", &order).await.is(201).id();
    counter::act(&till.counter.seller, &order, "mark-paid")
        .await
        .is(200);
    payment_in(&till.client, &live, "cancelled").await;
    let list = format!("/api/payments?order_id={order}");
    let paid = until("the seller's payment", || async {
        let listed = till.client.list(&list).await;
        listed.into_iter().find(|p| p["status"] == "succeeded")
    })
    .await;
    assert_eq!(paid["provider"], "offline");
    let id = paid["id"].as_str().unwrap();
    let body = json!({ "reason": "Retour", "restock": false });
    let refunded = crate::till::refund(&till.counter.seller, "r1", id, body).await;
    assert_eq!(refunded.is(201).json()["amount"]["amount"], 500);
}

#[tokio::test]
async fn money_for_an_order_that_expired_buys_its_stock_again_or_goes_back() {
    let till = crate::till::open_with(&[("reservation_seconds", "3")]).await;
    let (pen, book) = (&till.counter.pen, &till.counter.book);
    let pens = till.order("k1", &[(pen, 2)]).await;
    let books = till.order("k2", &[(book, 3)]).await;
    let for_pens = begin(&till.client, "k1", &pens).await.is(201).json();
    let for_books = begin(&till.client, "k2", &books).await.is(201).json();
    // Stripe is not told that the orders have expired, and takes the money.
    till.stripe.proxy.cut(true);
    for order in [&pens, &books] {
        order_in(&till.client, order, "expired").await;
    }
    let other = till.counter.shop.client().await;
    until("somebody else's books", || async {
        let placed = counter::place(&other, "k1", &[(book, 3)]).await;
        (placed.status == 201).then_some(())
    })
    .await;
    for payment in [&for_pens, &for_books] {
        let secret = payment["client_secret"].as_str().unwrap();
        let paid = till.stripe.pay(secret, GOOD_CARD).await;
        assert_eq!(paid.as_deref(), Ok("succeeded"));
    }
    order_in(&till.client, &pens, "paid").await;
    let id = for_books["id"].as_str().unwrap();
    payment_in(&till.client, id, "succeeded").await;
    till.stripe.proxy.cut(false);
    let refunded = until("the money back", || async {
        till.internal("reconcile").await.is(200);
        let payment = till.client.get(&path(id)).await.is(200).json();
        (payment["refunded"] == payment["amount"]).then_some(payment)
    })
    .await;
    assert_eq!(refunded["refunds"][0]["reason"], "order_expired");
    let given_back = till.stripe.refunds().await;
    assert_eq!(given_back.len(), 1, "{given_back:#?}");
    assert_eq!(given_back[0]["amount"], refunded["amount"]["amount"]);
    order_in(&till.client, &books, "expired").await;
    assert_eq!(pen.stock_levels(&till.client).await, (8, 8));
}

#[tokio::test]
async fn a_paid_order_that_is_cancelled_gets_its_money_back() {
    let till = open().await;
    let (order, payment) = till.paid_order("k1").await;
    counter::act(&till.counter.admin, &order, "cancel")
        .await
        .is(200);
    let refunded = until("the money back", || async {
        let payment = till.client.get(&path(&payment)).await.is(200).json();
        (payment["refunded"] == payment["amount"]).then_some(payment)
    })
    .await;
    assert_eq!(refunded["refunds"][0]["reason"], "order_cancelled");
    assert_eq!(till.stripe.refunds().await.len(), 1);
}
