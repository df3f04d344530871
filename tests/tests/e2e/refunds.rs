//! Giving money back: never more than was paid, of a line or in total.

use comptoir_tests::{GOOD_CARD, Item, until};
use serde_json::{Value, json};

use crate::till::{begin, open, order_in, path, payment_in, refund};

/// What a test asks for, in cents.
fn amount(cents: i64) -> Value {
    json!({ "amount": { "amount": cents, "currency": "EUR" }, "reason": "Geste", "restock": false })
}

fn lines(lines: &[(&Item, i64)], restock: bool) -> Value {
    let line =
        |(item, quantity): &(&Item, i64)| json!({ "item_id": item.id, "quantity": quantity });
    let lines: Vec<_> = lines.iter().map(line).collect();
    json!({ "lines": lines, "reason": "Retour", "restock": restock })
}

fn everything(restock: bool) -> Value {
    json!({ "reason": "Retour", "restock": restock })
}

#[tokio::test]
async fn a_line_an_amount_and_all_that_is_left_are_given_back() {
    let till = open().await;
    let (order, payment) = till.paid_order("k1").await;
    let (seller, pen) = (&till.counter.seller, &till.counter.pen);
    let of_line = refund(seller, "r1", &payment, lines(&[(pen, 1)], true)).await;
    let of_line = of_line.is(201).json();
    assert_eq!(of_line["status"], "succeeded");
    assert_eq!(of_line["amount"]["amount"], 250);
    order_in(&till.client, &order, "partially_refunded").await;
    until("the pen back on the shelf", || async {
        (pen.stock_levels(&till.client).await == (9, 9)).then_some(())
    })
    .await;
    refund(seller, "r2", &payment, amount(55)).await.is(201);
    let rest = refund(seller, "r3", &payment, everything(true)).await;
    let rest = rest.is(201).json();
    assert_eq!(rest["amount"]["amount"], 1000 + 250);
    assert_eq!(rest["lines"].as_array().unwrap().len(), 2);
    order_in(&till.client, &order, "refunded").await;

    let paid = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(paid["refunded"], paid["amount"]);
    let list = format!("{}/refunds", path(&payment));
    let listed = till.client.list(&list).await;
    assert_eq!(json!(listed), paid["refunds"]);
    let at_stripe: Vec<_> = till.stripe.refunds().await;
    let given_back: i64 = at_stripe.iter().filter_map(|r| r["amount"].as_i64()).sum();
    assert_eq!(Some(given_back), paid["amount"]["amount"].as_i64());
    until("everything back on the shelf", || async {
        let pens = pen.stock_levels(&till.client).await;
        let books = till.counter.book.stock_levels(&till.client).await;
        (pens == (10, 10) && books == (3, 3)).then_some(())
    })
    .await;
    let more = refund(seller, "r4", &payment, everything(false)).await;
    more.problem(409, "nothing-to-refund");
}

#[tokio::test]
async fn shipping_that_was_not_paid_is_asked_back_in_vain_and_the_lines_are_given_back() {
    let till = open().await;
    let (_, payment) = till.paid_order("k1").await;
    let (seller, pen) = (&till.counter.seller, &till.counter.pen);
    let mut body = lines(&[(pen, 1)], false);
    body["shipping"] = true.into();
    let first = refund(seller, "r1", &payment, body.clone()).await.is(201);
    assert_eq!(first.json()["shipping"], false);
    let again = refund(seller, "r1", &payment, body).await.is(201);
    assert_eq!(again.id(), first.id());
    let list = format!("{}/refunds", path(&payment));
    assert_eq!(till.client.list(&list).await.len(), 1);
    let other = lines(&[(pen, 2)], false);
    let other = refund(seller, "r1", &payment, other).await;
    other.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn no_more_pieces_are_given_back_than_were_paid() {
    let till = open().await;
    let (_, payment) = till.paid_order("k1").await;
    let (seller, pen, book) = (&till.counter.seller, &till.counter.pen, &till.counter.book);
    let three = refund(seller, "r1", &payment, lines(&[(pen, 3)], false)).await;
    let problem = three.problem(409, "line-refunded");
    assert_eq!(problem["refundable_quantity"], 2);
    let both = refund(seller, "r2", &payment, lines(&[(pen, 2)], false)).await;
    both.is(201);
    let again = refund(seller, "r3", &payment, lines(&[(book, 1), (pen, 1)], false)).await;
    again.problem(409, "line-refunded");
    let other = Item::create(seller, &till.counter.category, "Gomme", 100, 5).await;
    let other = refund(seller, "r4", &payment, lines(&[(&other, 1)], false)).await;
    other.problem(409, "line-not-paid");
    let too_much = refund(seller, "r5", &payment, amount(1056)).await;
    let problem = too_much.problem(409, "refund-too-large");
    assert_eq!(problem["refundable"]["amount"], 1055);
    assert_eq!(till.stripe.refunds().await.len(), 1);
}

#[tokio::test]
async fn twenty_refunds_at_once_give_back_no_more_than_was_paid() {
    let till = open().await;
    let order = till.order("k1", &[(&till.counter.pen, 4)]).await;
    let begun = begin(&till.client, "k1", &order).await.is(201).json();
    let secret = begun["client_secret"].as_str().unwrap();
    let paid = till.stripe.pay(secret, GOOD_CARD).await;
    assert_eq!(paid.as_deref(), Ok("succeeded"));
    let payment = begun["id"].as_str().unwrap().to_owned();
    payment_in(&till.client, &payment, "succeeded").await;
    let asked = (0..20).map(|number| {
        let (admin, payment) = (till.counter.admin.clone(), payment.clone());
        let body = match number % 2 {
            0 => lines(&[(&till.counter.pen, 1)], false),
            _ => amount(300),
        };
        tokio::spawn(async move { refund(&admin, &format!("r{number}"), &payment, body).await })
    });
    let mut given_back = 0;
    for answer in asked.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        match answer.status {
            201 => given_back += answer.json()["amount"]["amount"].as_i64().unwrap(),
            _ => {
                answer.is(409);
            }
        }
    }
    let at_stripe = till.stripe.refunds().await;
    let at_stripe: i64 = at_stripe.iter().filter_map(|r| r["amount"].as_i64()).sum();
    assert_eq!(at_stripe, given_back);
    let paid = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(paid["refunded"]["amount"], given_back);
    assert!((700..=1000).contains(&given_back), "{given_back}");
}

