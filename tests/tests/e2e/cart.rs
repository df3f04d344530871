//! Carts of guests and clients.

use comptoir_tests::{Answer, Api, Item, Person, Shop, create_category};
use serde_json::{Value, json};

/// A shop with a seller who sells two things.
async fn open() -> (Shop, Person, Item, Item) {
    let shop = Shop::open().await;
    let category = create_category(&shop.admin().await, "Papeterie").await;
    let seller = shop.seller().await;
    let pen = Item::create(&seller, &category, "Stylo", 250, 10).await;
    let book = Item::create_at_rate(&seller, &category, "Carnet", 1055, 550, 3).await;
    (shop, seller, pen, book)
}

async fn add(api: &Api, token: Option<&str>, item: &Item, quantity: i64) -> Answer {
    let body = json!({ "item_id": item.id, "quantity": quantity });
    let request = api.post("/api/cart/items", body);
    match token {
        Some(token) => request.header("cart-token", token).await,
        None => request.await,
    }
}

/// Pairs of item and quantity, in the order of the lines.
fn lines(cart: &Value) -> Vec<(String, i64)> {
    let lines = cart["lines"].as_array().unwrap();
    let pair = |line: &Value| {
        let id = line["item_id"].as_str().unwrap().to_owned();
        (id, line["quantity"].as_i64().unwrap())
    };
    lines.iter().map(pair).collect()
}

#[tokio::test]
async fn whoever_has_no_cart_sees_an_empty_one() {
    let (shop, ..) = open().await;
    let client = shop.client().await;
    for api in [shop.api(), &*client] {
        let cart = api.get("/api/cart").await.is(200).json();
        assert_eq!(cart["lines"], json!([]));
        assert_eq!(cart["totals"]["gross"]["amount"], 0);
    }
}

#[tokio::test]
async fn a_guests_cart_is_known_by_its_token() {
    let (shop, _, pen, book) = open().await;
    let api = shop.api();
    let first = add(api, None, &pen, 2).await.is(200);
    let token = first.header("cart-token").to_owned();
    add(api, Some(&token), &book, 1).await.is(200);
    add(api, Some(&token), &pen, 1).await.is(200);

    let request = api.get("/api/cart").header("cart-token", &token);
    let answer = request.await.is(200);
    assert!(answer.header("cache-control").contains("private"));
    let cart = answer.json();
    assert_eq!(lines(&cart), [(pen.id.clone(), 3), (book.id.clone(), 1)]);
    assert_eq!(cart["lines"][0]["name"], "Stylo");
    assert_eq!(cart["lines"][0]["unit_price"]["amount"], 250);
    assert_eq!(cart["lines"][0]["line_total"]["amount"], 750);
    assert_eq!(cart["lines"][0]["available"], 10);
    // 7.50 € at 20 % and 10.55 € at 5.5 %.
    let totals = &cart["totals"];
    assert_eq!(totals["gross"]["amount"], 1805);
    assert_eq!(totals["net"]["amount"], 625 + 1000);
    assert_eq!(totals["vat"]["amount"], 125 + 55);
    assert_eq!(totals["by_rate"].as_array().unwrap().len(), 2);

    // A sign-in that somebody before the shop asks for is nobody's here.
    let behind = api.get("/api/cart").header("cart-token", &token);
    let behind = behind.header("authorization", "Basic dTpw").await.is(200);
    assert_eq!(lines(&behind.json()).len(), 2);

    let nobodys = api.get("/api/cart").await.is(200).json();
    assert_eq!(nobodys["lines"], json!([]));
}

#[tokio::test]
async fn adding_at_the_same_time_counts_every_time() {
    let (shop, _, pen, _) = open().await;
    let client = shop.client().await;
    let adds = (0..20).map(|_| {
        let (client, pen) = (client.clone(), pen.clone());
        tokio::spawn(async move { add(&client, None, &pen, 1).await.is(200) })
    });
    for done in adds.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    let cart = client.get("/api/cart").await.is(200).json();
    assert_eq!(lines(&cart), [(pen.id, 20)]);
    assert_eq!(cart["lines"][0]["available"], 10);
}

#[tokio::test]
async fn a_line_is_changed_and_removed_by_whoever_saw_the_cart() {
    let (shop, _, pen, book) = open().await;
    let client = shop.client().await;
    add(&client, None, &pen, 2).await.is(200);
    let tag = add(&client, None, &book, 1).await.is(200).etag();
    let path = format!("/api/cart/items/{}", pen.id);
    let change = |quantity: i64| client.patch(&path, json!({ "quantity": quantity }));
    change(5).await.problem(428, "precondition-required");
    let changed = change(5).if_match(&tag).await.is(200);
    assert_eq!(
        lines(&changed.json()),
        [(pen.id.clone(), 5), (book.id.clone(), 1)]
    );
    change(6)
        .if_match(&tag)
        .await
        .problem(412, "precondition-failed");
    for quantity in [0, -1, 10_000] {
        let fields = change(quantity).if_match("*").await.invalid_fields();
        assert_eq!(fields, ["/quantity"]);
    }
    let removed = client.delete(&path).if_match(&changed.etag()).await.is(200);
    assert_eq!(lines(&removed.json()), [(book.id, 1)]);
    let again = client.delete(&path).if_match("*").await;
    again.problem(404, "not-found");
}

