//! Requests that components send: to each other, and to the network.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

use crate::support::setup;

#[tokio::test]
async fn a_private_component_answers_a_peer_on_any_path() {
    let host = setup("peers").serve();
    let seen = host.get("/a/fetch?http://b.spin.internal/any/uri").await;
    assert_eq!(seen, "200 http://b.spin.internal/any/uri");
}

#[tokio::test]
async fn a_chained_call_has_headers_of_its_own() {
    let host = setup("chained_headers").serve();
    let seen = host.get("/a/fetch?http://b.spin.internal/x/headers").await;
    let seen = seen.strip_prefix("200 ").unwrap();
    for line in [
        "spin-path-info: /x/headers",
        "spin-full-url: http://localhost/x/headers",
        "spin-component-route: ",
        "spin-client-addr: 0.0.0.0:0",
    ] {
        assert!(
            seen.lines().any(|seen| seen == line),
            "{line} not in {seen}"
        );
    }
}

#[tokio::test]
async fn timeouts_of_a_request_do_not_reach_a_chained_call() {
    let host = setup("timeouts").serve();
    let url = "http://b.spin.internal/sleep?50";
    let seen = host.get(&format!("/a/fetch-within-1ms?{url}")).await;
    assert_eq!(seen, "200 slept");
}

#[tokio::test]
async fn timeouts_of_a_request_hold_on_the_network() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let host = setup("network_timeouts")
        .replace(
            r#"["http://b"#,
            &format!(r#"["http://{address}", "http://b"#),
        )
        .serve();
    let seen = host
        .get(&format!("/a/fetch-within-1ms?http://{address}/"))
        .await;
    assert_eq!(seen, "ErrorCode::ConnectionReadTimeout");
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_denied() {
    let host = setup("denied").serve();
    for url in [
        "http://a.spin.internal/x",
        "http://example.com/",
        "https://b.spin.internal/",
    ] {
        let seen = host.get(&format!("/a/fetch?{url}")).await;
        assert_eq!(seen, "ErrorCode::HttpRequestDenied", "{url}");
    }
}

#[tokio::test]
async fn the_trap_of_a_peer_is_a_500_and_leaves_the_caller_alive() {
    let host = setup("traps").serve();
    let seen = host.get("/a/fetch?http://b.spin.internal/trap").await;
    assert_eq!(seen, "500 ");
    let log = host.wait_for_line("instance trapped");
    assert!(log.contains(r#""component":"b""#), "{log}");
}

#[tokio::test]
async fn a_call_to_a_component_without_a_trigger_fails() {
    let host = setup("ghosts")
        .replace("http://b.spin.internal", "http://ghost.spin.internal")
        .serve();
    let seen = host.get("/a/fetch?http://ghost.spin.internal/").await;
    assert!(
        seen.contains("unknown routing destination 'ghost'"),
        "{seen}"
    );
}

#[tokio::test]
async fn bodies_stream_through_a_chain() {
    let host = setup("streams").serve();
    let body: Vec<u8> = (0..2_000_000_u32).map(|at| at.to_le_bytes()[1]).collect();
    let seen = host
        .post("/a/forward?http://b.spin.internal/echo", body.clone())
        .await;
    assert_eq!(seen, body);
}

#[tokio::test]
async fn an_allowed_host_is_reached_over_the_network() {
    let server = answer_once();
    let host = setup("network")
        .replace(
            r#"["http://b"#,
            &format!(r#"["http://{server}", "http://b"#),
        )
        .serve();
    let seen = host.get(&format!("/a/fetch?http://{server}/path")).await;
    assert_eq!(seen, "200 GET /path HTTP/1.1");
}

/// A server that answers one request with its first line.
fn answer_once() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        let text = String::from_utf8_lossy(&request[..length]).into_owned();
        let line = text.lines().next().unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", line.len());
        stream.write_all((head + line).as_bytes()).unwrap();
    });
    address
}
