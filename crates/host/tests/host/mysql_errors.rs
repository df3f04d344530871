//! MySQL: what a component learns when something goes wrong.

use serde_json::json;

use crate::support::{Host, create_database, find_closed_port, mysql_url, setup};

/// What the guest sees of the last of the steps.
async fn see_last(test: &'static str, steps: serde_json::Value) -> String {
    let address = create_database(test).await;
    let host = setup(test).serve();
    host.run("/a/mysql", &address, steps).await.pop().unwrap()
}

fn assert_code(seen: &str, codes: &[u16]) {
    assert!(
        seen.starts_with("Err(MysqlError(Error::QueryFailed"),
        "{seen}"
    );
    let has = |code: &u16| seen.contains(&format!("code: {code},"));
    assert!(codes.iter().any(has), "none of {codes:?} in {seen}");
}

const LOST: &str = r#"Err(MysqlError(Error::Other("async error: channel closed")))"#;

#[tokio::test]
async fn a_duplicate_keeps_its_code_through_execute() {
    let steps = json!([
        ["execute", "create table t (id int primary key)"],
        ["execute", "insert into t values (1)"],
        ["execute", "insert into t values (1)"],
    ]);
    assert_code(&see_last("duplicate", steps).await, &[1062]);
}

#[tokio::test]
async fn a_check_violation_keeps_its_code_through_execute() {
    let steps = json!([
        ["execute", "create table t (stock int, check (stock >= 0))"],
        ["execute", "insert into t values (-1)"],
    ]);
    assert_code(&see_last("checks", steps).await, &[4025, 3819]);
}

#[tokio::test]
async fn a_foreign_key_violation_keeps_its_code_through_execute() {
    let steps = json!([
        ["execute", "create table p (id int primary key)"],
        [
            "execute",
            "create table t (p int, foreign key (p) references p (id))"
        ],
        ["execute", "insert into t values (1)"],
    ]);
    assert_code(&see_last("foreign_keys", steps).await, &[1452]);
}

#[tokio::test]
async fn a_taken_lock_keeps_its_code_through_execute() {
    let address = create_database("locks").await;
    let host = setup("locks").serve();
    let hold = json!([
        ["execute", "create table t (id int primary key)"],
        ["execute", "insert into t values (1)"],
        ["execute", "set autocommit = 0"],
        ["execute", "select id from t where id = 1 for update"],
    ]);
    host.run("/a/hold", &address, hold).await;
    let want = json!([["execute", "select id from t where id = 1 for update nowait"]]);
    let seen = host.run("/a/mysql", &address, want).await;
    assert_code(&seen[0], &[1205, 3572]);
}

#[tokio::test]
async fn several_statements_in_one_text_are_a_syntax_error() {
    let steps = json!([["execute", "select 1; select 2"]]);
    assert_code(&see_last("several", steps).await, &[1064]);
}

#[tokio::test]
async fn an_error_of_query_loses_its_text() {
    assert_eq!(
        see_last("lost_syntax", json!([["query", "nonsense"]])).await,
        LOST
    );
    let steps = json!([
        ["execute", "create table t (id int primary key)"],
        ["execute", "insert into t values (1)"],
        ["query", "insert into t values (1)"],
    ]);
    assert_eq!(see_last("lost_duplicate", steps).await, LOST);
}

#[tokio::test]
async fn a_statement_without_rows_answers_query_with_nothing() {
    let steps = json!([
        ["execute", "create table t (id int)"],
        ["query", "insert into t values (1)"],
    ]);
    assert_eq!(see_last("no_rows", steps).await, "Ok(([], []))");
}

#[tokio::test]
async fn tls_that_cannot_be_verified_is_a_failed_connection() {
    let address = create_database("tls").await;
    let host = setup("tls").serve();
    let seen = open(&host, &format!("{address}&ssl-mode=required")).await;
    assert!(seen.contains("ConnectionFailed("), "{seen}");
}

#[tokio::test]
async fn an_error_leaves_the_connection_usable() {
    let steps = json!([
        ["query", "nonsense"],
        ["execute", "nonsense"],
        ["query", "select now()"],
        ["query", "select 'still'"],
    ]);
    let seen = see_last("usable", steps).await;
    assert!(seen.contains(r#"DbValue::Str(\"still\")"#), "{seen}");
}

async fn open(host: &Host, address: &str) -> String {
    host.run("/a/mysql", address, json!([])).await.concat()
}

#[tokio::test]
async fn a_wrong_password_is_a_failed_connection() {
    let host = setup("passwords").serve();
    let mut wrong = url::Url::parse(&mysql_url()).unwrap();
    wrong.set_password(Some("wrong")).unwrap();
    let seen = open(&host, wrong.as_str()).await;
    assert!(
        seen.contains("ConnectionFailed") && seen.contains("1045"),
        "{seen}"
    );
}

#[tokio::test]
async fn a_closed_port_is_a_failed_connection() {
    let closed = find_closed_port();
    let host = setup("ports")
        .replace(
            r#"["http://b"#,
            &format!(r#"["mysql://{closed}", "http://b"#),
        )
        .serve();
    let seen = open(&host, &format!("mysql://root@{closed}/x")).await;
    assert!(seen.contains("ConnectionFailed(\"Io("), "{seen}");
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_not_permitted() {
    let host = setup("forbidden").serve();
    let address = "mysql://root:pw@db.example:3306/x";
    assert_eq!(
        open(&host, address).await,
        format!(r#"MysqlError(Error::ConnectionFailed("address {address} is not permitted"))"#)
    );
}

#[tokio::test]
async fn an_unknown_parameter_of_the_address_ends_the_instance() {
    let address = create_database("unknown_parameter").await;
    let host = setup("unknown_parameter").serve();
    let query = format!("/a/drop-when-quiet?{address}&colour=blue");
    assert_eq!(host.status(&query).await, 500);
    host.wait_for_line("Spin panics at this MySQL address");
}
