//! Where the shop sells: where merchants deliver, what VAT shipping bears there, and which companies buy.

use comptoir_tests::identity;
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, body, path};
use crate::invoices::{element, list, xml_of};

fn eur(cents: i64) -> Value {
    json!({ "amount": cents, "currency": "EUR" })
}

fn at(country: &str, postal_code: &str) -> Value {
    json!({
        "name": "Zoé Martin", "line1": "3 rue des Lilas", "postal_code": postal_code,
        "city": "Ville", "country": country,
    })
}

async fn change_shop(counter: &Counter, field: &str, value: Value) {
    let mut shop = identity("F-", "A-");
    shop[field] = value;
    let changed = counter.admin.put("/api/merchants/shop", shop);
    changed.header("if-match", "*").await.is(200);
}

#[tokio::test]
async fn what_french_vat_does_not_reach_is_refused_at_the_quote_and_at_the_order() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let shop = counter
        .admin
        .get("/api/merchants/shop")
        .await
        .is(200)
        .json();
    assert_eq!(shop["delivers_to"], json!(["FR", "MC"]));
    let mut order = body(&[(&counter.pen, 1)]);
    let mut quote = json!({ "items": order["items"] });
    for (country, postal_code, territory, name) in [
        ("US", "10001", "US", "États-Unis"),
        ("CH", "1201", "CH", "Suisse"),
        ("GB", "SW1A 1AA", "GB", "Royaume-Uni"),
        ("GB", "BT1 5GS", "XI", "Irlande du Nord"),
        ("DE", "10115", "DE", "Allemagne"),
        ("RE", "97400", "RE", "La Réunion"),
        ("FR", "97400", "RE", "La Réunion"),
        ("MC", "97400", "RE", "La Réunion"),
        ("FR", "97110", "GP", "Guadeloupe"),
        ("FR", "98800", "NC", "Nouvelle-Calédonie"),
        ("FR", "97133", "BL", "Saint-Barthélemy"),
    ] {
        order["shipping_address"] = at(country, postal_code);
        quote["shipping_address"] = at(country, postal_code);
        // Where the bill goes changes nothing.
        order["billing_address"] = at("FR", "75011");
        for (path, body) in [("/api/orders/quote", &quote), ("/api/orders", &order)] {
            let asked = client.post(path, body.clone()).key("k0").in_language("fr");
            let refused = asked.await.problem(409, "not-delivered-there");
            assert_eq!(refused["territory"], territory, "{country} {postal_code}");
            assert_eq!(refused["delivers_to"], json!(["FR", "MC"]));
            let detail = refused["detail"].as_str().unwrap();
            assert!(detail.contains(name), "{detail}");
        }
    }
    // Nothing of it holds stock.
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    for (number, (country, postal_code)) in [
        ("FR", "75011"),
        ("FR", "20090"),
        ("FR", "98000"),
        ("MC", "98000"),
    ]
    .into_iter()
    .enumerate()
    {
        order["shipping_address"] = at(country, postal_code);
        quote["shipping_address"] = at(country, postal_code);
        order["billing_address"] = at("US", "10001");
        client
            .post("/api/orders/quote", quote.clone())
            .await
            .is(200);
        let placed = client.post("/api/orders", order.clone());
        placed.key(&format!("k{}", number + 1)).await.is(201);
    }
}