#[tokio::test]
async fn a_whole_cart_is_replaced_and_emptied() {
    let (shop, _, pen, book) = open().await;
    let client = shop.client().await;
    add(&client, None, &pen, 2).await.is(200);
    let body = json!({ "items": [
        { "item_id": book.id, "quantity": 2 }, { "item_id": pen.id, "quantity": 1 },
    ] });
    let replace = |body: Value| client.put("/api/cart/items", body).if_match("*");
    let replaced = replace(body).await.is(200).json();
    assert_eq!(
        lines(&replaced),
        [(book.id.clone(), 2), (pen.id.clone(), 1)]
    );

    let twice = json!({ "items": [
        { "item_id": book.id, "quantity": 2 }, { "item_id": book.id, "quantity": 0 },
    ] });
    let fields = replace(twice).await.invalid_fields();
    assert_eq!(fields, ["/items/1/item_id", "/items/1/quantity"]);

    let emptied = client.delete("/api/cart/items").if_match("*").await.is(200);
    assert_eq!(emptied.json()["lines"], json!([]));
}

#[tokio::test]
async fn only_what_is_for_sale_goes_into_a_cart() {
    let (shop, ..) = open().await;
    let unknown = Item {
        id: "0192f0c1-2d3e-7abc-8def-0123456789ab".to_owned(),
    };
    let fields = add(shop.api(), None, &unknown, 1).await.invalid_fields();
    assert_eq!(fields, ["/item_id"]);
}

#[tokio::test]
async fn a_guests_cart_joins_the_clients_once() {
    let (shop, _, pen, book) = open().await;
    let client = shop.client().await;
    add(&client, None, &pen, 1).await.is(200);
    let guest = add(shop.api(), None, &pen, 2).await.is(200);
    let token = guest.header("cart-token").to_owned();
    add(shop.api(), Some(&token), &book, 1).await.is(200);

    let merge = || client.post("/api/cart/merge", json!({ "cart_token": token }));
    let merged = merge().await.is(200).json();
    assert_eq!(lines(&merged), [(pen.id.clone(), 3), (book.id.clone(), 1)]);
    let again = merge().await.is(200).json();
    assert_eq!(lines(&again), lines(&merged));
    let request = shop.api().get("/api/cart").header("cart-token", &token);
    request.await.problem(404, "not-found");
}

#[tokio::test]
async fn merging_is_for_clients_with_a_token_that_is_one() {
    let (shop, ..) = open().await;
    let client = shop.client().await;
    let body = json!({ "cart_token": "nonsense" });
    let nobody = shop.api().post("/api/cart/merge", body.clone()).await;
    nobody.problem(401, "unauthenticated");
    let fields = client.post("/api/cart/merge", body).await.invalid_fields();
    assert_eq!(fields, ["/cart_token"]);
}

#[tokio::test]
async fn a_cart_shows_the_price_of_today() {
    let (shop, seller, pen, _) = open().await;
    let client = shop.client().await;
    add(&client, None, &pen, 2).await.is(200);
    let path = format!("/api/items/{}", pen.id);
    let price = json!({ "price": { "amount": 300, "currency": "EUR" } });
    seller.patch(&path, price).if_match("*").await.is(200);
    let cart = client.get("/api/cart").await.is(200).json();
    assert_eq!(cart["lines"][0]["line_total"]["amount"], 600);
}

#[tokio::test]
async fn an_item_that_is_gone_keeps_its_line_without_a_price() {
    let (shop, seller, pen, book) = open().await;
    let client = shop.client().await;
    add(&client, None, &pen, 2).await.is(200);
    add(&client, None, &book, 1).await.is(200);
    let path = format!("/api/items/{}", pen.id);
    seller.delete(&path).if_match("*").await.is(204);
    let cart = client.get("/api/cart").await.is(200).json();
    assert_eq!(cart["lines"][0]["name"], "Stylo");
    assert_eq!(cart["lines"][0]["unit_price"], Value::Null);
    assert_eq!(cart["lines"][0]["available"], 0);
    assert_eq!(cart["totals"]["gross"]["amount"], 1055);
}

#[tokio::test]
async fn a_name_that_nobody_was_given_begins_no_cart() {
    let (shop, _, pen, _) = open().await;
    let api = shop.api();
    let given = add(api, None, &pen, 1).await.is(200);
    let given = given.header("cart-token").to_owned();
    // Another letter in the middle is the name of another cart.
    let (start, end) = given.split_at(20);
    let letter = if end.starts_with('A') { "B" } else { "A" };
    let made_up = format!("{start}{letter}{}", &end[1..]);
    add(api, Some(&made_up), &pen, 1)
        .await
        .problem(404, "not-found");
    let all = json!({ "items": [{ "item_id": pen.id, "quantity": 1 }] });
    for request in [
        api.put("/api/cart/items", all),
        api.delete("/api/cart/items"),
        api.delete(&format!("/api/cart/items/{}", pen.id)),
    ] {
        let request = request.header("cart-token", &made_up).if_match("*");
        request.await.problem(404, "not-found");
    }
    let request = api.get("/api/cart").header("cart-token", &made_up);
    request.await.problem(404, "not-found");
    add(api, Some(&given), &pen, 1).await.is(200);
}
