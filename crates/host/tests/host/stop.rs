//! Stopping: nobody in flight is lost, and nothing keeps the host.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::setup;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_answered_before_the_host_ends() {
    for (test, signal) in [("terminate", "TERM"), ("interrupt", "INT")] {
        let mut host = setup(test).serve();
        let url = format!("{}/a/sleep?400", host.url);
        let flying = tokio::spawn(async move { reqwest::get(url).await.unwrap().text().await });
        host.wait_for_line("sleeping");
        host.signal(signal);
        host.wait_for_line("stopping");
        assert_eq!(flying.await.unwrap().unwrap(), "slept");
        assert!(host.wait().success());
    }
}

#[tokio::test]
async fn an_idle_connection_does_not_keep_the_host() {
    let mut host = setup("idle").serve();
    let client = reqwest::Client::new();
    let kept = client.get(format!("{}/a/empty", host.url)).send();
    assert_eq!(kept.await.unwrap().status(), 200);
    host.signal("TERM");
    assert!(host.wait().success());
}

#[tokio::test]
async fn a_request_that_is_never_whole_does_not_keep_the_host() {
    let mut host = setup("half").serve();
    let mut stream = TcpStream::connect(host.url.trim_start_matches("http://")).unwrap();
    stream
        .write_all(b"GET /a/empty HTTP/1.1\r\nHost: a\r\n")
        .unwrap();
    // The host accepts connections in their order: the first is in its care now.
    assert_eq!(host.status("/a/empty").await, 200);
    let asked = Instant::now();
    host.signal("TERM");
    assert!(host.wait().success());
    assert!(asked.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_host_accepts_no_connection() {
    let mut host = setup("closing").serve();
    let url = format!("{}/a/sleep?400", host.url);
    let flying = tokio::spawn(reqwest::get(url));
    host.wait_for_line("sleeping");
    host.signal("TERM");
    host.wait_for_line("stopping");
    let refused = reqwest::get(format!("{}/a/empty", host.url)).await;
    assert!(refused.is_err());
    assert_eq!(flying.await.unwrap().unwrap().status(), 200);
    assert!(host.wait().success());
}
