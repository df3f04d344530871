//! Rate limits: what is let through, who is counted together, and what everybody is told.

use comptoir_tests::{Answer, OwnServers, PASSWORD, Shop, until};
use serde_json::json;
use sfv::{BareItem, List, ListEntry, Parser};
use tokio::task::JoinSet;

const CLIENTS: usize = 64;

/// A shop with these limits and no other.
async fn open(limits: &str) -> Shop {
    Shop::open_with(&[("rate_limits", limits)]).await
}

/// A number of the first item of a header, as a library for structured fields reads it.
fn parameter(answer: &Answer, header: &str, name: &str) -> i64 {
    let list: List = Parser::new(answer.header(header)).parse().unwrap();
    let Some(ListEntry::Item(item)) = list.first() else {
        panic!("{header} of {answer}");
    };
    assert!(matches!(item.bare_item, BareItem::String(_)), "{answer}");
    match item.params.get(name) {
        Some(BareItem::Integer(number)) => i64::from(*number),
        other => panic!("{name} is {other:?} in {answer}"),
    }
}

/// How many of so many requests at once are let through; every other one is refused.
async fn flood(requests: impl Iterator<Item = comptoir_tests::Request>) -> usize {
    let mut sent = JoinSet::new();
    for request in requests {
        sent.spawn(request.into_future());
    }
    let mut passed = 0;
    while let Some(answer) = sent.join_next().await {
        let answer = answer.unwrap();
        if answer.status == 200 {
            passed += 1;
        } else {
            answer.problem(429, "rate-limited");
        }
    }
    passed
}

#[tokio::test]
async fn exactly_the_quota_is_let_through_whoever_is_first() {
    let shop = open("read=100/600").await;
    let connections: Vec<_> = (0..CLIENTS).map(|_| shop.another_api()).collect();
    let strangers = connections.iter().cycle().take(CLIENTS * 5);
    let passed = flood(strangers.map(|api| api.get("/api/categories"))).await;
    assert_eq!(passed, 100);
    // Everybody has a quota of their own, across all services and however many connections they have.
    let client = shop.crowd(1).remove(0);
    let paths = [
        "/api/categories",
        "/api/items?limit=1",
        "/api/items",
        "/api/cart",
    ];
    let requests = (0..CLIENTS * 5).map(|number| client.get(paths[number % paths.len()]));
    assert_eq!(flood(requests).await, 100);
}

#[tokio::test]
async fn every_answer_says_where_its_limit_is() {
    let shop = open("read=3/600 write=50/60").await;
    for (remaining, path, status) in [
        (2, "/api/cart", 200),
        (1, "/api/orders/quote", 405),
        (0, "/nothing", 404),
        (0, "/api/categories", 429),
    ] {
        let answer = shop.api().get(path).await.is(status);
        assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=3;w=600");
        assert_eq!(parameter(&answer, "ratelimit-policy", "q"), 3);
        assert_eq!(parameter(&answer, "ratelimit-policy", "w"), 600);
        assert_eq!(parameter(&answer, "ratelimit", "r"), remaining);
        let reset = parameter(&answer, "ratelimit", "t");
        assert!((1..=660).contains(&reset), "{answer}");
    }
    // What writes is counted by itself.
    let written = shop.api().post("/api/categories", json!({})).await.is(401);
    assert_eq!(parameter(&written, "ratelimit", "r"), 49);
}

#[tokio::test]
async fn whoever_is_refused_is_told_why_and_for_how_long() {
    let shop = open("read=1/600").await;
    shop.api().get("/api/items").await.is(200);
    let refused = shop.api().get("/api/items").in_language("en").await;
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert_eq!(wait, parameter(&refused, "ratelimit", "t"));
    let problem = refused.problem(429, "rate-limited");
    assert_eq!(problem["title"], "Too many requests: wait a moment");
    assert_eq!(problem["policy"], "read");
    let refused = shop.api().get("/api/items").in_language("fr").await;
    let problem = refused.problem(429, "rate-limited");
    assert_eq!(problem["title"], "Trop de requêtes : patientez");
}

