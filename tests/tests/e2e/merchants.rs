//! Who sells: the shop, sellers in their own name, and their logos.

use comptoir_tests::{Item, Shop, create_category, identity, sell_in_own_name, sellers_identity};
use serde_json::{Value, json};

use crate::counter::{self, act, place};
use crate::discounts::payment_of;
use crate::invoices::{element, list, numbers, paid, pdf_of};
use crate::till;

#[tokio::test]
async fn a_seller_with_an_identity_invoices_in_their_own_name() {
    let counter = counter::open().await;
    let shop = &counter.shop;
    let maker = shop.seller().await;
    let bowl = Item::create(&maker, &counter.category, "Bol", 1800, 5).await;
    let own = format!("/api/merchants/{}", maker.id);
    let mut maud = sellers_identity();
    maud["address"]["name"] = "Maud Œillet".into();
    maud["vat"] = "franchise".into();
    maud["vat_number"] = Value::Null;
    let (invoices, _) = sell_in_own_name(&counter.admin, &maker, maud.clone()).await;
    let first = format!("{invoices}000001");
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
    assert_eq!(several["invoices"], json!(["F-000001", first]));
    let xml = client
        .get(&format!("/api/invoices/{first}.xml"))
        .await
        .is(200)
        .text();
    assert!(xml.contains("Maud Œillet") && xml.contains("293 B"));
    assert_eq!(element(&xml, "GrandTotalAmount"), "36.00");
    // Each seller has their own.
    let hers = pdf_of(&maker, &order.id()).await.is(200);
    assert!(hers.header("content-disposition").contains(&first));
    assert_eq!(numbers(&list(&maker, "").await), [first]);
    let needed = maker.delete(&own).header("if-match", "*").await;
    needed.problem(409, "merchant-needed");
}

