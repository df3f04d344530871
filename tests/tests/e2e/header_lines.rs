//! Headers in several lines, bodies in a coding, and tokens that are none any more.

use comptoir_tests::Shop;
use reqwest::Method;
use serde_json::json;

use crate::counter;

#[tokio::test]
async fn a_list_may_come_in_several_lines() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let keys = "/.well-known/jwks.json";
    let both = shop
        .api()
        .get(keys)
        .accept("text/html")
        .accept("application/json");
    both.await.is(200);
    let english = shop.api().get("/api/auth/profile");
    let english = english.in_language("de").in_language("en;q=0.5").await;
    assert_eq!(english.header("content-language"), "en");
    let tag = person.get("/api/auth/profile").await.is(200).etag();
    let held = person
        .get("/api/auth/profile")
        .header("if-none-match", "\"a\"");
    held.header("if-none-match", &tag).await.is(304);
    let change = person.patch("/api/auth/profile", json!({ "first_name": "Léa" }));
    change.if_match("\"9-a\"").if_match(&tag).await.is(200);
}

#[tokio::test]
async fn a_single_value_that_comes_twice_is_refused() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let token = format!("Bearer {}", person.access_token);
    let twice = person
        .get("/api/auth/profile")
        .header("authorization", &token);
    twice.await.problem(400, "malformed-request");
    let twice = person.post("/api/orders", json!({})).key("a").key("b");
    let problem = twice
        .in_language("en")
        .await
        .problem(400, "malformed-request");
    assert_eq!(
        problem["detail"],
        "The idempotency-key header is sent more than once"
    );
    let twice = person.post("/api/auth/password", json!({}));
    let twice = twice.header("content-type", "application/json");
    twice.await.problem(400, "malformed-request");
}

#[tokio::test]
async fn a_compressed_body_is_unsupported_and_not_malformed() {
    let shop = Shop::open().await;
    for coding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
        let login = shop.api().request(Method::POST, "/api/auth/login");
        let login = login.header("content-encoding", coding);
        let refused = login.body("application/json", vec![0x1f, 0x8b, 8]).await;
        assert_eq!(refused.header("accept-encoding"), "identity", "{coding}");
        refused.problem(415, "unsupported-content-encoding");
    }
    let body = json!({ "email": "zoe@example.org", "password": "wrong password" });
    let plain = shop.api().post("/api/auth/login", body);
    plain.header("content-encoding", "identity").await.is(401);
}

#[tokio::test]
async fn what_anybody_may_read_is_read_with_a_token_that_is_not_good_as_without_one() {
    let counter = counter::open().await;
    let stranger = counter.shop.api().with_token("nonsense");
    let item = format!("/api/items/{}", counter.pen.id);
    for path in [
        &*item,
        "/api/items",
        "/api/categories",
        &format!("{item}/reviews"),
        &format!("{item}/stock"),
    ] {
        let seen = stranger.get(path).await.is(200);
        let plain = counter.shop.api().get(path).await.is(200);
        assert_eq!(seen.json(), plain.json(), "{path}");
        assert_eq!(
            seen.header("www-authenticate"),
            "Bearer error=\"invalid_token\""
        );
        assert!(plain.headers.get("www-authenticate").is_none(), "{plain}");
        assert!(seen.header("cache-control").contains("private"), "{seen}");
    }
    // Whose it is, the token alone says: what is somebody's own is refused.
    for path in ["/api/cart", "/api/orders", "/api/auth/profile"] {
        stranger.get(path).await.problem(401, "invalid-token");
    }
    let line = json!({ "item_id": counter.pen.id, "quantity": 1 });
    let written = stranger.post("/api/cart/items", line).await;
    written.problem(401, "invalid-token");
}

#[tokio::test]
async fn a_cart_token_that_no_cart_has_is_refused_with_a_way_on() {
    let counter = counter::open().await;
    let api = counter.shop.api();
    let read = |token: &str| api.get("/api/cart").header("cart-token", token);
    for nonsense in ["nonsense", "", &"A".repeat(44)] {
        let refused = read(nonsense).in_language("en").await;
        let problem = refused.problem(422, "cart-token-invalid");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("without the Cart-Token header")
        );
    }
    let unknown = read(&"A".repeat(43)).in_language("fr").await;
    let problem = unknown.problem(404, "not-found");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("sans l’en-tête Cart-Token")
    );
    let line = json!({ "item_id": counter.pen.id, "quantity": 1 });
    let begun = api.post("/api/cart/items", line).await.is(200);
    read(begun.header("cart-token")).await.is(200);
    api.get("/api/cart").await.is(200);
}

#[tokio::test]
async fn the_openapi_document_is_compressed_for_whoever_takes_it() {
    let shop = Shop::open().await;
    let plain = shop.api().get("/openapi.json").await.is(200);
    assert!(plain.headers.get("content-encoding").is_none());
    assert!(
        plain.header("vary").contains("Accept-Encoding"),
        "{}",
        plain.header("vary")
    );
    let ask = || {
        shop.api()
            .get("/openapi.json")
            .header("accept-encoding", "br, gzip")
    };
    let compressed = ask().await.is(200);
    assert_eq!(compressed.header("content-encoding"), "gzip");
    assert!(compressed.bytes.len() * 5 < plain.bytes.len());
    assert!(compressed.bytes.starts_with(&[0x1f, 0x8b]));
    assert_ne!(compressed.etag(), plain.etag());
    let held = ask().header("if-none-match", &compressed.etag());
    held.await.is(304);
}
