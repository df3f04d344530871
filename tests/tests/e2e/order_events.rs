//! The history of an order.

use comptoir_tests::{Item, until};
use serde_json::{Value, json};

use crate::counter::{act, open, open_with, path, place};

fn events(order: &str) -> String {
    format!("{}/events", path(order))
}

/// What happened, from the first.
fn kinds(history: &[Value]) -> Vec<&str> {
    let kinds = history.iter().rev();
    kinds.map(|event| event["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_history_says_who_did_what_and_why() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    act(&counter.seller, &id, "mark-paid").await.is(200);
    let cancel = json!({ "reason": "Article abîmé" });
    let cancelled = counter.admin.post(&format!("{}/cancel", path(&id)), cancel);
    cancelled.await.is(200);
    let history = client.list(&events(&id)).await;
    let first: Vec<_> = kinds(&history).into_iter().take(3).collect();
    assert_eq!(first, ["order.placed", "order.paid", "order.cancelled"]);
    let actor = |kind: &str| {
        let event = history.iter().find(|event| event["kind"] == kind);
        event.unwrap()["actor"].clone()
    };
    for (kind, person) in [
        ("order.placed", &client),
        ("order.paid", &counter.seller),
        ("order.cancelled", &counter.admin),
    ] {
        assert_eq!(actor(kind), json!({ "type": "user", "user_id": person.id }));
    }
    let cancelled = history
        .iter()
        .find(|event| event["kind"] == "order.cancelled");
    assert_eq!(cancelled.unwrap()["reason"], "Article abîmé");
}

#[tokio::test]
async fn time_is_nobody() {
    let counter = open_with(&[("reservation_seconds", "1")]).await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    let history = until("the order has expired", async || {
        let history = client.list(&events(&id)).await;
        (history.len() == 2).then_some(history)
    })
    .await;
    assert_eq!(kinds(&history), ["order.placed", "order.expired"]);
    assert_eq!(history[0]["actor"], json!({ "type": "system" }));
    assert_eq!(history[0]["reason"], Value::Null);
}

#[tokio::test]
async fn the_history_is_read_page_by_page() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    for action in ["mark-paid", "prepare"] {
        act(&counter.seller, &id, action).await.is(200);
    }
    let pages = client.list(&format!("{}?limit=1", events(&id))).await;
    assert_eq!(
        kinds(&pages),
        ["order.placed", "order.paid", "order.preparing"]
    );
    assert_eq!(pages, client.list(&events(&id)).await);
}

#[tokio::test]
async fn the_history_is_for_those_who_may_see_the_order() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let other = counter.shop.seller().await;
    let ink = Item::create(&other, &counter.category, "Encre", 700, 5).await;
    let lines = [(&counter.pen, 1), (&ink, 1)];
    let id = place(&client, "k1", &lines).await.is(201).id();
    for person in [&client, &counter.seller, &other, &counter.admin] {
        assert_eq!(kinds(&person.list(&events(&id)).await), ["order.placed"]);
    }
    let strangers = [counter.shop.client().await, counter.shop.seller().await];
    for stranger in &strangers {
        stranger.get(&events(&id)).await.problem(404, "not-found");
    }
    let nobody = counter.shop.api().get(&events(&id)).await;
    nobody.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_reason_says_something_or_is_not_given() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    let cancel = format!("{}/cancel", path(&id));
    let refused = client.post(&cancel, json!({ "reason": " " })).await;
    assert_eq!(refused.invalid_fields(), ["/reason"]);
    // No body at all is as good as an empty one.
    let cancelled = client.request(reqwest::Method::POST, &cancel).await;
    assert_eq!(cancelled.is(200).json()["status"], "cancelled");
}
