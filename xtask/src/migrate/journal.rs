//! What is written down of migrations, in the schema that they change: `schema_migrations` has a row for each
//! file that is applied, `schema_migration_statements` one for each statement of a file that is not applied
//! as a whole yet.
//!
//! A statement's row is written before the statement is sent and marked when its answer is heard. So whoever
//! comes after an interruption, even one that left no time to write anything, knows which statements have
//! happened, and that at most one may have.

use anyhow::{Context, Result, bail};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, params};

use super::files::File;
use super::statements::Statement;
use crate::servers::refusal::explain;

const CREATE_FILES: &str = "create table if not exists {schema}.schema_migrations (
    name varchar(190) character set ascii collate ascii_general_ci not null primary key,
    checksum char(64) character set ascii collate ascii_general_ci not null,
    applied_at bigint not null
)";

const CREATE_STATEMENTS: &str = "create table if not exists {schema}.schema_migration_statements (
    name varchar(190) character set ascii collate ascii_general_ci not null,
    position smallint unsigned not null,
    checksum char(64) character set ascii collate ascii_general_ci not null,
    begun_at bigint not null,
    done_at bigint null,
    primary key (name, position)
)";

/// How far a statement has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    New,
    /// Somebody sent it, and nobody heard the answer.
    Begun,
    Done,
}

/// A row of `schema_migration_statements`.
#[derive(Debug)]
struct Record {
    position: u16,
    checksum: String,
    is_done: bool,
}

/// The records of one schema.
#[derive(Debug)]
pub struct Journal<'a> {
    schema: &'a str,
}

/// The statements that make the two tables.
pub fn tables(schema: &str) -> [String; 2] {
    [CREATE_FILES, CREATE_STATEMENTS].map(|create| create.replace("{schema}", schema))
}

/// The query for every applied file of a service.
pub fn applied_files(service: &str, schema: &str) -> String {
    format!("select '{service}', name, checksum from {schema}.schema_migrations")
}

impl<'a> Journal<'a> {
    pub fn new(schema: &'a str) -> Self {
        Self { schema }
    }

    /// How far each statement of the file has come.
    pub async fn read(
        &self,
        connection: &mut Conn,
        file: &File,
        statements: &[Statement],
    ) -> Result<Vec<Progress>> {
        let select = format!(
            "select position, checksum, done_at is not null from {}.schema_migration_statements \
             where name = ?",
            self.schema
        );
        let records = connection
            .exec_map(select, (&file.name,), |(position, checksum, is_done)| {
                Record {
                    position,
                    checksum,
                    is_done,
                }
            })
            .await
            .map_err(explain)
            .context("the records of its statements cannot be read")?;
        progress(&records, statements)
    }

    /// Writes down that a statement is about to be sent.
    pub async fn begin(
        &self,
        connection: &mut Conn,
        file: &File,
        position: usize,
        statement: &Statement,
    ) -> Result<()> {
        let insert = format!(
            "insert into {}.schema_migration_statements (name, position, checksum, begun_at) \
             values (:name, :position, :checksum, :begun_at)",
            self.schema
        );
        let record = params! {
            "name" => &file.name, "position" => position, "checksum" => &statement.checksum,
            "begun_at" => now()?,
        };
        let written = connection.exec_drop(insert, record).await;
        written
            .map_err(explain)
            .context("its beginning cannot be recorded")
    }

    /// Writes down that it has happened; in its own transaction where there is one.
    pub async fn finish(&self, connection: &mut Conn, file: &File, position: usize) -> Result<()> {
        let update = format!(
            "update {}.schema_migration_statements set done_at = :done_at \
             where name = :name and position = :position",
            self.schema
        );
        let record = params! {
            "name" => &file.name, "position" => position, "done_at" => now()?,
        };
        let written = connection.exec_drop(update, record).await;
        written
            .map_err(explain)
            .context("its end cannot be recorded")
    }

    /// Forgets a statement that the server refused: it has not happened, and may be mended.
    pub async fn forget(&self, connection: &mut Conn, file: &File, position: usize) -> Result<()> {
        let delete = format!(
            "delete from {}.schema_migration_statements where name = ? and position = ?",
            self.schema
        );
        let forgotten = connection.exec_drop(delete, (&file.name, position)).await;
        forgotten
            .map_err(explain)
            .context("its refusal cannot be recorded")
    }

    /// Writes down that the whole file is applied, in the place of its statements.
    pub async fn close(&self, connection: &mut Conn, file: &File) -> Result<()> {
        let insert = format!(
            "insert into {}.schema_migrations (name, checksum, applied_at) \
             values (:name, :checksum, :applied_at)",
            self.schema
        );
        let record = params! {
            "name" => &file.name, "checksum" => &file.checksum, "applied_at" => now()?,
        };
        let delete = format!(
            "delete from {}.schema_migration_statements where name = ?",
            self.schema
        );
        let closed = async {
            connection.query_drop("start transaction").await?;
            connection.exec_drop(insert, record).await?;
            connection.exec_drop(delete, (&file.name,)).await?;
            connection.query_drop("commit").await
        };
        closed
            .await
            .map_err(explain)
            .context("it is applied, and cannot be recorded")
    }
}

/// What the records say of the statements; refuses a file that was changed where it has already happened.
fn progress(records: &[Record], statements: &[Statement]) -> Result<Vec<Progress>> {
    let mut progress = Vec::with_capacity(statements.len());
    for (statement, position) in statements.iter().zip(1..) {
        let record = records.iter().find(|record| record.position == position);
        progress.push(match record {
            None => Progress::New,
            Some(record) if record.checksum != statement.checksum => bail!(
                "it was interrupted in its statement {position} and changed since: undo the change, \
                 migrate, and write a new file"
            ),
            Some(record) if record.is_done => Progress::Done,
            Some(_) => Progress::Begun,
        });
    }
    let beyond = |record: &&Record| usize::from(record.position) > statements.len();
    if let Some(record) = records.iter().find(beyond) {
        bail!(
            "its statement {} was applied and is missing now: restore it, migrate, and write a new file",
            record.position
        );
    }
    Ok(progress)
}

fn now() -> Result<i64> {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("the clock is before 1970")?;
    i64::try_from(since.as_millis()).context("the clock is far off")
}

#[cfg(test)]
mod tests {
    use super::super::statements::split;
    use super::*;

    fn record(position: u16, statement: &Statement, is_done: bool) -> Record {
        Record {
            position,
            checksum: statement.checksum.clone(),
            is_done,
        }
    }

    #[test]
    fn what_has_happened_is_known_by_place_and_checksum() {
        let statements = split("create table a (b int); drop table c; drop table d").unwrap();
        let records = [
            record(2, &statements[1], false),
            record(1, &statements[0], true),
        ];
        let progress = progress(&records, &statements).unwrap();
        assert_eq!(progress, [Progress::Done, Progress::Begun, Progress::New]);
    }

    #[test]
    fn a_file_that_changed_where_it_has_happened_is_refused() {
        let before = split("create table a (b int); drop table c").unwrap();
        let after = split("create table a (b bigint); drop table c").unwrap();
        let error = progress(&[record(1, &before[0], true)], &after).unwrap_err();
        assert!(error.to_string().contains("its statement 1"), "{error}");
        let error = progress(&[record(2, &before[1], true)], &before[..1]).unwrap_err();
        assert!(error.to_string().contains("missing now"), "{error}");
        // What comes after may still be mended.
        assert!(progress(&[record(2, &before[1], true)], &after).is_ok());
    }
}
