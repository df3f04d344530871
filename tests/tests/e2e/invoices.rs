//! Invoices and credit notes, as buyers, sellers and accountants get them.

use comptoir_tests::{Answer, Api, Person, identity, until};
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, body, path, place};
use crate::till;

/// An order of two pens and a book that was paid; its id.
pub async fn paid(counter: &Counter, client: &Person, key: &str) -> String {
    let lines = [(&counter.pen, 2), (&counter.book, 1)];
    let order = place(client, key, &lines).await.is(201).id();
    act(&counter.seller, &order, "mark-paid").await.is(200);
    order
}

pub async fn pdf_of(api: &Api, order: &str) -> Answer {
    api.get(&format!("/api/orders/{order}/invoice.pdf")).await
}

pub async fn xml_of(api: &Api, order: &str) -> Answer {
    api.get(&format!("/api/orders/{order}/invoice.xml")).await
}

pub async fn list(api: &Api, query: &str) -> Vec<Value> {
    let answer = api.get(&format!("/api/invoices{query}")).await.is(200);
    answer.json()["data"].as_array().unwrap().clone()
}

pub fn numbers(papers: &[Value]) -> Vec<&str> {
    let numbers = papers.iter().map(|paper| paper["number"].as_str());
    numbers.map(Option::unwrap).collect()
}

/// What an element of the XML says, the first time that it is there.
pub fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<ram:{name}")).unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split_once('<').unwrap().0
}

#[tokio::test]
async fn before_it_is_paid_an_order_has_a_pro_forma_and_no_invoice() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let order = place(&client, "k1", &[(&counter.pen, 2)]).await.is(201);
    let pro_forma = pdf_of(&client, &order.id()).await.is(200);
    assert_eq!(pro_forma.header("content-type"), "application/pdf");
    let file = format!("filename=\"proforma_{}.pdf\"", order.json()["order_number"]);
    assert!(pro_forma.header("content-disposition").contains(&file));
    assert!(pro_forma.bytes.starts_with(b"%PDF-"));
    let xml = xml_of(&client, &order.id()).await;
    xml.problem(409, "order-not-invoiced");
    assert!(list(&client, "").await.is_empty());
    act(&client, &order.id(), "cancel").await.is(200);
    let cancelled = pdf_of(&client, &order.id()).await;
    cancelled.problem(409, "order-cancelled");
}

#[tokio::test]
async fn an_order_that_is_paid_has_one_invoice_and_always_the_same_bytes() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let order = paid(&counter, &client, "k1").await;
    // Told twice, invoiced once.
    act(&counter.seller, &order, "mark-paid").await.is(200);
    let papers = list(&client, "").await;
    assert_eq!(numbers(&papers), ["F-000001"]);
    let paper = &papers[0];
    assert_eq!(paper["kind"], "invoice");
    assert_eq!(paper["order_id"], order.as_str());
    assert_eq!(paper["gross"], json!({ "amount": 1555, "currency": "EUR" }));
    let pdf = pdf_of(&client, &order).await.is(200);
    let again = client.get("/api/invoices/F-000001.pdf").await.is(200);
    assert_eq!(pdf.bytes, again.bytes);
    let digest = paper["files"]["pdf_sha256"].as_str().unwrap();
    assert_eq!(pdf.header("etag"), format!("\"{digest}\""));
    let file = "attachment; filename=\"F-000001.pdf\"";
    assert_eq!(pdf.header("content-disposition"), file);
    let same = client
        .get("/api/invoices/F-000001.pdf")
        .header("if-none-match", pdf.header("etag"));
    assert!(same.await.is(304).bytes.is_empty());
    let xml = xml_of(&client, &order).await.is(200);
    assert_eq!(xml.header("content-type"), "application/xml");
    let text = xml.text();
    assert_eq!(element(&text, "GrandTotalAmount"), "15.55");
    assert_eq!(element(&text, "DuePayableAmount"), "0.00");
    assert!(text.contains(&client.email));
    // The shop may change its name: what was issued stays.
    let shop = "/api/merchants/shop";
    let mut renamed = identity("F-", "A-");
    renamed["address"]["name"] = "Roses & Cie".into();
    let admin = &counter.admin;
    let change = admin.put(shop, renamed).header("if-match", "*");
    change.await.is(200);
    let later = pdf_of(&client, &order).await.is(200);
    assert_eq!(pdf.bytes, later.bytes);
}

