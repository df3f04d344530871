//! What every answer owes to HTTP, whatever the service.

use comptoir_tests::Shop;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn problems_speak_the_readers_language_and_their_codes_do_not() {
    let shop = Shop::open().await;
    let title = async |accept: Option<&str>| {
        let request = shop.api().get("/api/auth/profile");
        let request = match accept {
            Some(tags) => request.in_language(tags),
            None => request,
        };
        let answer = request.await;
        let language = answer.header("content-language").to_owned();
        let problem = answer.problem(401, "unauthenticated");
        (language, problem["title"].as_str().unwrap().to_owned())
    };
    let french = ("fr".to_owned(), "Connectez-vous".to_owned());
    let english = ("en".to_owned(), "Sign in first".to_owned());
    assert_eq!(title(None).await, french);
    assert_eq!(title(Some("fr-CA")).await, french);
    assert_eq!(title(Some("en-GB,en;q=0.9,fr;q=0.5")).await, english);
    assert_eq!(title(Some("de, en;q=0.3, fr;q=0.8")).await, french);
}

#[tokio::test]
async fn a_field_problem_speaks_the_readers_language() {
    let shop = Shop::open().await;
    let detail = async |tag: &str| {
        let body = json!({ "email": "x", "password": "y", "first_name": "", "last_name": "b" });
        let request = shop.api().post("/api/auth/register", body);
        let problem = request
            .in_language(tag)
            .await
            .problem(422, "invalid-fields");
        problem["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    assert_ne!(detail("fr").await, detail("en").await);
}

#[tokio::test]
async fn an_unknown_path_is_a_problem_too() {
    let shop = Shop::open().await;
    for path in ["/api/auth/nothing", "/api/users/1/nothing"] {
        shop.api().get(path).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn what_services_tell_each_other_is_not_public() {
    let shop = Shop::open().await;
    for path in ["/internal/health", "/api/auth/../../internal/health"] {
        let answer = shop.api().get(path).await;
        assert_eq!(answer.status, 404, "{answer}");
    }
}

#[tokio::test]
async fn a_trailing_slash_does_not_count() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    person.get("/api/auth/profile/").await.is(200);
    let admin = shop.admin().await;
    let page = admin.get("/api/users/?limit=1").await.is(200);
    assert_eq!(page.json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_method_is_told_which_are_allowed() {
    let shop = Shop::open().await;
    let answer = shop.api().delete("/api/auth/profile").await.is(405);
    let mut allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "PATCH"]);
    answer.problem(405, "method-not-allowed");
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let get = person.get("/api/auth/profile").await.is(200);
    let head = person
        .request(Method::HEAD, "/api/auth/profile")
        .await
        .is(200);
    assert_eq!(head.etag(), get.etag());
    assert!(head.bytes.is_empty());
}

#[tokio::test]
async fn only_types_that_the_client_takes_are_sent() {
    let shop = Shop::open().await;
    let api = shop.another_api();
    let ask = |accept: &str| {
        let request = api.request(Method::GET, "/.well-known/jwks.json");
        request.accept(accept)
    };
    ask("text/html").await.problem(406, "not-acceptable");
    ask("application/*;q=0.1").await.is(200);
    ask("text/html, */*;q=0.1").await.is(200);
}

#[tokio::test]
async fn a_body_must_be_json_of_the_right_shape_and_size() {
    let shop = Shop::open().await;
    let send = |content_type: &str, body: &str| {
        let request = shop.api().request(Method::POST, "/api/auth/login");
        request.body(content_type, body.to_owned())
    };
    let good = r#"{"email": "a@example.org", "password": "wrong password"}"#;
    send("application/json; charset=utf-8", good).await.is(401);
    send("text/plain", good)
        .await
        .problem(415, "unsupported-media-type");
    let untyped = shop.api().request(Method::POST, "/api/auth/login").await;
    untyped.problem(415, "unsupported-media-type");
    let trailing = format!("{good} more");
    for broken in ["", "{", &trailing] {
        send("application/json", broken)
            .await
            .problem(400, "malformed-request");
    }
    for (shape, pointers) in [
        (r#"{"email": 7, "password": "x"}"#, ["/email"]),
        (r#"{"email": "a", "password": "x", "more": 1}"#, ["/more"]),
    ] {
        let fields = send("application/json", shape).await.invalid_fields();
        assert_eq!(fields, pointers);
    }
    send("application/json", "[]").await.is(422);
    let large = format!(
        r#"{{"email": "{}", "password": "x"}}"#,
        "a".repeat(1_100_000)
    );
    send("application/json", &large)
        .await
        .problem(413, "body-too-large");
}

#[tokio::test]
async fn what_the_client_has_already_is_not_sent_again() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let tag = person.get("/api/auth/profile").await.is(200).etag();
    let ask = |held: &str| {
        let request = person.get("/api/auth/profile");
        request.header("if-none-match", held)
    };
    for held in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let answer = ask(&held).await.is(304);
        assert_eq!(answer.etag(), tag);
        assert!(answer.bytes.is_empty());
    }
    ask("\"other\"").await.is(200);
    let change = person.patch("/api/auth/profile", json!({ "first_name": "Léa" }));
    change.if_match(&tag).await.is(200);
    ask(&tag).await.is(200);
}

#[tokio::test]
async fn every_answer_has_an_id_and_the_headers_of_a_careful_api() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let answers = [
        person.get("/api/auth/profile").await.is(200),
        person.get("/api/users").await.is(403),
        person.get("/api/auth/nothing").await.is(404),
    ];
    for answer in answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'")
        );
        assert!(!answer.header("cache-control").is_empty());
        assert!(answer.header("x-request-id").len() >= 32);
    }
}

