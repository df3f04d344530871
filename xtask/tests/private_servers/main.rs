//! Private servers, migrations and set-up against a real MariaDB and Redis of this machine.

#[cfg(test)]
mod logins;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod odd_places;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod trial;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use xtask::interruption::ignores_hangup;
use xtask::servers::{Mariadb, Options, Redis, Scratch};
use xtask::workspace::Workspace;

/// How often a test that interrupts something does so.
#[cfg(test)]
fn interruptions() -> u32 {
    let given = std::env::var("COMPTOIR_TEST_INTERRUPTIONS").ok();
    given.map_or(8, |text| {
        text.parse()
            .expect("COMPTOIR_TEST_INTERRUPTIONS is a number")
    })
}

/// A signal that asks a command to stop, whoever runs these tests: under `nohup` SIGHUP asks nobody.
fn heard(signal: &'static str) -> &'static str {
    match signal {
        "HUP" if ignores_hangup() => "TERM",
        signal => signal,
    }
}

async fn scratch(name: &str) -> Result<Scratch> {
    Scratch::create(&Workspace::find()?, name).await
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
