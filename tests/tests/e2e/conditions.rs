//! Conditional requests: what a client makes conditional is done under its condition or not at all.

use comptoir_tests::{Api, Item};
use reqwest::Method;
use serde_json::json;

use crate::counter::{self, act, path, place};

/// As a proxy that compresses answers makes it.
fn weakened(tag: &str) -> String {
    format!("W/{tag}")
}

#[tokio::test]
async fn behind_a_proxy_that_weakens_tags_things_can_still_be_changed() {
    let counter = counter::open().await;
    let item = format!("/api/items/{}", counter.pen.id);
    let old = counter.seller.get(&item).await.is(200).etag();
    let change = |tag: &str, price: i64| {
        let body = json!({ "price": { "amount": price, "currency": "EUR" } });
        counter.seller.patch(&item, body).if_match(tag)
    };
    let new = change(&weakened(&old), 260).await.is(200).etag();
    change(&weakened(&old), 270)
        .await
        .problem(412, "precondition-failed");
    // As Apache's mod_deflate makes it.
    let suffixed = format!("{}-gzip\"", new.trim_end_matches('"'));
    change(&suffixed, 280).await.is(200);
    let held = counter
        .seller
        .get(&item)
        .header("if-none-match", &weakened(&new));
    held.await.is(200);
}

async fn tag(api: &Api, order: &str) -> String {
    api.get(&path(order)).await.is(200).etag()
}

#[tokio::test]
async fn every_action_on_an_order_is_done_under_its_condition_or_not_at_all() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let order = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    let placed = tag(&counter.seller, &order).await;
    let ship = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
    let ask = |action: &str, body: serde_json::Value, tag: &str| {
        let action = format!("{}/{action}", path(&order));
        counter.seller.post(&action, body).if_match(tag)
    };
    for action in ["mark-paid", "prepare", "deliver"] {
        let refused = ask(action, json!({}), "\"99-x\"").await;
        refused.problem(412, "precondition-failed");
    }
    ask("ship", ship.clone(), "\"99-x\"")
        .await
        .problem(412, "precondition-failed");
    for condition in ["\"99-x\"", "nonsense", ""] {
        let cancel = client.post(&format!("{}/cancel", path(&order)), json!({}));
        cancel
            .if_match(condition)
            .await
            .problem(412, "precondition-failed");
    }
    assert_eq!(tag(&counter.seller, &order).await, placed);

    ask("mark-paid", json!({}), &placed).await.is(200);
    ask("prepare", json!({}), &placed)
        .await
        .problem(412, "precondition-failed");
    let paid = tag(&counter.seller, &order).await;
    ask("prepare", json!({}), &weakened(&paid)).await.is(200);
    ask("ship", ship, "*").await.is(200);
    act(&counter.seller, &order, "deliver").await.is(200);
}

#[tokio::test]
async fn what_is_to_be_made_only_if_it_is_not_there_is_not_made_twice() {
    let counter = counter::open().await;
    let terms = json!({ "percent": 5 });
    let put = || counter.admin.put("/api/discounts/CINQ", terms.clone());
    let new = || put().header("if-none-match", "*");
    put()
        .if_match("*")
        .await
        .problem(412, "precondition-failed");
    put()
        .if_match("\"1-x\"")
        .await
        .problem(412, "precondition-failed");
    let made = new().await.is(201);
    new().await.problem(412, "precondition-failed");
    put().await.problem(428, "precondition-required");
    put()
        .header("if-none-match", &made.etag())
        .await
        .problem(412, "precondition-failed");
    put().if_match(&made.etag()).await.is(200);

    let identity = counter.admin.get("/api/merchants/shop").await.is(200);
    let shop = || counter.admin.put("/api/merchants/shop", json!({}));
    assert_eq!(shop().header("if-none-match", "*").await.status, 422);
    let logo = |method: Method| counter.admin.request(method, "/api/merchants/shop/logo");
    let stale = logo(Method::DELETE).if_match(&identity.etag()).await;
    stale.problem(412, "precondition-failed");
    logo(Method::DELETE)
        .header("if-none-match", "*")
        .await
        .is(204);
}

#[tokio::test]
async fn an_operation_that_checks_no_condition_is_not_performed_under_one() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let order = client.post("/api/orders", counter::body(&[(&counter.pen, 1)]));
    let refused = order.key("k1").if_match("*").in_language("en").await;
    let problem = refused.problem(412, "precondition-failed");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("without a condition"),
        "{problem:#}"
    );
    assert!(client.list("/api/orders").await.is_empty());
    let review = format!("/api/items/{}/reviews", counter.pen.id);
    let review = client.post(&review, json!({ "rating": 5, "comment": "Bien" }));
    review
        .header("if-none-match", "*")
        .await
        .problem(412, "precondition-failed");
}

#[tokio::test]
async fn adding_to_a_cart_may_be_made_conditional() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let add = |item: &Item| {
        let line = json!({ "item_id": item.id, "quantity": 1 });
        client.post("/api/cart/items", line)
    };
    let first = add(&counter.pen).await.is(200);
    add(&counter.pen).await.is(200);
    add(&counter.book)
        .if_match(&first.etag())
        .await
        .problem(412, "precondition-failed");
    let unwanted = client.get("/api/cart").await.is(200).etag();
    let not = add(&counter.book).header("if-none-match", &unwanted).await;
    not.problem(412, "precondition-failed");
    add(&counter.book)
        .header("if-none-match", &first.etag())
        .await
        .is(200);
}

#[tokio::test]
async fn a_read_of_another_state_than_is_wanted_is_refused() {
    let counter = counter::open().await;
    let item = format!("/api/items/{}", counter.pen.id);
    let tag = counter.seller.get(&item).await.is(200).etag();
    let read = |wanted: &str| counter.seller.get(&item).if_match(wanted);
    read(&tag).await.is(200);
    read("*").await.is(200);
    read("\"0-x\"").await.problem(412, "precondition-failed");
}
