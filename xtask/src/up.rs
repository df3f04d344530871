//! `cargo xtask up`: everything that serves the shop on this machine, from nothing to a URL, and
//! back in order when it is told to stop. It owns the order; each step is another module's.

mod first_data;

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use tokio::task::JoinHandle;

use crate::interruption::Interruption;
use crate::listen::Listen;
use crate::migrate::Migration;
use crate::running::{self, Ownership};
use crate::serve::{self, Host, Program};
use crate::servers::trial;
use crate::servers::{self, MysqlEndpoint, Pair, RedisEndpoint, process};
use crate::settings::Settings;
use crate::workspace::Workspace;
use crate::{compile, demo, logins, private, say, setup, spin, ticker};

/// Of the schemas of a shop that is served by `up`.
pub const SCHEMA_PREFIX: &str = "comptoir";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum HostChoice {
    /// The installed `spin` command, 4.1 or later.
    Spin,
    /// The one of this repository, which is compiled first.
    Local,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub listen: Listen,
    /// Begin with empty data.
    pub fresh: bool,
    /// Spin if it is installed and fits, unless one is chosen.
    pub host: Option<HostChoice>,
    /// Load the demo data the first time.
    pub demo: bool,
}

/// What runs; filled as it starts, so that an interruption stops exactly what there is.
#[derive(Default)]
struct Running {
    servers: Option<Pair>,
    /// A task of its own, because it is not given up between a statement and its record.
    migration: Option<JoinHandle<Result<Vec<String>>>>,
    host: Option<Host>,
}

/// Serves until somebody asks to stop, or until something that it started ends.
pub async fn run(
    workspace: &Workspace,
    options: &Options,
    interruption: &Interruption,
) -> Result<()> {
    let Some(ownership) = Ownership::take(workspace)? else {
        bail!("Comptoir is up already in this folder: stop that one first, with Ctrl-C");
    };
    let mut running = Running::default();
    let outcome = tokio::select! {
        // Asked first: what ends because of the interruption is no failure.
        biased;
        () = interruption.asked() => Ok(()),
        ended = serve(workspace, options, &ownership, interruption, &mut running) => ended,
    };
    if outcome.is_ok() || running.servers.is_some() {
        say!("\nStopping …");
    }
    let stopped = stop(workspace, interruption, &mut running).await;
    if outcome.is_ok() && stopped.is_ok() {
        say!("Stopped. Everything is kept for the next `cargo xtask up`.");
    }
    outcome.and(stopped)
}

async fn serve(
    workspace: &Workspace,
    options: &Options,
    ownership: &Ownership,
    interruption: &Interruption,
    running: &mut Running,
) -> Result<()> {
    let begun = Instant::now();
    say!("Comptoir: looking at what this machine has …");
    process::stop_orphan("host", &host_pid_file(workspace)).await?;
    options.listen.check()?;
    let given = Given::read()?;
    first_data::check_reach(workspace, options)?;
    setup::run(workspace).await?;
    if options.fresh {
        empty_data(workspace).await?;
    }
    let settings = Settings::load(&workspace.state())?;
    let program = choose_program(options.host).await?;
    if let Some(redis) = &given.redis {
        say!("Trying the Redis at {} …", redis.address);
        trial::try_redis(redis).await.context("REDIS_URL")?;
    }
    say!("{}", given.starting());
    let mariadb = running::mariadb_options(workspace, &settings);
    let redis = running::redis_options(workspace, &settings);
    let pair = running.servers.insert(Pair::start(&mariadb, &redis).await?);
    ownership.publish(&pair.mysql)?;
    say!("Building the shop (minutes the first time, seconds later) …");
    let program = compile(workspace, program).await?;
    say!("Bringing the database up to date …");
    migrate(workspace, &pair.mysql, interruption, &mut running.migration).await?;
    let logins = prepare_logins(&pair.mysql, &settings).await?;
    private::create_folder(&workspace.logs())?;
    let mut variables = settings.variables(&pair.mysql, &pair.redis, SCHEMA_PREFIX)?;
    variables.extend(logins);
    let host_options = serve::Options {
        program,
        manifest: workspace.root().join("spin.toml"),
        listen: options.listen.to_string(),
        runtime_config: Some(workspace.root().join("runtime-config.toml")),
        variables,
        log: workspace.logs().join("host.log"),
        pid_file: host_pid_file(workspace),
        cache: Some(workspace.state().join("cache")),
    };
    say!("Starting the host …");
    let host = running.host.insert(Host::start(&host_options).await?);
    let url = host.url.clone();
    ownership.publish_shop(&url)?;
    let died = async {
        tokio::select! { how = host.exited() => how, how = pair.failed() => how }
    };
    let show = async {
        let loaded = first_data::load(workspace, options, &url).await;
        print_welcome(workspace, &url, begun);
        if let Some((loaded, passwords)) = &loaded {
            demo::tell_accounts(loaded, passwords);
        }
        say!("\nCtrl-C stops everything and keeps the data.");
        std::future::pending::<()>().await
    };
    let tick = ticker::run(&url, &settings.service_token);
    tokio::select! {
        how = died => bail!("{how}"),
        () = tick => Ok(()),
        () = show => Ok(()),
    }
}

