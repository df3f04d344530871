//! Parameters of the query: those that an operation has, each once, of its type, and no other.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use comptoir_tests::{Shop, create_category};
use serde_json::{Value, json};

use crate::counter;

#[tokio::test]
async fn no_operation_passes_over_a_parameter_that_it_does_not_know() {
    let counter = counter::open().await;
    let item = format!("/api/items/{}", counter.pen.id);
    let reviews = format!("{item}/reviews");
    for path in [
        "/api/items",
        "/api/categories",
        &item,
        &reviews,
        "/api/orders",
        "/api/users",
        "/api/invoices",
        "/api/discounts",
        "/api/webhooks",
        "/api/auth/profile",
        "/api/audit/orders",
        "/api/reports/stock",
        "/api/reports/drift",
        "/api/cart",
        "/api/merchants/shop",
        "/openapi.json",
        "/livez",
        "/readyz",
        "/.well-known/jwks.json",
        "/graphql",
    ] {
        let refused = counter.admin.get(&format!("{path}?limi=1")).await;
        assert_eq!(refused.invalid_fields(), ["limi"], "{path}");
    }
    let order = counter::body(&[(&counter.pen, 1)]);
    let refused = counter.admin.post("/api/orders?dry_run=true", order);
    assert_eq!(refused.key("k").await.invalid_fields(), ["dry_run"]);
    let refused = counter.seller.delete(&format!("{item}?force=1"));
    assert_eq!(refused.if_match("*").await.invalid_fields(), ["force"]);
    counter.admin.get(&item).await.is(200);
}

#[tokio::test]
async fn a_parameter_that_cannot_be_read_is_named_in_the_readers_language() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    create_category(&admin, "Papeterie").await;
    for (query, parameter, french, english) in [
        (
            "limit=x",
            "limit",
            "Un nombre entier est attendu",
            "A whole number is expected",
        ),
        (
            "limit=1&limit=2",
            "limit",
            "Ce paramètre est donné plusieurs fois",
            "This parameter is given more than once",
        ),
        (
            "min_price=1.5",
            "min_price",
            "Un nombre entier est attendu",
            "A whole number is expected",
        ),
        (
            "min_price=-1",
            "min_price",
            "De 0 à 100000000",
            "From 0 to 100000000",
        ),
        (
            "in_stock=yes",
            "in_stock",
            "true ou false est attendu",
            "true or false is expected",
        ),
        (
            "q=%c3%28",
            "q",
            "La valeur n’est pas du texte en UTF-8",
            "The value is not UTF-8 text",
        ),
        (
            "colour=red",
            "colour",
            "Paramètre inconnu",
            "Unknown parameter",
        ),
    ] {
        for (tag, detail) in [("fr", french), ("en", english)] {
            let request = shop.api().get(&format!("/api/items?{query}"));
            let problem = request
                .in_language(tag)
                .await
                .problem(422, "invalid-fields");
            let expected = serde_json::json!([{ "parameter": parameter, "detail": detail }]);
            assert_eq!(problem["errors"], expected, "{query}");
        }
    }
    let missing = admin.get("/api/invoices/export.zip").await;
    assert_eq!(missing.invalid_fields(), ["month"]);
    let missing = admin.get("/api/reports/sales?by=day").await;
    assert_eq!(missing.invalid_fields(), ["from", "to"]);
}

#[tokio::test]
async fn the_parameters_that_an_operation_has_are_taken_in_any_spelling_of_a_url() {
    let shop = Shop::open().await;
    let api = shop.api();
    api.get("/api/items?limit=1&sort=newest&&in_stock=true")
        .await
        .is(200);
    api.get("/api/items?%6Cimit=1").await.is(200);
    api.get("/api/items?q=huile+d%27olive").await.is(200);
    api.get("/api/items?").await.is(200);
}

#[tokio::test]
async fn of_ten_thousand_mistakes_an_answer_tells_some() {
    let shop = Shop::open().await;
    for path in ["/api/items", "/livez"] {
        let answer = shop.api().get(&format!("{path}?{}", "a&".repeat(10_000)));
        let names = answer.await.invalid_fields();
        assert_eq!(names.len(), 50, "{path}");
    }
}

/// What a cursor may be made of that nobody was given.
fn forged_cursors() -> Vec<String> {
    let some_id = "01939d6b-8f1c-7c43-9a5e-200000000000";
    let atoms = [
        json!("é"),
        json!("🎄"),
        json!("\0"),
        json!("shop"),
        json!(some_id),
        json!("EUR"),
        json!("newest"),
        json!("nan"),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e308),
        json!(null),
    ];
    let mut cursors: Vec<Value> = atoms.to_vec();
    for (one, other) in atoms
        .iter()
        .flat_map(|one| atoms.iter().map(move |it| (one, it)))
    {
        cursors.push(json!([one, other]));
        cursors.push(json!({ "score": one, "entry": other }));
        cursors.push(json!([one, other, some_id]));
    }
    let encoded = cursors
        .iter()
        .map(|it| BASE64_URL_SAFE_NO_PAD.encode(it.to_string()));
    encoded.collect()
}

#[tokio::test]
async fn a_cursor_that_nobody_was_given_is_never_the_servers_fault() {
    let counter = counter::open().await;
    let item = format!("/api/items/{}", counter.pen.id);
    let cursors = forged_cursors();
    for path in [
        "/api/items",
        "/api/categories",
        &format!("{item}/reviews"),
        &format!("{item}/stock/movements"),
        "/api/reviews/reports",
        "/api/orders",
        "/api/users",
        "/api/invoices",
        "/api/discounts",
        "/api/merchants",
        "/api/refunds/by-hand",
        "/api/webhooks",
        "/api/audit/orders",
        "/api/reports/stock",
        "/api/reports/best-sellers",
        "/api/reports/highest-spenders",
    ] {
        for reader in [&counter.admin, &counter.seller] {
            for cursor in &cursors {
                let answer = reader.get(&format!("{path}?cursor={cursor}")).await;
                let is_known = [200, 403, 404, 422].contains(&answer.status);
                assert!(is_known, "{path}: {answer}");
            }
        }
    }
}
