//! Instances: how long they live, and what surrounds them.

use crate::support::setup;

#[tokio::test]
async fn an_instance_serves_as_many_requests_as_it_may() {
    let host = setup("reuse")
        .argument("--max-instance-reuse-count", "2")
        .serve();
    let mut served = Vec::new();
    for _ in 0..4 {
        served.push(host.get("/a/served").await);
    }
    assert_eq!(served, ["1", "2", "1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_serves_several_requests_at_the_same_time() {
    let host = setup("concurrency").serve();
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let url = format!("{}/a/meet?5000", host.url);
        let request = async { reqwest::get(url).await.unwrap().text().await.unwrap() };
        waiting.push(tokio::spawn(request));
        // The next one finds an instance that does nothing but wait.
        host.wait_for_line("waiting");
    }
    let mut met = 0;
    for request in waiting {
        met += usize::from(request.await.unwrap() == "met");
    }
    assert!(met >= 2, "no two requests met in one instance");
}

#[tokio::test]
async fn an_instance_that_may_serve_one_at_a_time_does() {
    let host = setup("alone")
        .argument("--max-instance-concurrent-reuse-count", "1")
        .serve();
    for _ in 0..5 {
        let (one, other) = tokio::join!(host.get("/a/meet?50"), host.get("/a/meet?50"));
        assert_eq!((one.as_str(), other.as_str()), ("alone", "alone"));
    }
}

#[tokio::test]
async fn a_trap_ends_its_instance_only() {
    let host = setup("trap").serve();
    assert_eq!(host.get("/a/served").await, "1");
    assert_eq!(host.status("/a/trap").await, 500);
    assert_eq!(host.get("/a/served").await, "1");
}

#[tokio::test]
async fn a_component_reads_its_own_variables() {
    let host = setup("variables").serve();
    assert_eq!(
        host.get("/a/variable?greeting").await,
        r#"Ok("hello, world")"#
    );
    let undefined = host.get("/a/variable?secret").await;
    assert!(
        undefined.starts_with("Err(Error::Undefined("),
        "{undefined}"
    );
    let invalid = host.get("/a/variable?NOT-A-NAME").await;
    assert!(invalid.starts_with("Err(Error::InvalidName("), "{invalid}");
}

#[tokio::test]
async fn a_component_has_the_environment_of_its_manifest_and_no_other() {
    let host = setup("environment").serve();
    assert_eq!(host.get("/a/environment?COLOUR").await, r#"Ok("blue")"#);
    assert_eq!(host.get("/a/environment?PATH").await, "Err(NotPresent)");
}

#[tokio::test]
async fn what_a_component_prints_reaches_standard_error_unchanged() {
    let host = setup("prints").serve();
    host.get("/a/print?7").await;
    assert_eq!(host.wait_for_line("out 7"), r#"{"line":"out 7"}"#);
    assert_eq!(host.wait_for_line("err 7"), r#"{"line":"err 7"}"#);
}
