//! Health, the OpenAPI document and its page, and what no service owns.

use comptoir_tests::{Shop, until};
use serde_json::json;

#[tokio::test]
async fn a_shop_that_works_is_alive_and_ready() {
    let shop = Shop::open().await;
    let alive = shop.api().get("/livez").await.is(200);
    assert_eq!(alive.header("content-type"), "application/health+json");
    assert_eq!(alive.json()["status"], "pass");
    // Reports are not there until they were built for the first time.
    let ready = until("everything is ready", || async {
        let ready = shop.api().get("/readyz").await.is(200).json();
        (ready["status"] == "pass").then_some(ready)
    })
    .await;
    for check in [
        "accounts:database",
        "catalog:database",
        "cart:cache",
        "orders:database",
        "suppliers:database",
        "reports:cache",
        "reports:model",
    ] {
        assert_eq!(ready["checks"][check], "pass", "{ready:#}");
    }
}

#[tokio::test]
async fn the_api_describes_itself() {
    let shop = Shop::open().await;
    let answer = shop.api().get("/openapi.json").await.is(200);
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/api/auth/login",
        "/api/items",
        "/api/cart",
        "/api/orders",
        "/graphql",
        "/api/suppliers/{id}/keys",
        "/api/reports/stock",
        "/livez",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    assert!(!answer.text().contains("/internal/"));
    let request = shop.api().get("/openapi.json");
    let again = request.header("if-none-match", &answer.etag()).await;
    again.is(304);
}

#[tokio::test]
async fn every_path_of_the_document_is_answered_by_its_service() {
    let shop = Shop::open().await;
    let document = shop.api().get("/openapi.json").await.is(200).json();
    let id = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    for path in document["paths"].as_object().unwrap().keys() {
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { id } else { part })
            .collect::<Vec<_>>()
            .join("/");
        // A method that nobody has: the path is known if it is the method that is refused.
        let method = reqwest::Method::TRACE;
        let answer = shop.api().request(method, &path).await;
        answer.problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn the_page_of_the_api_is_a_page() {
    let shop = Shop::open().await;
    let page = shop.api().get("/docs").accept("text/html").await.is(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn a_scheduler_with_the_token_has_the_house_do_what_is_due() {
    let shop = Shop::open().await;
    let done = shop.tick().await.json();
    for service in ["catalog", "orders"] {
        assert!(done[service]["relay_events"]["did"].is_u64(), "{done:#}");
    }
    let tick = || shop.api().post("/internal/tick", json!({}));
    tick().await.problem(404, "not-found");
    let forged = tick().header("comptoir-service-token", "guess").await;
    forged.problem(404, "not-found");
}

#[tokio::test]
async fn what_no_service_owns_is_a_problem_too() {
    let shop = Shop::open().await;
    for path in ["/nothing", "/api/nothing", "/internal/reservations/1"] {
        shop.api().get(path).await.problem(404, "not-found");
    }
    for path in ["/internal/health", "/internal/events"] {
        let request = shop.api().get(path);
        let token = shop.service_token();
        let answer = request.header("comptoir-service-token", token).await;
        answer.problem(404, "not-found");
    }
}
