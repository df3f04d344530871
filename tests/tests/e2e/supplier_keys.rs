//! Keys of suppliers' machines.

use comptoir_tests::{Api, PASSWORD, Person};
use serde_json::{Value, json};

use crate::warehouse::{RESTOCK, Warehouse, ask, delivery, open, post, refused};

fn path(supplier: &Person) -> String {
    format!("/api/suppliers/{}/keys", supplier.id)
}

/// A key with these scopes: where it is, and the API with it.
async fn make(warehouse: &Warehouse, scopes: &[&str]) -> (String, String, Api) {
    let body = json!({ "name": "Entrepôt", "scopes": scopes });
    let made = warehouse.admin.post(&path(&warehouse.supplier), body).await;
    let made = made.is(201);
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    let api = warehouse.shop.api().with_token(&secret);
    (made.header("location").to_owned(), secret, api)
}

const LEVEL: &str = "query ($id: ID!) { stockLevel(productId: $id) }";

#[tokio::test]
async fn a_key_is_shown_when_it_is_made_and_never_again() {
    let warehouse = open().await;
    let (location, secret, machine) = make(&warehouse, &["read", "restock", "read"]).await;
    assert!(secret.starts_with("csk_"));
    let shown = warehouse.admin.get(&location).await.is(200);
    let key = shown.json();
    assert_eq!(key["scopes"], json!(["read", "restock"]));
    assert_eq!(key["hint"], secret[secret.len() - 4..]);
    assert_eq!(key["last_used_at"], Value::Null);
    let data = ask(&machine, LEVEL, json!({ "id": warehouse.pen.id })).await;
    assert_eq!(data["stockLevel"], 10);
    let list = warehouse
        .admin
        .get(&path(&warehouse.supplier))
        .await
        .is(200);
    assert!(list.json()["data"][0]["last_used_at"].is_string());
    for hidden in [shown.text(), list.text(), warehouse.shop.log()] {
        assert!(!hidden.contains(&secret));
    }
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_for_its_supplier() {
    let warehouse = open().await;
    let (_, _, reader) = make(&warehouse, &["read"]).await;
    let (_, _, restocker) = make(&warehouse, &["restock"]).await;
    let book = json!({ "id": warehouse.book.id });
    assert_eq!(ask(&reader, LEVEL, book).await["stockLevel"], Value::Null);
    let lines = json!([{ "sku": "PEN", "quantity": 5 }]);
    let error = refused(&reader, RESTOCK, delivery("BL-1", lines.clone())).await;
    assert_eq!(error["code"], "forbidden");
    let restock = "mutation ($input: RestockInput!) { restock(input: $input) { replayed } }";
    ask(&restocker, restock, delivery("BL-1", lines)).await;
    let pen = json!({ "id": warehouse.pen.id });
    let error = refused(&restocker, LEVEL, pen).await;
    assert_eq!(error["code"], "forbidden");
    // It opens GraphQL and nothing else.
    let refused = reader.get("/api/auth/profile").await;
    refused.problem(401, "invalid-token");
}

#[tokio::test]
async fn a_key_that_is_revoked_opens_nothing() {
    let warehouse = open().await;
    let (location, _, machine) = make(&warehouse, &["read"]).await;
    let pen = json!({ "id": warehouse.pen.id });
    ask(&machine, LEVEL, pen.clone()).await;
    for _ in 0..2 {
        warehouse.admin.delete(&location).await.is(204);
        post(&machine, LEVEL, pen.clone())
            .await
            .problem(401, "invalid-token");
    }
    let key = warehouse.admin.get(&location).await.is(200).json();
    assert!(key["revoked_at"].is_string());
    for token in ["csk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "csk_x"] {
        let api = warehouse.shop.api().with_token(token);
        let refused = post(&api, LEVEL, pen.clone()).await;
        refused.problem(401, "invalid-token");
    }
}

#[tokio::test]
async fn only_admins_have_to_do_with_keys() {
    let warehouse = open().await;
    let (location, _, machine) = make(&warehouse, &["read"]).await;
    let keys = path(&warehouse.supplier);
    let body = json!({ "name": "Entrepôt", "scopes": ["read"] });
    for person in [&warehouse.supplier, &warehouse.seller] {
        for request in [
            person.get(&keys),
            person.get(&location),
            person.post(&keys, body.clone()),
            person.delete(&location),
        ] {
            request.await.problem(403, "forbidden");
        }
    }
    machine.get(&keys).await.problem(401, "invalid-token");
    let nobody = warehouse.shop.api().get(&keys).await;
    nobody.problem(401, "unauthenticated");
    // A key is its supplier's.
    let other = location.replace(&warehouse.supplier.id, &warehouse.seller.id);
    warehouse.admin.get(&other).await.problem(404, "not-found");
    warehouse
        .admin
        .delete(&other)
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_key_needs_a_name_and_a_scope() {
    let warehouse = open().await;
    let keys = path(&warehouse.supplier);
    for (body, pointers) in [
        (
            json!({ "name": " ", "scopes": [] }),
            vec!["/name", "/scopes"],
        ),
        (
            json!({ "name": "x", "scopes": ["read", "everything"] }),
            vec!["/scopes/1"],
        ),
        (
            json!({ "name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z" }),
            vec!["/expires_at"],
        ),
    ] {
        let refused = warehouse.admin.post(&keys, body).await;
        assert_eq!(refused.invalid_fields(), pointers);
    }
}

#[tokio::test]
async fn a_key_ends_with_the_account_or_the_role_of_its_supplier() {
    let warehouse = open().await;
    let user = format!("/api/users/{}", warehouse.supplier.id);
    let change = |change: Value| warehouse.admin.patch(&user, change).if_match("*");
    let pen = json!({ "id": warehouse.pen.id });
    for (away, back) in [
        (json!({ "disabled": true }), json!({ "disabled": false })),
        (json!({ "role": "client" }), json!({ "role": "supplier" })),
        (json!({ "role": "admin" }), json!({ "role": "supplier" })),
    ] {
        let (location, _, machine) = make(&warehouse, &["read", "restock"]).await;
        ask(&machine, LEVEL, pen.clone()).await;
        change(away).await.is(200);
        let refused = post(&machine, LEVEL, pen.clone()).await;
        refused.problem(401, "invalid-token");
        let lines = json!([{ "sku": "PEN", "quantity": 5 }]);
        let refused = post(&machine, RESTOCK, delivery("BL-9", lines)).await;
        refused.problem(401, "invalid-token");
        // What has ended stays ended; a new one is another matter.
        change(back).await.is(200);
        let refused = post(&machine, LEVEL, pen.clone()).await;
        refused.problem(401, "invalid-token");
        let key = warehouse.admin.get(&location).await.is(200).json();
        assert!(key["revoked_at"].is_string(), "{key}");
    }
    let (_, _, machine) = make(&warehouse, &["read"]).await;
    ask(&machine, LEVEL, pen.clone()).await;
    // An older end that is told again is no end of it.
    let event = json!({
        "id": "0192f0c1-2d3e-7abc-8def-0123456789ab",
        "kind": "user.authority_changed",
        "aggregate_id": warehouse.supplier.id,
        "occurred_at": "2026-11-01T08:00:00.000Z",
        "data": {
            "user_id": warehouse.supplier.id, "role": "supplier", "enabled": false, "generation": 2,
        },
    });
    warehouse.shop.tell("accounts", "suppliers", &event).await;
    warehouse.shop.tick().await;
    ask(&machine, LEVEL, pen).await;
}

#[tokio::test]
async fn a_new_password_leaves_the_keys_of_machines_alone() {
    let warehouse = open().await;
    let (_, _, machine) = make(&warehouse, &["read"]).await;
    let passwords = json!({ "current_password": PASSWORD, "new_password": "another password" });
    let changed = warehouse.supplier.post("/api/auth/password", passwords);
    changed.await.is(204);
    warehouse.shop.tick().await;
    ask(&machine, LEVEL, json!({ "id": warehouse.pen.id })).await;
}

#[tokio::test]
async fn a_key_is_made_for_an_enabled_supplier_only() {
    let warehouse = open().await;
    let (admin, client) = (&warehouse.admin, warehouse.shop.client().await);
    let body = json!({ "name": "Entrepôt", "scopes": ["read"] });
    for person in [&client, &warehouse.seller, admin] {
        let refused = admin.post(&path(person), body.clone()).await;
        refused.problem(409, "not-a-supplier");
    }
    for nobody in [
        "0192f0c1-2d3e-7abc-8def-0123456789ab",
        "00000000-0000-0000-0000-000000000000",
    ] {
        let keys = format!("/api/suppliers/{nobody}/keys");
        admin
            .post(&keys, body.clone())
            .await
            .problem(404, "not-found");
    }
    let user = format!("/api/users/{}", warehouse.supplier.id);
    let disabled = admin.patch(&user, json!({ "disabled": true }));
    disabled.if_match("*").await.is(200);
    let refused = admin.post(&path(&warehouse.supplier), body).await;
    refused.problem(409, "not-a-supplier");
    let keys = admin.list(&path(&warehouse.supplier)).await;
    assert!(keys.is_empty());
}

#[tokio::test]
async fn no_key_outlives_an_account_that_is_disabled_while_it_is_made() {
    let warehouse = open().await;
    let user = format!("/api/users/{}", warehouse.supplier.id);
    let body = json!({ "name": "Entrepôt", "scopes": ["read"] });
    for _ in 0..5 {
        let mut making = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let request = warehouse
                .admin
                .post(&path(&warehouse.supplier), body.clone());
            making.spawn(request.into_future());
        }
        let disable = warehouse.admin.patch(&user, json!({ "disabled": true }));
        disable.if_match("*").await.is(200);
        for made in making.join_all().await {
            assert!(matches!(made.status, 201 | 409), "{made}");
        }
        warehouse.shop.tick().await;
        for key in warehouse.admin.list(&path(&warehouse.supplier)).await {
            assert!(key["revoked_at"].is_string(), "{key}");
        }
        let enable = warehouse.admin.patch(&user, json!({ "disabled": false }));
        enable.if_match("*").await.is(200);
    }
}
