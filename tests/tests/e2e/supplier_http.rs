//! GraphQL over HTTP, as its specification says, method by method.

use comptoir_tests::{Answer, Api, Request};
use reqwest::Method;
use serde_json::{Value, json};

use crate::warehouse::open;

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

fn send(api: &Api, accept: &str, body: Value) -> Request {
    api.post("/graphql", body).accept(accept)
}

fn media(answer: &Answer) -> &str {
    answer.header("content-type").split(';').next().unwrap()
}

#[tokio::test]
async fn a_post_is_answered_in_the_media_type_that_is_accepted() {
    let warehouse = open().await;
    let query = json!({ "query": "{ __typename }" });
    for (accept, expected) in [
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", GRAPHQL),
        ("application/*", GRAPHQL),
        (
            "application/graphql-response+json, application/json;q=0.9",
            GRAPHQL,
        ),
        (
            "application/json, application/graphql-response+json;q=0.9",
            JSON,
        ),
    ] {
        let answer = send(&warehouse.supplier, accept, query.clone())
            .await
            .is(200);
        assert_eq!(media(&answer), expected, "{accept}");
        assert!(answer.header("content-type").ends_with("; charset=utf-8"));
        assert_eq!(answer.json()["data"], json!({ "__typename": "Query" }));
    }
    for accept in ["text/plain", "text/html", "application/json;q=0"] {
        let refused = send(&warehouse.supplier, accept, query.clone()).await;
        refused.problem(406, "not-acceptable");
    }
}

#[tokio::test]
async fn the_body_is_json_and_says_so() {
    let warehouse = open().await;
    let post = |content_type: &str, body: &str| {
        let request = warehouse.supplier.request(Method::POST, "/graphql");
        request.body(content_type, body.to_owned())
    };
    let query = r#"{ "query": "{ __typename }", "unheardOf": 7 }"#;
    for content_type in ["application/json", "Application/JSON; charset=UTF-8"] {
        post(content_type, query).await.is(200);
    }
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/graphql",
        "application/json; charset=utf-16",
    ] {
        let refused = post(content_type, query).await;
        refused.problem(415, "unsupported-media-type");
    }
    let bare = warehouse.supplier.request(Method::POST, "/graphql").await;
    bare.problem(415, "unsupported-media-type");
    for body in ["", "NONSENSE", r#"{ "query": "#, "\u{0}"] {
        post(JSON, body).await.problem(400, "malformed-request");
    }
    for body in [
        "{}",
        r#"{ "qeury": "{ __typename }" }"#,
        r#"{ "query": { "a": 1 } }"#,
        r#"{ "query": "{ __typename }", "variables": [7] }"#,
        r#"{ "query": "{ __typename }", "variables": "{}" }"#,
        r#"{ "query": "{ __typename }", "operationName": 7 }"#,
        r#"{ "query": "{ __typename }", "extensions": 7 }"#,
        r#"[{ "query": "{ __typename }" }]"#,
    ] {
        post(JSON, body).await.problem(422, "invalid-fields");
    }
    for optional in ["operationName", "variables", "extensions"] {
        let mut body = json!({ "query": "{ __typename }" });
        body[optional] = Value::Null;
        send(&warehouse.supplier, GRAPHQL, body).await.is(200);
    }
}

