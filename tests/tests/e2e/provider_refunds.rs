//! Refunds and disputes that began at the provider: recorded whoever began them, and found where no webhook came.

use comptoir_tests::Api;
use serde_json::{Value, json};

use crate::counter::{self, act};
use crate::stripe_webhooks::{event, send_signed};
use crate::till::{Till, begin, open_without_webhooks, order_in, path, payment_in};

/// An order of two pens and a book that was paid with Stripe: its id, the payment's and the intent's.
async fn paid(till: &Till, key: &str) -> (String, String, String) {
    let (pen, book) = (&till.counter.pen, &till.counter.book);
    let order = till.order(key, &[(pen, 2), (book, 1)]).await;
    let payment = begin(&till.client, key, &order).await.is(201).json();
    let secret = payment["client_secret"].as_str().unwrap();
    let paid = till.stripe.pay(secret, comptoir_tests::GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    let intent = till.stripe.intent(secret).await;
    let told = event(&format!("evt_{key}"), "payment_intent.succeeded", &intent);
    send_signed(till, &told).await.is(200);
    order_in(&till.client, &order, "paid").await;
    let id = payment["id"].as_str().unwrap().to_owned();
    (order, id, intent["id"].as_str().unwrap().to_owned())
}

async fn credits(api: &Api, order: &str) -> Vec<i64> {
    let papers = api.list(&format!("/api/invoices?order_id={order}")).await;
    let notes = papers.iter().filter(|paper| paper["kind"] == "credit_note");
    notes
        .filter_map(|note| note["gross"]["amount"].as_i64())
        .collect()
}

fn dispute(id: &str, intent: &str, status: &str, amount: i64) -> Value {
    json!({ "id": id, "object": "dispute", "status": status, "amount": amount, "currency": "eur",
        "reason": "fraudulent", "charge": "ch_1", "payment_intent": intent,
        "created": 1_795_253_400_i64 })
}

async fn order_of(till: &Till, order: &str) -> Value {
    till.client.get(&counter::path(order)).await.is(200).json()
}

#[tokio::test]
async fn a_refund_made_at_the_provider_is_recorded_once_with_its_credit_note() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid(&till, "k1").await;
    let made = till.stripe.refund_there(&intent, 555).await;
    for (number, kind) in ["refund.created", "refund.updated", "charge.refund.updated"]
        .iter()
        .enumerate()
    {
        let told = event(&format!("evt_r{number}"), kind, &made);
        send_signed(&till, &told).await.is(200);
    }
    let charge = json!({ "id": made["charge"], "object": "charge", "payment_intent": intent,
        "amount_refunded": 555, "metadata": {} });
    let told = event("evt_c", "charge.refunded", &charge);
    send_signed(&till, &told).await.is(200);
    order_in(&till.client, &order, "partially_refunded").await;
    till.internal("reconcile").await.is(200);
    let shown = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(shown["refunded"]["amount"], 555);
    let refunds = shown["refunds"].as_array().unwrap();
    assert_eq!(refunds.len(), 1, "{refunds:#?}");
    assert_eq!(refunds[0]["reason"], "made_at_provider");
    assert_eq!(refunds[0]["status"], "succeeded");
    assert_eq!(credits(&till.client, &order).await, [555]);
    // The rest is given back here: nobody gets more than was paid.
    let rest = json!({ "reason": "Retour", "restock": false });
    let rest = crate::till::refund(&till.counter.seller, "r1", &payment, rest).await;
    assert_eq!(rest.is(201).json()["amount"]["amount"], 1555 - 555);
    assert_eq!(order_of(&till, &order).await["status"], "refunded");
}

#[tokio::test]
async fn all_of_an_orders_money_given_back_at_the_provider_ends_the_order() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid(&till, "k1").await;
    let made = till.stripe.refund_there(&intent, 1555).await;
    // Only the charge's event comes.
    let charge = json!({ "id": made["charge"], "object": "charge", "payment_intent": intent,
        "amount_refunded": 1555, "metadata": {} });
    let told = event("evt_c", "charge.refunded", &charge);
    send_signed(&till, &told).await.is(200);
    order_in(&till.client, &order, "refunded").await;
    assert_eq!(credits(&till.client, &order).await, [1555]);
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let ship = format!("/api/orders/{order}/ship");
    let refused = till.counter.seller.post(&ship, parcel).await;
    refused.problem(409, "order-refunded");
    let more = json!({ "reason": "Retour", "restock": false });
    let more = crate::till::refund(&till.counter.seller, "r1", &payment, more).await;
    more.problem(409, "nothing-to-refund");
}

