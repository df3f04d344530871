//! What the shop is for, from the first visit to the paper in hand.

use comptoir_tests::{Item, PASSWORD, Shop, address, create_category};
use serde_json::json;

#[tokio::test]
async fn somebody_finds_something_and_buys_it() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let category = create_category(&admin, "Épicerie fine").await;
    let seller = shop.seller().await;
    let name = "Huile d’olive vierge extra";
    let oil = Item::create_at_rate(&seller, &category, name, 1690, 550, 24).await;
    let api = shop.api();

    // A visitor searches, and fills a basket.
    let found = api.get("/api/items?q=huile").await.is(200).json();
    assert_eq!(found["data"][0]["id"], oil.id.as_str());
    let line = json!({ "item_id": oil.id, "quantity": 2 });
    let basket = api.post("/api/cart/items", line).await.is(200);
    let token = basket.header("cart-token").to_owned();
    let total = basket.json()["totals"]["gross"].clone();
    assert_eq!(total, json!({ "amount": 3380, "currency": "EUR" }));

    // They sign up and in, and the basket is theirs.
    let account = json!({
        "email": "zoe@example.org", "password": PASSWORD,
        "first_name": "Zoé", "last_name": "Martin",
    });
    api.post("/api/auth/register", account).await.is(201);
    let login = json!({ "email": "zoe@example.org", "password": PASSWORD });
    let tokens = api.post("/api/auth/login", login).await.is(200).json();
    let client = api.with_token(tokens["access_token"].as_str().unwrap());
    let merge = json!({ "cart_token": token });
    let cart = client.post("/api/cart/merge", merge).await.is(200).json();
    assert_eq!(cart["lines"][0]["quantity"], 2);

    // They order what they saw at the price that they saw.
    let order = json!({
        "from_cart": true, "shipping_address": address(), "expected_total": total,
    });
    let placed = client
        .post("/api/orders", order)
        .key("checkout-1")
        .await
        .is(201);
    assert_eq!(placed.json()["status"], "awaiting_payment");
    assert_eq!(placed.json()["totals"]["gross"], total);
    let path = placed.header("location").to_owned();
    assert_eq!(oil.stock_levels(api).await, (24, 22));
    let cart = client.get("/api/cart").await.is(200).json();
    assert_eq!(cart["lines"], json!([]));

    // The seller sees the money arrive, and the goods leave.
    seller.get(&path).await.is(200);
    let paid = seller.post(&format!("{path}/mark-paid"), json!({})).await;
    assert_eq!(paid.is(200).json()["status"], "paid");
    assert_eq!(oil.stock_levels(api).await, (22, 22));

    let paper = client.get(&format!("{path}/invoice.pdf")).await.is(200);
    assert_eq!(paper.header("content-type"), "application/pdf");
    assert!(paper.bytes.starts_with(b"%PDF"));
}