#[tokio::test]
async fn what_was_counted_is_forgotten_when_its_window_has_passed() {
    let shop = open("read=2/1").await;
    let read = async || shop.api().get("/api/categories").await;
    for _ in 0..2 {
        let refused = until("a request too many", async || {
            let answer = read().await;
            (answer.status == 429).then_some(answer)
        })
        .await;
        assert!(parameter(&refused, "ratelimit", "t") <= 2, "{refused}");
        until("a window without this request", async || {
            (read().await.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn signing_in_and_up_and_ordering_have_limits_of_their_own() {
    let shop = open("write=1000/60 login=2/600 register=1/600 orders=1/600").await;
    let body = json!({ "email": "zoe@example.org", "password": PASSWORD });
    for status in [401, 401, 429] {
        let answer = shop.api().post("/api/auth/login", body.clone()).await;
        let answer = answer.is(status);
        assert_eq!(answer.header("ratelimit-policy"), "\"login\";q=2;w=600");
    }
    for status in [422, 429] {
        let register = shop.api().post("/api/auth/register", json!({})).await;
        register.is(status);
    }
    let client = shop.crowd(1).remove(0);
    for status in [400, 429] {
        client.post("/api/orders", json!({})).await.is(status);
    }
    // Another one is counted for themselves.
    let other = shop.crowd(1).remove(0);
    other.post("/api/orders", json!({})).await.is(400);
}

#[tokio::test]
async fn behind_a_proxy_strangers_are_told_apart_by_what_it_saw() {
    let limits = ("rate_limits", "read=1/600");
    let shop = Shop::open_with(&[limits, ("trusted_proxies", "1")]).await;
    let from = async |address: &str| {
        let request = shop.api().get("/api/categories");
        request.header("x-forwarded-for", address).await.status
    };
    assert_eq!(from("192.0.2.1").await, 200);
    assert_eq!(from("192.0.2.2").await, 200);
    // What stands before it, the client has written.
    assert_eq!(from("6.6.6.6, 192.0.2.2").await, 429);
    assert_eq!(from("2001:db8:0:1::1").await, 200);
    assert_eq!(from("2001:db8:0:1:ffff::2").await, 429);
    assert_eq!(from("2001:db8:0:2::1").await, 200);
}

#[tokio::test]
async fn a_token_that_nobody_gave_is_counted_for_its_address() {
    // A list of orders weighs five.
    let shop = open("read=10/600").await;
    for (number, status) in [(1, 401), (2, 401), (3, 429)] {
        let forged = shop.api().with_token(&format!("csk_{number}"));
        forged.get("/api/orders").await.is(status);
    }
}

#[tokio::test]
async fn health_and_services_among_themselves_are_not_counted() {
    let shop = open("read=1/600 write=1/600").await;
    for _ in 0..2 {
        let alive = shop.api().get("/livez").await.is(200);
        assert!(!alive.headers.contains_key("ratelimit"));
        shop.api().get("/readyz").await.is(200);
        shop.tick().await;
    }
}

#[tokio::test]
async fn without_redis_nobody_is_refused_and_the_log_says_it_once_in_a_while() {
    const REQUESTS: usize = 60;
    let mut servers = OwnServers::start().await;
    let shop = Shop::open_on(&servers, &[("rate_limits", "read=1/600")]).await;
    shop.api().get("/api/categories").await.is(200);
    shop.api().get("/api/categories").await.is(429);
    servers.redis.stop().await.unwrap();
    for _ in 0..REQUESTS {
        let answer = shop.api().get("/api/categories").await.is(200);
        assert!(!answer.headers.contains_key("ratelimit"));
    }
    let said = shop.log().matches("Redis is away").count();
    assert!((1..REQUESTS / 4).contains(&said), "{said} times");

    servers.redis.start_again().await.unwrap();
    until("requests are counted again", async || {
        let answer = shop.api().get("/api/categories").await;
        (answer.status == 429).then_some(())
    })
    .await;
    drop(shop);
}