#[tokio::test]
async fn a_request_that_is_not_carried_out_has_no_data_and_a_status_that_says_why() {
    let warehouse = open().await;
    let two = "query A { __typename } query B { __typename }";
    let by_id = "query ($id: ID!) { product(id: $id) { id } }";
    for (body, status, code) in [
        (json!({ "query": "{" }), 400, "graphql-parse-failed"),
        (json!({ "query": "" }), 400, "graphql-parse-failed"),
        (
            json!({ "query": "{ nothing }" }),
            422,
            "graphql-validation-failed",
        ),
        (
            json!({ "query": "{ product }" }),
            422,
            "graphql-validation-failed",
        ),
        (
            json!({ "query": "{ stockLevel(productId: {}) }" }),
            422,
            "graphql-validation-failed",
        ),
        (json!({ "query": two }), 422, "unknown-operation"),
        (
            json!({ "query": two, "operationName": "C" }),
            422,
            "unknown-operation",
        ),
        (
            json!({ "query": "{ __typename }", "operationName": "A" }),
            422,
            "unknown-operation",
        ),
        (json!({ "query": by_id }), 422, "missing-variable"),
        (
            json!({ "query": by_id, "variables": { "id": null } }),
            422,
            "missing-variable",
        ),
        (
            json!({ "query": by_id, "variables": { "id": {} } }),
            422,
            "graphql-validation-failed",
        ),
    ] {
        // Clients from before the specification read errors where the status is 200.
        for (accept, status) in [(GRAPHQL, status), (JSON, 200)] {
            let answer = send(&warehouse.supplier, accept, body.clone())
                .await
                .is(status);
            assert_eq!(media(&answer), accept, "{body}");
            let answer = answer.json();
            assert!(answer.get("data").is_none(), "{answer:#}");
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], code,
                "{answer:#}"
            );
            assert!(answer["errors"][0]["message"].is_string());
        }
    }
    let named = json!({ "query": two, "operationName": "B" });
    send(&warehouse.supplier, GRAPHQL, named).await.is(200);
}

#[tokio::test]
async fn fields_are_told_in_the_order_of_the_document() {
    let warehouse = open().await;
    let query = "query ($id: ID!) { z: stockLevel(productId: $id) __typename ...F \
         a: product(id: $id) { sku id name } n: __typename @skip(if: true) } \
         fragment F on Query { product(id: $id) { name } }";
    let body = json!({ "query": query, "variables": { "id": warehouse.pen.id } });
    let answer = send(&warehouse.supplier, GRAPHQL, body).await.is(200);
    let expected = format!(
        r#"{{"data":{{"z":10,"__typename":"Query","product":{{"name":"Stylo"}},"a":{{"sku":"PEN","id":"{}","name":"Stylo"}}}},"#,
        warehouse.pen.id
    );
    assert!(answer.text().starts_with(&expected), "{answer}");
    let nothing = json!({ "query": "{ __typename @skip(if: true) }" });
    let answer = send(&warehouse.supplier, GRAPHQL, nothing).await.is(200);
    assert_eq!(answer.json()["data"], json!({}));
}

#[tokio::test]
async fn an_answer_with_errors_beside_its_data_is_a_partial_success() {
    let warehouse = open().await;
    let query = json!({ "query": "{ products(first: 0) { edges { cursor } } __typename }" });
    for (accept, status) in [(GRAPHQL, 294), (JSON, 200)] {
        let request = send(&warehouse.supplier, accept, query.clone());
        let answer = request.in_language("en").await.is(status);
        assert_eq!(media(&answer), accept);
        let answer = answer.json();
        assert_eq!(
            answer["data"],
            json!({ "products": null, "__typename": "Query" })
        );
        let error = &answer["errors"][0];
        assert_eq!(error["message"], "Some fields need correction");
        assert_eq!(error["path"], json!(["products"]));
        assert_eq!(error["extensions"]["errors"][0]["pointer"], "/first");
    }
    let french = send(&warehouse.supplier, JSON, query)
        .in_language("fr")
        .await;
    let message = french.json()["errors"][0]["message"].clone();
    assert_eq!(message, "Certains champs sont à corriger");
}

