//! The servers behind a shop, as far as tests touch them: roles, events, schemas that are dropped, an
//! emptied Redis database, counters.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use xtask::servers::{MysqlEndpoint, RedisEndpoint};

/// The servers that `cargo xtask test` gives.
pub(crate) fn given_servers() -> (MysqlEndpoint, RedisEndpoint) {
    let read = |name: &str| match std::env::var(name) {
        Ok(url) if !url.is_empty() => url,
        _ => panic!("{name} is not set: run the tests with `cargo xtask test`"),
    };
    let mysql = MysqlEndpoint::parse(&read("COMPTOIR_TEST_MYSQL"));
    let redis = RedisEndpoint::parse(&read("COMPTOIR_TEST_REDIS"));
    (
        mysql.expect("COMPTOIR_TEST_MYSQL is a URL"),
        redis.expect("COMPTOIR_TEST_REDIS is a URL"),
    )
}

pub(crate) async fn set_role(mysql: &MysqlEndpoint, prefix: &str, email: &str, role: &str) {
    let mut connection = connect(mysql).await;
    let update = format!("update {prefix}_accounts.users set role = ? where email = ?");
    connection.exec_drop(update, (role, email)).await.unwrap();
    assert_eq!(connection.affected_rows(), 1, "nobody is {email}");
    connection.disconnect().await.unwrap();
}

/// Adds an account with a hash that is no password's.
pub(crate) async fn insert_account(mysql: &MysqlEndpoint, prefix: &str, id: &str, role: &str) {
    let mut connection = connect(mysql).await;
    let insert = format!(
        "insert into {prefix}_accounts.users (id, email, password_hash, first_name, last_name, role, \
         created_at, updated_at) values (unhex(replace(?, '-', '')), ?, '', 'Zoé', 'Martin', ?, 0, 0)"
    );
    let email = format!("{id}@example.org");
    let row = (id, email, role);
    connection.exec_drop(insert, row).await.unwrap();
    connection.disconnect().await.unwrap();
}

/// Removes an account that nobody but a test knows of.
pub(crate) async fn delete_account(mysql: &MysqlEndpoint, prefix: &str, id: &str) {
    let mut connection = connect(mysql).await;
    let delete =
        format!("delete from {prefix}_accounts.users where id = unhex(replace(?, '-', ''))");
    connection.exec_drop(delete, (id,)).await.unwrap();
    connection.disconnect().await.unwrap();
}

/// Writes an event into the outbox of a service, as a transaction of that service does.
pub(crate) async fn write_event(
    mysql: &MysqlEndpoint,
    schema: &str,
    consumer: &str,
    event: &Value,
) {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap();
    let insert = format!(
        "insert into {schema}.outbox (consumer, event_id, aggregate_id, body, due_at) \
         values (?, unhex(replace(?, '-', '')), unhex(replace(?, '-', '')), ?, 0)"
    );
    let row = (
        consumer,
        text("id"),
        text("aggregate_id"),
        event.to_string(),
    );
    let mut connection = connect(mysql).await;
    connection.exec_drop(insert, row).await.unwrap();
    connection.disconnect().await.unwrap();
}

/// Has the time of an unpaid order and of its reservation be over, as if days had passed.
pub(crate) async fn end_term(mysql: &MysqlEndpoint, prefix: &str, order: &str) {
    let mut connection = connect(mysql).await;
    for (schema, table, id) in [
        ("catalog", "reservations", "order_id"),
        ("orders", "orders", "id"),
    ] {
        let update = format!(
            "update {prefix}_{schema}.{table} set expires_at = 1 \
             where {id} = unhex(replace(?, '-', ''))"
        );
        connection.exec_drop(update, (order,)).await.unwrap();
        assert_eq!(connection.affected_rows(), 1, "{table} of {order}");
    }
    connection.disconnect().await.unwrap();
}

/// Moves every refresh of a session into the past.
pub(crate) async fn age_refreshes(mysql: &MysqlEndpoint, prefix: &str, seconds: u32) {
    let mut connection = connect(mysql).await;
    let update =
        format!("update {prefix}_accounts.sessions set rotated_at = rotated_at - 1000 * {seconds}");
    connection.query_drop(update).await.unwrap();
    connection.disconnect().await.unwrap();
}

/// Takes a piece of each item, past the catalogue.
pub(crate) async fn steal(mysql: &MysqlEndpoint, prefix: &str) {
    let mut connection = connect(mysql).await;
    let update =
        format!("update {prefix}_catalog.items set on_hand = on_hand - 1, revision = revision + 1");
    connection.query_drop(update).await.unwrap();
    connection.disconnect().await.unwrap();
}

