//! MySQL: how long connections live, and the moments at which they must not end.

use std::fs;

use serde_json::json;

use crate::support::{create_database, setup};

const TABLE: &str = "create table t (id int primary key)";

#[tokio::test]
async fn a_dropped_connection_rolls_back() {
    let address = create_database("rollback").await;
    let host = setup("rollback").serve();
    let leave = json!([
        ["execute", TABLE],
        ["execute", "set autocommit = 0"],
        ["execute", "insert into t values (1)"],
    ]);
    host.run("/a/mysql", &address, leave).await;
    // The row is locked until the rollback, which this waits for.
    let again = json!([["execute", "insert into t values (1)"]]);
    let seen = host.run("/a/mysql", &address, again).await;
    assert_eq!(seen, ["Ok(())"]);
}

#[tokio::test]
async fn a_connection_kept_in_the_instance_serves_the_next_request() {
    let address = create_database("kept").await;
    let host = setup("kept").serve();
    let who = json!([["query", "select connection_id()"]]);
    let first = host.run("/a/hold", &address, who.clone()).await;
    assert_eq!(host.run("/a/hold", &address, who).await, first);
}

#[tokio::test]
async fn each_opened_connection_logs_in_anew() {
    let address = create_database("anew").await;
    let host = setup("anew").serve();
    let who = json!([["query", "select connection_id()"]]);
    let first = host.run("/a/mysql", &address, who.clone()).await;
    assert_ne!(host.run("/a/mysql", &address, who).await, first);
}

#[tokio::test]
async fn a_connection_dropped_during_another_call_ends_the_instance_and_says_so() {
    let address = create_database("deadlock").await;
    let host = setup("deadlock").serve();
    let query = format!("/a/drop-during-a-call?{address}");
    assert_eq!(host.status(&query).await, 500);
    host.wait_for_line("a MySQL connection was dropped while 1 other MySQL call(s)");
    assert_eq!(host.status("/a/empty").await, 200);
}

#[tokio::test]
async fn connections_dropped_when_no_call_is_in_flight_do_no_harm() {
    let address = create_database("quiet").await;
    let host = setup("quiet").serve();
    let seen = host.get(&format!("/a/drop-when-quiet?{address}")).await;
    assert_eq!(seen, "dropped");
}

#[tokio::test]
async fn a_cancelled_call_is_no_longer_in_flight() {
    let address = create_database("cancelled").await;
    let host = setup("cancelled").serve();
    let seen = host.get(&format!("/a/cancel-a-query?{address}")).await;
    assert_eq!(seen, "cancelled");
}

#[tokio::test]
async fn a_connection_over_the_limit_waits_until_one_is_closed() {
    let address = create_database("limit").await;
    let setup = setup("limit");
    let config = setup.path("runtime-config.toml");
    fs::write(&config, "[outbound_mysql]\nmax_connections = 1\n").unwrap();
    let host = setup
        .replace("{ private = true }", "\"/b/...\"")
        .argument("--runtime-config-file", config.to_str().unwrap())
        .argument("--idle-instance-timeout", "2s")
        .serve();
    let one = json!([["query", "select 'one'"]]);
    host.run("/a/hold", &address, one.clone()).await;
    let mut waiting = Box::pin(host.run("/b/mysql", &address, one));
    tokio::select! {
        seen = &mut waiting => panic!("it should wait for its connection: {seen:?}"),
        slept = host.get("/b/sleep?200") => assert_eq!(slept, "slept"),
    }
    // The instance that keeps the connection is idle, and takes it along when it goes.
    assert!(waiting.await[0].contains(r#"DbValue::Str(\"one\")"#));
}
