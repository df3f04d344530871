//! A login for each service, which sees its own schema and nothing else.

use anyhow::Result;
use mysql_async::prelude::Queryable;
use xtask::servers::trial::try_database;
use xtask::servers::{Mariadb, Options};
use xtask::workspace::Workspace;
use xtask::{logins, migrate};

use crate::scratch;

const PREFIX: &str = "comptoir";

#[tokio::test]
async fn the_login_of_a_service_sees_the_rows_of_its_own_schema_alone() -> Result<()> {
    let scratch = scratch("xtask-logins").await?;
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    migrate::run_from(&Workspace::find()?.migrations(), &database, PREFIX).await?;
    let all = logins::derived(PREFIX, "secret")?;
    // Twice, as at each start.
    logins::ensure(&database, PREFIX, "127.0.0.1", &all).await?;
    logins::ensure(&database, PREFIX, "127.0.0.1", &all).await?;

    for login in &all {
        let own = login.schema(PREFIX);
        let endpoint = login.endpoint(&database);
        try_database(&endpoint, std::slice::from_ref(&own)).await?;
        let mut connection = endpoint.connect().await?;
        let visible: Vec<String> = connection
            .query("select convert(schema_name using utf8mb4) from information_schema.schemata")
            .await?;
        let ours: Vec<&String> = visible
            .iter()
            .filter(|name| name.starts_with(PREFIX))
            .collect();
        assert_eq!(ours, [&own]);
        for other in all.iter().filter(|other| *other != login) {
            let schema = other.schema(PREFIX);
            let error = try_database(&endpoint, std::slice::from_ref(&schema))
                .await
                .unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains("this login lacks rights"), "{error}");
        }
        for statement in [
            format!("create table {own}.mine (id int)"),
            format!("drop table {own}.schema_migrations"),
            format!("alter table {own}.schema_migrations add column mine int"),
            "create user 'another'@'%' identified by 'x'".to_owned(),
            "select * from mysql.global_priv".to_owned(),
        ] {
            assert!(
                connection.query_drop(&statement).await.is_err(),
                "{statement}"
            );
        }
    }
    server.stop().await
}

#[tokio::test]
async fn logins_with_new_passwords_replace_the_old_ones() -> Result<()> {
    let scratch = scratch("xtask-renewed").await?;
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    let (old, new) = (logins::random(PREFIX)?, logins::random(PREFIX)?);
    logins::create(&database, PREFIX, "127.0.0.1", &old).await?;
    old[0]
        .endpoint(&database)
        .connect()
        .await?
        .disconnect()
        .await?;
    let error = logins::create(&database, PREFIX, "127.0.0.1", &new)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("--renew"), "{error}");
    let works = old[0].endpoint(&database).connect().await?;
    works.disconnect().await?;
    logins::ensure(&database, PREFIX, "127.0.0.1", &new).await?;
    assert!(old[0].endpoint(&database).connect().await.is_err());
    new[0]
        .endpoint(&database)
        .connect()
        .await?
        .disconnect()
        .await?;
    server.stop().await
}
