//! A database or a Redis that is away: who is refused, who goes on, and how all come back.

use comptoir_tests::{Api, Item, OwnServers, Person, Shop, address, create_category, until};
use serde_json::{Value, json};

struct Outage {
    servers: OwnServers,
    shop: Shop,
    client: Person,
    item: Item,
}

async fn open() -> Outage {
    let servers = OwnServers::start().await;
    let shop = Shop::open_on(&servers, &[]).await;
    let category = create_category(&shop.admin().await, "Papeterie").await;
    let item = Item::create(&shop.seller().await, &category, "Stylo", 250, 10).await;
    Outage {
        client: shop.client().await,
        servers,
        shop,
        item,
    }
}

async fn is_ready(api: &Api) -> bool {
    let answer = api.get("/readyz").await;
    assert_eq!(answer.header("content-type"), "application/health+json");
    let status = answer.json()["status"].clone();
    match answer.status {
        // After a restart of Redis, reports are built anew.
        200 => assert!(status == "pass" || status == "warn", "{answer}"),
        _ => {
            assert_eq!(answer.status, 503, "{answer}");
            assert_eq!(status, "fail");
        }
    }
    answer.status == 200
}

/// The checks of `/readyz` that fail.
async fn failing(api: &Api) -> Vec<String> {
    let answer = api.get("/readyz").await.is(503);
    let checks = answer.json()["checks"].as_object().unwrap().clone();
    let failing = checks.into_iter().filter(|(_, status)| status == "fail");
    failing.map(|(name, _)| name).collect()
}

fn order(item: &Item) -> Value {
    json!({
        "items": [{ "item_id": item.id, "quantity": 1 }],
        "shipping_address": address(),
    })
}

#[tokio::test]
async fn without_its_database_the_shop_says_so_and_comes_back_by_itself() {
    let mut outage = open().await;
    let client = &outage.client;
    assert!(is_ready(client).await);
    client.get("/api/orders").await.is(200);
    outage.servers.mariadb.stop().await.unwrap();

    for path in ["/api/orders", "/api/auth/profile", "/api/categories"] {
        let refused = client.get(path).await.is(503);
        let wait: u32 = refused.header("retry-after").parse().unwrap();
        assert!(wait > 0);
        refused.problem(503, "unavailable");
    }
    let refused = client
        .post("/api/orders", order(&outage.item))
        .key("k1")
        .await;
    refused.problem(503, "unavailable");
    // It may be told for a second what was found before.
    until("the shop says that it is not ready", async || {
        (!is_ready(client).await).then_some(())
    })
    .await;
    let databases = [
        "accounts",
        "catalog",
        "orders",
        "payments",
        "suppliers",
        "webhooks",
    ];
    assert_eq!(
        failing(client).await,
        databases.map(|service| format!("{service}:database"))
    );
    client.get("/livez").await.is(200);

    outage.servers.mariadb.start_again().await.unwrap();
    until("the shop is ready again", async || {
        is_ready(client).await.then_some(())
    })
    .await;
    let placed = client
        .post("/api/orders", order(&outage.item))
        .key("k1")
        .await;
    placed.is(201);
    drop(outage.shop);
}

#[tokio::test]
async fn a_database_that_dies_under_load_leaves_no_broken_connection_behind() {
    let mut outage = open().await;
    let client = &outage.client;
    for _ in 0..2 {
        let mut reads = tokio::task::JoinSet::new();
        for _ in 0..16 {
            reads.spawn(client.get("/api/orders").into_future());
        }
        outage.servers.mariadb.kill().await;
        for answer in reads.join_all().await {
            assert!(matches!(answer.status, 200 | 503), "{answer}");
        }
        outage.servers.mariadb.start_again().await.unwrap();
        until("orders are read again", async || {
            let answer = client.get("/api/orders").await;
            assert!(matches!(answer.status, 200 | 503), "{answer}");
            (answer.status == 200).then_some(())
        })
        .await;
    }
    for _ in 0..32 {
        client.get("/api/orders").await.is(200);
    }
    drop(outage.shop);
}

#[tokio::test]
async fn without_redis_carts_are_away_and_the_rest_goes_on() {
    let mut outage = open().await;
    let client = &outage.client;
    let line = json!({ "item_id": outage.item.id, "quantity": 1 });
    client.post("/api/cart/items", line.clone()).await.is(200);
    outage.servers.redis.stop().await.unwrap();

    for request in [
        client.get("/api/cart"),
        client.post("/api/cart/items", line.clone()),
    ] {
        let refused = request.await.is(503);
        let wait: u32 = refused.header("retry-after").parse().unwrap();
        assert!(wait > 0);
        refused.problem(503, "unavailable");
    }
    client.get("/api/items").await.is(200);
    let path = format!("/api/items/{}", outage.item.id);
    client.get(&path).await.is(200);
    let placed = client
        .post("/api/orders", order(&outage.item))
        .key("k1")
        .await;
    let id = placed.is(201).id();
    client.get(&format!("/api/orders/{id}")).await.is(200);
    let login = json!({ "email": client.email, "password": comptoir_tests::PASSWORD });
    let refused = client.post("/api/auth/login", login).await;
    refused.problem(503, "sign-in-unavailable");
    // It may be told for a second what was found before.
    until("the shop says that it is not ready", async || {
        (!is_ready(client).await).then_some(())
    })
    .await;
    assert!(failing(client).await.contains(&"cart:cache".to_owned()));

    outage.servers.redis.start_again().await.unwrap();
    until("the shop is ready again", async || {
        is_ready(client).await.then_some(())
    })
    .await;
    client.post("/api/cart/items", line).await.is(200);
    drop(outage.shop);
}