#[tokio::test]
async fn a_refund_has_a_credit_note_of_the_same_money() {
    let till = till::open().await;
    let (order, payment) = till.paid_order("k1").await;
    let (pen, seller) = (&till.counter.pen, &till.counter.seller);
    let refunds = format!("/api/payments/{payment}/refunds");
    let piece = json!({
        "lines": [{ "item_id": pen.id, "quantity": 1 }], "reason": "Cassé", "restock": false,
    });
    seller.post(&refunds, piece).key("r1").await.is(201);
    let gesture = json!({
        "amount": { "amount": 100, "currency": "EUR" }, "reason": "Retard", "restock": false,
    });
    seller.post(&refunds, gesture).key("r2").await.is(201);
    let rest = json!({
        "amount": { "amount": 1205, "currency": "EUR" }, "reason": "Geste", "restock": false,
    });
    seller.post(&refunds, rest).key("r3").await.is(201);
    let refunded = |order: Value| order["status"] == "refunded";
    until("the order is refunded", async || {
        let order = till.client.get(&path(&order)).await.is(200);
        refunded(order.json()).then_some(())
    })
    .await;
    let papers = list(&till.client, &format!("?order_id={order}")).await;
    let expected = ["A-000003", "A-000002", "A-000001", "F-000001"];
    assert_eq!(numbers(&papers), expected);
    let gross = |paper: &Value| paper["gross"]["amount"].as_i64().unwrap();
    let amounts: Vec<i64> = papers.iter().map(gross).collect();
    assert_eq!(amounts, [1205, 100, 250, 1555]);
    // VAT comes back to the cent as well.
    let vat = |paper: &Value| paper["vat"]["amount"].as_i64().unwrap();
    let [credits @ .., invoice] = &papers[..] else {
        panic!("there is an invoice");
    };
    assert_eq!(credits.iter().map(vat).sum::<i64>(), vat(invoice));
    for credit in credits {
        assert_eq!(credit["kind"], "credit_note");
        assert_eq!(credit["original"], "F-000001");
        let xml = credit["files"]["xml"].as_str().unwrap();
        let xml = till.client.get(xml).await.is(200).text();
        assert_eq!(element(&xml, "TypeCode"), "381");
        assert!(xml.contains("<ram:IssuerAssignedID>F-000001<"));
    }
    // The order's paper is its invoice.
    let invoice = pdf_of(&till.client, &order).await.is(200);
    assert!(invoice.header("content-disposition").contains("F-000001"));
}

#[tokio::test]
async fn a_company_gives_what_its_accountant_needs() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let mut order = body(&[(&counter.pen, 1)]);
    order["company"] = json!({ "siren": "552100555", "vat_number": "FR1" });
    let refused = client.post("/api/orders", order.clone()).key("k0").await;
    let fields = refused.invalid_fields();
    assert_eq!(fields, ["/company/siren", "/company/vat_number"]);
    order["company"] = json!({});
    let refused = client.post("/api/orders", order.clone()).key("k0").await;
    assert_eq!(refused.invalid_fields(), ["/company"]);
    order["company"] = json!({
        "siren": "552100554", "vat_number": "FR96552100554", "purchase_order": "BC-7781",
    });
    let placed = client.post("/api/orders", order.clone()).key("k1");
    let placed = placed.in_language("en").await.is(201);
    assert_eq!(placed.json()["company"], order["company"]);
    assert_eq!(placed.json()["language"], "en");
    act(&counter.seller, &placed.id(), "mark-paid")
        .await
        .is(200);
    let pdf = pdf_of(&client, &placed.id()).await.is(200);
    assert_eq!(pdf.header("content-language"), "en");
    let xml = xml_of(&client, &placed.id()).await.is(200).text();
    for expected in [">552100554<", ">FR96552100554<", ">BC-7781<", ">B2B<"] {
        assert!(xml.contains(expected), "{expected}");
    }
}

