//! A transaction: begun and ended by the use case, passed down as `&mut Tx`.

use std::future::Future;

use crate::error::{Error, Result};
use crate::lease::Lease;
use crate::param::Param;
use crate::row::Row;

/// How often [`retry`] runs an attempt before its transient error is the answer.
const ATTEMPTS: usize = 8;

/// An open transaction. Dropped without [`Tx::commit`] or [`Tx::finish`] it is rolled back, with its
/// connection, by the server; `finish` rolls back and keeps the connection.
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Tx {
    lease: Lease,
}

impl Tx {
    pub(crate) fn new(lease: Lease) -> Self {
        Self { lease }
    }

    /// Runs a statement for its effect. Statements that a constraint may refuse belong here, because only
    /// here does the error keep its code.
    pub async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<()> {
        self.lease.execute(sql, params).await
    }

    /// How many rows the statement before it inserted, changed or deleted (one more round trip).
    pub async fn affected(&mut self) -> Result<i64> {
        let rows = self.lease.query("select row_count()", &[]).await?;
        rows.into_iter()
            .next()
            .ok_or_else(|| Error::Refused("row_count() gave no row".into()))?
            .next()
    }

    /// All rows of a statement.
    pub async fn query(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        self.lease.query(sql, params).await
    }

    /// The first row, if there is one.
    pub async fn query_one(&mut self, sql: &str, params: &[Param]) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Locks the rows of a `select … for update` and reads them.
    ///
    /// The statement runs twice: first by `execute`, because there a lost deadlock or a lock that stays
    /// taken can be told from a mistake, then by `query` for the rows.
    pub async fn lock(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        self.execute(sql, params).await?;
        self.query(sql, params).await
    }

    /// Locks and reads the first row, if there is one.
    pub async fn lock_one(&mut self, sql: &str, params: &[Param]) -> Result<Option<Row>> {
        Ok(self.lock(sql, params).await?.into_iter().next())
    }

    /// Makes it last. [`Error::InDoubt`] says that the answer was lost.
    pub async fn commit(mut self) -> Result<()> {
        match self.lease.commit().await {
            Ok(()) => {
                self.lease.give_back();
                Ok(())
            }
            Err(Error::Unavailable(text)) => Err(Error::InDoubt(text)),
            Err(error) => Err(error),
        }
    }

    /// Undoes everything, and keeps the connection if that is possible.
    pub async fn roll_back(mut self) {
        // If even this fails, the dropped connection takes the transaction with it.
        if self.lease.roll_back().await.is_ok() {
            self.lease.give_back();
        }
    }

    /// Commits if `outcome` is good, else rolls back; the outcome is passed on.
    pub async fn finish<T, E>(self, outcome: std::result::Result<T, E>) -> std::result::Result<T, E>
    where
        E: From<Error>,
    {
        match outcome {
            Ok(value) => {
                self.commit().await?;
                Ok(value)
            }
            Err(error) => {
                self.roll_back().await;
                Err(error)
            }
        }
    }
}

/// Runs a whole transaction, and runs it again if it lost a deadlock.
///
/// The attempt's error tells by its chain of sources ([`Error::is_transient`]), so a use case keeps its
/// own error type.
pub async fn retry<T, E, F>(mut attempt: impl FnMut() -> F) -> std::result::Result<T, E>
where
    F: Future<Output = std::result::Result<T, E>>,
    E: std::error::Error + 'static,
{
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if is_transient(&error) => continue,
            outcome => return outcome,
        }
    }
    attempt().await
}

fn is_transient(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<Error>() {
            return error.is_transient();
        }
        next = error.source();
    }
    false
}