#[tokio::test]
async fn a_merchant_names_member_states_without_what_vat_leaves_out_of_them() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let mut shop = identity("F-", "A-");
    shop["delivers_to"] = json!(["FR", "US", "RE", "XX"]);
    let refused = counter.admin.put("/api/merchants/shop", shop);
    let fields = refused.header("if-match", "*").await.invalid_fields();
    assert_eq!(
        fields,
        ["/delivers_to/1", "/delivers_to/2", "/delivers_to/3"]
    );
    change_shop(
        &counter,
        "delivers_to",
        json!(["FR", "ES", "IT", "DE", "GR", "FI", "BE"]),
    )
    .await;
    let mut order = body(&[(&counter.pen, 1)]);
    for (country, postal_code, territory) in [
        ("ES", "35001", "ES-CN"),
        ("IT", "23041", "IT-LIVIGNO"),
        ("IT", "22061", "IT-CAMPIONE"),
        ("DE", "78266", "DE-BUSINGEN"),
        ("DE", "27498", "DE-HELIGOLAND"),
        ("GR", "63086", "GR-69"),
        ("FI", "22100", "AX"),
        ("FR", "98000", "MC"),
    ] {
        order["shipping_address"] = at(country, postal_code);
        let refused = client.post("/api/orders", order.clone()).key("k0").await;
        let refused = refused.problem(409, "not-delivered-there");
        assert_eq!(refused["territory"], territory);
    }
    order["shipping_address"] = at("ES", "Las Palmas");
    let unclear = client.post("/api/orders", order.clone()).key("k0").await;
    assert_eq!(unclear.invalid_fields(), ["/shipping_address/postal_code"]);
    order["shipping_address"] = at("BE", "1000");
    client
        .post("/api/orders", order.clone())
        .key("k1")
        .await
        .is(201);
    // A company there would be sold to without French VAT, which is not supported.
    order["company"] = json!({ "vat_number": "BE0123456789" });
    let refused = client.post("/api/orders", order.clone()).key("k2").await;
    refused.problem(409, "company-abroad");
    let quote = json!({
        "items": order["items"], "shipping_address": order["shipping_address"], "company": order["company"],
    });
    let refused = client.post("/api/orders/quote", quote).await;
    refused.problem(409, "company-abroad");
}

#[tokio::test]
async fn shipping_bears_vat_as_the_goods_do() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    change_shop(&counter, "shipping", json!({ "fee": eur(490) })).await;
    let shop = counter
        .admin
        .get("/api/merchants/shop")
        .await
        .is(200)
        .json();
    assert_eq!(shop["shipping"]["vat_rate"], Value::Null);
    // 10.55 at 5.5 %: shipping bears 0.26, and all of it together rounds once.
    let quote = json!({ "items": body(&[(&counter.book, 1)])["items"] });
    let quote = client.post("/api/orders/quote", quote).await.is(200).json();
    let reduced = &quote["totals"]["by_rate"];
    assert_eq!(reduced.as_array().unwrap().len(), 1);
    assert_eq!(
        (&reduced[0]["rate"], &reduced[0]["gross"]),
        (&json!(550), &eur(1545))
    );
    assert_eq!(quote["totals"]["vat"], eur(81));
    // With a pen (2.50 at 20 %) the fee of 4.90 falls on both: 2.50 and 10.55 of 13.05.
    let order = body(&[(&counter.pen, 1), (&counter.book, 1)]);
    let order = client.post("/api/orders", order).key("k1").await.is(201);
    let by_rate = order.json()["totals"]["by_rate"].clone();
    assert_eq!(by_rate[0]["gross"], eur(250 + 94));
    assert_eq!(by_rate[1]["gross"], eur(1055 + 396));
    act(&counter.seller, &order.id(), "mark-paid").await.is(200);
    let xml = xml_of(&client, &order.id()).await.is(200).text();
    assert_eq!(xml.matches("<udt:Indicator>true<").count(), 2);
    assert_eq!(element(&xml, "GrandTotalAmount"), "17.95");
    // It goes back whole, each part at its rate.
    let payment = crate::discounts::payment_of(&counter.admin, &order.id()).await;
    let refunds = format!("/api/payments/{payment}/refunds");
    let fee = json!({ "shipping": true, "reason": "Geste", "restock": false });
    let fee = counter.admin.post(&refunds, fee).key("r1").await.is(201);
    assert_eq!(fee.json()["amount"], eur(490));
    let note = comptoir_tests::until("the credit note is there", async || {
        let papers = list(&client, "").await;
        (papers.len() == 2).then(|| papers[0].clone())
    });
    let note = client
        .get(note.await["files"]["xml"].as_str().unwrap())
        .await
        .is(200)
        .text();
    assert_eq!(
        note.matches("<ram:IncludedSupplyChainTradeLineItem>")
            .count(),
        2
    );
    assert_eq!(element(&note, "GrandTotalAmount"), "4.90");
}

