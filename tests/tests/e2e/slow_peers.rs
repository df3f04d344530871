//! A service that is slow or dead, and those who need it: how long they wait, whom they tell, and how soon
//! all is well again.

use std::time::{Duration, Instant};

use comptoir_tests::{Shop, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::counter;

/// What the shop's own default is.
const DEADLINE: Duration = Duration::from_secs(5);
/// An answer that waited for nobody.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_slow_catalogue_is_a_504_then_a_503_at_once_and_soon_well_again() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let lines = [(&counter.pen, 1)];
    let held = counter.shop.hold("catalog", "items").await;

    let begun = Instant::now();
    let slow = counter::place(&client, "k1", &lines).await;
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    slow.problem(504, "gateway-timeout");
    println!("504 after {:?}", begun.elapsed());

    for _ in 0..5 {
        let begun = Instant::now();
        let refused = counter::place(&client, "k2", &lines).await.is(503);
        assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
        println!("503 after {:?}", begun.elapsed());
        let wait: u32 = refused.header("retry-after").parse().unwrap();
        assert!(wait > 0);
        refused.problem(503, "unavailable");
    }
    // Whoever needs no catalogue goes on, and is not asked to wait.
    client.get("/api/orders").await.is(200);

    held.release().await;
    let begun = Instant::now();
    let placed = until("orders are placed again", async || {
        let answer = counter::place(&client, "k1", &lines).await;
        (answer.status == 201).then_some(answer)
    })
    .await;
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    println!("201 after {:?}", begun.elapsed());
    // The request that had no answer and the one that has are one order, with one reservation.
    let again = counter::place(&client, "k1", &lines).await.is(201);
    assert_eq!(again.id(), placed.id());
    assert_eq!(client.list("/api/orders").await.len(), 1);
    let path = format!("/api/items/{}/stock", counter.pen.id);
    let stock = counter.seller.get(&path).await.is(200).json();
    assert_eq!(stock["available"], 9, "{stock:#}");
}

#[tokio::test]
async fn a_dead_peer_is_not_asked_for_a_while() {
    // Where nobody listens.
    let shop = Shop::open_with(&[("catalog_url", "http://127.0.0.1:9")]).await;
    let client = shop.crowd(1).remove(0);
    let item = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    let line = serde_json::json!({ "item_id": item, "quantity": 1 });
    for _ in 0..8 {
        let refused = client.post("/api/cart/items", line.clone()).await.is(503);
        assert!(!refused.header("retry-after").is_empty());
        refused.problem(503, "unavailable");
    }
    let spared = shop.log().matches("is not asked for a moment").count();
    assert!(spared >= 1, "{}", shop.log());
}

#[tokio::test]
async fn only_a_service_says_how_much_time_is_left() {
    let shop = Shop::open().await;
    let asked = || {
        let request = shop.api().get("/api/categories");
        request.header("comptoir-time-left", "0")
    };
    asked().await.is(200);
    let forged = asked().header("comptoir-service-token", "guess").await;
    forged.is(200);
    let believed = asked().header("comptoir-service-token", shop.service_token());
    believed.await.problem(504, "deadline-passed");
}

#[tokio::test]
async fn nobody_is_given_more_time_than_a_request_has() {
    let watched = ("metrics_token", "whoever-watches");
    let shop = Shop::open_with(&[("request_deadline_ms", "1500"), watched]).await;
    let held = shop.hold("catalog", "categories").await;
    let begun = Instant::now();
    let request = shop.api().get("/api/categories");
    let request = request.header("comptoir-time-left", "60000");
    let answer = request.header("comptoir-service-token", shop.service_token());
    answer.await.problem(504, "deadline-passed");
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    held.release().await;
    // Which route was too slow is known all the same.
    let slow = "method=\"GET\",route=\"/api/categories\",status=\"5xx\"} 1";
    until("the answer is counted", async || {
        let watching = shop.api().with_token(watched.1);
        let metrics = watching.get("/metrics").await.is(200).text();
        metrics.contains(slow).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_nobodys_fault_but_the_senders() {
    let shop = Shop::open_with(&[("request_deadline_ms", "1000")]).await;
    let address = shop.url("");
    let address = address.trim_start_matches("http://");
    for path in ["/api/auth/refresh", "/api/auth/login", "/api/cart/items"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: 1000\r\nConnection: close\r\n\r\n{{\"a\""
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
        assert!(answer.contains("request-timeout"), "{path}: {answer}");
    }
}
