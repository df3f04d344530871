//! Orders that a company pays after delivery: what their pro forma says, and what becomes of their goods when they
//! are cancelled.

use comptoir_tests::{Answer, Api, identity, until};
use serde_json::{Value, json};

use crate::counter::{Counter, act, body, open, path, place};
use crate::invoices::pdf_of;
use crate::till;

/// Four pens that a company has on terms; the order's id.
async fn accepted(counter: &Counter, customer: &Api, key: &str) -> String {
    let mut order = body(&[(&counter.pen, 4)]);
    order["company"] = json!({ "siren": "552100554" });
    let placed = customer.post("/api/orders", order).key(key).await;
    let order = placed.is(201).id();
    act(&counter.seller, &order, "accept").await.is(200);
    order
}

async fn shipped(counter: &Counter, customer: &Api, key: &str) -> String {
    let order = accepted(counter, customer, key).await;
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let ship = format!("{}/ship", path(&order));
    counter.seller.post(&ship, parcel).await.is(200);
    order
}

async fn cancel(api: &Api, order: &str, body: Value) -> Answer {
    api.post(&format!("{}/cancel", path(order)), body).await
}

/// What a file says, its lines joined.
fn text_of(pdf: &Answer) -> String {
    let document = lopdf::Document::load_mem(&pdf.bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).unwrap().replace('\n', " ")
}

#[tokio::test]
async fn what_was_shipped_on_terms_is_stock_again_when_an_admin_says_that_it_is_back() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let order = shipped(&counter, &client, "k1").await;
    act(&counter.seller, &order, "deliver").await.is(200);
    let cancelled = act(&counter.admin, &order, "cancel").await.is(200).json();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["fulfillment"], "delivered");
    counter.shop.tick().await;
    assert_eq!(counter.pen.stock_levels(&client).await, (6, 6));
    let theirs = cancel(&client, &order, json!({ "restock": true })).await;
    theirs.problem(403, "forbidden");
    for _ in 0..2 {
        let back = cancel(&counter.admin, &order, json!({ "restock": true })).await;
        assert_eq!(back.is(200).json()["fulfillment"], "delivered");
        assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    }
    let events = client.list(&format!("/api/orders/{order}/events")).await;
    let told = events
        .iter()
        .filter(|event| event["kind"] == "order.restocked");
    assert_eq!(told.count(), 1, "{events:#?}");
    let subject = format!("/api/audit/orders?subject=/api/orders/{order}");
    let audited = counter.admin.list(&subject).await;
    let audited = audited
        .iter()
        .filter(|entry| entry["action"] == "order.restocked");
    assert_eq!(audited.count(), 1);
    // What left the house is not forgotten, whether or not it came back.
    let removed = counter.admin.delete(&path(&order)).if_match("*").await;
    removed.problem(409, "order-not-ended");
}

#[tokio::test]
async fn who_cancels_what_was_shipped_may_say_at_once_that_it_is_back() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let order = shipped(&counter, &client, "k1").await;
    let request = json!({ "restock": true, "reason": "Refusé à la livraison" });
    let cancelled = cancel(&counter.admin, &order, request).await.is(200);
    assert_eq!(cancelled.json()["fulfillment"], "shipped");
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    let removed = counter.admin.delete(&path(&order)).if_match("*").await;
    removed.problem(409, "order-not-ended");
}

#[tokio::test]
async fn what_was_not_shipped_comes_back_whatever_is_asked() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let order = accepted(&counter, &client, "k1").await;
    let refused = cancel(&counter.admin, &order, json!({ "restock": false })).await;
    refused.problem(409, "order-not-shipped");
    assert_eq!(counter.pen.stock_levels(&client).await, (6, 6));
    let cancelled = act(&counter.admin, &order, "cancel").await.is(200).json();
    assert_eq!(cancelled["fulfillment"], "unfulfilled");
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
}

#[tokio::test]
async fn a_pro_forma_on_terms_says_the_terms_and_the_order_does_not_expire() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let mut shop = identity("F-", "A-");
    shop["payment_days"] = json!(45);
    let change = counter.admin.put("/api/merchants/shop", shop);
    change.if_match("*").await.is(200);
    let order = accepted(&counter, &client, "k1").await;
    let shown = client.get(&path(&order)).await.is(200).json();
    assert_eq!(shown["expires_at"], Value::Null);
    let pro_forma = text_of(&pdf_of(&client, &order).await.is(200));
    let term = "À payer dans les 45 jours suivant la livraison, par virement";
    assert!(pro_forma.contains(term), "{pro_forma}");
    assert!(!pro_forma.contains("au plus tard"), "{pro_forma}");
    assert!(pro_forma.contains("IBAN FR76"), "{pro_forma}");
}

#[tokio::test]
async fn who_pays_by_transfer_before_delivery_reads_where_to() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let placed = place(&client, "k1", &[(&counter.pen, 1)]).await.is(201);
    assert!(placed.json()["expires_at"].is_string());
    let order = placed.id();
    let begun = till::begin_with(&client, "k2", &order, "offline").await;
    begun.is(201);
    let pro_forma = text_of(&pdf_of(&client, &order).await.is(200));
    assert!(pro_forma.contains("À payer au plus tard le"), "{pro_forma}");
    let iban = "IBAN FR76 3000 6000 0112 3456 7890 189";
    assert!(pro_forma.contains(iban), "{pro_forma}");
    // A merchant without an account names none.
    let mut shop = identity("F-", "A-");
    shop["iban"] = Value::Null;
    let change = counter.admin.put("/api/merchants/shop", shop);
    change.if_match("*").await.is(200);
    let pro_forma = text_of(&pdf_of(&client, &order).await.is(200));
    assert!(!pro_forma.contains("IBAN"), "{pro_forma}");
    act(&counter.seller, &order, "mark-paid").await.is(200);
    until("the paid order waits for nothing", async || {
        let order = client.get(&path(&order)).await.is(200).json();
        (order["expires_at"] == Value::Null).then_some(())
    })
    .await;
}
