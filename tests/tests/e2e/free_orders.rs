//! Orders that cost nothing: they are paid when they are placed.

use comptoir_tests::validators::{self, Paper};
use comptoir_tests::{Api, Item, sell_in_own_name, sellers_identity};
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, body, open, path, place};
use crate::discounts::payment_of;
use crate::reports::rows_when;
use crate::till;

async fn give_code(counter: &Counter, code: &str, terms: Value) {
    let path = format!("/api/discounts/{code}");
    counter.admin.put(&path, terms).await.is(201);
}

async fn papers(api: &Api, order: &str) -> Vec<Value> {
    api.list(&format!("/api/invoices?order_id={order}")).await
}

#[tokio::test]
async fn what_costs_nothing_is_paid_invoiced_and_sold_when_it_is_placed() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let sample = Item::create(&counter.seller, &counter.category, "Échantillon", 0, 5).await;
    let placed = place(&client, "k1", &[(&sample, 2)]).await.is(201);
    let order = placed.json();
    assert_eq!(order["status"], "paid");
    assert!(order["paid_at"].is_string(), "{order:#}");
    assert_eq!(order["payment"], Value::Null);
    assert_eq!(sample.stock_levels(&client).await, (3, 3));
    let found = papers(&client, &placed.id()).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["gross"]["amount"], 0);
    let pdf = format!("{}/invoice.pdf", path(&placed.id()));
    let pdf = client.get(&pdf).await.is(200);
    assert!(pdf.header("content-disposition").contains("F-000001"));
    // The same request again is the same order, and sells nothing more.
    let again = place(&client, "k1", &[(&sample, 2)]).await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json(), order);
    assert_eq!(sample.stock_levels(&client).await, (3, 3));
    let payment = till::begin(&client, "p1", &placed.id()).await;
    payment.problem(409, "nothing-to-pay");
    let history = client.list(&format!("{}/events", path(&placed.id()))).await;
    let kinds: Vec<_> = history.iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["order.paid", "order.placed"]);
    act(&counter.seller, &placed.id(), "prepare").await.is(200);
}

