//! `GET /metrics`: what all instances have counted together, read by a parser that is not ours.

use comptoir_tests::{Answer, Shop, until};
use prometheus_parse::{Scrape, Value};
use serde_json::json;

use crate::counter::{self, act, place};

const TOKEN: &str = "whoever-watches";
pub const WATCHED: (&str, &str) = ("metrics_token", TOKEN);

async fn ask(shop: &Shop, token: &str) -> Answer {
    let asking = shop.api().with_token(token);
    asking.get("/metrics").accept("text/plain, */*;q=0.1").await
}

pub async fn scrape(shop: &Shop) -> Scrape {
    let text = ask(shop, TOKEN).await.is(200).text();
    let lines = text.lines().map(|line| Ok(line.to_owned()));
    Scrape::parse(lines).unwrap()
}

/// The sum of all counters or gauges of a name with these labels.
pub fn total(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    let has = |sample: &&prometheus_parse::Sample| {
        let mut labels = labels.iter();
        sample.metric == name
            && labels.all(|(label, value)| sample.labels.get(label) == Some(*value))
    };
    let values = scrape
        .samples
        .iter()
        .filter(has)
        .map(|sample| match sample.value {
            Value::Counter(number) | Value::Gauge(number) => number,
            ref other => panic!("{name} is no number: {other:?}"),
        });
    values.sum()
}

/// Waits until a counter has come to this value; how it got there may be seen on the way, what is more not.
async fn reaches(shop: &Shop, name: &str, labels: &[(&str, &str)], value: f64) -> Scrape {
    until(&format!("{name} {labels:?} is {value}"), async || {
        let scrape = scrape(shop).await;
        let found = total(&scrape, name, labels);
        assert!(found <= value, "{name} {labels:?} is {found}");
        (found == value).then_some(scrape)
    })
    .await
}

const REQUESTS: &str = "comptoir_http_requests_total";
const EVENTS: &str = "comptoir_events_total";

#[tokio::test]
async fn metrics_are_for_whoever_has_the_token() {
    let shop = Shop::open_with(&[WATCHED]).await;
    let answer = ask(&shop, TOKEN).await.is(200);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    ask(&shop, "guess").await.problem(404, "not-found");
    ask(&shop, "").await.problem(404, "not-found");
    shop.api().get("/metrics").await.problem(404, "not-found");
    let unwatched = Shop::open().await;
    ask(&unwatched, "").await.problem(404, "not-found");
}

#[tokio::test]
async fn every_request_is_counted_whichever_instance_answered_it() {
    const CLIENTS: usize = 32;
    const EACH: usize = 10;
    let shop = Shop::open_with(&[WATCHED]).await;
    let item = "/api/items/0192f0c1-2d3e-7abc-8def-0123456789ab";
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let api = shop.another_api();
        sent.spawn(async move {
            for _ in 0..EACH {
                api.get(item).await.is(404);
            }
        });
    }
    sent.join_all().await;
    let route = [
        ("service", "catalog"),
        ("method", "GET"),
        ("route", "/api/items/:id"),
    ];
    let refused = [&route[..], &[("status", "4xx")]].concat();
    let all = (CLIENTS * EACH) as f64;
    let scrape = reaches(&shop, REQUESTS, &refused, all).await;

    let mut histograms = scrape.samples.iter().filter(|sample| {
        sample.metric == "comptoir_http_request_duration_seconds"
            && sample.labels.get("route") == Some("/api/items/:id")
    });
    let Some(Value::Histogram(classes)) = histograms.next().map(|sample| &sample.value) else {
        panic!("no histogram among {:#?}", scrape.samples);
    };
    assert!(classes.is_sorted_by(|one, next| one.less_than < next.less_than));
    assert!(classes.is_sorted_by(|one, next| one.count <= next.count));
    let last = classes.last().unwrap();
    assert_eq!((last.less_than, last.count), (f64::INFINITY, all));
    assert!(scrape.docs.contains_key(REQUESTS));
}

#[tokio::test]
async fn orders_payments_and_alerts_of_stock_are_counted() {
    let counter = counter::open_with(&[WATCHED]).await;
    let pen = format!("/api/items/{}", counter.pen.id);
    let change = counter.seller.patch(&pen, json!({ "stock_minimum": 10 }));
    change.if_match("*").await.is(200);
    let client = counter.shop.client().await;
    for key in ["k1", "k2"] {
        let order = place(&client, key, &[(&counter.pen, 1)]).await.is(201).id();
        act(&counter.seller, &order, "mark-paid").await.is(200);
    }
    for (kind, count) in [
        ("order.placed", 2.0),
        ("order.paid", 2.0),
        ("stock.low", 1.0),
    ] {
        let labels = [("kind", kind), ("consumer", "webhooks")];
        reaches(&counter.shop, EVENTS, &labels, count).await;
    }
}

#[tokio::test]
async fn what_the_limiter_decides_is_counted() {
    let limits = ("rate_limits", "read=3/600");
    let shop = Shop::open_with(&[WATCHED, limits]).await;
    for status in [200, 200, 200, 429, 429] {
        shop.api().get("/api/categories").await.is(status);
    }
    for (decision, count) in [("passed", 3.0), ("refused", 2.0)] {
        let labels = [("policy", "read"), ("decision", decision)];
        reaches(&shop, "comptoir_limiter_decisions_total", &labels, count).await;
    }
}

#[tokio::test]
async fn what_a_circuit_decides_is_counted() {
    // Where nobody listens.
    let dead = ("catalog_url", "http://127.0.0.1:9");
    let shop = Shop::open_with(&[WATCHED, dead]).await;
    let client = shop.crowd(1).remove(0);
    let item = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    let line = json!({ "item_id": item, "quantity": 1 });
    for _ in 0..6 {
        client.post("/api/cart/items", line.clone()).await.is(503);
    }
    for (decision, least) in [("opened", 1.0), ("refused", 1.0)] {
        let labels = [("peer", "catalog"), ("decision", decision)];
        until(&format!("a circuit has {decision}"), async || {
            let scrape = scrape(&shop).await;
            let found = total(&scrape, "comptoir_breaker_decisions_total", &labels);
            (found >= least).then_some(())
        })
        .await;
    }
}
