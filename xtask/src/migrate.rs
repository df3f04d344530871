//! Brings the schemas of every service to what `migrations/` says: append-only files, applied in
//! the order of their names, each recorded in its schema with its checksum.
//!
//! Statements are applied one by one and recorded each (see `journal`), so that a run that is interrupted, in
//! whatever way and wherever, goes on where it stopped. Whoever asks politely waits for the statement that is
//! running.
//!
//! Refuses a file that was changed after it was applied, one that is gone, and one that comes
//! before a file already applied: those would give two machines different schemas.

mod apply;
mod files;
mod journal;
mod plan;
pub mod statements;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::time::sleep;

use crate::interruption::Interruption;
use crate::servers::MysqlEndpoint;
use crate::servers::refusal::explain;
use crate::workspace::Workspace;
use files::Service;
use plan::Applied;

/// How long to wait for another run on the same schemas.
const LOCK_WAIT: Duration = Duration::from_secs(60);

/// Zero seconds: we wait ourselves, so that an interruption need not.
const LOCK: &str = "select get_lock(?, 0)";

const SCHEMAS: &str = "select convert(schema_name using utf8mb4) from information_schema.schemata";

const UNRECORDED: &str =
    "select convert(f.table_schema using utf8mb4) from information_schema.tables f
    where f.table_name = 'schema_migrations' and not exists (
        select 1 from information_schema.tables s
        where s.table_schema = f.table_schema and s.table_name = 'schema_migration_statements')";

/// A table that is in use for longer than this many seconds is somebody's to let go.
const PATIENCE_WITH_TABLES: &str = "set session lock_wait_timeout = 60";

/// `utf8mb4_unicode_520_ci` is the newest collation that MariaDB ≥ 10.6 and MySQL ≥ 8.4 share:
/// their defaults (`uca1400` and `0900`) are each unknown to the other, and `utf8mb4_unicode_ci`
/// takes all emoji for the same letter, which a unique name would notice.
const CREATE_SCHEMA: &str = "character set utf8mb4 collate utf8mb4_unicode_520_ci";

/// One run: which files, for which schemas, and who may end it.
#[derive(Clone, Debug)]
pub struct Migration {
    pub folder: PathBuf,
    /// Schemas are called `<prefix>_<service>`.
    pub prefix: String,
    pub interruption: Interruption,
    /// Whether each step is printed.
    pub is_told: bool,
}

/// Applies the repository's migrations to the schemas `<prefix>_<service>`; the names of those
/// that were applied now.
pub async fn run(database: &MysqlEndpoint, prefix: &str) -> Result<Vec<String>> {
    run_from(&Workspace::find()?.migrations(), database, prefix).await
}

/// The same from any folder of migrations, in silence.
pub async fn run_from(
    folder: &Path,
    database: &MysqlEndpoint,
    prefix: &str,
) -> Result<Vec<String>> {
    let migration = Migration {
        folder: folder.to_owned(),
        prefix: prefix.to_owned(),
        interruption: Interruption::never(),
        is_told: false,
    };
    migration.run(database).await
}

impl Migration {
    /// The names of the files that were completed now.
    pub async fn run(&self, database: &MysqlEndpoint) -> Result<Vec<String>> {
        let prefix = &self.prefix;
        ensure!(
            files::is_plain_name(prefix),
            "the schema prefix `{prefix}` must be lower-case letters, digits and underscores"
        );
        let services = files::read(&self.folder)?;
        let mut connection = database.connect().await?;
        let outcome = self.apply_all(&mut connection, &services).await;
        // The lock ends with the connection, whatever happened.
        connection.disconnect().await.ok();
        outcome
    }

    async fn apply_all(&self, connection: &mut Conn, services: &[Service]) -> Result<Vec<String>> {
        self.lock(connection).await?;
        connection
            .query_drop(PATIENCE_WITH_TABLES)
            .await
            .map_err(explain)?;
        let unrecorded = self.create_schemas(connection, services).await?;
        let applied = self.read_records(connection, services).await?;
        let mut done = Vec::new();
        for service in services {
            let schema = self.schema(service);
            let mut adopts = unrecorded.contains(&schema);
            for file in plan::pending(service, &applied)? {
                let name = format!("{}/{}", service.name, file.name);
                let adopts = std::mem::take(&mut adopts);
                apply::apply(connection, &schema, file, &self.interruption, adopts)
                    .await
                    .with_context(|| format!("migration {name} is not applied"))?;
                self.tell(format_args!("Applied migration {name}"));
                done.push(name);
            }
        }
        Ok(done)
    }

    /// One run at a time. Whoever was killed holds it until the server has done with their last statement.
    async fn lock(&self, connection: &mut Conn) -> Result<()> {
        let lock = format!("{}_migrations", self.prefix);
        let begun = Instant::now();
        let mut is_told = false;
        loop {
            let locked: Option<Option<i64>> = connection
                .exec_first(LOCK, (&lock,))
                .await
                .map_err(explain)
                .context("no lock can be taken")?;
            if locked.flatten() == Some(1) {
                return Ok(());
            }
            if self.interruption.is_asked() {
                bail!("interrupted");
            }
            if begun.elapsed() > LOCK_WAIT {
                bail!(
                    "another migration of `{}` is still running after {} s, or the last statement of one \
                     that was interrupted: `show processlist` says which. Run the same command again when \
                     it is done",
                    self.prefix,
                    LOCK_WAIT.as_secs()
                );
            }
            if !is_told && begun.elapsed() > Duration::from_secs(2) {
                self.tell(format_args!(
                    "Another migration is running: waiting for its end …"
                ));
                is_told = true;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Only what is missing: in production the schemas may be somebody else's to create. The schemas that a
    /// version has filled which recorded no statements.
    async fn create_schemas(
        &self,
        connection: &mut Conn,
        services: &[Service],
    ) -> Result<Vec<String>> {
        let existing: Vec<String> = connection
            .query(SCHEMAS)
            .await
            .map_err(explain)
            .context("the schemas cannot be listed")?;
        let unrecorded: Vec<String> = connection
            .query(UNRECORDED)
            .await
            .map_err(explain)
            .context("the tables cannot be listed")?;
        for service in services {
            let schema = self.schema(service);
            let mut statements = Vec::new();
            if !existing.contains(&schema) {
                statements.push(format!(
                    "create schema if not exists {schema} {CREATE_SCHEMA}"
                ));
            }
            statements.extend(journal::tables(&schema));
            for statement in statements {
                connection
                    .query_drop(statement)
                    .await
                    .map_err(explain)
                    .with_context(|| format!("the schema {schema} cannot be prepared"))?;
            }
        }
        Ok(unrecorded)
    }

    async fn read_records(
        &self,
        connection: &mut Conn,
        services: &[Service],
    ) -> Result<Vec<Applied>> {
        let of_service =
            |service: &Service| journal::applied_files(&service.name, &self.schema(service));
        let query = services
            .iter()
            .map(of_service)
            .collect::<Vec<_>>()
            .join(" union all ");
        connection
            .query_map(query, |(service, name, checksum)| Applied {
                service,
                name,
                checksum,
            })
            .await
            .map_err(explain)
            .context("the records of migrations cannot be read")
    }

    fn tell(&self, words: std::fmt::Arguments<'_>) {
        if self.is_told {
            crate::say!("{words}");
        }
    }

    fn schema(&self, service: &Service) -> String {
        format!("{}_{}", self.prefix, service.name)
    }
}
