//! Brings the schemas of every service to what `migrations/` says: append-only files, applied in
//! the order of their names, each recorded in its schema with its checksum.
//!
//! Refuses a file that was changed after it was applied, one that is gone, and one that comes
//! before a file already applied: those would give two machines different schemas.

mod files;
mod plan;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, params};

use crate::servers::MysqlEndpoint;
use crate::workspace::Workspace;
use files::Service;
use plan::Applied;

/// How long to wait for another run on the same schemas, in seconds.
const LOCK_WAIT: u32 = 60;

const LOCK: &str = "select get_lock(?, ?)";

const SCHEMAS: &str = "select convert(schema_name using utf8mb4) from information_schema.schemata";

/// `utf8mb4_unicode_520_ci` is the newest collation that MariaDB ≥ 10.6 and MySQL ≥ 8.4 share:
/// their defaults (`uca1400` and `0900`) are each unknown to the other, and `utf8mb4_unicode_ci`
/// takes all emoji for the same letter, which a unique name would notice.
const CREATE_SCHEMA: &str = "character set utf8mb4 collate utf8mb4_unicode_520_ci";

const CREATE_RECORDS: &str = "create table if not exists {schema}.schema_migrations (
    name varchar(190) character set ascii collate ascii_general_ci not null primary key,
    checksum char(64) character set ascii collate ascii_general_ci not null,
    applied_at bigint not null
)";

const RECORDS: &str = "select '{service}', name, checksum from {schema}.schema_migrations";

const RECORD: &str = "insert into {schema}.schema_migrations (name, checksum, applied_at)
    values (:name, :checksum, :applied_at)";

/// Applies the repository's migrations to the schemas `<prefix>_<service>`; the names of those
/// that were applied now.
pub async fn run(database: &MysqlEndpoint, prefix: &str) -> Result<Vec<String>> {
    run_from(&Workspace::find()?.migrations(), database, prefix).await
}

/// The same from any folder of migrations.
pub async fn run_from(
    folder: &Path,
    database: &MysqlEndpoint,
    prefix: &str,
) -> Result<Vec<String>> {
    ensure!(
        files::is_plain_name(prefix),
        "the schema prefix `{prefix}` must be lower-case letters, digits and underscores"
    );
    let services = files::read(folder)?;
    let mut connection = database.connect().await?;
    let outcome = apply_all(&mut connection, &services, prefix).await;
    // The lock ends with the connection, whatever happened.
    connection.disconnect().await.ok();
    outcome
}

async fn apply_all(
    connection: &mut Conn,
    services: &[Service],
    prefix: &str,
) -> Result<Vec<String>> {
    let lock = format!("{prefix}_migrations");
    let locked: Option<Option<i64>> = connection
        .exec_first(LOCK, (&lock, LOCK_WAIT))
        .await
        .context("no lock can be taken")?;
    if locked.flatten() != Some(1) {
        bail!("another migration of `{prefix}` is still running after {LOCK_WAIT} s");
    }
    create_schemas(connection, services, prefix).await?;
    let applied = read_records(connection, services, prefix).await?;
    let mut done = Vec::new();
    for service in services {
        for file in plan::pending(service, &applied)? {
            apply(connection, &schema(prefix, service), file)
                .await
                .with_context(|| format!("migration {}/{} failed", service.name, file.name))?;
            done.push(format!("{}/{}", service.name, file.name));
        }
    }
    Ok(done)
}

/// Only the missing ones: in production the schemas may be somebody else's to create.
async fn create_schemas(connection: &mut Conn, services: &[Service], prefix: &str) -> Result<()> {
    let existing: Vec<String> = connection
        .query(SCHEMAS)
        .await
        .context("the schemas cannot be listed")?;
    let mut statements = String::new();
    for service in services {
        let schema = schema(prefix, service);
        if !existing.contains(&schema) {
            statements.push_str(&format!("create schema {schema} {CREATE_SCHEMA};\n"));
        }
        statements.push_str(&CREATE_RECORDS.replace("{schema}", &schema));
        statements.push_str(";\n");
    }
    connection
        .query_drop(statements)
        .await
        .context("the schemas cannot be created")
}

async fn read_records(
    connection: &mut Conn,
    services: &[Service],
    prefix: &str,
) -> Result<Vec<Applied>> {
    let of_service = |service: &Service| {
        let schema = schema(prefix, service);
        RECORDS
            .replace("{service}", &service.name)
            .replace("{schema}", &schema)
    };
    let query = services
        .iter()
        .map(of_service)
        .collect::<Vec<_>>()
        .join(" union all ");
    let records = connection
        .query_map(query, |(service, name, checksum)| Applied {
            service,
            name,
            checksum,
        })
        .await;
    records.context("the records of migrations cannot be read")
}

/// The server splits the file into its statements. DDL commits by itself, so that a file that
/// fails midway stays applied in part; its record is written only when it is whole.
async fn apply(connection: &mut Conn, schema: &str, file: &files::File) -> Result<()> {
    connection
        .query_drop(format!("use {schema};\n{}", file.text))
        .await?;
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock is before 1970")?;
    let applied_at = i64::try_from(since.as_millis()).context("the clock is far off")?;
    let record = params! { "name" => &file.name, "checksum" => &file.checksum, applied_at };
    connection
        .exec_drop(RECORD.replace("{schema}", schema), record)
        .await?;
    Ok(())
}

fn schema(prefix: &str, service: &Service) -> String {
    format!("{prefix}_{}", service.name)
}
