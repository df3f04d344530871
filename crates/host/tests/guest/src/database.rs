//! MySQL: steps of a script on one connection, and the moments at which connections are dropped.

use std::cell::RefCell;
use std::pin::pin;

use futures::future::{Either, join, select};
use serde_json::{Value, json};
use spin_sdk::mysql::{Connection, Error, ParameterValue};

/// `{"address": …, "steps": [["query" | "execute", statement, [parameters]], …]}`
pub async fn run(script: &[u8]) -> String {
    let script: Value = serde_json::from_slice(script).unwrap();
    let connection = match Connection::open(script["address"].as_str().unwrap()).await {
        Ok(connection) => connection,
        Err(error) => return json!([format!("{error:?}")]).to_string(),
    };
    run_steps(&connection, &script).await
}

async fn run_steps(connection: &Connection, script: &Value) -> String {
    let mut seen = Vec::new();
    for step in script["steps"].as_array().unwrap() {
        let statement = step[1].as_str().unwrap();
        let params: Vec<_> = step[2].as_array().into_iter().flatten().map(bind).collect();
        seen.push(match step[0].as_str().unwrap() {
            "execute" => format!("{:?}", connection.execute(statement, params).await),
            _ => format!("{:?}", query(connection, statement, params).await),
        });
    }
    json!(seen).to_string()
}

async fn query(
    connection: &Connection,
    statement: &str,
    params: Vec<ParameterValue>,
) -> Result<(Vec<String>, Vec<Vec<String>>), Error> {
    let result = connection.query(statement, params).await?;
    let columns = result
        .columns()
        .iter()
        .map(|column| format!("{} {:?}", column.name, column.data_type))
        .collect::<Vec<_>>();
    let width = columns.len();
    let rows = result.collect().await?;
    let cell = |row: &spin_sdk::mysql::Row, at| format!("{:?}", row[at]);
    let rows = rows
        .iter()
        .map(|row| (0..width).map(|at| cell(row, at)).collect());
    Ok((columns, rows.collect()))
}

fn bind(value: &Value) -> ParameterValue {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else {
        return ParameterValue::DbNull;
    };
    let number = value.as_i64().unwrap_or_default();
    match kind.as_str() {
        "boolean" => ParameterValue::Boolean(value.as_bool().unwrap()),
        "int8" => ParameterValue::Int8(number as i8),
        "int16" => ParameterValue::Int16(number as i16),
        "int32" => ParameterValue::Int32(number as i32),
        "int64" => ParameterValue::Int64(number),
        "uint8" => ParameterValue::Uint8(number as u8),
        "uint16" => ParameterValue::Uint16(number as u16),
        "uint32" => ParameterValue::Uint32(number as u32),
        "uint64" => ParameterValue::Uint64(value.as_u64().unwrap()),
        "floating32" => ParameterValue::Floating32(value.as_f64().unwrap() as f32),
        "floating64" => ParameterValue::Floating64(value.as_f64().unwrap()),
        "binary" => ParameterValue::Binary(value.as_str().unwrap().as_bytes().to_vec()),
        _ => ParameterValue::Str(value.as_str().unwrap().to_owned()),
    }
}

thread_local! {
    static KEPT: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Like `run`, with the connection that the instance keeps between requests.
pub async fn hold(script: &[u8]) -> String {
    let script: Value = serde_json::from_slice(script).unwrap();
    let kept = KEPT.with(|kept| kept.borrow_mut().take());
    let connection = match kept {
        Some(connection) => connection,
        None => Connection::open(script["address"].as_str().unwrap())
            .await
            .unwrap(),
    };
    let seen = run_steps(&connection, &script).await;
    KEPT.with(|kept| *kept.borrow_mut() = Some(connection));
    seen
}

/// Drops a connection while another one runs a statement: Spin would hang.
pub async fn drop_during_a_call(address: &str) -> String {
    let first = Connection::open(address).await.unwrap();
    let second = Connection::open(address).await.unwrap();
    let calling = pin!(second.execute("select sleep(1)", Vec::new()));
    let dropping = pin!(async move {
        drop(first);
        std::future::pending::<()>().await;
    });
    match select(calling, dropping).await {
        Either::Left((done, _)) => format!("{done:?}"),
        Either::Right(_) => String::new(),
    }
}

/// Opens two at once and drops both when no call is in flight.
pub async fn drop_when_quiet(address: &str) -> String {
    let (one, two) = join(Connection::open(address), Connection::open(address)).await;
    drop(one.unwrap());
    drop(two.unwrap());
    "dropped".to_owned()
}

/// A call that is cancelled is no longer in flight.
pub async fn cancel_a_query(address: &str) -> String {
    let connection = Connection::open(address).await.unwrap();
    let spare = Connection::open(address).await.unwrap();
    {
        let slow = pin!(connection.execute("select sleep(1)", Vec::new()));
        let soon = pin!(spin_sdk::time::sleep(std::time::Duration::from_millis(5)));
        let _ = select(slow, soon).await;
    }
    drop(spare);
    "cancelled".to_owned()
}
