//! `spin:mysql@3.0.0`: connections of components to MySQL and MariaDB.
//!
//! The same client, calls and errors as in Spin, the odd ones too: one login at a time in an
//! instance, each on a connection of its own; `query` loses the text of an error that comes
//! before its first row. One thing differs on purpose: where Spin would stand still for ever – a
//! connection dropped while another MySQL call of its instance is in flight – this host ends the
//! instance and says so.

mod conversion;
mod options;
mod rows;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Params, Pool};
use tokio::sync::Mutex;
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};
use wasmtime::{Result, format_err};

use super::bindings::spin::mysql::mysql::{
    Column, Error, Host, HostConnection, HostConnectionWithStore, ParameterValue, Row,
};
use crate::limits::Place;
use crate::state::State;

/// Connections that one instance can hold open at once.
const MOST: usize = 1_024;

/// A connection in the hands of a component.
pub struct Connection {
    client: Arc<Mutex<Conn>>,
    _place: Place,
}

/// The MySQL calls and connections of one instance.
#[derive(Debug, Default, Clone)]
pub struct Calls {
    in_flight: Arc<AtomicUsize>,
    open: usize,
    /// Held during a login; every call passes through it, so they queue behind the login.
    login: Arc<Mutex<()>>,
}

/// A call in flight, until dropped: a cancelled call ends too.
struct InFlight(Arc<AtomicUsize>);

impl Calls {
    fn start(&self) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(&self.in_flight))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

type Answer = (
    Vec<Column>,
    StreamReader<Row>,
    FutureReader<Result<(), Error>>,
);

impl Host for State {}

impl HostConnection for State {
    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?;
        self.mysql.open = self.mysql.open.saturating_sub(1);
        match self.mysql.in_flight.load(Ordering::Relaxed) {
            0 => Ok(()),
            calls => Err(format_err!(
                "a MySQL connection was dropped while {calls} other MySQL call(s) of the same \
                 instance were in flight: Spin would hang here for ever. Keep the connection and \
                 drop it when no call is in flight"
            )),
        }
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open(
        accessor: &Accessor<T, Self>,
        address: String,
    ) -> Result<Result<Resource<Connection>, Error>> {
        let (calls, surroundings) = accessor.with(|mut access| {
            let state = access.get();
            (state.mysql.clone(), Arc::clone(&state.surroundings))
        });
        // Whoever waits for a place holds nothing that a drop would need.
        let place = surroundings.mysql_limit.take().await;
        let _call = calls.start();
        let _login = calls.login.lock().await;
        if !surroundings.allowed_hosts.allow(&address, "mysql") {
            return Ok(Err(Error::ConnectionFailed(format!(
                "address {address} is not permitted"
            ))));
        }
        let options = match options::read(&address) {
            Ok(options) => options,
            Err(options::Refusal::Address(error)) => {
                return Ok(Err(Error::ConnectionFailed(error)));
            }
            Err(options::Refusal::Parameter(error)) => {
                return Err(format_err!("Spin panics at this MySQL address: {error}"));
            }
        };
        // A pool of one, as in Spin: closing a connection then rolls back in the background.
        let client = match Pool::new(options).get_conn().await {
            Ok(client) => client,
            Err(error) => return Ok(Err(Error::ConnectionFailed(format!("{error:?}")))),
        };
        let connection = Connection {
            client: Arc::new(Mutex::new(client)),
            _place: place,
        };
        accessor.with(|mut access| {
            let state = access.get();
            if state.mysql.open >= MOST {
                return Ok(Err(Error::ConnectionFailed("too many connections".into())));
            }
            let resource = state.table.push(connection)?;
            state.mysql.open += 1;
            Ok(Ok(resource))
        })
    }

    async fn execute(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> Result<Result<(), Error>> {
        let (_call, client) = begin(accessor, &connection).await?;
        let params = Params::Positional(params.into_iter().map(conversion::bind).collect());
        let done = client.lock().await.exec_batch(statement, [params]).await;
        Ok(done.map_err(|error| Error::QueryFailed(format!("{error:?}"))))
    }

    async fn query(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> Result<Result<Answer, Error>> {
        let (_call, client) = begin(accessor, &connection).await?;
        let params = Params::Positional(params.into_iter().map(conversion::bind).collect());
        let rows::Started {
            columns,
            rows,
            outcome,
        } = match rows::start(client, statement, params).await {
            Ok(started) => started,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let outcome = FutureReader::new(&mut access, outcome)?;
            Ok(Ok((columns, rows, outcome)))
        })
    }
}

/// Counts the call and waits behind a login of the same instance.
async fn begin<T: Send>(
    accessor: &Accessor<T, HasSelf<State>>,
    connection: &Resource<Connection>,
) -> Result<(InFlight, Arc<Mutex<Conn>>)> {
    let (calls, client) = accessor.with(|mut access| {
        let state = access.get();
        let client = Arc::clone(&state.table.get(connection)?.client);
        wasmtime::error::Ok((state.mysql.clone(), client))
    })?;
    let call = calls.start();
    drop(calls.login.lock().await);
    Ok((call, client))
}
