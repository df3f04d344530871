//! The audit log: every write of the API by a person or a key, in the request in which it was made.

use std::collections::HashMap;

use comptoir_tests::Api;
use serde_json::{Value, json};

use crate::audit_walk::{TELL, Walk};
use crate::counter;
use crate::merchant::TO_PRIVATE_ADDRESSES;
use crate::warehouse::{self, delivery};

const SERVICES: [&str; 6] = [
    "accounts",
    "catalog",
    "orders",
    "payments",
    "suppliers",
    "webhooks",
];

/// Writes of the API that leave nothing behind which anybody would look for here.
const UNTOLD: [(&str, &str); 10] = [
    // Carts are in Redis, of guests too, and of nobody's concern but their owner's.
    ("post", "/api/cart/items"),
    ("put", "/api/cart/items"),
    ("delete", "/api/cart/items"),
    ("patch", "/api/cart/items/{item_id}"),
    ("delete", "/api/cart/items/{item_id}"),
    ("post", "/api/cart/merge"),
    // A session that goes on.
    ("post", "/api/auth/refresh"),
    // Change nothing.
    ("post", "/api/orders/quote"),
    ("post", "/api/reports/rebuild"),
    // By nobody of the shop.
    ("post", "/webhooks/stripe"),
];

/// All entries, by the ids of their requests.
async fn log(admin: &Api) -> HashMap<String, Value> {
    let mut entries = HashMap::new();
    for service in SERVICES {
        for entry in admin.list(&format!("/api/audit/{service}?limit=7")).await {
            let request = entry["request_id"].as_str().unwrap().to_owned();
            if request.starts_with("audit-") {
                let twice = entries.insert(request, entry);
                assert_eq!(twice, None);
            }
        }
    }
    entries
}

/// Every operation of the API that writes.
fn writes() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
    let mut writes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in ["post", "put", "patch", "delete"] {
            if operations.get(method).is_some() {
                writes.push((method.to_owned(), path.clone()));
            }
        }
    }
    writes
}

#[tokio::test]
async fn every_write_of_the_api_is_told_with_who_and_in_which_request() {
    let counter = counter::open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let client = counter.shop.client().await;
    let mut walk = Walk::default();
    walk.accounts(&counter).await;
    walk.catalog(&counter, &client).await;
    walk.merchants(&counter).await;
    walk.orders(&counter, &client).await;
    walk.webhooks(&counter.admin).await;
    walk.suppliers(&counter).await;
    let entries = log(&counter.admin).await;
    for step in &walk.0 {
        let (method, path) = (step.method, step.path);
        let entry = entries.get(&step.request);
        let entry = entry.unwrap_or_else(|| panic!("nothing is told of {method} {path}"));
        assert_eq!(entry["user_id"], step.user.as_str(), "{method} {path}");
    }
    for (method, path) in writes() {
        let walked = walk
            .0
            .iter()
            .any(|step| step.method == method && step.path == path);
        let untold = UNTOLD.contains(&(method.as_str(), path.as_str()));
        assert!(
            walked != untold,
            "{method} {path} is told, or it is said why not"
        );
    }
    // What must stay secret does.
    let told = json!(entries).to_string();
    for secret in [
        "correct horse",
        "staple battery",
        "whsec_",
        "csk_",
        "password_hash",
    ] {
        assert!(!told.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_entry_has_each_field_before_and_after_and_is_found_by_thing_and_by_person() {
    let counter = counter::open().await;
    let (admin, seller) = (&counter.admin, &counter.seller);
    let path = format!("/api/items/{}", counter.pen.id);
    let change = json!({ "price": { "amount": 300, "currency": "EUR" }, "name": "Stylo bleu" });
    seller.patch(&path, change).if_match("*").await.is(200);
    let entries = admin
        .list(&format!("/api/audit/catalog?subject={path}"))
        .await;
    let actions: Vec<&str> = entries
        .iter()
        .filter_map(|e| e["action"].as_str())
        .collect();
    assert_eq!(
        actions,
        ["item.changed", "item.stock_moved", "item.created"]
    );
    let eur = |cents: i64| json!({ "amount": cents, "currency": "EUR" });
    let expected = json!({
        "name": { "before": "Stylo", "after": "Stylo bleu" },
        "price": { "before": eur(250), "after": eur(300) },
    });
    assert_eq!(entries[0]["changes"], expected);
    assert_eq!(entries[0]["role"], "seller");
    assert_eq!(
        entries[1]["changes"],
        json!({ "on_hand": { "before": 0, "after": 10 } })
    );
    let by_admin = admin
        .list(&format!("/api/audit/catalog?user_id={}", admin.id))
        .await;
    let actions: Vec<&str> = by_admin
        .iter()
        .filter_map(|e| e["action"].as_str())
        .collect();
    assert_eq!(actions, ["category.created"]);
    // A machine is told by its key; what is refused is not told.
    let refused = seller
        .patch(&path, json!({ "name": "" }))
        .if_match("*")
        .await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        admin
            .list(&format!("/api/audit/catalog?subject={path}"))
            .await
            .len(),
        3
    );
    seller
        .get("/api/audit/catalog")
        .await
        .problem(403, "forbidden");
    for (query, parameter) in [
        ("user_id=x", "user_id"),
        ("subject=%C3%A9", "subject"),
        ("subject=/api/items/%F0%9F%8D%8F", "subject"),
        ("subject=%00", "subject"),
        ("subject=%ff", "subject"),
        ("subject=", "subject"),
    ] {
        let refused = admin.get(&format!("/api/audit/catalog?{query}")).await;
        assert_eq!(refused.invalid_fields(), [parameter], "{query}");
    }
}

#[tokio::test]
async fn a_machine_is_told_by_its_key() {
    let warehouse = warehouse::open().await;
    let keys = format!("/api/suppliers/{}/keys", warehouse.supplier.id);
    let key = json!({ "name": "Entrepôt", "scopes": ["restock"] });
    let made = warehouse.admin.post(&keys, key).await.is(201);
    let machine = warehouse
        .shop
        .api()
        .with_token(made.json()["secret"].as_str().unwrap());
    let lines = json!([{ "sku": "PEN", "quantity": 5 }]);
    for _ in 0..2 {
        warehouse::ask(&machine, TELL, delivery("BL-1", lines.clone())).await;
    }
    let by_supplier = format!("/api/audit/catalog?user_id={}", warehouse.supplier.id);
    let told = warehouse.admin.list(&by_supplier).await;
    assert_eq!(
        told.len(),
        1,
        "a delivery that is told again changes nothing"
    );
    assert_eq!(told[0]["key_id"], made.id().as_str());
    assert_eq!(told[0]["action"], "restock.taken");
    assert_eq!(told[0]["changes"]["reference"]["after"], "BL-1");
}