pub(crate) async fn drop_schemas(mysql: &MysqlEndpoint, prefix: &str) {
    let mut connection = connect(mysql).await;
    let like = format!("{}\\_%", prefix.replace('_', "\\_"));
    let select = "select convert(schema_name using utf8mb4) from information_schema.schemata \
                  where schema_name like ?";
    let schemas: Vec<String> = connection.exec(select, (like,)).await.unwrap();
    for schema in schemas {
        let drop = format!("drop schema {schema}");
        connection.query_drop(drop).await.unwrap();
    }
    connection.disconnect().await.unwrap();
}

/// Keeps what the server knows of an empty table as it is, whatever is written into it.
pub(crate) async fn freeze_statistics(mysql: &MysqlEndpoint, table: &str) {
    let mut connection = connect(mysql).await;
    for statement in [
        format!("alter table {table} stats_persistent = 1, stats_auto_recalc = 0"),
        format!("analyze table {table}"),
    ] {
        connection.query_drop(statement).await.unwrap();
    }
    connection.disconnect().await.unwrap();
}

/// A table that nobody else can read or write.
#[derive(Debug)]
pub struct Held(Conn);

impl Held {
    pub(crate) async fn take(mysql: &MysqlEndpoint, table: &str) -> Self {
        let mut connection = connect(mysql).await;
        let lock = format!("lock tables {table} write");
        connection.query_drop(lock).await.unwrap();
        Self(connection)
    }

    pub async fn release(mut self) {
        self.0.query_drop("unlock tables").await.unwrap();
        self.0.disconnect().await.unwrap();
    }
}

/// How many statements the server has run for its clients, this one's own included.
pub async fn statements_run(mysql: &MysqlEndpoint) -> u64 {
    let mut connection = connect(mysql).await;
    let show = "show global status like 'Questions'";
    let row: Option<(String, u64)> = connection.query_first(show).await.unwrap();
    connection.disconnect().await.unwrap();
    row.expect("the server counts its statements").1
}

async fn connect(mysql: &MysqlEndpoint) -> Conn {
    mysql.connect().await.unwrap_or_else(|e| panic!("{e:#}"))
}

/// A database of Redis that no other test uses now. Number 0 is left to whoever else is on the server.
#[derive(Debug)]
pub(crate) struct RedisDatabase(u32);

static TAKEN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

impl RedisDatabase {
    /// Takes the lowest free number, so that a server of 16 databases is enough.
    pub(crate) async fn take(redis: &RedisEndpoint) -> (Self, RedisEndpoint) {
        let number = {
            let mut taken = TAKEN.lock().unwrap();
            let free = (1..).find(|number| !taken.contains(number));
            let number = free.expect("a free database of Redis");
            taken.insert(number);
            number
        };
        let endpoint = redis.with_database(number);
        flush(&endpoint).await;
        (Self(number), endpoint)
    }
}

impl Drop for RedisDatabase {
    fn drop(&mut self) {
        if let Ok(mut taken) = TAKEN.lock() {
            taken.remove(&self.0);
        }
    }
}

/// Empties the database in the inline form of Redis's protocol.
pub(crate) async fn flush(redis: &RedisEndpoint) {
    tell_redis(redis, "FLUSHDB").await;
}

/// Sends Redis a command in the inline form of its protocol, and gives what it answers to that command.
pub async fn tell_redis(redis: &RedisEndpoint, command: &str) -> String {
    let mut stream = TcpStream::connect(&redis.address)
        .await
        .unwrap_or_else(|error| panic!("Redis at {} does not answer: {error}", redis.address));
    let credentials = redis.credentials.trim_end_matches('@');
    let sign_in = match credentials.split_once(':') {
        Some(("", password)) => format!("AUTH {password}\r\n"),
        Some((user, password)) => format!("AUTH {user} {password}\r\n"),
        None => String::new(),
    };
    let commands = format!(
        "{sign_in}SELECT {}\r\n{command}\r\nQUIT\r\n",
        redis.database
    );
    stream.write_all(commands.as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    let is_refusal = |line: &str| line.starts_with('-');
    assert!(
        !answers.lines().any(is_refusal),
        "Redis refuses {command}: {answers}"
    );
    // Behind those to what came before it, and before that of the end.
    let before = 1 + usize::from(!sign_in.is_empty());
    let lines: Vec<&str> = answers.lines().skip(before).collect();
    let own = lines.split_last().map_or(&lines[..], |(_, own)| own);
    own.join("\n")
}