#[tokio::test]
async fn characters_may_be_escaped_by_their_code_point() {
    let warehouse = open().await;
    let filter = async |sku: &str| {
        let query =
            format!("{{ products(filter: {{ sku: {sku} }}) {{ edges {{ node {{ sku }} }} }} }}");
        let body = json!({ "query": query });
        send(&warehouse.supplier, GRAPHQL, body).await
    };
    for written in [r#""PEN""#, r#""\u{50}EN""#, r#""\u0050E\u{00004E}""#] {
        let answer = filter(written).await.is(200).json();
        let edges = &answer["data"]["products"]["edges"];
        assert_eq!(edges[0]["node"]["sku"], "PEN", "{written}: {answer:#}");
    }
    for nowhere in [r#""\u{1F98A}""#, r#""\uD83E\uDD8A""#] {
        let answer = filter(nowhere).await.is(200).json();
        assert_eq!(answer["data"]["products"]["edges"], json!([]), "{nowhere}");
    }
    // Half of a pair is no character.
    filter(r#""\uD83E""#).await.is(400);
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    let escape =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect();
    format!("/graphql?{}", pairs.join("&"))
}

#[tokio::test]
async fn a_get_asks_and_changes_nothing() {
    let warehouse = open().await;
    let supplier = &warehouse.supplier;
    let by_id = "query Q($id: ID!) { stockLevel(productId: $id) } mutation M { confirmPurchaseOrder(input: \
         { purchaseOrderId: \"1\" }) { purchaseOrder { id } } }";
    let variables = json!({ "id": warehouse.pen.id }).to_string();
    let ask = |operation: &str| {
        encoded(&[
            ("query", by_id),
            ("operationName", operation),
            ("variables", &variables),
            ("extensions", ""),
        ])
    };
    let answer = supplier.get(&ask("Q")).accept(GRAPHQL).await.is(200);
    assert_eq!(answer.json()["data"], json!({ "stockLevel": 10 }));
    let refused = supplier.get(&ask("M")).accept(GRAPHQL).await.is(405);
    assert_eq!(refused.header("allow"), "POST");
    assert_eq!(
        refused.json()["errors"][0]["extensions"]["code"],
        "method-not-allowed"
    );
    let empty = encoded(&[
        ("query", "{ __typename }"),
        ("operationName", ""),
        ("variables", ""),
    ]);
    supplier.get(&empty).accept(JSON).await.is(200);
    for wrong in [
        encoded(&[("query", "")]),
        encoded(&[("operationName", "Q")]),
        encoded(&[("query", "{ __typename }"), ("variables", "[7]")]),
        encoded(&[("query", "{ __typename }"), ("extensions", "7")]),
    ] {
        let refused = supplier.get(&wrong).accept(GRAPHQL).await;
        refused.problem(422, "invalid-fields");
    }
    let unparsable = encoded(&[("query", "{")]);
    supplier.get(&unparsable).accept(GRAPHQL).await.is(400);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let warehouse = open().await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
        let refused = warehouse.supplier.request(method, "/graphql").await;
        let allow = refused.header("allow").to_owned();
        refused.problem(405, "method-not-allowed");
        assert!(allow.contains("POST") && allow.contains("GET"), "{allow}");
    }
}

#[tokio::test]
async fn everything_is_for_the_signed_in_and_the_schema_too() {
    let warehouse = open().await;
    let api = warehouse.shop.api();
    let introspection = json!({ "query": "{ __schema { queryType { name } } }" });
    for query in [introspection.clone(), json!({ "query": "{ __typename }" })] {
        let refused = send(api, GRAPHQL, query).await;
        assert_eq!(refused.header("www-authenticate"), "Bearer");
        refused.problem(401, "unauthenticated");
    }
    let path = encoded(&[("query", "{ __typename }")]);
    api.get(&path).await.problem(401, "unauthenticated");
    for person in [&warehouse.shop.client().await, &warehouse.seller] {
        let refused = send(person, GRAPHQL, introspection.clone()).await;
        refused.problem(403, "forbidden");
    }
    let answer = send(&warehouse.supplier, GRAPHQL, introspection)
        .await
        .is(200);
    assert_eq!(
        answer.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
}

#[tokio::test]
async fn a_browser_is_shown_a_page_of_our_own() {
    let warehouse = open().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = warehouse
        .shop
        .api()
        .get("/graphql")
        .accept(browser)
        .await
        .is(200);
    assert_eq!(media(&page), "text/html");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'; style-src 'sha256-")
    );
    assert!(page.text().contains("GraphQL"));
    let again = warehouse.shop.api().get("/graphql").accept(browser);
    again.header("if-none-match", &page.etag()).await.is(304);
    // Who asks something is answered, a browser too.
    let path = encoded(&[("query", "{ __typename }")]);
    let refused = warehouse.shop.api().get(&path).accept(browser).await;
    refused.problem(401, "unauthenticated");
}
