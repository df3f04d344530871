//! Invoices and credit notes, as buyers, sellers and accountants get them.

use comptoir_tests::validators::{self, Paper};
use comptoir_tests::{Answer, Api, Item, Person, Shop, identity};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::counter::{self, Counter, act, body, path, place};
use crate::till;

/// An order of two pens and a book that was paid; its id.
async fn paid(counter: &Counter, client: &Person, key: &str) -> String {
    let lines = [(&counter.pen, 2), (&counter.book, 1)];
    let order = place(client, key, &lines).await.is(201).id();
    act(&counter.seller, &order, "mark-paid").await.is(200);
    order
}

async fn pdf_of(api: &Api, order: &str) -> Answer {
    api.get(&format!("/api/orders/{order}/invoice.pdf")).await
}

async fn xml_of(api: &Api, order: &str) -> Answer {
    api.get(&format!("/api/orders/{order}/invoice.xml")).await
}

async fn list(api: &Api, query: &str) -> Vec<Value> {
    let answer = api.get(&format!("/api/invoices{query}")).await.is(200);
    answer.json()["data"].as_array().unwrap().clone()
}

fn numbers(papers: &[Value]) -> Vec<&str> {
    let numbers = papers.iter().map(|paper| paper["number"].as_str());
    numbers.map(Option::unwrap).collect()
}