#[tokio::test]
async fn a_code_of_a_hundred_percent_pays_an_order_after_its_quote_too() {
    let counter = open().await;
    let client = counter.shop.client().await;
    give_code(&counter, "cadeau", json!({ "percent": 100, "max_uses": 1 })).await;
    let mut order = body(&[(&counter.pen, 3), (&counter.book, 1)]);
    order["discount_code"] = "CADEAU".into();
    let mut quote = order.clone();
    quote.as_object_mut().unwrap().remove("shipping_address");
    let quoted = client.post("/api/orders/quote", quote).await.is(200).json();
    assert_eq!(quoted["totals"]["gross"]["amount"], 0);
    order["expected_total"] = quoted["totals"]["gross"].clone();
    // The same request many times at once is one order.
    let placed = (0..8).map(|_| {
        let request = client.post("/api/orders", order.clone()).key("k1");
        tokio::spawn(async move { request.await.is(201).json() })
    });
    let mut ids = Vec::new();
    for placed in placed.collect::<Vec<_>>() {
        let placed = placed.await.unwrap();
        assert_eq!(placed["status"], "paid");
        ids.push(placed["id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(counter.pen.stock_levels(&client).await, (7, 7));
    assert_eq!(counter.book.stock_levels(&client).await, (2, 2));
    let found = papers(&client, ids[0].as_str().unwrap()).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    let used_up = client.post("/api/orders", order).key("k2").await;
    used_up.problem(409, "discount-refused");
}

#[tokio::test]
async fn nothing_is_free_that_is_not_there() {
    let counter = open().await;
    let sample = Item::create(&counter.seller, &counter.category, "Échantillon", 0, 5).await;
    let clients = counter.shop.crowd(20);
    let placed = clients.into_iter().map(|client| {
        let order = body(&[(&sample, 1)]);
        let request = client.post("/api/orders", order).key("k1");
        tokio::spawn(async move { request.await })
    });
    let mut sold = 0;
    for placed in placed.collect::<Vec<_>>() {
        let placed = placed.await.unwrap();
        match placed.status {
            201 => sold += 1,
            _ => drop(placed.problem(409, "out-of-stock")),
        }
    }
    assert_eq!(sold, 5);
    assert_eq!(sample.stock_levels(counter.shop.api()).await, (0, 0));
}

#[tokio::test]
async fn a_free_order_that_is_cancelled_gives_its_stock_back_and_has_a_credit_note() {
    let counter = open().await;
    let (admin, client) = (&counter.admin, counter.shop.client().await);
    give_code(&counter, "cadeau", json!({ "percent": 100 })).await;
    let mut order = body(&[(&counter.pen, 3), (&counter.book, 1)]);
    order["discount_code"] = "CADEAU".into();
    let order = client.post("/api/orders", order).key("k1").await;
    let order = order.is(201).id();
    rows_when(admin, "best-sellers", |rows| rows.len() == 2).await;
    for _ in 0..2 {
        let cancelled = act(admin, &order, "cancel").await.is(200).json();
        assert_eq!(cancelled["status"], "cancelled");
        // Nothing was owed, so no money can have come for it.
        let noted = act(admin, &order, "mark-paid").await.is(200).json();
        assert_eq!(noted["payment"], cancelled["payment"]);
    }
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    let found = papers(&client, &order).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0]["kind"], "credit_note");
    assert_eq!(found[0]["original"], found[1]["number"]);
    assert_eq!(found[0]["gross"]["amount"], 0);
    let xml = found[0]["files"]["xml"].as_str().unwrap();
    let xml = client.get(xml).await.is(200).text();
    for line in [">Stylo<", ">3<", ">Carnet<"] {
        assert!(xml.contains(line), "{line} in {xml}");
    }
    rows_when(admin, "best-sellers", <[Value]>::is_empty).await;
    let pdf = found[0]["files"]["pdf"].as_str().unwrap();
    let pdf = client.get(pdf).await.is(200);
    validators::check(&[Paper::invoice("credit note of nothing", pdf.bytes)]).await;
}

/// Two sell in their own name, and what one of them sells is a present.
#[tokio::test]
async fn a_free_part_of_an_order_that_is_cancelled_has_a_credit_note_too() {
    let counter = open().await;
    let (admin, client) = (&counter.admin, counter.shop.client().await);
    let other = counter.shop.seller().await;
    let sample = Item::create(&other, &counter.category, "Échantillon", 0, 5).await;
    sell_in_own_name(admin, &other, sellers_identity()).await;
    let lines = [(&counter.pen, 1), (&sample, 2)];
    let order = place(&client, "k1", &lines).await.is(201).id();
    act(admin, &order, "mark-paid").await.is(200);
    act(admin, &order, "cancel").await.is(200);
    let credited = papers(&client, &order).await;
    let credited = credited
        .iter()
        .filter(|document| document["kind"] == "credit_note");
    let amounts: Vec<_> = credited
        .map(|document| document["gross"]["amount"].clone())
        .collect();
    assert_eq!(amounts, [0]);
    // That of the pen follows when its money is back.
    let payment = payment_of(admin, &order).await;
    let payment = admin.get(&format!("/api/payments/{payment}")).await.is(200);
    let payment = payment.json();
    let refund = payment["refunds"][0]["id"].as_str().unwrap();
    let link = format!("/api/payments/{}", payment["id"].as_str().unwrap());
    let sent_back = format!("{link}/refunds/{refund}/confirm");
    admin.post(&sent_back, json!({})).await.is(200);
    assert_eq!(papers(&client, &order).await.len(), 4);
    rows_when(admin, "best-sellers", <[Value]>::is_empty).await;
}

/// The stock of a free order is sold before it is written down as paid: what died in between is taken up by the
/// same request, and expires without it.
#[tokio::test]
async fn a_free_order_that_was_interrupted_goes_on_or_ends() {
    let counter = counter::open_with(&[("request_deadline_ms", "1500")]).await;
    let client = counter.shop.client().await;
    let sample = Item::create(&counter.seller, &counter.category, "Échantillon", 0, 5).await;
    // Nobody can issue a paper: the order is written, and cannot be paid.
    let held = counter.shop.hold("orders", "invoices").await;
    let first = place(&client, "k1", &[(&sample, 2)]).await;
    assert!(matches!(first.status, 503 | 504), "{first}");
    held.release().await;
    let again = place(&client, "k1", &[(&sample, 2)]).await.is(201).json();
    assert_eq!(again["status"], "paid");
    assert_eq!(sample.stock_levels(&client).await, (3, 3));
    let orders = client.list("/api/orders").await;
    assert_eq!(orders.len(), 1, "{orders:#?}");
}
