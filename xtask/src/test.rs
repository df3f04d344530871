//! `cargo xtask test`: everything that must be true of the repository, from its formatting to orders placed
//! over HTTP, and at the end one line that counts it. A step that fails does not stop the next ones, unless
//! these stand on it.
//!
//! All native code but the host is always built as one set of packages, and the host by itself in release:
//! another choice would turn on other features of dependencies, and build them again.

mod tally;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::interruption::Interruption;
use crate::metadata::Metadata;
use crate::servers::{
    Mariadb, MysqlEndpoint, Options as ServerOptions, Redis, RedisEndpoint, Scratch, process,
};
use crate::workspace::Workspace;
use crate::{command, compile, setup, tidy};
use tally::Tally;

/// A first build on two cores, with the host's engine, and more than that.
const LIMIT: Duration = Duration::from_secs(3600);

/// The tests that need everything built and served, and what each step is called.
const SERVED: [(&str, &str); 2] = [("e2e", "Tests end to end"), ("faults", "Faults")];

/// Every package but the host, which is built in release: its engine is slow without.
pub(crate) const NATIVE: [&str; 3] = ["--workspace", "--exclude", "comptoir-host"];
const HOST: [&str; 3] = ["--release", "--package", "comptoir-host"];
const DENY: [&str; 3] = ["--", "--deny", "warnings"];

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Servers to test on, instead of private ones.
    pub mysql: Option<String>,
    pub redis: Option<String>,
    /// How often a set-up is interrupted by the test of that.
    pub interruptions: u32,
    /// How long the test of hostile values goes on.
    pub hostile_minutes: u64,
    /// Only tests with this in their names, and no other checks.
    pub filter: Option<String>,
}

/// Runs all of it; the count is the last line on standard output.
pub async fn run(
    workspace: &Workspace,
    options: &Options,
    interruption: &Interruption,
) -> Result<()> {
    let mut tally = Tally::default();
    let interrupted = tokio::select! {
        done = run_all(workspace, options, &mut tally) => done.map(|()| false),
        () = interruption.asked() => Ok(true),
    };
    match interrupted {
        Ok(false) => {}
        Ok(true) => {
            stop_hosts(workspace).await?;
            bail!("interrupted");
        }
        Err(error) => tally.fail("Preparing", &error),
    }
    for step in tally.failed_steps() {
        crate::say!("Failed: {step}");
    }
    crate::say!("{} passed, {} failed", tally.passed(), tally.failed());
    if tally.failed() > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// The hosts of tests that were interrupted: each is a group of its own, which no signal to the tests reaches.
async fn stop_hosts(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target().join("e2e");
    let Ok(entries) = folder.read_dir() else {
        return Ok(());
    };
    for entry in entries.flatten() {
        process::stop_named("host", &entry.path().join("host.pid")).await?;
    }
    Scratch::sweep(workspace).await
}

async fn run_all(workspace: &Workspace, options: &Options, tally: &mut Tally) -> Result<()> {
    headline("Preparing this machine");
    stop_hosts(workspace).await?;
    setup::run_for_test(workspace).await?;
    let metadata = Metadata::read(workspace).await?;
    if options.filter.is_none() {
        check(workspace, tally).await;
    }
    let servers = Servers::open(workspace, options).await?;
    let run = Run {
        workspace,
        servers: &servers,
        hostile_seconds: options.hostile_minutes.saturating_mul(60).to_string(),
        filter: options.filter.as_deref(),
        interruptions: options.interruptions,
    };
    let built = step(tally, "Components", compile::components(workspace)).await;
    // As `up` builds it: the test of an interrupted set-up is not to wait for its engine.
    let host = async { compile::host(workspace).await.map(drop) };
    step(tally, "Host", host).await;
    run.tests(tally, "Tests of the host", &HOST, &[]).await;
    let native = native_targets(&metadata);
    run.tests(tally, "Tests of every package", &NATIVE, &native)
        .await;
    for (target, name) in SERVED.into_iter().filter(|_| built) {
        let targets = ["--test".to_owned(), target.to_owned()];
        run.tests(tally, name, &NATIVE, &targets).await;
    }
    servers.close().await
}

/// What needs no server and runs no test.
async fn check(workspace: &Workspace, tally: &mut Tally) {
    let cargo = |arguments: &[&[&str]]| {
        let mut command = compile::cargo(workspace);
        command.args(arguments.concat());
        async move { command::run(&mut command, LIMIT).await }
    };
    let format = cargo(&[&["fmt", "--all", "--check"]]);
    step(tally, "Formatting", format).await;
    let native = cargo(&[&["clippy"], &NATIVE, &["--all-targets"], &DENY]);
    step(tally, "Clippy, native", native).await;
    let host = cargo(&[&["clippy"], &HOST, &["--all-targets"], &DENY]);
    step(tally, "Clippy, host", host).await;
    let of_components = async {
        let components = workspace.components()?;
        let packages = components.iter().flat_map(|name| ["--package", name]);
        let target = ["clippy", "--target", "wasm32-wasip2"];
        let arguments: Vec<&str> = target.into_iter().chain(packages).collect();
        // What a component is made of is checked with it, as cargo checks a workspace's own dependencies.
        cargo(&[&arguments, &DENY]).await
    };
    step(tally, "Clippy, WebAssembly", of_components).await;
    step(tally, "Rules of the house", tidy::run(workspace)).await;
}

/// Unit tests of every package but the host, and integration tests but those that need a shop.
fn native_targets(metadata: &Metadata) -> Vec<String> {
    let mut arguments = vec!["--lib".to_owned(), "--bins".to_owned()];
    let packages = metadata.packages.iter();
    let native = packages.filter(|package| package.name != "comptoir-host");
    for target in native.flat_map(|package| &package.targets) {
        let is_served = SERVED.iter().any(|(served, _)| *served == target.name);
        if target.kind.iter().any(|kind| kind == "test") && !is_served {
            arguments.extend(["--test".to_owned(), target.name.clone()]);
        }
    }
    arguments
}

struct Run<'a> {
    workspace: &'a Workspace,
    servers: &'a Servers,
    hostile_seconds: String,
    filter: Option<&'a str>,
    interruptions: u32,
}

