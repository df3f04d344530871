//! Who sells: the shop, sellers in their own name, and their logos.

use comptoir_tests::{Item, Shop, create_category, identity};
use serde_json::{Value, json};

use crate::counter::{self, act, place};
use crate::invoices::{element, list, numbers, paid, pdf_of};

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