#[tokio::test]
async fn a_company_is_known_by_numbers_that_agree() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let mut order = body(&[(&counter.pen, 1)]);
    for (company, fields) in [
        (
            json!({ "vat_number": "ZZ123456789" }),
            &["/company/vat_number"][..],
        ),
        (json!({ "vat_number": "DE12" }), &["/company/vat_number"]),
        (
            json!({ "vat_number": "FR45732829320" }),
            &["/company/vat_number"],
        ),
        (
            json!({ "siren": "552100554", "vat_number": "FR44732829320" }),
            &["/company/vat_number"],
        ),
        (
            json!({ "siren": "552100554", "vat_number": "DE123456789" }),
            &["/company/vat_number"],
        ),
        (json!({ "purchase_order": "BC-1" }), &["/company"]),
    ] {
        order["company"] = company.clone();
        let refused = client.post("/api/orders", order.clone()).key("k0").await;
        assert_eq!(refused.invalid_fields(), fields, "{company}");
    }
    // The SIREN is in the number.
    order["company"] = json!({ "vat_number": "FR 96 552 100 554" });
    let placed = client
        .post("/api/orders", order.clone())
        .key("k1")
        .await
        .is(201);
    let company = placed.json()["company"].clone();
    assert_eq!(
        (&company["siren"], &company["vat_number"]),
        (&json!("552100554"), &json!("FR96552100554"))
    );
    act(&counter.seller, &placed.id(), "mark-paid")
        .await
        .is(200);
    let xml = xml_of(&client, &placed.id()).await.is(200).text();
    assert!(xml.contains(">B2B<") && xml.contains(">552100554<"));
    // A company of another country that is delivered to in France.
    order["company"] = json!({ "vat_number": "DE123456789" });
    let placed = client.post("/api/orders", order).key("k2").await.is(201);
    act(&counter.seller, &placed.id(), "mark-paid")
        .await
        .is(200);
    let xml = xml_of(&client, &placed.id()).await.is(200).text();
    assert!(xml.contains(">B2BINT<") && xml.contains(">DE123456789<"));
    // Neither does who sells contradict themself.
    let mut shop = identity("F-", "A-");
    shop["vat_number"] = "FR96552100554".into();
    let refused = counter.admin.put("/api/merchants/shop", shop);
    let refused = refused.header("if-match", "*").await;
    assert_eq!(refused.invalid_fields(), ["/vat_number"]);
}

#[tokio::test]
async fn an_invoice_names_a_day_of_delivery_once_there_is_one_and_a_credit_note_its_reason() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let placed = counter::place(&client, "k1", &[(&counter.pen, 2)])
        .await
        .is(201)
        .id();
    act(&counter.seller, &placed, "mark-paid").await.is(200);
    let xml = xml_of(&client, &placed).await.is(200).text();
    assert!(!xml.contains("OccurrenceDateTime"), "{xml}");
    let mut on_terms = body(&[(&counter.pen, 1)]);
    on_terms["company"] = json!({ "siren": "552100554" });
    let on_terms = client
        .post("/api/orders", on_terms)
        .key("k2")
        .await
        .is(201)
        .id();
    act(&counter.seller, &on_terms, "accept").await.is(200);
    let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let ship = counter
        .seller
        .post(&format!("{}/ship", path(&on_terms)), parcel)
        .await;
    ship.is(200);
    act(&counter.seller, &on_terms, "deliver").await.is(200);
    let xml = xml_of(&client, &on_terms).await.is(200).text();
    assert!(xml.contains("OccurrenceDateTime"), "{xml}");

    let payment = crate::discounts::payment_of(&counter.admin, &placed).await;
    let refunds = format!("/api/payments/{payment}/refunds");
    let piece = json!({
        "lines": [{ "item_id": counter.pen.id, "quantity": 1 }],
        "reason": "Plume tordue à l’arrivée", "restock": false,
    });
    counter.admin.post(&refunds, piece).key("r1").await.is(201);
    let note = comptoir_tests::until("the credit note is there", async || {
        let papers = list(&client, "").await;
        papers
            .into_iter()
            .find(|paper| paper["kind"] == "credit_note")
    });
    let xml = client
        .get(note.await["files"]["xml"].as_str().unwrap())
        .await
        .is(200)
        .text();
    assert!(xml.contains("Motif : Plume tordue à l’arrivée"), "{xml}");
    assert!(!xml.contains("Pénalités"), "{xml}");
}
