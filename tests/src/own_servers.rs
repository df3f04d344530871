//! A MariaDB and a Redis for one test: it may stop them, and nobody else is counted.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use xtask::private;
use xtask::servers::{Mariadb, Options, Redis, Scratch};
use xtask::workspace::Workspace;

static OPENED: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
pub struct OwnServers {
    // Ended in this order when dropped: the servers, then their folder.
    pub mariadb: Mariadb,
    pub redis: Redis,
    _folder: Scratch,
}

impl OwnServers {
    /// Fast ones, whose data do not survive their end.
    pub async fn start() -> Self {
        Self::start_as(Options::throwaway).await
    }

    /// Such as lose nothing that they have confirmed when they are killed.
    pub async fn start_durable() -> Self {
        let password = private::random_text().unwrap();
        Self::start_as(|folder| Options::lasting(folder, &password)).await
    }

    async fn start_as(options: impl Fn(PathBuf) -> Options) -> Self {
        let workspace = Workspace::find().unwrap();
        let name = format!("e2e{}", OPENED.fetch_add(1, Ordering::Relaxed));
        let folder = Scratch::create(&workspace, &name).await.unwrap();
        let mariadb = options(folder.path().join("mariadb"));
        let redis = options(folder.path().join("redis"));
        let (mariadb, redis) = tokio::join!(Mariadb::start(&mariadb), Redis::start(&redis));
        Self {
            mariadb: mariadb.unwrap_or_else(|error| panic!("{error:#}")),
            redis: redis.unwrap_or_else(|error| panic!("{error:#}")),
            _folder: folder,
        }
    }
}
