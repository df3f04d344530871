//! `Cache-Control`: every route that is read, as a stranger and as somebody.

use comptoir_tests::Shop;
use serde_json::json;

const ANYBODY: &str = "public, max-age=10, stale-while-revalidate=60";
const ONE: &str = "private, no-cache";
const NOBODY: &str = "no-store";

/// What of the document anybody may keep for minutes: it changes with a release or a key.
const LASTING: [&str; 3] = ["/openapi.json", "/.well-known/jwks.json", "/graphql"];

#[tokio::test]
async fn every_route_says_who_may_keep_its_answer() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let document = shop.api().get("/openapi.json").await.is(200).json();
    let id = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    let (mut kept, mut asked) = (0, 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        if methods["get"].is_null() || LASTING.contains(&path.as_str()) {
            continue;
        }
        let is_catalogue = ["/api/items", "/api/categories"]
            .iter()
            .any(|begin| path.starts_with(begin));
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { id } else { part })
            .collect::<Vec<_>>()
            .join("/");
        for (api, signed_in) in [(shop.api(), false), (&*admin, true)] {
            let answer = api.get(&path).accept("*/*").await;
            let expected = match answer.status {
                200 if path.ends_with("z") => NOBODY,
                200 if is_catalogue && !signed_in => ANYBODY,
                200 => ONE,
                _ => NOBODY,
            };
            assert_eq!(answer.header("cache-control"), expected, "GET {path}");
            asked += 1;
            kept += usize::from(answer.status == 200);
        }
    }
    assert!(asked > 40 && kept > 8, "{kept} of {asked}");
}

#[tokio::test]
async fn what_a_stranger_may_keep_is_not_what_somebody_sees() {
    let shop = Shop::open().await;
    let stranger = shop.api().get("/api/categories").await.is(200);
    assert_eq!(stranger.header("cache-control"), ANYBODY);
    assert!(stranger.header("vary").contains("Authorization"));
    let again = shop.api().get("/api/categories");
    let again = again.header("if-none-match", &stranger.etag()).await;
    assert_eq!(again.is(304).header("cache-control"), ANYBODY);
    let seller = shop.seller().await.get("/api/categories").await.is(200);
    assert_eq!(seller.header("cache-control"), ONE);
    assert!(seller.header("vary").contains("Authorization"));
}

#[tokio::test]
async fn what_others_may_be_given_says_nothing_of_one_visitor() {
    let shop = Shop::open_with(&[("rate_limits", "read=1000/60")]).await;
    let own = ["ratelimit", "ratelimit-policy", "x-request-id"];
    let says = |answer: &comptoir_tests::Answer| own.map(|name| answer.headers.contains_key(name));
    for path in ["/api/items", "/api/categories", "/openapi.json"] {
        let answer = shop.api().get(path).await.is(200);
        assert_eq!(says(&answer), [false; 3], "{path}: {answer}");
        let again = shop.api().get(path).header("if-none-match", &answer.etag());
        assert_eq!(says(&again.await.is(304)), [false; 3], "{path}");
    }
    let seller = shop.seller().await;
    let answer = seller.get("/api/items").await.is(200);
    assert_eq!(says(&answer), [true; 3], "{answer}");
    let refused = shop.api().get("/api/items?limit=0").await;
    assert_eq!(says(&refused), [true; 3], "{refused}");
}

#[tokio::test]
async fn tokens_and_whatever_changes_something_are_kept_by_nobody() {
    let shop = Shop::open().await;
    let client = shop.client().await;
    let login = json!({ "email": client.email, "password": comptoir_tests::PASSWORD });
    let tokens = client.post("/api/auth/login", login).await.is(200);
    assert_eq!(tokens.header("cache-control"), NOBODY);
    let refused = client.post("/api/categories", json!({})).await.is(403);
    assert_eq!(refused.header("cache-control"), NOBODY);
}
