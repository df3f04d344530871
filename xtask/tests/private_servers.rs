//! Private servers and migrations against a real MariaDB and Redis of this machine.

use std::path::Path;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use xtask::migrate;
use xtask::servers::{Mariadb, Options, Redis, Scratch};
use xtask::workspace::Workspace;

const USERS: &str = "-- Who buys; and a semicolon in a text: no end.\n\
    create table users (id bigint not null primary key, name varchar(50) comment 'a; b');\n\
    insert into users (id, name) values (1, 'Ada');\n";

async fn scratch(name: &str) -> Result<Scratch> {
    Scratch::create(&Workspace::find()?, name).await
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    std::fs::create_dir_all(folder.join("accounts"))?;
    Ok(std::fs::write(folder.join("accounts").join(name), text)?)
}

#[tokio::test]
async fn migrations_are_applied_once_and_refused_when_they_were_changed() -> Result<()> {
    let scratch = scratch("xtask-migrations").await?;
    let folder = scratch.path().join("migrations");
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    write(&folder, "0001_users.sql", USERS)?;

    let (one, other) = tokio::join!(
        migrate::run_from(&folder, &database, "comptoir_test"),
        migrate::run_from(&folder, &database, "comptoir_test"),
    );
    let mut counts = [one?.len(), other?.len()];
    counts.sort_unstable();
    assert_eq!(counts, [0, 1], "two runs at once apply a file once");

    write(
        &folder,
        "0002_phones.sql",
        "alter table users add phone varchar(20)",
    )?;
    let applied = migrate::run_from(&folder, &database, "comptoir_test").await?;
    assert_eq!(applied, ["accounts/0002_phones.sql"]);

    write(&folder, "0003_broken.sql", "create table broken (")?;
    let error = migrate::run_from(&folder, &database, "comptoir_test")
        .await
        .unwrap_err();
    assert!(format!("{error:#}").starts_with("migration accounts/0003_broken.sql failed"));
    write(&folder, "0003_broken.sql", "create table mended (id int)")?;
    assert_eq!(
        migrate::run_from(&folder, &database, "comptoir_test")
            .await?
            .len(),
        1
    );

    write(&folder, "0001_users.sql", "select 1")?;
    let error = migrate::run_from(&folder, &database, "comptoir_test")
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("accounts/0001_users.sql was changed")
    );
    server.stop().await
}

#[tokio::test]
async fn a_mariadb_that_starts_again_has_its_port_and_its_data() -> Result<()> {
    let scratch = scratch("xtask-mariadb").await?;
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let (database, address) = (server.endpoint(), server.endpoint().address);
    database
        .connect()
        .await?
        .query_drop("create schema comptoir_kept")
        .await?;

    server.stop().await?;
    assert!(database.connect().await.is_err());
    server.start_again().await?;
    assert_eq!(server.endpoint().address, address);
    database
        .connect()
        .await?
        .query_drop("use comptoir_kept")
        .await?;

    server.kill().await;
    assert!(database.connect().await.is_err());
    server.start_again().await?;
    database
        .connect()
        .await?
        .query_drop("use comptoir_kept")
        .await?;

    let root = database
        .connect()
        .await?
        .query_drop("select * from mysql.global_priv")
        .await;
    assert!(root.is_err(), "comptoir has rights on its schemas only");
    server.stop().await
}

#[tokio::test]
async fn a_redis_that_starts_again_has_its_port() -> Result<()> {
    let scratch = scratch("xtask-redis").await?;
    let mut server = Redis::start(&Options::throwaway(scratch.path().join("redis"))).await?;
    let address = server.address().to_owned();
    server.kill().await;
    assert!(tokio::net::TcpStream::connect(&address).await.is_err());
    server.start_again().await?;
    assert_eq!(server.address(), address);
    tokio::net::TcpStream::connect(&address).await?;
    server.stop().await
}
