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
pub use param::{Param, ToParam, placeholders};
pub use row::{FromValue, Row};
pub use transaction::{Tx, retry};

use lease::Lease;

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
    pub async fn query(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let mut lease = Lease::take(&self.url).await?;
        let rows = match lease.query(sql, params).await {
            Err(Error::Stale(_)) => {
                lease = self.replace_stale().await?;
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
    pub async fn begin(&self) -> Result<Tx> {
        let mut lease = Lease::take(&self.url).await?;
        match lease.begin().await {
            Err(Error::Stale(_)) => {
                lease = self.replace_stale().await?;
                lease.begin().await?;
            }
            begun => begun?,
        }
        Ok(Tx::new(lease))
    }

    /// A new connection in the place of a pooled one that died while it was idle; nothing had happened on
    /// it. The others of its age are given up too.
    async fn replace_stale(&self) -> Result<Lease> {
        pool::forget_idle();
        Lease::open(&self.url).await
    }
}
