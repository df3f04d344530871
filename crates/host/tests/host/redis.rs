//! Redis: each call, each kind of reply, and what a component learns of errors.

use serde_json::{Value, json};

use crate::support::{find_closed_port, redis_url, setup};

/// What the guest sees of the steps; `#` in a key stands for the test's own name.
async fn see(test: &'static str, steps: Value) -> Vec<String> {
    let host = setup(test).serve();
    let own = format!("comptoir-host:{test}:");
    let steps = steps.to_string().replace('#', &own);
    let steps = serde_json::from_str(&steps).unwrap();
    host.run("/a/redis", &redis_url(), steps).await
}

#[tokio::test]
async fn values_are_set_counted_and_deleted() {
    let seen = see(
        "values",
        json!([
            ["DEL", "#k", "#n"],
            ["get", "#k"],
            ["set", "#k", "v"],
            ["get", "#k"],
            ["incr", "#n"],
            ["incr", "#n"],
            ["del", "#k"],
            ["del", "#k"],
            ["publish", "#c", "x"],
        ]),
    )
    .await;
    assert_eq!(
        &seen[1..],
        [
            "Ok(None)",
            "Ok(())",
            "Ok(Some([118]))",
            "Ok(1)",
            "Ok(2)",
            "Ok(1)",
            "Ok(0)",
            "Ok(())"
        ]
    );
}

#[tokio::test]
async fn sets_have_members() {
    let seen = see(
        "sets",
        json!([
            ["DEL", "#s"],
            ["sadd", "#s", "a", "b"],
            ["sadd", "#s", "a"],
            ["srem", "#s", "a"],
            ["smembers", "#s"],
        ]),
    )
    .await;
    assert_eq!(&seen[1..], ["Ok(2)", "Ok(0)", "Ok(1)", r#"Ok(["b"])"#]);
}

#[tokio::test]
async fn any_command_is_executed_and_nested_replies_arrive_flattened() {
    let script = "return {1, {ARGV[1], {'x'}}, false, {ok = 'fine'}}";
    let seen = see(
        "commands",
        json!([
            ["DEL", "#k"],
            ["SET", "#k", "v", "NX", "EX", 100],
            ["SET", "#k", "w", "NX"],
            ["TTL", "#missing"],
            ["EVAL", script, 0, "y"],
            ["MGET", "#k", "#missing"],
        ]),
    )
    .await;
    assert_eq!(
        &seen[1..],
        [
            r#"Ok([RedisResult::Status("OK")])"#,
            "Ok([RedisResult::Nil])",
            "Ok([RedisResult::Int64(-2)])",
            r#"Ok([RedisResult::Int64(1), RedisResult::Binary([121]), RedisResult::Binary([120]), RedisResult::Nil, RedisResult::Status("fine")])"#,
            "Ok([RedisResult::Binary([118]), RedisResult::Nil])",
        ]
    );
}

#[tokio::test]
async fn errors_of_the_server_keep_their_text() {
    let seen = see(
        "errors",
        json!([
            ["SET", "#k", "text"],
            ["incr", "#k"],
            ["sadd", "#k", "a"],
            ["smembers", "#k"],
            ["NONSENSE"],
            ["EVAL", "return redis.error_reply('OURS 7')", 0],
        ]),
    )
    .await;
    assert!(seen[1].starts_with("Err(Error::Other(") && seen[1].contains("not an integer"));
    for wrong_type in &seen[2..4] {
        assert!(wrong_type.contains("WRONGTYPE"), "{wrong_type}");
    }
    assert!(seen[4].contains("unknown command"), "{}", seen[4]);
    assert!(seen[5].contains("OURS"), "{}", seen[5]);
}

#[tokio::test]
async fn an_address_that_is_not_allowed_or_no_address_is_invalid() {
    let host = setup("addresses").serve();
    for address in ["redis://cache.example", "nonsense", "http://127.0.0.1"] {
        let seen = host.run("/a/redis", address, json!([])).await;
        assert_eq!(seen, ["Error::InvalidAddress"], "{address}");
    }
}

#[tokio::test]
async fn a_closed_port_is_another_error() {
    let closed = find_closed_port();
    let host = setup("closed")
        .replace(
            r#"["http://b"#,
            &format!(r#"["redis://{closed}", "http://b"#),
        )
        .serve();
    let address = format!("redis://{closed}");
    let seen = host.run("/a/redis", &address, json!([])).await.concat();
    assert!(seen.starts_with("Error::Other("), "{seen}");
}