#[tokio::test]
async fn a_company_may_pay_after_delivery() {
    let counter = counter::open().await;
    let (seller, client) = (&counter.seller, counter.shop.client().await);
    let consumer = place(&client, "k0", &[(&counter.pen, 1)]).await.is(201);
    let refused = act(seller, &consumer.id(), "accept").await;
    refused.problem(409, "order-of-a-consumer");
    let mut order = body(&[(&counter.pen, 4)]);
    order["company"] = json!({ "siren": "552100554" });
    let order = client.post("/api/orders", order).key("k1").await.is(201);
    let order = order.id();
    act(&client, &order, "accept")
        .await
        .problem(403, "forbidden");
    let accepted = act(seller, &order, "accept").await.is(200).json();
    assert_eq!(accepted["status"], "preparing");
    assert_eq!(accepted["paid_at"], Value::Null);
    // Its stock is sold: four of ten pieces, beside the one that is reserved.
    assert_eq!(counter.pen.stock_levels(counter.shop.api()).await, (6, 5));
    let refused = act(&client, &order, "cancel").await;
    refused.problem(409, "order-preparing");
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let ship = seller.post(&format!("{}/ship", path(&order)), parcel).await;
    ship.is(200);
    xml_of(&client, &order)
        .await
        .problem(409, "order-not-invoiced");
    act(seller, &order, "deliver").await.is(200);
    let xml = xml_of(&client, &order).await.is(200).text();
    assert_eq!(element(&xml, "DuePayableAmount"), "10.00");
    assert!(xml.contains("FR7630006000011234567890189"));
    // The money comes: the order is paid, and the invoice is the same.
    let delivered = act(seller, &order, "mark-paid").await.is(200).json();
    assert_eq!(delivered["status"], "delivered");
    assert!(delivered["paid_at"].is_string());
    assert_eq!(xml_of(&client, &order).await.is(200).text(), xml);
    assert_eq!(list(&client, "").await.len(), 1);
}

#[tokio::test]
async fn an_accepted_order_that_is_called_off_gives_its_stock_back() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let mut order = body(&[(&counter.pen, 4)]);
    order["company"] = json!({ "siren": "552100554" });
    let order = client.post("/api/orders", order).key("k1").await.is(201);
    act(&counter.seller, &order.id(), "accept").await.is(200);
    act(&counter.admin, &order.id(), "cancel").await.is(200);
    let api = counter.shop.api();
    until("the stock is back", async || {
        (counter.pen.stock_levels(api).await == (10, 10)).then_some(())
    })
    .await;
}

/// A company's order that was delivered before it is paid; its id.
async fn delivered_on_terms(seller: &Api, customer: &Api, mut order: Value) -> String {
    order["company"] = json!({ "siren": "552100554" });
    let placed = customer.post("/api/orders", order).key("k1").await;
    let order = placed.is(201).id();
    act(seller, &order, "accept").await.is(200);
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let ship = seller.post(&format!("{}/ship", path(&order)), parcel).await;
    ship.is(200);
    act(seller, &order, "deliver").await.is(200);
    order
}

