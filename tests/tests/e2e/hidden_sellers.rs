//! What becomes of the products of a seller who may not sell any more.

use comptoir_tests::Api;
use serde_json::{Value, json};

use crate::counter::{self, Counter, place};

async fn change(counter: &Counter, change: Value) {
    let path = format!("/api/users/{}", counter.seller.id);
    let changed = counter.admin.patch(&path, change).if_match("*").await;
    changed.is(200);
}

/// Whether people see the pen, everywhere where they could.
async fn is_seen(counter: &Counter, api: &Api) -> bool {
    let item = format!("/api/items/{}", counter.pen.id);
    let mut seen = Vec::new();
    for path in [&item, &format!("{item}/stock"), &format!("{item}/reviews")] {
        seen.push(api.get(path).await.status == 200);
    }
    for query in ["", "?q=stylo", "?in_stock=true&sort=price"] {
        let listed = api.list(&format!("/api/items{query}")).await;
        seen.push(
            listed
                .iter()
                .any(|item| item["id"] == counter.pen.id.as_str()),
        );
    }
    let by_seller = format!("/api/items?seller={}", counter.seller.id);
    seen.push(!api.list(&by_seller).await.is_empty());
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    seen[0]
}

#[tokio::test]
async fn products_of_a_seller_who_may_not_sell_are_hidden_until_they_may() {
    let counter = counter::open().await;
    let (api, client) = (counter.shop.api(), counter.shop.client().await);
    let line = json!({ "item_id": counter.pen.id, "quantity": 1 });
    client.post("/api/cart/items", line.clone()).await.is(200);
    assert!(is_seen(&counter, api).await);
    for (number, (away, back)) in [
        (json!({ "disabled": true }), json!({ "disabled": false })),
        (json!({ "role": "client" }), json!({ "role": "seller" })),
        (json!({ "role": "supplier" }), json!({ "role": "admin" })),
    ]
    .into_iter()
    .enumerate()
    {
        change(&counter, away).await;
        assert!(!is_seen(&counter, api).await);
        let refused = place(&client, &format!("away-{number}"), &[(&counter.pen, 1)]).await;
        refused.problem(409, "items-unavailable");
        let quote = client.post("/api/orders/quote", json!({ "items": [line] }));
        quote.await.problem(409, "items-unavailable");
        // Whoever runs the shop sees them all the same.
        assert!(is_seen(&counter, &counter.admin).await);

        change(&counter, back).await;
        assert!(is_seen(&counter, api).await);
        place(&client, &format!("back-{number}"), &[(&counter.pen, 1)])
            .await
            .is(201);
    }
}

#[tokio::test]
async fn an_older_change_that_is_told_again_changes_nothing() {
    let counter = counter::open().await;
    change(&counter, json!({ "disabled": true })).await;
    change(&counter, json!({ "disabled": false })).await;
    let event = json!({
        "id": "0192f0c1-2d3e-7abc-8def-0123456789ab",
        "kind": "user.authority_changed",
        "aggregate_id": counter.seller.id,
        "occurred_at": "2026-11-01T08:00:00.000Z",
        "data": {
            "user_id": counter.seller.id, "role": "seller", "enabled": false, "generation": 2,
        },
    });
    counter.shop.tell("accounts", "catalog", &event).await;
    counter.shop.tick().await;
    assert!(is_seen(&counter, counter.shop.api()).await);
}
