//! A database on trial: new enough, and each login with the rights that it needs on its schemas. Nothing of
//! the trial stays, because its transaction is rolled back.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::time::timeout;

use super::super::endpoint::MysqlEndpoint;
use super::super::refusal::explain;

/// How long the trial of one schema may take.
const PATIENCE: Duration = Duration::from_secs(30);

const VERSION: &str = "select version()";

const OLDEST_MARIADB: (u32, u32) = (10, 6);
const OLDEST_MYSQL: (u32, u32) = (8, 4);

/// Writes a row into a schema, changes it, removes it, and takes all of it back.
const STEPS: [&str; 6] = [
    "start transaction",
    "insert into {schema}.schema_migrations (name, checksum, applied_at) values ('trial', '', 0)",
    "update {schema}.schema_migrations set applied_at = 1 where name = 'trial'",
    "select name from {schema}.schema_migrations where name = 'trial' for update",
    "delete from {schema}.schema_migrations where name = 'trial'",
    "rollback",
];

/// Does in each of these schemas, which migrations have made, what a service does.
pub async fn try_database(endpoint: &MysqlEndpoint, schemas: &[String]) -> Result<()> {
    let mut connection = endpoint.connect().await?;
    let tried = async {
        check_version(&mut connection).await?;
        for schema in schemas {
            let Ok(tried) = timeout(PATIENCE, try_schema(&mut connection, schema)).await else {
                bail!(
                    "the database at {} has been silent for {} s: somebody may hold a table of {schema} \
                     (`show processlist`)",
                    endpoint.address,
                    PATIENCE.as_secs()
                );
            };
            tried.with_context(|| {
                format!(
                    "{} at {} may not do in {schema} what a shop does",
                    endpoint.user, endpoint.address
                )
            })?;
        }
        Ok(())
    };
    let outcome = tried.await;
    connection.disconnect().await.ok();
    outcome
}

async fn try_schema(connection: &mut Conn, schema: &str) -> Result<()> {
    for step in STEPS {
        let done = connection
            .query_drop(step.replace("{schema}", schema))
            .await;
        done.map_err(explain)?;
    }
    Ok(())
}

async fn check_version(connection: &mut Conn) -> Result<()> {
    let version: Option<String> = connection.query_first(VERSION).await.map_err(explain)?;
    let version = version.unwrap_or_default();
    match is_new_enough(&version) {
        Some(true) => Ok(()),
        Some(false) => bail!(
            "the database is {version}: Comptoir needs MariaDB 10.6 or MySQL 8.4, or a later version"
        ),
        // A fork with a numbering of its own: its answers will show.
        None => Ok(()),
    }
}

fn is_new_enough(version: &str) -> Option<bool> {
    // MariaDB puts `5.5.5-` before its version for old replicas.
    let number = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut parts = number.split(|c: char| !c.is_ascii_digit());
    let number: (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let oldest = if version.contains("MariaDB") {
        OLDEST_MARIADB
    } else {
        OLDEST_MYSQL
    };
    Some(number >= oldest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_before_the_oldest_that_fits_are_known() {
        assert_eq!(is_new_enough("10.11.19-MariaDB-0+deb12u1"), Some(true));
        assert_eq!(is_new_enough("5.5.5-10.6.2-MariaDB"), Some(true));
        assert_eq!(is_new_enough("10.5.29-MariaDB"), Some(false));
        assert_eq!(is_new_enough("8.4.0"), Some(true));
        assert_eq!(is_new_enough("9.7.1"), Some(true));
        assert_eq!(is_new_enough("8.0.40"), Some(false));
        assert_eq!(is_new_enough("TiDB"), None);
    }
}