#[tokio::test]
async fn a_plain_request_id_is_kept_and_another_is_replaced() {
    let shop = Shop::open().await;
    let id_for = async |given: &str| {
        let request = shop.api().get("/api/auth/profile");
        let answer = request.header("x-request-id", given).await;
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(id_for("from-proxy_1.2").await, "from-proxy_1.2");
    for strange in ["a b", "{\"x\":1}", &"a".repeat(65)] {
        assert_ne!(id_for(strange).await, strange);
    }
}

#[tokio::test]
async fn browsers_of_allowed_origins_may_call() {
    let origins = "https://shop.example https://admin.example";
    let shop = Shop::open_with(&[("cors_origins", origins)]).await;
    let preflight = shop
        .api()
        .request(Method::OPTIONS, "/api/auth/profile")
        .header("origin", "https://admin.example")
        .header("access-control-request-method", "PATCH")
        .await
        .is(204);
    let origin = preflight.header("access-control-allow-origin");
    assert_eq!(origin, "https://admin.example");
    assert!(
        preflight
            .header("access-control-allow-methods")
            .contains("PATCH")
    );
    let headers = preflight.header("access-control-allow-headers");
    for name in ["authorization", "if-match", "idempotency-key", "cart-token"] {
        assert!(headers.contains(name), "{headers}");
    }
    let request = shop.api().get("/api/auth/profile");
    let answer = request
        .header("origin", "https://shop.example")
        .await
        .is(401);
    let origin = answer.header("access-control-allow-origin");
    assert_eq!(origin, "https://shop.example");
    assert!(answer.header("vary").to_lowercase().contains("origin"));
}

#[tokio::test]
async fn browsers_of_other_origins_may_not() {
    let (closed, open) = tokio::join!(
        Shop::open(),
        Shop::open_with(&[("cors_origins", "https://shop.example")])
    );
    for shop in [closed, open] {
        let request = shop.api().get("/api/auth/profile");
        let answer = request.header("origin", "https://evil.example").await;
        let allowed = answer.headers.get("access-control-allow-origin");
        assert!(allowed.is_none(), "{answer}");
    }
}
