//! MariaDB and Redis for this machine alone: private servers with their data in one folder, or
//! those that MYSQL_URL and REDIS_URL name; for tests, a Stripe. What is in them is not its business.

pub mod endpoint;
pub mod localstripe;
pub mod mariadb;
mod mysqld;
pub mod port;
pub mod process;
pub mod redis;
pub mod refusal;
mod scratch;
mod server;
pub mod trial;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Result;

pub use endpoint::{MysqlEndpoint, RedisEndpoint};
pub use localstripe::Localstripe;
pub use mariadb::Mariadb;
pub use redis::Redis;
pub use scratch::Scratch;

use crate::private;

/// How a private server is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its data, log and pid file. One server a folder.
    pub folder: PathBuf,
    /// Whether its data survive a power cut; a throw-away server is fast instead.
    pub lasting: bool,
    /// A free one when none is given.
    pub port: Option<u16>,
    /// A random one when none is given.
    pub password: Option<String>,
}

impl Options {
    pub fn lasting(folder: PathBuf, password: &str) -> Self {
        Self {
            folder,
            lasting: true,
            port: None,
            password: Some(password.to_owned()),
        }
    }

    /// Fast, and empty at first: its folder is best a `Scratch`.
    pub fn throwaway(folder: PathBuf) -> Self {
        Self {
            folder,
            lasting: false,
            port: None,
            password: None,
        }
    }
}

/// Both servers, each private or somebody else's.
#[derive(Debug)]
pub struct Pair {
    pub mysql: MysqlEndpoint,
    pub redis: RedisEndpoint,
    own_mariadb: Option<Mariadb>,
    own_redis: Option<Redis>,
}

impl Pair {
    /// Starts what the environment does not name, in `mariadb/` and `redis/` of one folder.
    pub async fn start(mariadb: &Options, redis: &Options) -> Result<Self> {
        let (given_mysql, given_redis) = (
            MysqlEndpoint::from_environment()?,
            RedisEndpoint::from_environment()?,
        );
        let mysql = async {
            match given_mysql {
                Some(endpoint) => Ok((endpoint, None)),
                None => Mariadb::start(mariadb)
                    .await
                    .map(|own| (own.endpoint(), Some(own))),
            }
        };
        let redis = async {
            match given_redis {
                Some(endpoint) => Ok((endpoint, None)),
                None => Redis::start(redis)
                    .await
                    .map(|own| (own.endpoint(), Some(own))),
            }
        };
        let ((mysql, own_mariadb), (redis, own_redis)) = match tokio::join!(mysql, redis) {
            (Ok(mysql), Ok(redis)) => (mysql, redis),
            (mysql, redis) => return Err(stop_the_other(mysql, redis).await),
        };
        Ok(Self {
            mysql,
            redis,
            own_mariadb,
            own_redis,
        })
    }

    /// Resolves when a private server ends; never if both are somebody else's.
    pub async fn failed(&self) -> String {
        let mariadb = async {
            match &self.own_mariadb {
                Some(server) => server.exited().await,
                None => std::future::pending().await,
            }
        };
        let redis = async {
            match &self.own_redis {
                Some(server) => server.exited().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! { how = mariadb => how, how = redis => how }
    }

    /// Stops what it started; both are asked even if the first fails.
    pub async fn stop(&mut self) -> Result<()> {
        let mariadb = async {
            match &mut self.own_mariadb {
                Some(server) => server.stop().await,
                None => Ok(()),
            }
        };
        let redis = async {
            match &mut self.own_redis {
                Some(server) => server.stop().await,
                None => Ok(()),
            }
        };
        let (mariadb, redis) = tokio::join!(mariadb, redis);
        mariadb.and(redis)
    }
}

/// One server did not start: the other is stopped properly before the error is told.
async fn stop_the_other(
    mysql: Result<(MysqlEndpoint, Option<Mariadb>)>,
    redis: Result<(RedisEndpoint, Option<Redis>)>,
) -> anyhow::Error {
    let mut reason = None;
    match mysql {
        Ok((_, Some(mut server))) => reason = server.stop().await.err(),
        Ok((_, None)) => {}
        Err(error) => reason = Some(error),
    }
    match redis {
        Ok((_, Some(mut server))) => reason = reason.or(server.stop().await.err()),
        Ok((_, None)) => {}
        Err(error) => reason = Some(error),
    }
    reason.unwrap_or_else(|| anyhow::anyhow!("the servers did not start"))
}

/// Begins a log anew: that of the last run would only confuse.
fn open_log(path: &Path) -> Result<File> {
    File::create(path).map_err(|error| private::refused(error, path, "cannot be written"))
}

/// Whether the database is ours: nobody named another in MYSQL_URL.
pub fn is_private() -> bool {
    std::env::var_os("MYSQL_URL").is_none_or(|url| url.is_empty())
}
