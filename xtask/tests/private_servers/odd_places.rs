//! Folders with names that shells, configuration files and URLs read in their own ways.

use anyhow::Result;
use mysql_async::prelude::Queryable;
use xtask::servers::trial::try_redis;
use xtask::servers::{Mariadb, Options, Redis};

use crate::scratch;

const NAMES: [&str; 3] = [
    "a shop of one's own",
    r#"quoted "here" and \there\ $HOME `id` ;&|*?#%20"#,
    "boutique d’Éloïse – 店 🦊 ",
];

#[tokio::test]
async fn servers_keep_their_data_in_folders_of_any_name() -> Result<()> {
    let scratch = scratch("xtask-odd").await?;
    for name in NAMES {
        let folder = scratch.path().join(name);
        let mut options = Options::lasting(folder.join("mariadb"), "secret");
        options.lasting = false;
        let mut mariadb = Mariadb::start(&options).await?;
        mariadb
            .endpoint()
            .connect()
            .await?
            .query_drop("create schema comptoir_odd")
            .await?;
        mariadb.stop().await?;
        mariadb.start_again().await?;
        mariadb
            .endpoint()
            .connect()
            .await?
            .query_drop("use comptoir_odd")
            .await?;
        mariadb.stop().await?;
        assert!(folder.join("mariadb").join("data").is_dir(), "{name}");

        let mut redis = Redis::start(&Options::lasting(folder.join("redis"), "secret")).await?;
        try_redis(&redis.endpoint()).await?;
        redis.stop().await?;
        assert!(
            folder.join("redis").join("appendonlydir").is_dir(),
            "{name}"
        );
    }
    Ok(())
}