impl Run<'_> {
    async fn tests(&self, tally: &mut Tally, name: &str, packages: &[&str], targets: &[String]) {
        let begun = headline(name);
        let mut command = self.command(packages, targets);
        if let Err(error) = tally.run_tests(&mut command, LIMIT).await {
            tally.fail(name, &error);
        }
        took(begun);
    }

    fn command(&self, packages: &[&str], targets: &[String]) -> Command {
        let mut command = compile::cargo(self.workspace);
        command
            .args(["test", "--no-fail-fast"])
            .args(packages)
            .args(targets)
            .args(self.filter)
            .env("COMPTOIR_HOSTILE_SECONDS", &self.hostile_seconds)
            .env("COMPTOIR_TEST_MYSQL", &self.servers.mysql)
            .env("COMPTOIR_TEST_REDIS", &self.servers.redis)
            .env(
                "COMPTOIR_TEST_INTERRUPTIONS",
                self.interruptions.to_string(),
            );
        command
    }
}

/// Runs a step that is no test; whether it succeeded.
async fn step(tally: &mut Tally, name: &str, work: impl Future<Output = Result<()>>) -> bool {
    let begun = headline(name);
    let outcome = work.await;
    took(begun);
    match outcome {
        Ok(()) => true,
        Err(error) => {
            tally.fail(name, &error);
            false
        }
    }
}

fn headline(name: &str) -> Instant {
    crate::say!("\n== {name}");
    Instant::now()
}

fn took(begun: Instant) {
    crate::say!("   {} s", begun.elapsed().as_secs());
}

/// The servers of a run: those that were named, and private ones for the rest.
struct Servers {
    mysql: String,
    redis: String,
    own_mariadb: Option<Mariadb>,
    own_redis: Option<Redis>,
    // After the servers, whose data are in it.
    _folder: Scratch,
}

impl Servers {
    async fn open(workspace: &Workspace, options: &Options) -> Result<Self> {
        let folder = Scratch::create(workspace, "test").await?;
        let own_mariadb = match &options.mysql {
            Some(_) => None,
            None => {
                let options = ServerOptions::throwaway(folder.path().join("mariadb"));
                Some(Mariadb::start(&options).await?)
            }
        };
        let own_redis = match &options.redis {
            Some(_) => None,
            None => {
                let options = ServerOptions::throwaway(folder.path().join("redis"));
                Some(Redis::start(&options).await?)
            }
        };
        let own_mysql_url = own_mariadb
            .as_ref()
            .map(|server| plain_url(&server.endpoint()));
        let own_redis_url = own_redis.as_ref().map(|server| server.endpoint().url());
        let mysql = options.mysql.clone().or(own_mysql_url);
        let redis = options.redis.clone().or(own_redis_url);
        let (mysql, redis) = (mysql.unwrap_or_default(), redis.unwrap_or_default());
        MysqlEndpoint::parse(&mysql).context("--mysql cannot be used")?;
        RedisEndpoint::parse(&redis).context("--redis cannot be used")?;
        Ok(Self {
            mysql,
            redis,
            own_mariadb,
            own_redis,
            _folder: folder,
        })
    }

    /// What they hold is worth nothing now.
    async fn close(self) -> Result<()> {
        if let Some(mut server) = self.own_mariadb {
            server.kill().await;
        }
        if let Some(mut server) = self.own_redis {
            server.kill().await;
        }
        Ok(())
    }
}

/// Without parameters, as a person would write it.
fn plain_url(endpoint: &MysqlEndpoint) -> String {
    let MysqlEndpoint {
        address,
        user,
        password,
        ..
    } = endpoint;
    format!("mysql://{user}:{password}@{address}")
}