#[tokio::test]
async fn the_same_key_twenty_times_at_once_is_one_refund() {
    let till = open().await;
    let (_, payment) = till.paid_order("k1").await;
    let asked = (0..20).map(|_| {
        let (seller, payment) = (till.counter.seller.clone(), payment.clone());
        tokio::spawn(async move { refund(&seller, "r1", &payment, amount(100)).await })
    });
    let mut ids = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        ids.push(answer.await.unwrap().is(201).id());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(till.stripe.refunds().await.len(), 1);
    let paid = till.client.get(&path(&payment)).await.is(200).json();
    assert_eq!(paid["refunded"]["amount"], 100);
    let reused = refund(&till.counter.seller, "r1", &payment, amount(101)).await;
    reused.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn a_seller_gives_back_their_own_lines_only() {
    let till = open().await;
    let counter = &till.counter;
    let other = counter.shop.seller().await;
    let cup = Item::create(&other, &counter.category, "Tasse", 900, 5).await;
    let order = till.order("k1", &[(&counter.pen, 1), (&cup, 1)]).await;
    let begun = crate::till::begin_with(&till.client, "k1", &order, "offline").await;
    let payment = begun.is(201).id();
    let early = refund(&counter.admin, "r0", &payment, everything(false)).await;
    early.problem(409, "payment-not-succeeded");
    let confirm = format!("{}/confirm", path(&payment));
    counter.admin.post(&confirm, json!({})).await.is(200);

    let stranger = counter.shop.seller().await;
    let refused = refund(&stranger, "r1", &payment, everything(false)).await;
    refused.problem(404, "not-found");
    let refused = refund(&till.client, "r1", &payment, everything(false)).await;
    refused.problem(403, "forbidden");
    for body in [
        everything(false),
        amount(10),
        lines(&[(&counter.pen, 1)], false),
    ] {
        let refused = refund(&other, "r2", &payment, body).await;
        refused.problem(403, "forbidden");
    }
    let own = refund(&other, "r3", &payment, lines(&[(&cup, 1)], false)).await;
    assert_eq!(own.is(201).json()["amount"]["amount"], 900);
    let rest = refund(&counter.admin, "r4", &payment, everything(false)).await;
    assert_eq!(rest.is(201).json()["amount"]["amount"], 250);
}

#[tokio::test]
async fn what_is_wrong_with_a_refund_is_pointed_at() {
    let till = open().await;
    let seller = &till.counter.seller;
    let id = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    let cent = json!({ "amount": 1, "currency": "EUR" });
    let none = json!({ "amount": 0, "currency": "EUR" });
    let long = "x".repeat(501);
    let line = |quantity: i64| json!({ "item_id": id, "quantity": quantity });
    for (body, pointers) in [
        (json!({ "reason": " ", "restock": false }), vec!["/reason"]),
        (json!({ "reason": long, "restock": false }), vec!["/reason"]),
        (
            json!({ "amount": cent, "reason": "a", "restock": true }),
            vec!["/restock"],
        ),
        (
            json!({ "amount": none, "reason": "a", "restock": false }),
            vec!["/amount/amount"],
        ),
        (
            json!({ "amount": cent, "lines": [line(1)], "reason": "a", "restock": false }),
            vec!["/amount"],
        ),
        (
            json!({ "lines": [], "reason": "a", "restock": false }),
            vec!["/lines"],
        ),
        (
            json!({ "lines": [line(0), line(1), line(1)], "reason": "a", "restock": false }),
            vec!["/lines/0/quantity", "/lines/1/item_id", "/lines/2/item_id"],
        ),
    ] {
        let refused = refund(seller, "r1", id, body).await;
        assert_eq!(refused.invalid_fields(), pointers);
    }
    let unknown = refund(seller, "r1", id, everything(false)).await;
    unknown.problem(404, "not-found");
}
