//! How many SQL statements the server has run, by its own counters.

use anyhow::{Context, Result};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::servers::MysqlEndpoint;

/// Not among the questions: preparing a statement, which a connection does once for each.
const SHOW: &str = "show global status where variable_name in \
    ('Questions', 'Com_stmt_prepare', 'Connections')";

/// Since the server started, or between two looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statements {
    /// Statements of clients, transactions' begins and ends among them.
    pub run: u64,
    pub prepared: u64,
    pub logins: u64,
}

/// Looks at the counters, always over the same connection.
#[derive(Debug)]
pub struct Counter {
    connection: Conn,
}

impl Counter {
    pub async fn connect(endpoint: &MysqlEndpoint) -> Result<Self> {
        let connection = endpoint.connect().await?;
        Ok(Self { connection })
    }

    pub async fn version(&mut self) -> Result<String> {
        let version = self.connection.query_first("select version()").await?;
        version.context("the database has no version")
    }

    pub async fn look(&mut self) -> Result<Statements> {
        let rows: Vec<(String, String)> = self
            .connection
            .query(SHOW)
            .await
            .context("the counters of the database cannot be read")?;
        Statements::read(&rows)
    }
}

impl Statements {
    fn read(rows: &[(String, String)]) -> Result<Self> {
        let value = |wanted: &str| {
            let row = rows
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let value = row.and_then(|(_, value)| value.parse().ok());
            value.with_context(|| format!("the database does not count its {wanted}"))
        };
        Ok(Self {
            run: value("Questions")?,
            prepared: value("Com_stmt_prepare")?,
            logins: value("Connections")?,
        })
    }

    /// What was run since an earlier look, less the one statement of this look itself.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            run: self.run.saturating_sub(earlier.run + 1),
            prepared: self.prepared.saturating_sub(earlier.prepared),
            logins: self.logins.saturating_sub(earlier.logins),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(questions: &str) -> Vec<(String, String)> {
        [
            ("Com_stmt_prepare", "7"),
            ("Connections", "3"),
            ("Questions", questions),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn a_look_does_not_count_itself() {
        let first = Statements::read(&rows("100")).unwrap();
        let second = Statements::read(&rows("141")).unwrap();
        assert_eq!(
            second.since(first),
            Statements {
                run: 40,
                ..Statements::default()
            }
        );
    }

    #[test]
    fn a_counter_that_is_no_number_is_an_error() {
        let error = Statements::read(&rows("many")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the database does not count its Questions"
        );
    }
}
