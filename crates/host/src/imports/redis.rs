//! `spin:redis@3.0.0`: connections of components to Redis.
//!
//! Each is one multiplexed TCP connection, without a timeout of its own; calls on it run side by
//! side. Nothing is retried and nothing reconnects: a broken connection fails every call.

mod conversion;

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands as _, AsyncConnectionConfig, ErrorKind, RedisError};
use wasmtime::Result;
use wasmtime::component::{Accessor, HasSelf, Resource};

use super::bindings::spin::redis::redis::{
    Error, Host, HostConnection, HostConnectionWithStore, RedisParameter, RedisResult,
};
use crate::limits::Place;
use crate::state::State;

/// Connections that one instance can hold open at once.
const MOST: usize = 1_024;

/// Bytes that one reply may take.
const MOST_BYTES: usize = 128 << 20;

/// A connection in the hands of a component.
pub struct Connection {
    client: MultiplexedConnection,
    _place: Place,
}

/// The connections of one instance.
#[derive(Debug, Default)]
pub struct Count(usize);

impl Host for State {}

impl HostConnection for State {
    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?;
        self.redis.0 = self.redis.0.saturating_sub(1);
        Ok(())
    }
}

type Answer<A> = Result<Result<A, Error>>;

impl<T: Send> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open(accessor: &Accessor<T, Self>, address: String) -> Answer<Resource<Connection>> {
        let surroundings = accessor.with(|mut access| access.get().surroundings.clone());
        if !surroundings.allowed_hosts.allow(&address, "redis") {
            return Ok(Err(Error::InvalidAddress));
        }
        let place = surroundings.redis_limit.take().await;
        let Ok(client) = redis::Client::open(address) else {
            return Ok(Err(Error::InvalidAddress));
        };
        let config = AsyncConnectionConfig::new();
        let client = match client
            .get_multiplexed_async_connection_with_config(&config)
            .await
        {
            Ok(client) => client,
            Err(error) => return Ok(Err(tell(error))),
        };
        accessor.with(|mut access| {
            let state = access.get();
            if state.redis.0 >= MOST {
                return Ok(Err(Error::TooManyConnections));
            }
            let connection = Connection {
                client,
                _place: place,
            };
            let resource = state.table.push(connection)?;
            state.redis.0 += 1;
            Ok(Ok(resource))
        })
    }

    async fn publish(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> Answer<()> {
        let mut client = find(accessor, &connection)?;
        Ok(client.publish(channel, payload).await.map_err(tell))
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Answer<Option<Vec<u8>>> {
        let mut client = find(accessor, &connection)?;
        let value: Option<Vec<u8>> = match client.get(key).await {
            Ok(value) => value,
            Err(error) => return Ok(Err(tell(error))),
        };
        let bytes = size_of::<Option<Vec<u8>>>() + value.as_ref().map_or(0, Vec::len);
        Ok(check_size(bytes).map(|()| value))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> Answer<()> {
        let mut client = find(accessor, &connection)?;
        Ok(client.set(key, value).await.map_err(tell))
    }

    async fn incr(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Answer<i64> {
        let mut client = find(accessor, &connection)?;
        Ok(client.incr(key, 1).await.map_err(tell))
    }

    async fn del(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        keys: Vec<String>,
    ) -> Answer<u32> {
        let mut client = find(accessor, &connection)?;
        Ok(client.del(keys).await.map_err(tell))
    }

    async fn sadd(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Answer<u32> {
        let mut client = find(accessor, &connection)?;
        // The one call that tells a wrong type apart.
        Ok(client.sadd(key, values).await.map_err(|error| {
            if error.kind() == ErrorKind::TypeError {
                Error::TypeError
            } else {
                tell(error)
            }
        }))
    }

    async fn smembers(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Answer<Vec<String>> {
        let mut client = find(accessor, &connection)?;
        Ok(client.smembers(key).await.map_err(tell))
    }

    async fn srem(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Answer<u32> {
        let mut client = find(accessor, &connection)?;
        Ok(client.srem(key, values).await.map_err(tell))
    }

    async fn execute(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> Answer<Vec<RedisResult>> {
        let mut client = find(accessor, &connection)?;
        let mut command = redis::cmd(&command);
        for argument in arguments {
            match argument {
                RedisParameter::Int64(number) => command.arg(number),
                RedisParameter::Binary(bytes) => command.arg(bytes),
            };
        }
        let conversion::Reply(reply) = match command.query_async(&mut client).await {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(tell(error))),
        };
        Ok(check_size(conversion::measure(&reply)).map(|()| reply))
    }
}

fn find<T: Send>(
    accessor: &Accessor<T, HasSelf<State>>,
    connection: &Resource<Connection>,
) -> Result<MultiplexedConnection> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.client.clone()))
}

fn check_size(bytes: usize) -> Result<(), Error> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::Other(format!(
        "query result exceeds limit of {MOST_BYTES} bytes"
    )))
}

fn tell(error: RedisError) -> Error {
    Error::Other(error.to_string())
}
