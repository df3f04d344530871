//! MySQL and MariaDB through Spin's interface: a pool in each instance, transactions, typed rows, errors.
//!
//! It knows how to talk to a database, and nothing of any table: query text stays in the services'
//! `store` rooms. It is the only place that opens or drops a connection, because a connection that is
//! dropped while another call of the same instance is in flight would stop that instance for good
//! (see [`pool`]).

mod error;
mod lease;
mod param;
mod pool;
mod row;
mod transaction;

use std::sync::Arc;

pub use error::{Error, Result};
pub use param::{Param, ToParam};
pub use row::{FromValue, Row};
pub use transaction::{Tx, retry};

use lease::Lease;
use pool::Mode;

/// The database of one service: a URL such as `mysql://user:password@host:3306/comptoir_orders?…`.
///
/// Cheap to clone. The connections behind it belong to the instance and are shared by its requests;
/// a service has one schema, so an instance has one pool.
#[derive(Clone, Debug)]
pub struct Db {
    url: Arc<str>,
}

impl Db {
    /// Remembers where the database is; nothing is opened before the first statement.
    pub fn new(url: &str) -> Self {
        Self { url: url.into() }
    }

    /// Reads outside any transaction: all rows of one statement, in one round trip.
    ///
    /// A pooled connection may have died while it was idle, and a read may be repeated, so its failure on
    /// a reused connection is tried once more on a fresh one.
    pub async fn query(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let mut lease = Lease::take(&self.url, Mode::Autocommit).await?;
        let rows = match lease.query(sql, params).await {
            Err(Error::Stale(_)) => {
                pool::forget_idle();
                lease = Lease::open(&self.url, Mode::Autocommit).await?;
                lease.query(sql, params).await
            }
            answered => answered,
        };
        if rows.is_ok() {
            lease.give_back();
        }
        rows
    }

    /// Reads the first row, if there is one.
    pub async fn query_one(&self, sql: &str, params: &[Param]) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Begins a transaction, at isolation level `READ COMMITTED`.
    ///
    /// It costs no round trip on a pooled connection: those kept for transactions have `autocommit` off,
    /// so their first statement begins one.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx::new(Lease::take(&self.url, Mode::Transactional).await?))
    }
}
