//! A MariaDB and a Redis for one test: it may stop them, and nobody else is counted.

use std::sync::atomic::{AtomicU32, Ordering};

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
    pub async fn start() -> Self {
        let workspace = Workspace::find().unwrap();
        let name = format!("e2e{}", OPENED.fetch_add(1, Ordering::Relaxed));
        let folder = Scratch::create(&workspace, &name).await.unwrap();
        let mariadb = Options::throwaway(folder.path().join("mariadb"));
        let redis = Options::throwaway(folder.path().join("redis"));
        let (mariadb, redis) = tokio::join!(Mariadb::start(&mariadb), Redis::start(&redis));
        Self {
            mariadb: mariadb.unwrap_or_else(|error| panic!("{error:#}")),
            redis: redis.unwrap_or_else(|error| panic!("{error:#}")),
            _folder: folder,
        }
    }
}
