//! Servers of somebody else's are tried, and what is wrong with them is said with its remedy.

use std::time::{Duration, Instant};

use anyhow::Result;
use mysql_async::prelude::Queryable;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use xtask::servers::trial::{try_database, try_redis};
use xtask::servers::{Mariadb, MysqlEndpoint, Options, Redis, RedisEndpoint};

use crate::scratch;

async fn refused(redis: &RedisEndpoint) -> String {
    format!("{:#}", try_redis(redis).await.unwrap_err())
}

#[tokio::test]
async fn a_redis_that_the_shop_cannot_use_says_why() -> Result<()> {
    let scratch = scratch("xtask-redis-trial").await?;
    let mut options = Options::throwaway(scratch.path().join("redis"));
    options.password = Some("p@ss/w:rd".to_owned());
    let mut server = Redis::start(&options).await?;
    let address = server.address().to_owned();
    let url = |rest: &str| RedisEndpoint::parse(&format!("redis://{rest}")).unwrap();

    try_redis(&url(&format!("default:p%40ss%2Fw%3Ard@{address}/7"))).await?;
    try_redis(&url(&format!(":p%40ss%2Fw%3Ard@{address}"))).await?;
    let wrong = refused(&url(&format!("default:other@{address}"))).await;
    assert!(
        wrong.contains("user or the password in REDIS_URL is wrong"),
        "{wrong}"
    );
    let nobody = refused(&url(&address)).await;
    assert!(nobody.contains("it wants a password"), "{nobody}");
    let database = refused(&url(&format!("default:p%40ss%2Fw%3Ard@{address}/9999"))).await;
    assert!(
        database.contains("no database of that number"),
        "{database}"
    );
    server.stop().await?;
    let closed = refused(&url(&address)).await;
    assert!(closed.contains("nobody listens there"), "{closed}");
    Ok(())
}

/// A server that answers each connection with the same bytes, or with none.
async fn serve(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(answer).await.ok();
            kept.push(stream);
        }
    });
    address
}

#[tokio::test]
async fn a_server_that_says_nothing_is_named_within_seconds() {
    let address = serve(b"").await;
    let begun = Instant::now();
    let redis = RedisEndpoint::parse(&format!("redis://{address}")).unwrap();
    let said = refused(&redis).await;
    assert!(
        said.contains(&address) && said.contains("says nothing"),
        "{said}"
    );
    let mysql = MysqlEndpoint::new(&address, "a", "b");
    let said = format!("{:#}", mysql.connect().await.unwrap_err());
    assert!(
        said.contains(&address) && said.contains("says nothing"),
        "{said}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_server_of_another_kind_is_not_taken_for_one() {
    let address = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let redis = RedisEndpoint::parse(&format!("redis://{address}")).unwrap();
    let said = refused(&redis).await;
    assert!(said.contains("does not speak as Redis does"), "{said}");
    let mysql = MysqlEndpoint::new(&address, "a", "b");
    assert!(mysql.connect().await.is_err());
}

#[tokio::test]
async fn a_database_that_the_shop_cannot_use_says_why() -> Result<()> {
    let scratch = scratch("xtask-mysql-trial").await?;
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    let said = |outcome: Result<()>| format!("{:#}", outcome.unwrap_err());
    let wrong = MysqlEndpoint::new(&database.address, "comptoir", "wrong");
    let wrong = said(try_database(&wrong, &[]).await);
    assert!(
        wrong.contains("the user or the password is wrong"),
        "{wrong}"
    );
    assert_eq!(wrong.matches("Access denied").count(), 1, "{wrong}");

    let mut connection = database.connect().await?;
    for statement in [
        "create schema comptoir_x",
        "create table comptoir_x.schema_migrations (name varchar(190), checksum char(64), applied_at bigint)",
        "create user 'reader'@'127.0.0.1' identified by 'r'",
        "grant select on `comptoir\\_x`.* to 'reader'@'127.0.0.1'",
    ] {
        connection.query_drop(statement).await?;
    }
    let schemas = ["comptoir_x".to_owned()];
    try_database(&database, &schemas).await?;
    let rows = "select count(*) from comptoir_x.schema_migrations";
    assert_eq!(
        connection.query_first::<u32, _>(rows).await?,
        Some(0),
        "nothing of the trial stays"
    );
    let reader = MysqlEndpoint::new(&database.address, "reader", "r");
    let denied = said(try_database(&reader, &schemas).await);
    assert!(denied.contains("this login lacks rights"), "{denied}");
    server.stop().await
}