#[tokio::test]
async fn an_order_keeps_the_vat_regime_that_it_was_placed_under() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let pen = [(&counter.pen, 1)];
    let with_vat = place(&client, "k1", &pen).await.is(201).id();
    let mut shop = identity("F-", "A-");
    shop["vat"] = "franchise".into();
    let change = |shop: Value| counter.admin.put("/api/merchants/shop", shop);
    change(shop).header("if-match", "*").await.is(200);
    let without_vat = place(&client, "k2", &pen).await.is(201).id();
    act(&counter.admin, &with_vat, "mark-paid").await.is(200);
    let shop = identity("F-", "A-");
    change(shop).header("if-match", "*").await.is(200);
    act(&counter.admin, &without_vat, "mark-paid").await.is(200);
    for (order, vat, is_franchise) in [(with_vat, "0.42", false), (without_vat, "0.00", true)] {
        let invoice = client.get(&format!("/api/orders/{order}/invoice.xml"));
        let xml = invoice.await.is(200).text();
        assert!(xml.contains(&format!(r#"<ram:TaxTotalAmount currencyID="EUR">{vat}<"#)));
        assert_eq!(xml.contains("293 B"), is_franchise);
    }
}

#[tokio::test]
async fn an_order_with_vat_names_the_number_that_its_merchant_had() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let order = place(&client, "k1", &[(&counter.pen, 2)])
        .await
        .is(201)
        .id();
    let mut shop = identity("F-", "A-");
    shop["vat"] = "franchise".into();
    shop["vat_number"] = Value::Null;
    let change = counter.admin.put("/api/merchants/shop", shop);
    change.header("if-match", "*").await.is(200);
    act(&counter.admin, &order, "mark-paid").await.is(200);
    let payment = payment_of(&counter.admin, &order).await;
    let all = json!({ "reason": "Retour", "restock": false });
    let refund = till::refund(&counter.admin, "r1", &payment, all);
    refund.await.is(201);
    // The next request sees both.
    let documents = list(&client, "").await;
    assert_eq!(numbers(&documents), ["A-000001", "F-000001"]);
    for document in documents {
        let xml = client.get(document["files"]["xml"].as_str().unwrap()).await;
        let xml = xml.is(200).text();
        assert!(xml.contains(r#"<ram:TaxTotalAmount currencyID="EUR">0.83<"#));
        assert!(
            xml.contains(r#"<ram:ID schemeID="VA">FR44732829320<"#),
            "{xml}"
        );
    }
    // What is sold without VAT names none.
    let order = place(&client, "k2", &[(&counter.pen, 2)])
        .await
        .is(201)
        .id();
    act(&counter.admin, &order, "mark-paid").await.is(200);
    let xml = client
        .get(&format!("/api/orders/{order}/invoice.xml"))
        .await;
    assert!(!xml.is(200).text().contains("FR44732829320"));
}

#[tokio::test]
async fn nothing_is_sold_before_the_shop_says_who_sells() {
    let shop = Shop::open_bare(&[]).await;
    let admin = shop.admin().await;
    let category = create_category(&admin, "Papeterie").await;
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
async fn the_shop_is_no_merchant_of_another_name() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let nobody = "/api/merchants/00000000-0000-0000-0000-000000000000";
    let known = admin.get("/api/merchants/shop").await.is(200).json();
    for request in [
        admin.get(nobody),
        admin.put(nobody, identity("N-", "O-")).if_match("*"),
        admin.delete(nobody).if_match("*"),
        admin.get(&format!("{nobody}/logo")),
        admin.delete(&format!("{nobody}/logo")).if_match("*"),
    ] {
        request.await.problem(404, "not-found");
    }
    let still = admin.get("/api/merchants/shop").await.is(200).json();
    assert_eq!(still, known);
}

#[tokio::test]
async fn a_sellers_identity_counts_when_an_admin_has_approved_it() {
    let counter = counter::open().await;
    let (shop, admin) = (&counter.shop, &counter.admin);
    let maker = shop.seller().await;
    let bowl = Item::create(&maker, &counter.category, "Bol", 1800, 5).await;
    let own = format!("/api/merchants/{}", maker.id);
    // The shop's name, number and account are not the seller's to use, and neither is a series.
    let claimed = maker.put(&own, identity("F-", "A-")).await;
    assert_eq!(
        claimed.invalid_fields(),
        ["/credit_note_prefix", "/invoice_prefix"]
    );
    let proposed = maker.put(&own, sellers_identity()).await.is(201);
    assert_eq!(proposed.json()["status"], "proposed");
    // Meanwhile everything is sold in the name of the shop.
    let client = shop.client().await;
    let before = place(&client, "k1", &[(&bowl, 1)]).await.is(201).id();
    act(admin, &before, "mark-paid").await.is(200);
    assert_eq!(numbers(&list(&client, "").await), ["F-000001"]);
    let half = json!({ "percent": 50 });
    let code = maker.put("/api/discounts/moitie", half).await;
    code.problem(409, "no-such-merchant");

    let waiting = async || {
        let waiting = admin.list("/api/merchants?waiting=true").await;
        waiting
            .iter()
            .map(|one| one["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(waiting().await, [json!(maker.id)]);
    maker.get("/api/merchants").await.problem(403, "forbidden");
    let approve = format!("{own}/approve");
    let theirs = maker.post(&approve, Value::Null).if_match("*").await;
    theirs.problem(403, "forbidden");
    // What an admin approves is what they have read.
    let mut renamed = sellers_identity();
    renamed["address"]["name"] = "Maud Œillet".into();
    let again = maker.put(&own, renamed.clone()).if_match(&proposed.etag());
    let again = again.await.is(200);
    let late = admin.post(&approve, Value::Null).if_match(&proposed.etag());
    late.await.problem(412, "precondition-failed");
    let approved = admin.post(&approve, Value::Null).if_match(&again.etag());
    let approved = approved.await.is(200);
    assert_eq!(approved.json()["status"], "approved");
    assert!(waiting().await.is_empty());
    let prefix = approved.json()["invoice_prefix"]
        .as_str()
        .unwrap()
        .to_owned();

    // A change waits, and what was approved counts until then.
    renamed["address"]["name"] = "Œillets & Cie".into();
    let change = maker.put(&own, renamed.clone()).if_match(&approved.etag());
    let change = change.await.is(200);
    assert_eq!(change.json()["address"]["name"], "Maud Œillet");
    assert_eq!(
        change.json()["proposal"]["address"]["name"],
        "Œillets & Cie"
    );
    let after = place(&client, "k2", &[(&bowl, 1)]).await.is(201).id();
    act(admin, &after, "mark-paid").await.is(200);
    let xml = client
        .get(&format!("/api/invoices/{prefix}000001.xml"))
        .await;
    assert!(xml.is(200).text().contains("Maud Œillet"));
    let refused = admin.delete(&format!("{own}/proposal"));
    refused.if_match(&change.etag()).await.is(204);
    let left = maker.get(&own).await.is(200).json();
    assert_eq!(left["proposal"], Value::Null);
    let none = admin.post(&approve, Value::Null).if_match("*").await;
    none.problem(409, "nothing-proposed");
}

#[tokio::test]
async fn a_series_that_was_never_used_is_free_again() {
    let counter = counter::open().await;
    let (shop, admin) = (&counter.shop, &counter.admin);
    let own = "/api/merchants/shop";
    for (prefix, status) in [("G-", 200), ("H-", 200), ("V1F-", 422), ("F-", 200)] {
        let changed = admin.put(own, identity(prefix, "A-")).if_match("*").await;
        assert_eq!(changed.status, status, "{prefix}");
    }
    // A seller who leaves before anything was issued leaves nothing behind.
    let maker = shop.seller().await;
    let (first, _) = sell_in_own_name(admin, &maker, sellers_identity()).await;
    let path = format!("/api/merchants/{}", maker.id);
    maker.delete(&path).if_match("*").await.is(204);
    let (second, _) = sell_in_own_name(admin, &maker, sellers_identity()).await;
    assert_ne!(first, second, "a number of registration is given once");
    // What was issued is the shop's for ever.
    let client = shop.client().await;
    let order = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    act(admin, &order, "mark-paid").await.is(200);
    assert_eq!(numbers(&list(&client, "").await), ["F-000001"]);
    admin
        .put(own, identity("G-", "A-"))
        .if_match("*")
        .await
        .is(200);
    let back = admin.put(own, identity("F-", "A-")).if_match("*").await;
    back.is(200);
    let next = place(&client, "k2", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    act(admin, &next, "mark-paid").await.is(200);
    assert_eq!(numbers(&list(&client, "").await), ["F-000002", "F-000001"]);
}