#[tokio::test]
async fn a_refund_at_the_provider_that_fails_or_is_of_nobody_moves_nothing() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid(&till, "k1").await;
    let refund = |id: &str, intent: &str, status: &str, currency: &str| {
        json!({ "id": id, "object": "refund", "status": status, "amount": 100,
            "currency": currency, "payment_intent": intent, "metadata": {} })
    };
    for (number, (kind, object)) in [
        ("refund.failed", refund("re_1", &intent, "failed", "eur")),
        (
            "refund.created",
            refund("re_2", "pi_nobody", "succeeded", "eur"),
        ),
        (
            "refund.created",
            refund("re_3", &intent.to_uppercase(), "succeeded", "eur"),
        ),
        (
            "refund.created",
            refund("re_4", &intent, "succeeded", "usd"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let told = event(&format!("evt_f{number}"), kind, &object);
        send_signed(&till, &told).await.is(200);
    }
    let shown = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(shown["refunds"], json!([]));
    assert_eq!(order_of(&till, &order).await["status"], "paid");
    // One that is on its way there is asked about there, and not made again here.
    let pending = event(
        "evt_p",
        "refund.created",
        &refund("re_5", &intent, "pending", "eur"),
    );
    send_signed(&till, &pending).await.is(200);
    till.internal("reconcile").await.is(200);
    assert!(till.stripe.refunds().await.is_empty());
    let done = event(
        "evt_q",
        "refund.updated",
        &refund("re_5", &intent, "succeeded", "eur"),
    );
    send_signed(&till, &done).await.is(200);
    order_in(&till.client, &order, "partially_refunded").await;
    assert_eq!(credits(&till.client, &order).await, [100]);
}

#[tokio::test]
async fn a_dispute_holds_the_order_until_it_is_won() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid(&till, "k1").await;
    let open = dispute("du_1", &intent, "needs_response", 1555);
    for (id, kind) in [
        ("evt_1", "charge.dispute.created"),
        ("evt_2", "charge.dispute.funds_withdrawn"),
        ("evt_3", "charge.dispute.updated"),
    ] {
        send_signed(&till, &event(id, kind, &open)).await.is(200);
    }
    disputed(&till, &order, "open").await;
    let shown = till.client.get(&path(&payment)).await.is(200).json();
    let disputes = shown["disputes"].as_array().unwrap();
    assert_eq!(disputes.len(), 1, "{disputes:#?}");
    assert_eq!(disputes[0]["status"], "open");
    assert_eq!(disputes[0]["reason"], "fraudulent");
    assert_eq!(disputes[0]["amount"]["amount"], 1555);
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let ship = format!("/api/orders/{order}/ship");
    for seller in [&till.counter.seller, &till.counter.admin] {
        let refused = seller.post(&ship, parcel.clone()).await;
        refused.problem(409, "order-disputed");
        let refused = act(seller, &order, "prepare").await;
        refused.problem(409, "order-disputed");
    }
    let refused = act(&till.counter.admin, &order, "cancel").await;
    refused.problem(409, "order-disputed");
    let won = dispute("du_1", &intent, "won", 1555);
    send_signed(&till, &event("evt_4", "charge.dispute.closed", &won))
        .await
        .is(200);
    // What was told before comes again, late.
    send_signed(&till, &event("evt_5", "charge.dispute.updated", &open))
        .await
        .is(200);
    disputed(&till, &order, "won").await;
    till.counter.seller.post(&ship, parcel).await.is(200);
    assert!(credits(&till.client, &order).await.is_empty());
    let events = till
        .client
        .list(&format!("/api/orders/{order}/events"))
        .await;
    let told = |kind: &str| {
        let found = events.iter().filter(|event| event["kind"] == kind);
        found
            .map(|event| event["reason"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(told("order.disputed"), ["fraudulent"]);
    assert_eq!(told("order.dispute_closed"), ["won"]);
}

#[tokio::test]
async fn a_dispute_that_is_lost_is_money_that_went_back() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid(&till, "k1").await;
    let part = json!({ "amount": { "amount": 55, "currency": "EUR" }, "reason": "a",
        "restock": false });
    let given = crate::till::refund(&till.counter.seller, "r1", &payment, part).await;
    given.is(201);
    // The end is told before the beginning.
    for (id, kind, status) in [
        ("evt_1", "charge.dispute.closed", "lost"),
        ("evt_2", "charge.dispute.created", "needs_response"),
        ("evt_3", "charge.dispute.closed", "lost"),
    ] {
        let told = event(id, kind, &dispute("du_1", &intent, status, 1555));
        send_signed(&till, &told).await.is(200);
    }
    disputed(&till, &order, "lost").await;
    order_in(&till.client, &order, "refunded").await;
    let shown = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(shown["refunded"], shown["amount"]);
    let refunds = shown["refunds"].as_array().unwrap();
    assert_eq!(refunds.len(), 2, "{refunds:#?}");
    assert_eq!(refunds[1]["reason"], "dispute_lost");
    assert_eq!(refunds[1]["amount"]["amount"], 1500);
    assert_eq!(
        credits(&till.client, &order).await.iter().sum::<i64>(),
        1555
    );
}

#[tokio::test]
async fn what_began_at_the_provider_is_found_where_no_webhook_came() {
    let till = open_without_webhooks(&[]).await;
    let (order, payment, intent) = paid(&till, "k1").await;
    let (other, _, disputed_intent) = paid(&till, "k2").await;
    till.stripe.refund_there(&intent, 1555).await;
    let mut open = dispute("du_1", &disputed_intent, "needs_response", 1555);
    open["created"] = till.stripe.refunds().await[0]["created"].clone();
    till.stripe.proxy.beyond().set_dispute(open.clone());
    let found = till.internal("reconcile").await.is(200).json();
    assert!(found.to_string().contains("\"found\":2"), "{found}");
    // Whoever looks next sees it.
    assert_eq!(order_of(&till, &order).await["status"], "refunded");
    assert_eq!(order_of(&till, &other).await["dispute"], "open");
    payment_in(&till.client, &payment, "succeeded").await;
    let again = till.internal("reconcile").await.is(200).json();
    assert!(again.to_string().contains("\"found\":0"), "{again}");
    open["status"] = json!("lost");
    till.stripe.proxy.beyond().set_dispute(open);
    till.internal("reconcile").await.is(200);
    assert_eq!(order_of(&till, &other).await["status"], "refunded");
}

#[tokio::test]
async fn a_dispute_is_followed_to_its_end_among_entries_of_other_businesses() {
    let till = open_without_webhooks(&[]).await;
    let (order, _, intent) = paid(&till, "k1").await;
    let mut open = dispute("du_1", &intent, "needs_response", 1555);
    // It was opened half a year ago, and that was told.
    open["created"] = json!(1_780_000_000_i64);
    let told = event("evt_1", "charge.dispute.created", &open);
    send_signed(&till, &told).await.is(200);
    disputed(&till, &order, "open").await;
    till.internal("reconcile").await.is(200);
    // The same account is paid in dollars too, for somebody else.
    let mut dollars = dispute("du_2", "pi_elsewhere", "lost", 900);
    dollars["currency"] = json!("usd");
    dollars["created"] = json!(1_795_000_000_i64);
    open["status"] = json!("lost");
    till.stripe.proxy.beyond().set_dispute(open);
    till.stripe.proxy.beyond().set_dispute(dollars);
    till.internal("reconcile").await.is(200);
    disputed(&till, &order, "lost").await;
    order_in(&till.client, &order, "refunded").await;
}

async fn disputed(till: &Till, order: &str, status: &str) {
    comptoir_tests::until(&format!("a dispute that is {status}"), || async {
        let order = order_of(till, order).await;
        (order["dispute"] == status).then_some(())
    })
    .await;
}