/// What an element of the XML says, the first time that it is there.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
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
    comptoir_tests::until("the order is refunded", async || {
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
        "siren": "552100554", "vat_number": "FR65552100554", "purchase_order": "BC-7781",
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
    for expected in [">552100554<", ">FR65552100554<", ">BC-7781<", ">B2B<"] {
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
    comptoir_tests::until("the stock is back", async || {
        (counter.pen.stock_levels(api).await == (10, 10)).then_some(())
    })
    .await;
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

#[tokio::test]
async fn a_seller_with_an_identity_invoices_in_their_own_name() {
    let counter = counter::open().await;
    let shop = &counter.shop;
    let maker = shop.seller().await;
    let bowl = Item::create(&maker, &counter.category, "Bol", 1800, 5).await;
    let own = format!("/api/merchants/{}", maker.id);
    let mut maud = identity("M-", "MA-");
    maud["address"]["name"] = "Maud Œillet".into();
    maud["vat"] = "franchise".into();
    maud["vat_number"] = Value::Null;
    let taken = maker.put(&own, identity("F-", "MA-")).await;
    assert_eq!(
        taken.problem(409, "prefix-taken")["field"],
        "invoice_prefix"
    );
    maker.put(&own, maud.clone()).await.is(201);
    maker.put(&own, maud).await.is(428);
    let client = shop.client().await;
    let lines = [(&counter.pen, 1), (&bowl, 2)];
    let order = place(&client, "k1", &lines).await.is(201);
    // Maud charges no VAT, and the pen has 20 %.
    let vat = order.json()["totals"]["vat"]["amount"].clone();
    assert_eq!(vat, 42);
    act(&counter.admin, &order.id(), "mark-paid").await.is(200);
    let several = pdf_of(&client, &order.id()).await;
    let several = several.problem(409, "several-invoices");
    assert_eq!(several["invoices"], json!(["F-000001", "M-000001"]));
    let xml = client
        .get("/api/invoices/M-000001.xml")
        .await
        .is(200)
        .text();
    assert!(xml.contains("Maud Œillet") && xml.contains("293 B"));
    assert_eq!(element(&xml, "GrandTotalAmount"), "36.00");
    // Each seller has their own.
    let hers = pdf_of(&maker, &order.id()).await.is(200);
    assert!(hers.header("content-disposition").contains("M-000001"));
    assert_eq!(numbers(&list(&maker, "").await), ["M-000001"]);
    let needed = maker.delete(&own).header("if-match", "*").await;
    needed.problem(409, "merchant-needed");
}

#[tokio::test]
async fn nothing_is_sold_before_the_shop_says_who_sells() {
    let shop = Shop::open_bare(&[]).await;
    let admin = shop.admin().await;
    let category = comptoir_tests::create_category(&admin, "Papeterie").await;
    let seller = shop.seller().await;
    let pen = Item::create(&seller, &category, "Stylo", 250, 10).await;
    let client = shop.client().await;
    let refused = place(&client, "k1", &[(&pen, 1)]).await;
    refused.problem(409, "shop-not-set-up");
    assert_eq!(pen.stock_levels(shop.api()).await, (10, 10));
    let path = "/api/merchants/shop";
    seller.get(path).await.problem(404, "not-found");
    let theirs = seller.put(path, identity("F-", "A-")).await;
    theirs.problem(403, "forbidden");
    let mut wrong = identity("F1", "A-");
    wrong["siren"] = "123456789".into();
    wrong["iban"] = "FR76".into();
    let wrong = admin.put(path, wrong).await;
    assert_eq!(
        wrong.invalid_fields(),
        ["/iban", "/invoice_prefix", "/siren"]
    );
    let created = admin.put(path, identity("F-", "A-")).await.is(201);
    assert_eq!(created.header("location"), path);
    assert_eq!(created.json()["payment_days"], 30);
    place(&client, "k1", &[(&pen, 1)]).await.is(201);
    let gone = admin.delete(path).header("if-match", "*").await;
    gone.problem(409, "merchant-needed");
}

#[tokio::test]
async fn a_logo_is_printed_from_the_day_on_which_it_is_given() {
    const LOGO: &[u8] = include_bytes!("../../../crates/invoice/examples/samples/logo.png");
    let counter = counter::open().await;
    let (admin, client) = (&counter.admin, counter.shop.client().await);
    let before = paid(&counter, &client, "k1").await;
    let before_it = pdf_of(&client, &before).await.is(200);
    let path = "/api/merchants/shop/logo";
    let text = admin.put(path, json!({})).await;
    text.problem(415, "unsupported-media-type");
    let broken = admin.put_file(path, "image/png", &LOGO[..100]).await;
    assert_eq!(broken.invalid_fields(), [""]);
    let large = admin.put_file(path, "image/png", &[0; 300_000]).await;
    large.problem(413, "body-too-large");
    admin.put_file(path, "image/png", LOGO).await.is(204);
    let shown = counter.shop.api().get(path).await.is(200);
    assert_eq!(shown.header("content-type"), "image/png");
    assert_eq!(shown.bytes, LOGO);
    let pen = [(&counter.pen, 1)];
    let after = place(&client, "k2", &pen).await.is(201).id();
    act(&counter.seller, &after, "mark-paid").await.is(200);
    let after = pdf_of(&client, &after).await.is(200);
    assert!(after.bytes.len() > before_it.bytes.len());
    // What was issued without it stays without.
    let still = pdf_of(&client, &before).await.is(200);
    assert_eq!(still.bytes, before_it.bytes);
    admin.delete(path).await.is(204);
    counter.shop.api().get(path).await.is(404);
}

#[tokio::test]
async fn a_month_of_papers_is_one_archive() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let mut papers = Vec::new();
    // More than are read at once.
    for number in 0..12 {
        let name = format!("Stylo {number}");
        let pen = Item::create(&counter.seller, &counter.category, &name, 250, 1).await;
        let order = place(&client, &format!("k{number}"), &[(&pen, 1)]).await;
        let order = order.is(201).id();
        act(&counter.seller, &order, "mark-paid").await.is(200);
        papers.push(pdf_of(&client, &order).await.is(200).bytes);
    }
    let issued_at = list(&client, "").await[0]["issued_at"].clone();
    let month = &issued_at.as_str().unwrap()[..7];
    let url = format!("/api/invoices/export.zip?month={month}");
    let answer = counter.admin.get(&url).await.is(200);
    assert_eq!(answer.header("content-type"), "application/zip");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
    assert_eq!(archive.len(), 25);
    for (number, paper) in (1..).zip(&papers) {
        let file = read(&mut archive, &format!("F-{number:06}.pdf"));
        assert_eq!(&file, paper);
    }
    let index = String::from_utf8(read(&mut archive, "index.csv")).unwrap();
    let lines: Vec<&str> = index.lines().collect();
    assert_eq!(lines.len(), 13);
    assert!(lines[12].starts_with("F-000012,invoice,"), "{index}");
    assert!(lines[12].ends_with(",2.08,0.42,2.50,EUR"), "{index}");
    let empty = counter
        .admin
        .get("/api/invoices/export.zip?month=2020-02")
        .await;
    let archive = zip::ZipArchive::new(std::io::Cursor::new(empty.is(200).bytes));
    assert_eq!(archive.unwrap().len(), 1);
    let wrong = counter
        .admin
        .get("/api/invoices/export.zip?month=2026-13")
        .await;
    assert_eq!(wrong.invalid_fields(), ["month"]);
    let theirs = client.get(&url).await;
    theirs.problem(403, "forbidden");
}

fn read(archive: &mut zip::ZipArchive<std::io::Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = archive.by_name(name).unwrap();
    std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn what_the_shop_issues_passes_tools_that_nobody_here_wrote() {
    let till = till::open().await;
    let counter = &till.counter;
    let admin = &counter.admin;
    let mut papers = Vec::new();
    let pro_forma = place(&till.client, "k0", &[(&counter.pen, 1)]).await;
    let pro_forma = pdf_of(&till.client, &pro_forma.is(201).id()).await.is(200);
    papers.push(Paper::pro_forma("pro forma", pro_forma.bytes));

    // Paid with a card, and given back in part and then in full.
    let (_, payment) = till.paid_order("k1").await;
    let refunds = format!("/api/payments/{payment}/refunds");
    let piece = json!({
        "lines": [{ "item_id": counter.pen.id, "quantity": 1 }],
        "reason": "Cassé",
        "restock": true,
    });
    admin.post(&refunds, piece).key("r1").await.is(201);
    let rest = json!({
        "amount": { "amount": 1305, "currency": "EUR" }, "reason": "Geste", "restock": false,
    });
    admin.post(&refunds, rest).key("r2").await.is(201);

    // A company on terms, delivered elsewhere; and a name that nobody expects.
    let hostile = "Ŝtelo 🦄 \u{202e}gnihton\u{202c} שלום — « l’Œuvre »";
    let odd = Item::create_at_rate(&counter.seller, &counter.category, hostile, 320, 210, 9).await;
    let mut order = body(&[(&counter.pen, 1), (&odd, 3)]);
    order["company"] = json!({ "siren": "552100554", "vat_number": "FR65552100554" });
    order["billing_address"] = json!({
        "name": "Hôtel du Vieux Port SARL", "line1": "27 quai des Belges",
        "postal_code": "13001", "city": "Marseille", "country": "FR",
    });
    let order = till.client.post("/api/orders", order).key("k2").await;
    let order = order.is(201).id();
    act(&counter.seller, &order, "accept").await.is(200);
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let shipped = admin.post(&format!("{}/ship", path(&order)), parcel).await;
    shipped.is(200);
    act(&counter.seller, &order, "deliver").await.is(200);

    // More lines than a page has.
    let mut many = Vec::new();
    for number in 0..300 {
        let name = format!("Article {number}, dont le nom prend volontiers deux lignes de la page");
        let rate = [2000, 1000, 550, 210]
            .into_iter()
            .cycle()
            .nth(number)
            .unwrap();
        let (seller, category) = (&counter.seller, &counter.category);
        let price = 99 + i64::try_from(number * 37).unwrap();
        many.push(Item::create_at_rate(seller, category, &name, price, rate, 3).await);
    }
    let many: Vec<(&Item, i64)> = many.iter().map(|item| (item, 2)).collect();
    let long = place(&till.client, "k4", &many).await.is(201).id();
    act(&counter.seller, &long, "mark-paid").await.is(200);

    // A seller without VAT, in their own name.
    let own = format!("/api/merchants/{}", counter.seller.id);
    let mut franchise = identity("M-", "MA-");
    franchise["vat"] = "franchise".into();
    franchise["vat_number"] = Value::Null;
    franchise["legal_form"] = "EI".into();
    franchise["capital"] = Value::Null;
    counter.seller.put(&own, franchise).await.is(201);
    paid(counter, &till.client, "k3").await;

    let issued = comptoir_tests::until("both credit notes are there", async || {
        let issued = list(admin, "").await;
        (issued.len() == 6).then_some(issued)
    });
    for paper in issued.await {
        let number = paper["number"].as_str().unwrap();
        let file = paper["files"]["pdf"].as_str().unwrap();
        let pdf = admin.get(file).await.is(200);
        papers.push(Paper::invoice(number, pdf.bytes));
    }
    validators::check(&papers).await;
}

#[tokio::test]
async fn numbers_have_no_gap_when_the_host_is_killed_while_many_pay() {
    const CLIENTS: usize = 32;
    let mut counter = counter::open().await;
    let thread = Item::create(&counter.seller, &counter.category, "Fil", 199, 99).await;
    let mut orders = Vec::new();
    for (number, client) in counter.shop.crowd(CLIENTS).into_iter().enumerate() {
        let line = [(&thread, 1)];
        let order = place(&client, &format!("k{number}"), &line).await.is(201);
        orders.push(order.id());
    }
    // Each is paid until it is: whoever has no answer asks again.
    for round in 0..3 {
        let mut payments = JoinSet::new();
        for order in &orders {
            let path = format!("/api/orders/{order}/mark-paid");
            payments.spawn(counter.seller.post(&path, json!({})).attempt());
        }
        if round < 2 {
            for _ in 0..3 {
                payments.join_next().await.unwrap().unwrap().ok();
            }
            counter.shop.kill().await;
            counter.shop.restart().await;
            payments.join_all().await;
        } else {
            for answer in payments.join_all().await {
                answer.unwrap().is(200);
            }
        }
    }
    // The list is in the order of the instants, and so is the order of the numbers.
    let papers = counter.admin.list("/api/invoices?limit=100").await;
    let mut numbers = numbers(&papers);
    numbers.reverse();
    let expected: Vec<String> = (1..=CLIENTS).map(|count| format!("F-{count:06}")).collect();
    assert_eq!(numbers, expected);
    let mut billed: Vec<&str> = papers
        .iter()
        .filter_map(|one| one["order_id"].as_str())
        .collect();
    billed.sort_unstable();
    billed.dedup();
    assert_eq!(billed.len(), CLIENTS);
}
