//! Jobs: who runs them, how often, and what is told of them.

use std::time::{Duration, Instant};

use comptoir_tests::{OwnServers, Shop, until};
use serde_json::Value;

use crate::counter::{self, open_with, place};
use crate::metrics::{WATCHED, scrape, total};

const RUNS: &str = "comptoir_job_runs_total";

/// Jobs that a tick waits for.
const AWAITED: [(&str, &str); 8] = [
    ("catalog", "expire_reservations"),
    ("catalog", "relay_events"),
    ("catalog", "purge_answers"),
    ("payments", "settle_payments"),
    ("payments", "relay_events"),
    ("orders", "expire_orders"),
    ("orders", "relay_events"),
    ("orders", "watch_events"),
];

async fn runs(shop: &Shop, (service, job): (&str, &str)) -> u64 {
    let labels = [("service", service), ("job", job)];
    total(&scrape(shop).await, RUNS, &labels) as u64
}

async fn all_runs(shop: &Shop) -> Vec<u64> {
    let mut all = Vec::new();
    for job in AWAITED {
        all.push(runs(shop, job).await);
    }
    all
}

/// The runs of all jobs, once nothing more is added to them.
async fn runs_at_rest(shop: &Shop) -> Vec<u64> {
    let mut before = all_runs(shop).await;
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let now = all_runs(shop).await;
        if now == before {
            return now;
        }
        before = now;
    }
    panic!("jobs run all the time: {before:?}");
}

#[tokio::test]
async fn a_tick_runs_every_job_once_and_none_in_the_background() {
    let shop = Shop::open_with(&[WATCHED]).await;
    let before = runs_at_rest(&shop).await;
    for ticks in 1..=3 {
        shop.tick().await;
        let expected: Vec<u64> = before.iter().map(|runs| runs + ticks).collect();
        assert_eq!(runs_at_rest(&shop).await, expected, "{AWAITED:?}");
    }
}

#[tokio::test]
async fn however_many_instances_answer_a_job_runs_once_in_its_time() {
    let counter = open_with(&[WATCHED]).await;
    let shop = &counter.shop;
    let job = ("catalog", "expire_reservations");
    let before = runs(shop, job).await;
    let began = Instant::now();
    let mut shoppers = tokio::task::JoinSet::new();
    for _ in 0..48 {
        let (api, pen) = (shop.another_api(), counter.pen.id.clone());
        shoppers.spawn(async move {
            while began.elapsed() < Duration::from_secs(4) {
                api.get(&format!("/api/items/{pen}")).await.is(200);
            }
        });
    }
    shoppers.join_all().await;
    // What was counted is on its way for a moment.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let runs = runs(shop, job).await - before;
    let seconds = began.elapsed().as_secs();
    assert!(runs >= 1, "the job did not run");
    assert!(runs <= seconds + 2, "{runs} runs in {seconds} s");
}

#[tokio::test]
async fn a_job_says_when_it_ran_how_long_it_took_and_what_it_did() {
    let counter = open_with(&[WATCHED, ("reservation_seconds", "1")]).await;
    let client = counter.shop.client().await;
    for key in ["k1", "k2"] {
        place(&client, key, &[(&counter.pen, 1)]).await.is(201);
    }
    let labels = [("service", "orders"), ("job", "expire_orders")];
    let scrape = until("both orders are counted", async || {
        client.get("/api/orders").await.is(200);
        let scrape = scrape(&counter.shop).await;
        let done = total(&scrape, "comptoir_job_done_total", &labels);
        assert!(done <= 2.0, "{done}");
        (done == 2.0).then_some(scrape)
    })
    .await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ran = total(&scrape, "comptoir_job_last_run_seconds", &labels) as u64;
    let age = now.unwrap().as_secs().abs_diff(ran);
    assert!(age < 60, "{age}");
    let took = total(&scrape, "comptoir_job_last_duration_seconds", &labels);
    assert!((0.0..10.0).contains(&took) && took > 0.0, "{took}");
    assert_eq!(total(&scrape, "comptoir_job_left", &labels), 0.0);
}

#[tokio::test]
async fn what_another_worker_is_doing_a_tick_leaves_to_them() {
    let shop = Shop::open().await;
    shop.stop_job("orders", "expire_orders").await;
    let done = shop.tick().await.json();
    assert_eq!(done["orders"]["expire_orders"]["running"], true, "{done:#}");
    assert_eq!(
        done["orders"]["relay_events"].get("running"),
        None,
        "{done:#}"
    );
    shop.let_job_go_on("orders", "expire_orders").await;
    let done = shop.tick().await.json();
    assert_eq!(done["orders"]["expire_orders"]["did"], 0, "{done:#}");
}

#[tokio::test]
async fn jobs_are_run_while_redis_is_away() {
    let mut servers = OwnServers::start().await;
    let shop = Shop::open_on(&servers, &[("reservation_seconds", "1")]).await;
    let admin = shop.admin().await;
    let category = comptoir_tests::create_category(&admin, "Papeterie").await;
    let seller = shop.seller().await;
    let pen = comptoir_tests::Item::create(&seller, &category, "Stylo", 250, 10).await;
    let client = shop.client().await;
    let order = place(&client, "k1", &[(&pen, 3)]).await.is(201).id();
    servers.redis.kill().await;
    let closed = "select count(*) from {orders}.orders where status = 'expired'";
    until("the order is closed", async || {
        let order = client.get(&counter::path(&order)).await;
        (order.status == 200 && shop.number(closed).await == 1).then_some(())
    })
    .await;
    let leases = "select count(*) from {orders}.job_leases where name = 'expire_orders'";
    assert_eq!(shop.number(leases).await, 1);
    let is_free = "select count(*) from {catalog}.reservations where state = 'held'";
    until("the stock is free", async || {
        let item = client.get(&format!("/api/items/{}", pen.id)).await.is(200);
        let item: Value = item.json();
        (shop.number(is_free).await == 0 && item["stock"]["available"] == 10).then_some(())
    })
    .await;
}
