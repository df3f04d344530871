//! The points that suppliers' requests cost, and what becomes of whoever has none left.

use comptoir_tests::Api;
use serde_json::{Value, json};

use crate::warehouse::{open_with, post};

/// Points of which one comes back in a minute and a half: none, as long as a test takes.
const LIMITS: &str = "graphql=41/3600";

/// A page that may cost fourteen points and costs thirteen: there are two products.
const PAGE: &str = "{ products(first: 3) { edges { node { id } } } }";

async fn cost(api: &Api, document: &str) -> Value {
    let answer = post(api, document, json!({})).await.is(200);
    let told = answer.header("ratelimit").to_owned();
    assert!(told.starts_with("\"graphql\";r="), "{told}");
    let policy = answer.header("ratelimit-policy");
    assert_eq!(policy, "\"graphql\";q=41;w=3600;qu=\"points\"");
    answer.json()["extensions"]["cost"].clone()
}

#[tokio::test]
async fn requests_take_what_they_cost_from_a_bucket_of_ones_own() {
    let warehouse = open_with(&[("rate_limits", LIMITS)]).await;
    let supplier = &warehouse.supplier;
    for left in [28, 15, 2] {
        let cost = cost(supplier, PAGE).await;
        assert_eq!(cost["requestedQueryCost"], 14);
        assert_eq!(cost["actualQueryCost"], 13);
        let status =
            json!({ "maximumAvailable": 41, "currentlyAvailable": left, "restoreRate": 0 });
        assert_eq!(cost["throttleStatus"], status);
    }
    let refused = post(supplier, PAGE, json!({})).await.is(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    // One was taken for the request, and twelve of the other thirteen are missing.
    assert!((1000..=1060).contains(&wait), "{refused}");
    let problem = refused.problem(429, "rate-limited");
    assert_eq!(problem["policy"], "graphql");
    assert_eq!(problem["throttleStatus"]["currentlyAvailable"], 1);
    // What costs no more than is left still passes, and what has to be looked up costs a point.
    let level = format!("{{ stockLevel(productId: \"{}\") }}", warehouse.pen.id);
    let cheap = cost(supplier, &level).await;
    assert_eq!(cheap["actualQueryCost"], 1);
    assert_eq!(cheap["throttleStatus"]["currentlyAvailable"], 0);
    post(supplier, &level, json!({})).await.is(429);
}

#[tokio::test]
async fn each_key_has_a_bucket_of_its_own() {
    let warehouse = open_with(&[("rate_limits", LIMITS)]).await;
    let path = format!("/api/suppliers/{}/keys", warehouse.supplier.id);
    for _ in 0..2 {
        let body = json!({ "name": "Entrepôt", "scopes": ["read"] });
        let made = warehouse.admin.post(&path, body).await.is(201).json();
        let secret = made["secret"].as_str().unwrap();
        let machine = warehouse.shop.api().with_token(secret);
        for left in [28, 15, 2] {
            let status = cost(&machine, PAGE).await["throttleStatus"].clone();
            assert_eq!(status["currentlyAvailable"], left);
        }
        post(&machine, PAGE, json!({}))
            .await
            .problem(429, "rate-limited");
    }
}

#[tokio::test]
async fn the_points_of_many_requests_at_once_are_no_more_than_there_are() {
    let warehouse = open_with(&[("rate_limits", "graphql=200/3600")]).await;
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let document = "{ a: products(first: 2) { edges { node { id } } } \
            b: products(first: 2) { edges { node { id } } } \
            c: products(first: 2) { edges { node { id } } } }";
        sent.spawn(post(&warehouse.supplier, document, json!({})).into_future());
    }
    let answers = sent.join_all().await;
    // Thirty-nine points each, of which the first is gone where the others are not there.
    let passed = answers.iter().filter(|answer| answer.status == 200).count();
    assert!((1..=5).contains(&passed), "{passed}");
    for refused in answers.into_iter().filter(|answer| answer.status != 200) {
        refused.problem(429, "rate-limited");
    }
}