#[tokio::test]
async fn an_invoice_on_terms_that_is_never_paid_has_a_credit_note() {
    let counter = counter::open().await;
    let (seller, client) = (&counter.seller, counter.shop.client().await);
    let order = delivered_on_terms(
        seller,
        &client,
        body(&[(&counter.pen, 4), (&counter.book, 1)]),
    )
    .await;
    for api in [&client, seller] {
        let refused = act(api, &order, "cancel").await;
        assert!(matches!(refused.status, 404 | 409), "{refused}");
    }
    for _ in 0..2 {
        let cancelled = act(&counter.admin, &order, "cancel").await.is(200).json();
        assert_eq!(cancelled["status"], "cancelled");
        assert_eq!(cancelled["paid_at"], Value::Null);
    }
    // The goods are where they were.
    assert_eq!(counter.pen.stock_levels(&client).await, (6, 6));
    let papers = client
        .list(&format!("/api/invoices?order_id={order}"))
        .await;
    assert_eq!(papers.len(), 2, "{papers:#?}");
    assert_eq!(papers[0]["kind"], "credit_note");
    assert_eq!(papers[0]["original"], papers[1]["number"]);
    for part in ["net", "vat", "gross"] {
        assert_eq!(papers[0][part], papers[1][part], "{part}");
    }
    let xml = papers[0]["files"]["xml"].as_str().unwrap();
    let xml = client.get(xml).await.is(200).text();
    assert_eq!(element(&xml, "DuePayableAmount"), "0.00");
    // No money goes back: the invoice is worth less.
    let (_, means) = xml
        .split_once("<ram:SpecifiedTradeSettlementPaymentMeans>")
        .unwrap();
    assert_eq!(element(means, "TypeCode"), "97");
    let payments = format!("/api/payments?order_id={order}");
    assert!(client.list(&payments).await.is_empty());
    // If it comes after all, it goes back.
    let late = act(seller, &order, "mark-paid").await.is(200).json();
    assert_eq!(late["status"], "cancelled");
    assert_eq!(
        client.list(&payments).await[0]["refunds"][0]["by_hand"],
        true
    );
}

#[tokio::test]
async fn a_company_pays_what_it_was_delivered_on_terms() {
    let counter = counter::open().await;
    let (seller, client) = (&counter.seller, counter.shop.client().await);
    let order = delivered_on_terms(seller, &client, body(&[(&counter.pen, 4)])).await;
    let payment = till::begin_with(&client, "k2", &order, "offline")
        .await
        .is(201);
    let confirm = format!("/api/payments/{}/confirm", payment.id());
    seller.post(&confirm, json!({})).await.is(200);
    let paid = client.get(&path(&order)).await.is(200).json();
    assert_eq!(paid["status"], "delivered");
    assert!(paid["paid_at"].is_string());
    let again = till::begin_with(&client, "k3", &order, "offline").await;
    again.problem(409, "order-paid");
}

#[tokio::test]
async fn papers_are_for_those_whom_they_are_about() {
    let counter = counter::open().await;
    let (client, other) = (counter.shop.client().await, counter.shop.client().await);
    let order = paid(&counter, &client, "k1").await;
    for api in [&client, &counter.admin, &counter.seller] {
        pdf_of(api, &order).await.is(200);
    }
    let stranger = counter.shop.seller().await;
    for api in [&other, &stranger] {
        pdf_of(api, &order).await.problem(404, "not-found");
        let paper = api.get("/api/invoices/F-000001.xml").await;
        paper.problem(404, "not-found");
        assert!(list(api, "").await.is_empty());
    }
    let nobody = counter.shop.api().get("/api/invoices").await;
    nobody.problem(401, "unauthenticated");
    let unknown = client.get("/api/invoices/F-000002.pdf").await;
    unknown.problem(404, "not-found");
    let other_file = client.get("/api/invoices/F-000001.docx").await;
    other_file.problem(404, "not-found");
}

#[tokio::test]
async fn papers_are_listed_by_day_and_page() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    for key in ["k1", "k2", "k3"] {
        let pen = [(&counter.pen, 1)];
        let order = place(&client, key, &pen).await.is(201).id();
        act(&counter.seller, &order, "mark-paid").await.is(200);
    }
    let first = counter.admin.get("/api/invoices?limit=2").await.is(200);
    let page = first.json();
    let papers = page["data"].as_array().unwrap();
    assert_eq!(numbers(papers), ["F-000003", "F-000002"]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = list(&counter.admin, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!(numbers(&rest), ["F-000001"]);
    assert!(list(&client, "?to=2020-01-01").await.is_empty());
    assert_eq!(
        list(&client, "?from=2020-01-01&to=2999-12-31").await.len(),
        3
    );
    let wrong = client
        .get("/api/invoices?from=yesterday&to=2026-02-30")
        .await;
    assert_eq!(wrong.invalid_fields(), ["from", "to"]);
}
