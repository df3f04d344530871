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
    let update = format!(
        "update {prefix}_catalog.reservation_lines set held_until = 1 \
         where order_id = unhex(replace(?, '-', ''))"
    );
    connection.exec_drop(update, (order,)).await.unwrap();
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

/// Gives an item a price and a stock, past the catalogue and whatever its table checks.
pub(crate) async fn set_price_and_stock(
    mysql: &MysqlEndpoint,
    prefix: &str,
    item: &str,
    (price, on_hand): (i64, i64),
) {
    let mut connection = connect(mysql).await;
    // MariaDB alone can be told to; MySQL's tables would refuse what they check.
    let unchecked = "set session check_constraint_checks = 0";
    connection.query_drop(unchecked).await.ok();
    let update = format!(
        "update {prefix}_catalog.items set price = ?, on_hand = ?, revision = revision + 1 \
         where id = unhex(replace(?, '-', ''))"
    );
    connection
        .exec_drop(update, (price, on_hand, item))
        .await
        .unwrap();
    assert_eq!(connection.affected_rows(), 1, "there is no item {item}");
    connection.disconnect().await.unwrap();
}

/// The number that a statement gives, in which `{catalog}` and the like are schemas.
pub(crate) async fn number(mysql: &MysqlEndpoint, prefix: &str, statement: &str) -> i64 {
    let mut connection = connect(mysql).await;
    let statement = in_schemas(prefix, statement);
    let found: Option<i64> = connection.query_first(&statement).await.unwrap();
    connection.disconnect().await.unwrap();
    found.unwrap_or_else(|| panic!("nothing is found by {statement}"))
}

/// Runs a statement of that form.
pub(crate) async fn change(mysql: &MysqlEndpoint, prefix: &str, statement: &str) {
    let mut connection = connect(mysql).await;
    let statement = in_schemas(prefix, statement);
    connection.query_drop(statement).await.unwrap();
    connection.disconnect().await.unwrap();
}

fn in_schemas(prefix: &str, statement: &str) -> String {
    let open = format!("{prefix}_");
    statement.replace('{', &open).replace('}', "")
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

/// A table that nobody else can read or write, or a row that nobody else can lock.
#[derive(Debug)]
pub struct Held(Conn);

impl Held {
    pub(crate) async fn take(mysql: &MysqlEndpoint, table: &str) -> Self {
        let mut connection = connect(mysql).await;
        let lock = format!("lock tables {table} write");
        connection.query_drop(lock).await.unwrap();
        Self(connection)
    }

    pub(crate) async fn take_row(mysql: &MysqlEndpoint, table: &str, id: &str) -> Self {
        let mut connection = connect(mysql).await;
        connection.query_drop("set autocommit = 0").await.unwrap();
        let lock =
            format!("select 1 from {table} where id = unhex(replace(?, '-', '')) for update");
        let found: Option<i64> = connection.exec_first(lock, (id,)).await.unwrap();
        assert_eq!(found, Some(1), "there is no {id} in {table}");
        Self(connection)
    }

    pub async fn release(mut self) {
        self.0.query_drop("rollback").await.unwrap();
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

/// Empties the database.
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