/// The servers that the environment names.
struct Given {
    mysql: Option<MysqlEndpoint>,
    redis: Option<RedisEndpoint>,
}

impl Given {
    fn read() -> Result<Self> {
        Ok(Self {
            mysql: MysqlEndpoint::from_environment()?,
            redis: RedisEndpoint::from_environment()?,
        })
    }

    fn starting(&self) -> String {
        match (&self.mysql, &self.redis) {
            (None, None) => "Starting MariaDB and Redis …".to_owned(),
            (Some(mysql), None) => {
                format!(
                    "Calling the database at {}, starting Redis …",
                    mysql.address
                )
            }
            (None, Some(_)) => "Starting MariaDB …".to_owned(),
            (Some(mysql), Some(_)) => format!("Calling the database at {} …", mysql.address),
        }
    }
}

async fn migrate(
    workspace: &Workspace,
    database: &MysqlEndpoint,
    interruption: &Interruption,
    task: &mut Option<JoinHandle<Result<Vec<String>>>>,
) -> Result<()> {
    let migration = Migration {
        folder: workspace.migrations(),
        prefix: SCHEMA_PREFIX.to_owned(),
        interruption: interruption.clone(),
        is_told: true,
    };
    let database = database.clone();
    let started = tokio::spawn(async move { migration.run(&database).await });
    let outcome = task.insert(started).await;
    *task = None;
    outcome.context("the migration broke off")?.map(drop)
}

/// The variables with which each service signs in: on the private server as itself, on another as the
/// environment says or, where it says nothing, all of them as MYSQL_URL does. All of them are tried.
async fn prepare_logins(
    database: &MysqlEndpoint,
    settings: &Settings,
) -> Result<Vec<(String, String)>> {
    if servers::is_private() {
        let logins = logins::derived(SCHEMA_PREFIX, &settings.mysql_password)?;
        logins::ensure(database, SCHEMA_PREFIX, "127.0.0.1", &logins).await?;
        return Ok(logins.iter().map(logins::Login::variable).collect());
    }
    let logins = logins::from_environment(database)?;
    for login in &logins {
        let schema = [login.schema(SCHEMA_PREFIX)];
        trial::try_database(&login.endpoint(database), &schema).await?;
    }
    Ok(logins.iter().map(logins::Login::variable).collect())
}

/// The host first, so that nothing it still answers finds its database gone.
async fn stop(
    workspace: &Workspace,
    interruption: &Interruption,
    running: &mut Running,
) -> Result<()> {
    if let Some(migration) = &mut running.migration {
        say!("The database finishes its statement (Ctrl-C once more does not wait for it) …");
        tokio::select! {
            _ = migration => {}
            () = interruption.insisted() => {}
        }
    }
    let host = match &mut running.host {
        Some(host) => host.stop().await,
        None => process::stop_named("host", &host_pid_file(workspace)).await,
    };
    let servers = match &mut running.servers {
        Some(servers) => servers.stop().await,
        // Interrupted while they started: they were told to end, and this waits for it.
        None => stop_starting_servers(workspace).await,
    };
    host.and(servers)
}

async fn stop_starting_servers(workspace: &Workspace) -> Result<()> {
    let [mariadb, redis] = running::pid_files(workspace);
    let mariadb = process::stop_named("MariaDB", &mariadb).await;
    mariadb.and(process::stop_named("Redis", &redis).await)
}

/// Before the long builds, so that a Spin that does not fit is told at once.
async fn choose_program(choice: Option<HostChoice>) -> Result<Option<Program>> {
    match choice {
        Some(HostChoice::Local) => Ok(None),
        Some(HostChoice::Spin) => Ok(Some(Program::Spin(spin::find().await?))),
        None => Ok(spin::find().await.ok().map(Program::Spin)),
    }
}

async fn compile(workspace: &Workspace, program: Option<Program>) -> Result<Program> {
    compile::components(workspace).await?;
    match program {
        Some(program) => Ok(program),
        None => Ok(Program::Local(compile::host(workspace).await?)),
    }
}

async fn empty_data(workspace: &Workspace) -> Result<()> {
    ensure!(
        servers::is_private() && RedisEndpoint::from_environment()?.is_none(),
        "--fresh empties the private servers only: unset MYSQL_URL and REDIS_URL, or drop the \
         schemas {SCHEMA_PREFIX}_* yourself"
    );
    let data = workspace.data();
    let [mariadb, redis] = running::pid_files(workspace);
    process::stop_orphan("MariaDB", &mariadb).await?;
    process::stop_orphan("Redis", &redis).await?;
    if data.exists() {
        std::fs::remove_dir_all(&data)
            .map_err(|error| private::refused(error, &data, "cannot be removed"))?;
    }
    Ok(())
}

fn host_pid_file(workspace: &Workspace) -> std::path::PathBuf {
    workspace.run().join("host.pid")
}

fn print_welcome(workspace: &Workspace, url: &str, begun: Instant) {
    say!(
        "\nComptoir serves {url} (ready in {} s)\n",
        begun.elapsed().as_secs()
    );
    say!("  API documents   {url}/docs");
    say!("  Health          {url}/readyz");
    say!(
        "  Host's log      {}",
        workspace.logs().join("host.log").display()
    );
}
