//! MySQL: which value becomes which, and which becomes none.

use serde_json::json;

use crate::support::{create_database, setup};

/// What the guest sees of one row of `select <columns>`.
async fn see(test: &'static str, columns: &str) -> String {
    let address = create_database(test).await;
    let host = setup(test).serve();
    let steps = json!([["query", format!("select {columns}")]]);
    host.run("/a/mysql", &address, steps).await.remove(0)
}

/// What the guest sees of a column of that type that holds that value.
async fn see_column(test: &'static str, columns: &[(&str, &str)]) -> Vec<String> {
    let address = create_database(test).await;
    let host = setup(test).serve();
    let mut steps = Vec::new();
    for (at, (kind, value)) in columns.iter().enumerate() {
        steps.push(json!(["execute", format!("create table t{at} (c {kind})")]));
        steps.push(json!([
            "execute",
            format!("insert into t{at} values ({value})")
        ]));
        steps.push(json!(["query", format!("select c from t{at}")]));
    }
    let seen = host.run("/a/mysql", &address, json!(steps)).await;
    let (done, rows): (Vec<_>, Vec<_>) = seen
        .into_iter()
        .enumerate()
        .partition(|(at, _)| at % 3 != 2);
    for (_, done) in done {
        assert_eq!(done, "Ok(())");
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

fn ok(kind: &str, value: &str) -> String {
    format!(r#"Ok((["c DbDataType::{kind}"], [["DbValue::{kind}({value})"]]))"#)
}

#[tokio::test]
async fn each_integer_keeps_its_width_and_sign() {
    let seen = see_column(
        "integers",
        &[
            ("tinyint", "-128"),
            ("bool", "true"),
            ("tinyint unsigned", "255"),
            ("smallint", "-32768"),
            ("smallint unsigned", "65535"),
            ("mediumint", "-8388608"),
            ("mediumint unsigned", "16777215"),
            ("int", "-2147483648"),
            ("int unsigned", "4294967295"),
            ("bigint", "-9223372036854775808"),
            ("bigint unsigned", "18446744073709551615"),
        ],
    )
    .await;
    let expected = [
        ok("Int8", "-128"),
        ok("Int8", "1"),
        ok("Uint8", "255"),
        ok("Int16", "-32768"),
        ok("Uint16", "65535"),
        ok("Int32", "-8388608"),
        ok("Uint32", "16777215"),
        ok("Int32", "-2147483648"),
        ok("Uint32", "4294967295"),
        ok("Int64", "-9223372036854775808"),
        ok("Uint64", "18446744073709551615"),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn floats_arrive_as_they_are() {
    let seen = see_column("floats", &[("float", "1.5"), ("double", "-2.25")]).await;
    assert_eq!(seen, [ok("Floating32", "1.5"), ok("Floating64", "-2.25")]);
}

#[tokio::test]
async fn text_arrives_as_text() {
    let kinds = ["char(3)", "varchar(9)", "text", "enum('é', 'x')"];
    let columns = kinds.map(|kind| (kind, "'é'"));
    let seen = see_column("texts", &columns).await;
    assert_eq!(seen, kinds.map(|_| ok("Str", r#"\"é\""#)));
}

#[tokio::test]
async fn bytes_and_texts_compared_as_bytes_arrive_as_bytes() {
    let kinds = [
        "binary(2)",
        "varbinary(9)",
        "blob",
        "varchar(9) collate utf8mb4_bin",
        "text collate utf8mb4_bin",
    ];
    let columns = kinds.map(|kind| (kind, "'hi'"));
    let seen = see_column("bytes", &columns).await;
    assert_eq!(seen, kinds.map(|_| ok("Binary", "[104, 105]")));
}

#[tokio::test]
async fn a_column_type_without_counterpart_fails_the_query() {
    let columns = [
        ("decimal(10,2)", "1.25"),
        ("date", "'2026-01-02'"),
        ("datetime", "'2026-01-02 03:04:05'"),
        ("timestamp", "'2026-01-02 03:04:05'"),
        ("time", "'03:04:05'"),
        ("year", "2026"),
        ("bit(1)", "b'1'"),
    ];
    for (seen, (kind, _)) in see_column("unmapped", &columns).await.iter().zip(columns) {
        assert!(
            seen.contains("ValueConversionFailed") && seen.contains("DbDataType::Other"),
            "{kind}: {seen}"
        );
    }
}

#[tokio::test]
async fn sums_averages_and_the_time_of_day_fail_unless_cast() {
    for (test, expression) in [
        ("sums", "sum(1)"),
        ("averages", "avg(1)"),
        ("clocks", "now()"),
    ] {
        let seen = see(test, expression).await;
        assert!(
            seen.contains("ValueConversionFailed"),
            "{expression}: {seen}"
        );
    }
    let seen = see("casts", "cast(sum(1) as signed), cast(1.5 as char)").await;
    assert!(
        seen.contains(r#"["DbValue::Int64(1)", "DbValue::Str(\"1.5\")"]"#),
        "{seen}"
    );
}

#[tokio::test]
async fn json_is_bytes_on_mariadb_and_fails_on_mysql() {
    let address = create_database("json").await;
    let host = setup("json").serve();
    let steps = json!([
        ["query", "select version()"],
        ["execute", "create table t (c json)"],
        ["execute", "insert into t values ('{}')"],
        ["query", "select c from t"],
    ]);
    let seen = host.run("/a/mysql", &address, steps).await;
    if seen[0].contains("MariaDB") {
        assert!(
            seen[3].contains("DbValue::Binary([123, 125])"),
            "{}",
            seen[3]
        );
    } else {
        assert!(seen[3].contains("ValueConversionFailed"), "{}", seen[3]);
    }
}

#[tokio::test]
async fn null_is_null_in_every_column_even_in_one_without_counterpart() {
    let columns = [
        ("int", "null"),
        ("varchar(3)", "null"),
        ("decimal(5,2)", "null"),
    ];
    for seen in see_column("nulls", &columns).await {
        assert!(seen.ends_with(r#"[["DbValue::DbNull"]]))"#), "{seen}");
    }
}

#[tokio::test]
async fn every_kind_of_parameter_is_bound() {
    let address = create_database("parameters").await;
    let host = setup("parameters").serve();
    let statement = "insert into t values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let parameters = json!([
        {"boolean": true}, {"int8": -1}, {"int16": -2}, {"int32": -3}, {"int64": -4},
        {"uint8": 1}, {"uint16": 2}, {"uint32": 3}, {"uint64": 18_446_744_073_709_551_615_u64},
        {"floating32": 0.5}, {"floating64": 0.25}, {"str": "é"}, {"binary": "hi"}, null,
    ]);
    let steps = json!([
        ["execute", "create table t (a bool, b tinyint, c smallint, d int, e bigint, \
          f tinyint unsigned, g smallint unsigned, h int unsigned, i bigint unsigned, \
          j float, k double, l text, m blob, n int)"],
        ["execute", statement, parameters],
        ["query", "select * from t where i = ?", [{"uint64": 18_446_744_073_709_551_615_u64}]],
    ]);
    let seen = host.run("/a/mysql", &address, steps).await;
    let row = r#"[["DbValue::Int8(1)", "DbValue::Int8(-1)", "DbValue::Int16(-2)", "DbValue::Int32(-3)", "DbValue::Int64(-4)", "DbValue::Uint8(1)", "DbValue::Uint16(2)", "DbValue::Uint32(3)", "DbValue::Uint64(18446744073709551615)", "DbValue::Floating32(0.5)", "DbValue::Floating64(0.25)", "DbValue::Str(\"é\")", "DbValue::Binary([104, 105])", "DbValue::DbNull"]]"#;
    assert!(seen[2].contains(row), "{seen:#?}");
}

#[tokio::test]
async fn more_rows_than_the_stream_holds_all_arrive() {
    let rows = see(
        "many",
        "'row' from (select 1 union all select 2 union all select 3) a, \
        (select 1 union all select 2 union all select 3) b, \
        (select 1 union all select 2 union all select 3) c",
    )
    .await;
    assert_eq!(rows.matches("DbValue::Str").count(), 27);
}
