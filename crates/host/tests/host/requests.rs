//! Requests from the network: routes, headers, bodies, and what the host answers itself.

use crate::support::setup;

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
    // The connection ends without an answer, as with Spin.
    assert!(request.send().await.is_err());
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
