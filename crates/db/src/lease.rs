//! A connection on loan from the pool to one request.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use spin_sdk::mysql::Connection;

use crate::error::{Error, Result};
use crate::param::Param;
use crate::pool::{self, InFlight, Place};
use crate::row::Row;

/// How long opening a connection may take.
const OPEN_PATIENCE: Duration = Duration::from_secs(4);

/// Gives its connection back only through [`Lease::give_back`]; dropped in any other way, the connection
/// is thrown away, because nobody knows what state it is in.
pub(crate) struct Lease {
    connection: Option<Connection>,
    read_committed: bool,
    /// It came from the pool and no statement of this lease has passed yet: it may be dead.
    untried: bool,
}

impl Lease {
    /// An idle connection, else a new one.
    pub(crate) async fn take(url: &str) -> Result<Self> {
        match pool::take() {
            Some(idle) => Ok(Self {
                connection: Some(idle.connection),
                read_committed: idle.read_committed,
                untried: true,
            }),
            None => Self::open(url).await,
        }
    }

    /// A new connection.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let place = Place::reserve()?;
        let in_flight = InFlight::enter();
        let connection = open_soon(url).await?;
        drop(in_flight);
        place.fill();
        Ok(Self {
            connection: Some(connection),
            read_committed: false,
            untried: false,
        })
    }

    /// Makes the next statement begin a transaction.
    ///
    /// The prepared protocol, which is all that Spin has, refuses `START TRANSACTION` on MySQL.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        if !self.read_committed {
            let level = "set session transaction isolation level read committed";
            self.execute(level, &[]).await?;
            self.read_committed = true;
        }
        let begin = "set session autocommit = 0, session innodb_lock_wait_timeout = 4";
        self.execute(begin, &[]).await
    }

    /// Commits what was begun: turning `autocommit` on does, on both servers.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        self.execute("set session autocommit = 1", &[]).await
    }

    /// Takes back what was begun.
    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        self.execute("rollback", &[]).await?;
        self.commit().await
    }

    /// Runs a statement for its effect. Its error keeps the server's code.
    pub(crate) async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<()> {
        let connection = self.connection()?;
        let in_flight = InFlight::enter();
        let result = connection.execute(sql, params).await;
        drop(in_flight);
        self.judge(result.map_err(Error::from))
    }

    /// Runs a statement for its rows, all of them: rows left in the stream would hold the connection.
    pub(crate) async fn query(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let result = self.collect(sql, params).await;
        let result = match result {
            // Spin loses the text of a query's error; whether the connection still answers tells a
            // refused statement from a lost server.
            Err(Error::Unavailable(text)) if !self.untried => match self.execute("do 0", &[]).await
            {
                Ok(()) => Err(Error::Refused(format!("{text} (query: {sql})"))),
                Err(lost) => Err(lost),
            },
            result => result,
        };
        self.judge(result)
    }

    async fn collect(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let connection = self.connection()?;
        let _in_flight = InFlight::enter();
        let mut result = connection.query(sql, params).await?;
        let mut rows = Vec::new();
        while let Some(values) = result.rows().next().await {
            rows.push(Row::new(values));
        }
        result.result().await?;
        Ok(rows)
    }

    fn judge<T>(&mut self, result: Result<T>) -> Result<T> {
        let untried = std::mem::replace(&mut self.untried, false);
        match result {
            Err(Error::Unavailable(text)) if untried => Err(Error::Stale(text)),
            result => result,
        }
    }

    fn connection(&self) -> Result<&Connection> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::Unavailable("the connection was given back".into()))
    }

    /// Returns the connection to the pool: no transaction is open on it and no row is left in it.
    pub(crate) fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            pool::keep(connection, self.read_committed);
        }
    }
}

/// Past the host's `max_connections` opening waits without end, while other instances may keep what they
/// do not use; so nobody waits for long.
async fn open_soon(url: &str) -> Result<Connection> {
    let opened = pin!(Connection::open(url));
    let patience = pin!(spin_sdk::time::sleep(OPEN_PATIENCE));
    match select(opened, patience).await {
        Either::Left((opened, _)) => Ok(opened?),
        Either::Right(((), _)) => Err(Error::Busy),
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            pool::discard(connection);
        }
    }
}
