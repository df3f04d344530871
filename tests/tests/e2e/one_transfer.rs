//! A transfer that two people note, each on a screen of their own: one as paying the payment that the customer has
//! begun, one as paying the order. It is one transfer.

use comptoir_tests::{Person, until};
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, place};
use crate::till::{begin_with, path};

/// An order of two pens, and the payment by transfer that its customer has begun.
async fn begun(counter: &Counter, customer: &Person, key: &str) -> (String, String) {
    let order = place(customer, key, &[(&counter.pen, 2)]).await;
    let order = order.is(201).id();
    let payment = begin_with(customer, key, &order, "offline");
    let payment = payment.await.is(201).id();
    (order, payment)
}

async fn confirm(seller: &Person, payment: &str) {
    let confirm = format!("{}/confirm", path(payment));
    seller.post(&confirm, json!({})).await.is(200);
}

async fn mark_paid(seller: &Person, order: &str) {
    act(seller, order, "mark-paid").await.is(200);
}

/// Notes the transfer twice, in the order of this round or at once.
async fn note_twice(counter: &Counter, round: usize, order: &str, payment: &str) {
    let (seller, admin) = (&counter.seller, &counter.admin);
    match round % 3 {
        0 => {
            mark_paid(seller, order).await;
            confirm(admin, payment).await;
        }
        1 => {
            confirm(seller, payment).await;
            mark_paid(admin, order).await;
        }
        _ => {
            tokio::join!(mark_paid(seller, order), confirm(admin, payment));
        }
    }
}

/// The one payment of an order.
async fn only_payment(reader: &Person, order: &str) -> Value {
    let payments = reader
        .list(&format!("/api/payments?order_id={order}"))
        .await;
    let [payment] = &payments[..] else {
        panic!("not one payment: {payments:#?}");
    };
    payment.clone()
}

#[tokio::test]
async fn a_transfer_that_is_noted_on_two_screens_pays_once() {
    let counter = counter::open().await;
    let customer = counter.shop.client().await;
    for round in 0..9 {
        let key = format!("k{round}");
        let (order, payment) = begun(&counter, &customer, &key).await;
        note_twice(&counter, round, &order, &payment).await;
        let paid = customer.get(&counter::path(&order)).await.is(200).json();
        assert_eq!(paid["status"], "paid", "{round}");
        assert_eq!(paid["payment"]["id"], payment.as_str(), "{round}");
        let noted = only_payment(&customer, &order).await;
        assert_eq!(noted["status"], "succeeded", "{round}");
        assert_eq!(noted["refunds"], json!([]), "{round}");
        let of_order = format!("/api/invoices?order_id={order}");
        assert_eq!(customer.list(&of_order).await.len(), 1, "{round}");
        // The next round has pens to sell.
        act(&counter.admin, &order, "cancel").await.is(200);
    }
}

#[tokio::test]
async fn a_transfer_for_an_order_that_was_cancelled_goes_back_once() {
    let counter = counter::open().await;
    let customer = counter.shop.client().await;
    for round in 0..6 {
        let key = format!("k{round}");
        let (order, payment) = begun(&counter, &customer, &key).await;
        act(&customer, &order, "cancel").await.is(200);
        note_twice(&counter, round, &order, &payment).await;
        let noted = only_payment(&customer, &order).await;
        assert_eq!(noted["status"], "succeeded", "{round}");
        let refunds = noted["refunds"].as_array().unwrap();
        assert_eq!(refunds.len(), 1, "{round}: {noted:#}");
        assert_eq!(refunds[0]["by_hand"], true, "{round}");
        assert_eq!(refunds[0]["reason"], "order_cancelled", "{round}");
        assert_eq!(refunds[0]["amount"], noted["amount"], "{round}");
    }
    let owed = counter.admin.list("/api/refunds/by-hand").await;
    assert_eq!(owed.len(), 6);
}

/// The reasons of the events of an order that tell of a rejected payment.
async fn rejections(reader: &Person, order: &str) -> usize {
    let events = reader.list(&format!("/api/orders/{order}/events")).await;
    let rejected = events
        .iter()
        .filter(|event| event["kind"] == "payment.rejected");
    rejected.count()
}

#[tokio::test]
async fn money_that_goes_back_does_not_pay_when_the_stock_is_there_again() {
    let counter = counter::open().await;
    let (customer, seller) = (counter.shop.client().await, &counter.seller);
    let order = place(&customer, "k1", &[(&counter.book, 3)]).await;
    let order = order.is(201).id();
    counter.shop.end_term(&order).await;
    let stock = format!("/api/items/{}/stock", counter.book.id);
    let change = |delta: i64| json!({ "delta": delta, "reason": "Inventaire" });
    until("the books are free", async || {
        counter.shop.tick().await;
        (seller.post(&stock, change(-1)).await.status == 201).then_some(())
    })
    .await;
    mark_paid(seller, &order).await;
    let owed = counter.admin.list("/api/refunds/by-hand").await;
    assert_eq!(owed.len(), 1);
    seller.post(&stock, change(1)).await.is(201);
    let noted = act(seller, &order, "mark-paid").await.is(200).json();
    assert_eq!(noted["status"], "expired");
    assert_eq!(counter.book.stock_levels(&customer).await, (3, 3));
    assert_eq!(counter.admin.list("/api/refunds/by-hand").await, owed);
    assert_eq!(rejections(&customer, &order).await, 1);
}

#[tokio::test]
async fn what_paid_an_order_is_not_rejected_once_it_is_cancelled() {
    let counter = counter::open().await;
    let (customer, seller) = (counter.shop.client().await, &counter.seller);
    let order = place(&customer, "k1", &[(&counter.pen, 1)]).await;
    let order = order.is(201).id();
    mark_paid(seller, &order).await;
    act(&counter.admin, &order, "cancel").await.is(200);
    mark_paid(seller, &order).await;
    assert_eq!(rejections(&customer, &order).await, 0);
    let payment = only_payment(&customer, &order).await;
    assert_eq!(payment["refunds"].as_array().unwrap().len(), 1);
}
