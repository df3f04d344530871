//! What guards the door: who is counted, who is locked out and who never is, and what becomes of it when nobody can
//! count.

use comptoir_tests::{OwnServers, PASSWORD, Person, Request, Shop, until};
use serde_json::json;

use crate::counter;

const OWN: &str = "192.0.2.7";
const OTHER: &str = "198.51.100.9";

/// A shop behind a proxy that says where requests come from.
async fn open() -> (Shop, Person) {
    let shop = Shop::open_with(&[("trusted_proxies", "1")]).await;
    let person = shop.client().await;
    (shop, person)
}

fn login(shop: &Shop, email: &str, password: &str, from: &str) -> Request {
    let body = json!({ "email": email, "password": password });
    let request = shop.api().post("/api/auth/login", body);
    request.header("x-forwarded-for", from)
}

#[tokio::test]
async fn strangers_lock_nobody_out_of_their_own_network() {
    let (shop, person) = open().await;
    let email = person.email.as_str();
    login(&shop, email, PASSWORD, OWN).await.is(200);
    for _ in 0..10 {
        login(&shop, email, "wrong password", OTHER).await.is(401);
    }
    // Where nobody has signed in before, ten wrong ones are enough.
    let refused = login(&shop, email, PASSWORD, OTHER).await;
    refused.problem(429, "too-many-attempts");
    login(&shop, email, PASSWORD, OWN).await.is(200);
    // Nor does whoever shares the network with them.
    for _ in 0..15 {
        login(&shop, email, "wrong password", OWN).await.is(401);
    }
    login(&shop, email, PASSWORD, OWN).await.is(200);
    // Capitals and spaces make no other account of it.
    let shouted = format!(" {} ", email.to_uppercase());
    login(&shop, &shouted, PASSWORD, OTHER).await.is(429);
}

#[tokio::test]
async fn many_networks_together_try_no_more_than_a_hundred() {
    let (shop, person) = open().await;
    let email = person.email.as_str();
    login(&shop, email, PASSWORD, OWN).await.is(200);
    for number in 0..100 {
        let from = format!("203.0.113.{number}");
        login(&shop, email, "wrong password", &from).await.is(401);
    }
    let refused = login(&shop, email, PASSWORD, "203.0.113.200").await;
    refused.problem(429, "too-many-attempts");
    login(&shop, email, PASSWORD, OWN).await.is(200);
}

#[tokio::test]
async fn a_network_is_the_whole_of_a_household() {
    let (shop, person) = open().await;
    let email = person.email.as_str();
    for number in 0..10 {
        let from = format!("2001:db8:1:2::{number}");
        login(&shop, email, "wrong password", &from).await.is(401);
    }
    let same = login(&shop, email, PASSWORD, "2001:db8:1:2:ffff::1").await;
    same.problem(429, "too-many-attempts");
    login(&shop, email, PASSWORD, "2001:db8:1:3::1")
        .await
        .is(200);
}

#[tokio::test]
async fn ones_own_tokens_open_no_door_more_often() {
    let limits = "write=1000/60 login=3/600 register=2/600 refresh=2/600";
    let shop = Shop::open_with(&[("rate_limits", limits)]).await;
    let crowd = shop.crowd(20);
    for (path, passed) in [
        ("/api/auth/login", 3),
        ("/api/auth/register", 2),
        ("/api/auth/refresh", 2),
    ] {
        let mut statuses = Vec::new();
        for api in &crowd {
            statuses.push(api.post(path, json!({})).await.status);
        }
        let counted = statuses.iter().filter(|status| **status != 429).count();
        assert_eq!(counted, passed, "{path}: {statuses:?}");
    }
    // The account is counted too, wherever it is.
    let shop = Shop::open_with(&[("rate_limits", limits), ("trusted_proxies", "1")]).await;
    let one = shop.crowd(1).remove(0);
    for (number, status) in [(1, 422), (2, 422), (3, 422), (4, 429)] {
        let request = one.post("/api/auth/password", json!({}));
        let from = format!("203.0.113.{number}");
        request.header("x-forwarded-for", &from).await.is(status);
    }
}

#[tokio::test]
async fn without_redis_nobody_signs_in_and_everybody_is_told_why() {
    let mut servers = OwnServers::start().await;
    let shop = Shop::open_on(&servers, &[]).await;
    let client = shop.client().await;
    let body = json!({ "email": client.email, "password": PASSWORD });
    let login = || client.post("/api/auth/login", body.clone());
    servers.redis.stop().await.unwrap();
    let refused = login().in_language("fr").await.is(503);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(wait > 0);
    let problem = refused.problem(503, "sign-in-unavailable");
    assert_eq!(
        problem["title"],
        "La connexion est momentanément impossible"
    );
    // Whoever is signed in stays so.
    client.get("/api/auth/profile").await.is(200);
    let refresh = json!({ "refresh_token": client.refresh_token });
    client.post("/api/auth/refresh", refresh).await.is(200);
    servers.redis.start_again().await.unwrap();
    until("people sign in again", async || {
        (login().await.status == 200).then_some(())
    })
    .await;
    drop(shop);
}

