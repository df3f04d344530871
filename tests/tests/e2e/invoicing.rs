//! Papers in bulk: checked by other people's tools, numbered while machines die, taken away by the month.

use std::io::{Cursor, Read};

use comptoir_tests::validators::{self, Paper};
use comptoir_tests::{Item, sell_in_own_name, sellers_identity, until};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use zip::ZipArchive;

use crate::counter::{self, act, body, path, place};
use crate::discounts;
use crate::invoices::{list, numbers, paid, pdf_of};
use crate::till;

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
    let hostile = "Ŝtelo 🦄 שלום — « l’Œuvre »";
    let odd = Item::create_at_rate(&counter.seller, &counter.category, hostile, 320, 210, 9).await;
    let mut order = body(&[(&counter.pen, 1), (&odd, 3)]);
    order["company"] = json!({ "siren": "552100554", "vat_number": "FR96552100554" });
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

    // With a code and shipping, and given back by pieces, with shipping, and in full.
    discounts::of_ten_percent(counter).await;
    let mut order = body(&[(&counter.pen, 3), (&odd, 2)]);
    order["discount_code"] = "dix".into();
    let order = till.client.post("/api/orders", order).key("k5").await;
    let order = order.is(201).id();
    act(admin, &order, "mark-paid").await.is(200);
    let payment = discounts::payment_of(admin, &order).await;
    let refunds = format!("/api/payments/{payment}/refunds");
    let piece = json!({
        "lines": [{ "item_id": odd.id, "quantity": 1 }], "shipping": true,
        "reason": "Fêlé", "restock": false,
    });
    admin.post(&refunds, piece).key("r3").await.is(201);
    let rest = json!({ "reason": "Retour", "restock": false });
    admin.post(&refunds, rest).key("r4").await.is(201);

    // A seller without VAT, in their own name.
    let mut franchise = sellers_identity();
    franchise["vat"] = "franchise".into();
    franchise["vat_number"] = Value::Null;
    franchise["legal_form"] = "EI".into();
    franchise["capital"] = Value::Null;
    sell_in_own_name(admin, &counter.seller, franchise).await;
    paid(counter, &till.client, "k3").await;

    let issued = until("all credit notes are there", async || {
        let issued = list(admin, "").await;
        (issued.len() == 9).then_some(issued)
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
    let mut archive = ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
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
    let archive = ZipArchive::new(Cursor::new(empty.is(200).bytes));
    assert_eq!(archive.unwrap().len(), 1);
    // What goes back is negative, so that the columns add up; and French spreadsheets have a form of their own.
    let order = list(&counter.admin, "?limit=1").await[0]["order_id"].clone();
    let payment = discounts::payment_of(&counter.admin, order.as_str().unwrap()).await;
    let all = json!({ "reason": "Retour", "restock": false });
    let refund = counter
        .admin
        .post(&format!("/api/payments/{payment}/refunds"), all);
    refund.key("r1").await.is(201);
    until("the credit note is there", async || {
        let papers = list(&counter.admin, "?limit=100").await;
        (papers.len() == 13).then_some(())
    })
    .await;
    for (ask, begin, line) in [
        (
            counter.admin.get(&url),
            "number,kind,",
            ",-2.08,-0.42,-2.50,EUR",
        ),
        (
            counter.admin.get(&url).in_language("fr-FR,fr;q=0.9"),
            "\u{feff}number;kind;",
            ";-2,08;-0,42;-2,50;EUR",
        ),
        (
            counter
                .admin
                .get(&format!("{url}&language=en"))
                .in_language("fr"),
            "number,kind,",
            ",-2.08,-0.42,-2.50,EUR",
        ),
        (
            counter.admin.get(&format!("{url}&language=fr")),
            "\u{feff}number;kind;",
            ";-2,08;-0,42;-2,50;EUR",
        ),
    ] {
        let mut archive = ZipArchive::new(Cursor::new(ask.await.is(200).bytes)).unwrap();
        let index = String::from_utf8(read(&mut archive, "index.csv")).unwrap();
        assert!(index.starts_with(begin), "{index}");
        let credit = index
            .lines()
            .find(|line| line.starts_with("A-000001"))
            .unwrap();
        assert!(
            credit.contains("credit_note") && credit.contains("F-0000"),
            "{credit}"
        );
        assert!(credit.ends_with(line), "{credit}");
    }
    let unknown = counter.admin.get(&format!("{url}&language=de")).await;
    assert_eq!(unknown.invalid_fields(), ["language"]);
    let wrong = counter
        .admin
        .get("/api/invoices/export.zip?month=2026-13")
        .await;
    assert_eq!(wrong.invalid_fields(), ["month"]);
    let theirs = client.get(&url).await;
    theirs.problem(403, "forbidden");
}

fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = archive.by_name(name).unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}
