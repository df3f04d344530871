//! Who owns the private servers right now (one command at a time, by a lock that ends with its
//! process), and how the other commands reach the database meanwhile.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::private;
use crate::servers::{Mariadb, MysqlEndpoint, Options};
use crate::settings::Settings;
use crate::workspace::Workspace;

/// The right to start and stop the private servers.
#[derive(Debug)]
pub struct Ownership {
    address: PathBuf,
    _lock: File,
}

impl Ownership {
    /// None while another command has it.
    pub fn take(workspace: &Workspace) -> Result<Option<Self>> {
        private::create_folder(&workspace.run())?;
        let path = workspace.run().join("lock");
        let file = File::options().create(true).append(true).open(&path);
        let lock = file.with_context(|| format!("{} cannot be opened", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self {
                address: address_file(workspace),
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
}

impl Drop for Ownership {
    fn drop(&mut self) {
        std::fs::remove_file(&self.address).ok();
    }
}

/// A database for one command: that of MYSQL_URL, that of the running `up`, or the private
/// server started for the moment.
#[derive(Debug)]
pub struct Database {
    pub endpoint: MysqlEndpoint,
    own: Option<(Mariadb, Ownership)>,
}

impl Database {
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

fn address_file(workspace: &Workspace) -> PathBuf {
    workspace.run().join("mysql_url")
}
