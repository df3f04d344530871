//! What the schemas of a prefix are like: each table as the server would make it, with its rows counted.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use xtask::servers::MysqlEndpoint;

const TABLES: &str = "select convert(table_schema using utf8mb4), convert(table_name using utf8mb4)
    from information_schema.tables where table_schema like ?";

/// By service and table.
pub async fn describe(
    database: &MysqlEndpoint,
    prefix: &str,
) -> Result<BTreeMap<String, (String, u64)>> {
    let mut connection = database.connect().await?;
    let like = format!("{}\\_%", prefix.replace('_', "\\_"));
    let tables: Vec<(String, String)> = connection.exec(TABLES, (like,)).await?;
    let mut found = BTreeMap::new();
    for (schema, table) in tables {
        let show = format!("show create table {schema}.{table}");
        let (_, create): (String, String) =
            connection.query_first(show).await?.context("it is gone")?;
        let count = format!("select count(*) from {schema}.{table}");
        let rows: u64 = connection.query_first(count).await?.context("it is gone")?;
        let name = format!("{}.{table}", schema.trim_start_matches(prefix));
        found.insert(name, (create, rows));
    }
    connection.disconnect().await?;
    Ok(found)
}

/// Drops the schemas of a prefix.
pub async fn drop_all(database: &MysqlEndpoint, prefix: &str) -> Result<()> {
    let mut connection = database.connect().await?;
    for service in xtask::logins::SERVICES {
        let drop = format!("drop schema if exists {prefix}_{service}");
        connection.query_drop(drop).await?;
    }
    Ok(connection.disconnect().await?)
}
