//! Who owns the private servers right now (one command at a time, by a lock that ends with its
//! process), and how the other commands reach the database meanwhile.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};

use crate::interruption::Interruption;
use crate::private;
use crate::servers::{Mariadb, MysqlEndpoint, Options, process};
use crate::settings::Settings;
use crate::workspace::Workspace;

/// The right to start and stop the private servers.
#[derive(Debug)]
pub struct Ownership {
    address: PathBuf,
    shop: PathBuf,
    _lock: File,
}

impl Ownership {
    /// None while another command has it.
    pub fn take(workspace: &Workspace) -> Result<Option<Self>> {
        private::create_folder(&workspace.run())?;
        let path = workspace.run().join("lock");
        let file = File::options().create(true).append(true).open(&path);
        let lock = file.map_err(|error| private::refused(error, &path, "cannot be opened"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                address: address_file(workspace),
                shop: shop_file(workspace),
                _lock: lock,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }

    /// Lets the other commands reach the database.
    pub fn publish(&self, database: &MysqlEndpoint) -> Result<()> {
        private::write(&self.address, &database.url(""))
    }

    /// Lets the other commands know the shop on the private servers when they see it.
    pub fn publish_shop(&self, url: &str) -> Result<()> {
        private::write(&self.shop, url)
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        for file in [&self.address, &self.shop] {
            std::fs::remove_file(file).ok();
        }
    }
}

/// The URL of the shop that `up` serves on this machine now.
pub fn served_shop(workspace: &Workspace) -> Option<String> {
    std::fs::read_to_string(shop_file(workspace)).ok()
}

/// A database for one command: that of MYSQL_URL, that of the running `up`, or the private
/// server started for the moment.
#[derive(Debug)]
pub struct Database {
    pub endpoint: MysqlEndpoint,
    own: Option<(Mariadb, Ownership)>,
}

impl Database {
    /// Opens one, does the work with it, and closes it, also when somebody asks to stop: the work hears of that
    /// by itself and is waited for, unless they ask again.
    pub async fn with<T>(
        workspace: &Workspace,
        interruption: &Interruption,
        work: impl AsyncFnOnce(&MysqlEndpoint) -> Result<T>,
    ) -> Result<T> {
        let database = match interruption.unless_asked(Self::open(workspace)).await {
            Ok(database) => database,
            Err(error) => {
                // A server that was starting was told to end with the future that owned it.
                stop_starting_servers(workspace).await?;
                return Err(error);
            }
        };
        let outcome = tokio::select! {
            done = work(&database.endpoint) => done,
            () = interruption.insisted() => Err(anyhow!("interrupted")),
        };
        let closed = database.close().await;
        outcome.and_then(|done| closed.map(|()| done))
    }

    pub async fn open(workspace: &Workspace) -> Result<Self> {
        if let Some(endpoint) = MysqlEndpoint::from_environment()? {
            return Ok(Self {
                endpoint,
                own: None,
            });
        }
        let Some(ownership) = Ownership::take(workspace)? else {
            let Ok(url) = std::fs::read_to_string(address_file(workspace)) else {
                bail!("Comptoir is starting or stopping: try again in a moment");
            };
            return Ok(Self {
                endpoint: MysqlEndpoint::parse(&url)?,
                own: None,
            });
        };
        let settings = Settings::load(&workspace.state())?;
        let server = Mariadb::start(&mariadb_options(workspace, &settings)).await?;
        Ok(Self {
            endpoint: server.endpoint(),
            own: Some((server, ownership)),
        })
    }

    /// Stops the server if it was started for the moment.
    pub async fn close(self) -> Result<()> {
        match self.own {
            Some((mut server, _ownership)) => server.stop().await,
            None => Ok(()),
        }
    }
}

pub fn mariadb_options(workspace: &Workspace, settings: &Settings) -> Options {
    Options::lasting(workspace.data().join("mariadb"), &settings.mysql_password)
}

pub fn redis_options(workspace: &Workspace, settings: &Settings) -> Options {
    Options::lasting(workspace.data().join("redis"), &settings.redis_password)
}

/// Those of MariaDB and Redis.
pub fn pid_files(workspace: &Workspace) -> [PathBuf; 2] {
    [("mariadb", "mariadb.pid"), ("redis", "redis.pid")]
        .map(|(folder, file)| workspace.data().join(folder).join(file))
}

/// Waits for the end of servers whose start was given up; nothing is done to those of another command.
pub async fn stop_starting_servers(workspace: &Workspace) -> Result<()> {
    if Ownership::take(workspace)?.is_none() {
        return Ok(());
    }
    let [mariadb, redis] = pid_files(workspace);
    let mariadb = process::stop_named("MariaDB", &mariadb).await;
    mariadb.and(process::stop_named("Redis", &redis).await)
}

fn shop_file(workspace: &Workspace) -> PathBuf {
    workspace.run().join("shop_url")
}

fn address_file(workspace: &Workspace) -> PathBuf {
    workspace.run().join("mysql_url")
}
