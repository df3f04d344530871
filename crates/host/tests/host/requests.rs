//! Requests from the network: routes, headers, bodies, and what the host answers itself.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;
use uuid::Uuid;

use crate::support::{Host, setup};

#[tokio::test]
async fn public_routes_answer_and_all_else_is_not_found() {
    let host = setup("routes").serve();
    assert_eq!(host.status("/a").await, 200);
    assert_eq!(host.status("/a/x/y").await, 200);
    assert_eq!(host.status("/exact").await, 200);
    assert_eq!(host.status("/exact/x").await, 404);
    assert_eq!(host.status("/b").await, 404);
    assert_eq!(host.status("/").await, 404);
}

#[tokio::test]
async fn the_last_of_each_spin_header_is_the_hosts() {
    let host = setup("headers").serve();
    let request = reqwest::Client::new()
        .get(format!("{}/a/headers?x=1", host.url))
        .header("spin-client-addr", "6.6.6.6:6")
        .header("spin-path-info", "/forged")
        .header("x-mine", "kept");
    let seen = request.send().await.unwrap().text().await.unwrap();
    let values = |name: &str| {
        let prefix = format!("{name}: ");
        let values = seen.lines().filter_map(|line| line.strip_prefix(&prefix));
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(values("x-mine"), ["kept"]);
    assert_eq!(values("spin-path-info"), ["/forged", "/headers"]);
    let clients = values("spin-client-addr");
    assert_eq!(clients[0], "6.6.6.6:6");
    assert!(clients[1].starts_with("127.0.0.1:"), "{clients:?}");
    assert_eq!(
        values("spin-full-url"),
        [format!("{}/a/headers?x=1", host.url)]
    );
    assert_eq!(values("spin-matched-route"), ["/a/..."]);
    assert_eq!(values("spin-component-route"), ["/a"]);
    assert_eq!(values("spin-raw-component-route"), ["/a/..."]);
    assert_eq!(values("spin-base-path"), ["/"]);
}

#[tokio::test]
async fn a_public_request_cannot_pass_for_a_chained_one() {
    let host = setup("pretenders").serve();
    let request = reqwest::Client::new()
        .get(format!("{}/a/empty", host.url))
        .header("host", "b.spin.internal");
    // With Spin, the connection ends without an answer.
    assert_eq!(request.send().await.unwrap().status(), 400);
    assert_eq!(host.status("/a/empty").await, 200);
}

#[tokio::test]
async fn a_body_comes_back_as_it_went_in() {
    let host = setup("bodies").serve();
    let body: Vec<u8> = (0..3_000_000_u32).map(|at| at.to_le_bytes()[1]).collect();
    assert_eq!(host.post("/a/echo", body.clone()).await, body);
}

#[tokio::test]
async fn the_host_tells_its_health_and_what_it_serves() {
    let host = setup("well_known").serve();
    assert_eq!(host.get("/.well-known/spin/health").await, "OK");
    assert_eq!(
        host.get("/.well-known/spin/info").await,
        r#"{"name":"test","version":"1.2.3"}"#
    );
    assert_eq!(host.status("/.well-known/spin/other").await, 404);
}

/// Sends bytes as they are, and gives what comes back until the host closes the connection.
fn send(host: &Host, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(host.url.trim_start_matches("http://")).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn a_request_without_a_host_is_answered_with_a_problem() {
    let host = setup("hostless").serve();
    for lines in [
        "GET /a/empty HTTP/1.1\r\n",
        "GET /a/empty HTTP/1.1\r\nHost:\r\n",
        "GET /a/empty HTTP/1.1\r\nHost: a b\r\n",
        "GET /a/empty HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n",
        "GET http://a.example/a/empty HTTP/1.1\r\n",
        "GET http://b.spin.internal/a/empty HTTP/1.1\r\nHost: a.example\r\n",
        "GET /a/empty HTTP/1.0\r\nHost: a b\r\n",
    ] {
        let answer = send(
            &host,
            format!("{lines}Connection: close\r\n\r\n").as_bytes(),
        );
        assert!(answer.contains(" 400 Bad Request\r\n"), "{lines}{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(answer.contains("La requête est mal formée"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let problem: Value = serde_json::from_str(body).unwrap();
        let request_id = problem["request_id"].as_str().unwrap();
        assert!(request_id.parse::<Uuid>().is_ok(), "{request_id}");
        let header = format!("\r\nx-request-id: {request_id}");
        assert!(head.contains(&header), "{answer}");
        assert!(
            host.wait_for_line("request refused").contains(request_id),
            "{request_id}"
        );
    }
    let english = "GET /a/empty HTTP/1.1\r\nAccept-Language: en\r\nConnection: close\r\n\r\n";
    let answer = send(&host, english.as_bytes());
    assert!(answer.contains("The header Host is missing"), "{answer}");
    assert!(answer.contains("content-language: en\r\n"), "{answer}");
    assert_eq!(host.status("/a/empty").await, 200);
}

#[tokio::test]
async fn a_request_of_http_1_0_needs_no_host() {
    let host = setup("old").serve();
    let answer = send(&host, b"GET /a/headers HTTP/1.0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    let url = format!("spin-full-url: {}/a/headers\n", host.url);
    assert!(answer.contains(&url), "{answer}");
    let named = b"GET /a/headers HTTP/1.0\r\nHost: a.example\r\n\r\n";
    let answer = send(&host, named);
    let url = "spin-full-url: http://a.example/a/headers\n";
    assert!(answer.contains(url), "{answer}");
}

#[tokio::test]
async fn a_target_that_names_its_host_goes_before_the_header() {
    let host = setup("absolute").serve();
    for name in ["uri", "headers"] {
        let request = format!(
            "GET http://a.example:81/a/{name} HTTP/1.1\r\nHost: b.example\r\nConnection: close\r\n\r\n"
        );
        let answer = send(&host, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let url = format!("http://a.example:81/a/{name}");
        assert!(answer.contains(&url), "{answer}");
        assert!(!answer.contains("b.example"), "{answer}");
    }
}

#[tokio::test]
async fn a_header_that_is_not_utf8_is_named_in_a_problem() {
    let host = setup("latin").serve();
    for bytes in [&b"caf\xe9"[..], b"\xff", b"\xc3", b"a\x80b"] {
        let mut request =
            b"GET /a/empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Drink: ".to_vec();
        request.extend(bytes);
        request.extend(b"\r\n\r\n");
        let answer = send(&host, &request);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("x-drink"), "{answer}");
    }
    let utf8 = "GET /a/empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Drink: café\r\n\r\n";
    assert!(send(&host, utf8.as_bytes()).starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_no_request() {
    let host = setup("full").log_to("/dev/full").serve();
    for _ in 0..20 {
        assert_eq!(host.status("/a/sleep?1").await, 200);
    }
}