#[tokio::test]
async fn a_full_redis_lets_nobody_in_and_is_seen() {
    let servers = OwnServers::start().await;
    let shop = Shop::open_on(&servers, &[]).await;
    let client = shop.client().await;
    let redis = servers.redis.endpoint();
    let body = json!({ "email": client.email, "password": PASSWORD });
    let login = || client.post("/api/auth/login", body.clone());
    login().await.is(200);
    comptoir_tests::tell_redis(&redis, "CONFIG SET maxmemory 1").await;
    login().await.problem(503, "sign-in-unavailable");
    // Everything else that can goes on.
    client.get("/api/items").await.is(200);
    client.get("/api/auth/profile").await.is(200);
    let seen = until("readiness sees it", async || {
        let health = shop.api().get("/readyz").await.is(200).json();
        (health["checks"]["cart:cache"] == "warn").then_some(health)
    })
    .await;
    assert_eq!(seen["status"], "warn", "{seen:#}");
    comptoir_tests::tell_redis(&redis, "CONFIG SET maxmemory 0").await;
    until("people sign in again", async || {
        (login().await.status == 200).then_some(())
    })
    .await;
    drop(shop);
}

#[tokio::test]
async fn a_proxy_that_the_shop_was_not_told_of_is_seen() {
    let shop = Shop::open().await;
    let warned = async || {
        let health = shop.api().get("/readyz").await.json();
        health["checks"]["proxies:unannounced"] == "warn"
    };
    assert!(!warned().await);
    let request = shop.api().get("/api/categories");
    request.header("x-forwarded-for", OTHER).await.is(200);
    until("readiness warns of it", async || {
        warned().await.then_some(())
    })
    .await;
    assert!(shop.log().contains("trusted_proxies"));

    let behind = Shop::open_with(&[("trusted_proxies", "1")]).await;
    let request = behind.api().get("/api/categories");
    request.header("x-forwarded-for", OTHER).await.is(200);
    assert!(!behind.log().contains("a proxy stands before the shop"));
}

#[tokio::test]
async fn carts_of_guests_are_few_small_and_of_days() {
    let limits = "read=1000/60 write=1000/60 carts=2/600";
    let counter = counter::open_with(&[("rate_limits", limits)]).await;
    let shop = &counter.shop;
    let line = json!({ "item_id": counter.pen.id, "quantity": 1 });
    let add = || shop.api().post("/api/cart/items", line.clone());
    let first = add().await.is(200);
    let token = first.header("cart-token").to_owned();
    add().await.is(200);
    add().await.problem(429, "rate-limited");
    // It is new carts that are counted.
    add().header("cart-token", &token).await.is(200);
    counter
        .shop
        .client()
        .await
        .post("/api/cart/items", line.clone())
        .await
        .is(200);

    let mut lines = Vec::new();
    for number in 0..51 {
        let name = format!("Stylo {number}");
        let category = &counter.category;
        let item = comptoir_tests::Item::create(&counter.seller, category, &name, 100, 1).await;
        lines.push(json!({ "item_id": item.id, "quantity": 1 }));
    }
    let put = |lines: &[serde_json::Value]| {
        let body = json!({ "items": lines });
        let request = shop.api().put("/api/cart/items", body).if_match("*");
        request.header("cart-token", &token)
    };
    put(&lines[..50]).await.is(200);
    put(&lines).await.problem(409, "cart-full");
    let client = shop.client().await;
    let body = json!({ "items": lines });
    client
        .put("/api/cart/items", body)
        .if_match("*")
        .await
        .is(200);

    let keys = shop.redis_command("KEYS cart:guest:*").await;
    let key = keys
        .lines()
        .find(|line| line.starts_with("cart:guest:"))
        .unwrap();
    let seconds = shop.redis_command(&format!("TTL {key}")).await;
    let seconds: u64 = seconds.trim().trim_start_matches(':').parse().unwrap();
    assert!(seconds <= 7 * 86_400, "{seconds}");
}

#[tokio::test]
async fn readiness_is_asked_once_for_all_who_ask_at_once() {
    let shop = Shop::open_with(&[("rate_limits", "read=1/600 health=30/600")]).await;
    let ask = || shop.api().get("/readyz");
    let asked = || shop.log().matches("/internal/health").count();
    let before = asked();
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..30 {
        sent.spawn(ask().into_future());
    }
    for answer in sent.join_all().await {
        answer.is(200);
    }
    // Eight services; once, or again where it took longer than a second.
    let asked = asked() - before;
    assert!((8..=4 * 8).contains(&asked), "{asked}");
    ask().await.problem(429, "rate-limited");
    shop.api().get("/livez").await.is(200);
}
