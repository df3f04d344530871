//! One file of migrations: its statements that have not happened yet, in their order, each recorded.

use anyhow::{Context, Error, Result, anyhow, bail};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::files::File;
use super::journal::{Journal, Progress};
use super::statements::{Kind, Statement};
use crate::interruption::Interruption;
use crate::servers::refusal::{self, explain};

/// A row that is there already.
const DUPLICATE: u16 = 1062;

/// Applies what is left of a file; an interruption is heard between statements. Earlier versions recorded no
/// statements: of the file that comes after such a version, the first ones may have happened (`adopts`), until
/// one proves that it had not.
pub async fn apply(
    connection: &mut Conn,
    schema: &str,
    file: &File,
    interruption: &Interruption,
    mut adopts: bool,
) -> Result<()> {
    let statements = file.statements()?;
    let journal = Journal::new(schema);
    let progress = journal.read(connection, file, &statements).await?;
    connection
        .query_drop(format!("use {schema}"))
        .await
        .map_err(explain)?;
    for ((statement, before), position) in statements.iter().zip(progress).zip(1..) {
        if before == Progress::Done {
            continue;
        }
        let step = Step {
            journal: &journal,
            file,
            position,
            statement,
            adopts,
        };
        let happened_before = step.take(connection, before).await.with_context(|| {
            format!(
                "its statement {position} of {} (`{} …`) failed; what comes before it is kept, and the same \
                 command goes on from there",
                statements.len(),
                statement.summary()
            )
        })?;
        adopts &= happened_before;
        if interruption.is_asked() {
            bail!(
                "interrupted behind its statement {position} of {}; what has happened is kept, and the same \
                 command goes on from there",
                statements.len()
            );
        }
    }
    journal.close(connection, file).await
}

struct Step<'a> {
    journal: &'a Journal<'a>,
    file: &'a File,
    position: usize,
    statement: &'a Statement,
    /// Whether it may have happened without a record.
    adopts: bool,
}

impl Step<'_> {
    /// Whether it had happened before.
    async fn take(&self, connection: &mut Conn, before: Progress) -> Result<bool> {
        let Self {
            journal,
            file,
            position,
            statement,
            ..
        } = *self;
        match before {
            Progress::Done => return Ok(true),
            Progress::Begun => {}
            Progress::New => {
                journal.begin(connection, file, position, statement).await?;
            }
        }
        match statement.kind {
            Kind::Rows => self.change_rows(connection, before).await,
            Kind::Tables => self.change_tables(connection, before).await,
        }
    }

    /// The statement and its record in one transaction: a repetition meets either both or neither.
    async fn change_rows(&self, connection: &mut Conn, before: Progress) -> Result<bool> {
        let begun = connection.query_drop("start transaction").await;
        begun.map_err(explain)?;
        if let Err(error) = connection.query_drop(&self.statement.text).await {
            let number = refusal::number(&error);
            connection.query_drop("rollback").await.ok();
            if self.adopts && number == Some(DUPLICATE) {
                self.journal
                    .finish(connection, self.file, self.position)
                    .await?;
                return Ok(true);
            }
            return Err(self.refuse(connection, error, number, before).await);
        }
        self.journal
            .finish(connection, self.file, self.position)
            .await?;
        let committed = connection.query_drop("commit").await;
        committed.map_err(explain)?;
        Ok(false)
    }

    /// Such a statement commits by itself. One that was begun before may have happened, which its second
    /// answer tells.
    async fn change_tables(&self, connection: &mut Conn, before: Progress) -> Result<bool> {
        let mut happened_before = false;
        if let Err(error) = connection.query_drop(&self.statement.text).await {
            let number = refusal::number(&error);
            happened_before = (before == Progress::Begun || self.adopts)
                && number
                    .is_some_and(|number| self.statement.has_happened(number, &error.to_string()));
            if !happened_before {
                return Err(self.refuse(connection, error, number, before).await);
            }
        }
        self.journal
            .finish(connection, self.file, self.position)
            .await?;
        Ok(happened_before)
    }

    /// A server that has answered has not done it, so that the statement may be mended. Of one that has not, nobody
    /// knows, nor of a statement that was begun before.
    async fn refuse(
        &self,
        connection: &mut Conn,
        error: mysql_async::Error,
        number: Option<u16>,
        before: Progress,
    ) -> Error {
        let reason = explain(error);
        let reason = match number {
            Some(1050 | 1060 | 1061 | 1826 | 3822) if before == Progress::New => anyhow!(
                "{reason}: it is there already, and no migration has recorded it. Remove it if nobody needs \
                 it, and run the same command again; else restore a backup"
            ),
            _ => reason,
        };
        if number.is_some() && before == Progress::New {
            let forgotten = self
                .journal
                .forget(connection, self.file, self.position)
                .await;
            if let Err(error) = forgotten {
                crate::complain!("{error:#}");
            }
        }
        reason
    }
}
