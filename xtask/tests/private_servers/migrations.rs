//! Migrations: applied once, refused when they were changed, and completed wherever they were interrupted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use tokio::sync::watch;
use xtask::interruption::Interruption;
use xtask::migrate::statements::{Kind, split};
use xtask::migrate::{self, Migration};
use xtask::private;
use xtask::servers::{Mariadb, MysqlEndpoint, Options};
use xtask::workspace::Workspace;

use crate::schema::{describe, drop_all};
use crate::{heard, interruptions, scratch};

const USERS: &str = "-- Who buys; and a semicolon in a text: no end.\n\
    create table users (id bigint not null primary key, name varchar(50) comment 'a; b');\n\
    insert into users (id, name) values (1, 'Ada');\n";

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
    assert!(format!("{error:#}").starts_with("migration accounts/0003_broken.sql is not applied"));
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

/// A run that ends behind its next statement.
fn one_statement(folder: &Path, prefix: &str) -> Migration {
    let (asked, _) = watch::channel(1);
    Migration {
        folder: folder.to_owned(),
        prefix: prefix.to_owned(),
        interruption: Interruption::by(&asked),
        is_told: false,
    }
}

/// Makes the statement that was done last look as if nobody had heard of its end, once for each. A change of rows is recorded
/// by its own transaction, so that it cannot look so.
async fn forget_the_end(
    database: &MysqlEndpoint,
    prefix: &str,
    folder: &Path,
    forgotten: &mut BTreeSet<(String, usize)>,
) -> Result<()> {
    let mut connection = database.connect().await?;
    for service in xtask::workspace::subfolders(folder)? {
        let table = format!("{prefix}_{service}.schema_migration_statements");
        let select =
            format!("select name, position from {table} order by name desc, position desc");
        let last: Option<(String, usize)> = connection.query_first(select).await?;
        let Some((name, position)) = last else {
            continue;
        };
        let text = std::fs::read_to_string(folder.join(&service).join(&name))?;
        let statements = split(&text)?;
        let last = position.checked_sub(1).and_then(|at| statements.get(at));
        if last.is_none_or(|statement| statement.kind == Kind::Rows) {
            continue;
        }
        let update = format!("update {table} set done_at = null where name = ? and position = ?");
        if forgotten.insert((format!("{service}/{name}"), position)) {
            connection.exec_drop(update, (name, position)).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn migrations_go_on_behind_any_statement_whose_end_nobody_heard() -> Result<()> {
    let scratch = scratch("xtask-each").await?;
    let folder = Workspace::find()?.migrations();
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    migrate::run_from(&folder, &database, "comptoir_whole").await?;

    let migration = one_statement(&folder, "comptoir_parts");
    let (mut runs, mut forgotten) = (0, BTreeSet::new());
    while let Err(error) = migration.run(&database).await {
        let error = format!("{error:#}");
        assert!(error.contains("interrupted"), "{error}");
        runs += 1;
        assert!(runs < 1000, "no run comes further");
        forget_the_end(&database, "comptoir_parts", &folder, &mut forgotten).await?;
    }
    assert!(forgotten.len() > 50, "{forgotten:?}");
    let whole = describe(&database, "comptoir_whole").await?;
    let parts = describe(&database, "comptoir_parts").await?;
    assert_eq!(whole, parts);
    server.stop().await
}

#[tokio::test]
async fn a_change_of_rows_happens_once_whenever_it_was_interrupted() -> Result<()> {
    let scratch = scratch("xtask-rows").await?;
    let folder = scratch.path().join("migrations");
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    write(
        &folder,
        "0001_a.sql",
        "create table a (n int); insert into a values (1); update a set n = n + 1; alter table a add key k (n);",
    )?;
    let migration = one_statement(&folder, "comptoir_rows");
    while let Err(error) = migration.run(&database).await {
        let error = format!("{error:#}");
        assert!(error.contains("interrupted"), "{error}");
    }
    let mut connection = database.connect().await?;
    let values: Vec<i32> = connection
        .query("select n from comptoir_rows_accounts.a")
        .await?;
    assert_eq!(values, [2]);

    // A begun one that has not happened: its transaction was lost with its connection.
    write(
        &folder,
        "0002_b.sql",
        "update a set n = n + 1; update a set n = n * 10;",
    )?;
    connection
        .query_drop(
            "insert into comptoir_rows_accounts.schema_migration_statements (name, position, checksum, begun_at) \
             values ('0002_b.sql', 1, sha2('update a set n = n + 1', 256), 0)",
        )
        .await?;
    migrate::run_from(&folder, &database, "comptoir_rows").await?;
    let values: Vec<i32> = connection
        .query("select n from comptoir_rows_accounts.a")
        .await?;
    assert_eq!(values, [30]);
    server.stop().await
}

#[tokio::test]
async fn a_file_that_was_interrupted_may_be_changed_only_behind_what_has_happened() -> Result<()> {
    let scratch = scratch("xtask-changed").await?;
    let folder = scratch.path().join("migrations");
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    write(
        &folder,
        "0001_a.sql",
        "create table a (n int); create table b (n int);",
    )?;
    let once = one_statement(&folder, "comptoir_changed");
    assert!(once.run(&database).await.is_err());

    write(
        &folder,
        "0001_a.sql",
        "create table a (n bigint); create table b (n int);",
    )?;
    let error = migrate::run_from(&folder, &database, "comptoir_changed")
        .await
        .unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("interrupted in its statement 1 and changed since"),
        "{error}"
    );

    write(
        &folder,
        "0001_a.sql",
        "create table a (n int); create table b (n bigint); create table c (n int);",
    )?;
    let applied = migrate::run_from(&folder, &database, "comptoir_changed").await?;
    assert_eq!(applied, ["accounts/0001_a.sql"]);
    server.stop().await
}

#[tokio::test]
async fn a_database_that_an_earlier_version_left_half_way_is_completed() -> Result<()> {
    let scratch = scratch("xtask-earlier").await?;
    let folder = scratch.path().join("migrations");
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    write(&folder, "0001_users.sql", USERS)?;
    migrate::run_from(&folder, &database, "comptoir_earlier").await?;
    // That version wrote no statements down, and was interrupted behind the second one of this file.
    let mut connection = database.connect().await?;
    for statement in [
        "drop table comptoir_earlier_accounts.schema_migration_statements",
        "create table comptoir_earlier_accounts.phones (id int)",
        "insert into comptoir_earlier_accounts.users (id, name) values (2, 'Grace')",
    ] {
        connection.query_drop(statement).await?;
    }
    write(
        &folder,
        "0002_phones.sql",
        "create table phones (id int); insert into users (id, name) values (2, 'Grace'); \
         alter table phones add column number int; insert into users (id, name) values (3, 'Edsger');",
    )?;
    let applied = migrate::run_from(&folder, &database, "comptoir_earlier").await?;
    assert_eq!(applied, ["accounts/0002_phones.sql"]);
    let count = "select count(*) from comptoir_earlier_accounts.users";
    assert_eq!(connection.query_first::<u32, _>(count).await?, Some(3));

    // What is in the way of a version that does is somebody else's.
    connection
        .query_drop("create table comptoir_earlier_accounts.taken (id int)")
        .await?;
    write(&folder, "0003_taken.sql", "create table taken (id int)")?;
    let error = migrate::run_from(&folder, &database, "comptoir_earlier")
        .await
        .unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("no migration has recorded it"), "{error}");
    assert_eq!(error.matches("already exists").count(), 1, "{error}");
    server.stop().await
}

/// Starts `cargo xtask migrate` on a database.
fn start_migrate(database: &MysqlEndpoint, prefix: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(["migrate", "--prefix", prefix])
        .env("MYSQL_URL", database.url(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn a_migration_that_is_interrupted_at_random_moments_is_completed_by_the_next() -> Result<()>
{
    let scratch = scratch("xtask-killed").await?;
    let folder = Workspace::find()?.migrations();
    let mut server = Mariadb::start(&Options::throwaway(scratch.path().join("mariadb"))).await?;
    let database = server.endpoint();
    let begun = std::time::Instant::now();
    migrate::run_from(&folder, &database, "comptoir_whole").await?;
    let length = begun.elapsed().max(Duration::from_millis(200));
    let whole = describe(&database, "comptoir_whole").await?;

    let mut cut = 0;
    for number in 0..interruptions() {
        let signal = heard(["KILL", "INT", "TERM", "HUP"][number as usize % 4]);
        let child = start_migrate(&database, "comptoir_cut").spawn()?;
        let share = u32::from(private::random_bytes::<1>()?[0]);
        tokio::time::sleep(length * share / 256).await;
        Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status()?;
        let output = child.wait_with_output()?;
        if output.status.success() {
            // It was quicker. The next one begins anew.
            drop_all(&database, "comptoir_cut").await?;
            continue;
        }
        cut += 1;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            signal == "KILL" || complaint.contains("interrupted"),
            "{signal}: {complaint}"
        );
    }
    let output = start_migrate(&database, "comptoir_cut").output()?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(describe(&database, "comptoir_cut").await?, whole);
    assert!(cut > 0, "no run was interrupted");
    server.stop().await
}
