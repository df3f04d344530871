//! Redis through Spin's interface: one connection an instance, typed values, scripts, read-through.
//!
//! What Redis holds may be lost at any moment; what may never be lost is in MySQL. This room knows no
//! key of any service, and neither HTTP nor SQL.

mod connection;
mod error;
mod lookup;
mod script;

use std::sync::Arc;

use spin_sdk::redis::RedisParameter;

pub use error::{Error, Result};
pub use lookup::{Fill, Lookup};
pub use script::{Reply, Script};

/// The Redis of one service: a URL such as `redis://user:password@host:6379/0`.
///
/// Cheap to clone; the connection behind it belongs to the instance.
#[derive(Clone, Debug)]
pub struct Cache {
    url: Arc<str>,
}

impl Cache {
    /// Remembers where Redis is; nothing is opened before the first command.
    pub fn new(url: &str) -> Self {
        Self { url: url.into() }
    }

    /// Whether Redis answers and takes what is written: [`Error::Full`] where it is out of memory.
    pub async fn try_write(&self) -> Result<()> {
        let args = ["health:write", "1", "PX", "1000"].map(|arg| binary(arg.as_bytes()));
        self.repeatable("SET", args.into()).await.map(drop)
    }

    /// Deletes keys; those that do not exist are no error.
    pub async fn delete(&self, keys: &[String]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let keys = keys.iter().map(|key| binary(key.as_bytes())).collect();
        self.repeatable("DEL", keys).await.map(drop)
    }

    /// Runs a script: one step to everybody else.
    ///
    /// It is sent once: where its answer is lost, nobody knows whether it ran, and the caller is told.
    pub async fn run(&self, script: &Script, keys: &[&str], args: &[&[u8]]) -> Result<Vec<Reply>> {
        match self.once("EVALSHA", script.by_digest(keys, args)).await {
            Err(Error::UnknownScript) => self.once("EVAL", script.by_text(keys, args)).await,
            answer => answer,
        }
    }

    /// Runs a script that may run twice, such as one that only reads: it outlives the loss of a connection.
    pub async fn run_repeatable(
        &self,
        script: &Script,
        keys: &[&str],
        args: &[&[u8]],
    ) -> Result<Vec<Reply>> {
        match self.run(script, keys, args).await {
            Err(Error::Lost(_)) => self.run(script, keys, args).await,
            answer => answer,
        }
    }

    /// A command that may be sent twice: a connection that died while it was idle is replaced.
    async fn repeatable(&self, command: &str, args: Vec<RedisParameter>) -> Result<Vec<Reply>> {
        match self.once(command, args.clone()).await {
            Err(Error::Lost(_)) => self.once(command, args).await,
            answer => answer,
        }
    }

    async fn once(&self, command: &str, args: Vec<RedisParameter>) -> Result<Vec<Reply>> {
        let replies = connection::execute(&self.url, command, args).await?;
        Ok(replies.into_iter().map(Reply::from).collect())
    }
}

fn binary(bytes: &[u8]) -> RedisParameter {
    RedisParameter::Binary(bytes.to_vec())
}
