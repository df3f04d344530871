//! `cargo xtask up`: everything that serves the shop on this machine, from nothing to a URL, and
//! back in order when it is told to stop. It owns the order; each step is another module's.

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use tokio::signal::unix::{SignalKind, signal};

use crate::running::{self, Ownership};
use crate::serve::{self, Host, Program};
use crate::servers::{self, Pair, RedisEndpoint, port, process};
use crate::settings::Settings;
use crate::workspace::Workspace;
use crate::{compile, demo, migrate, private, setup, spin, ticker};

/// Of the schemas of a shop that is served by `up`.
pub const SCHEMA_PREFIX: &str = "comptoir";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum HostChoice {
    Spin,
    Local,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub listen: String,
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
    host: Option<Host>,
}

/// Serves until Ctrl-C or SIGTERM, or until something that it started ends.
pub async fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be received")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be received")?;
    let Some(ownership) = Ownership::take(workspace)? else {
        bail!("Comptoir is up already in this folder: stop that one first, with Ctrl-C");
    };
    let mut running = Running::default();
    let outcome = tokio::select! {
        ended = serve(workspace, options, &ownership, &mut running) => ended,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    if outcome.is_ok() || running.servers.is_some() {
        println!("\nStopping …");
    }
    let stopped = stop(workspace, &mut running).await;
    if outcome.is_ok() && stopped.is_ok() {
        println!("Stopped. Everything is kept for the next `cargo xtask up`.");
    }
    outcome.and(stopped)
}

async fn serve(
    workspace: &Workspace,
    options: &Options,
    ownership: &Ownership,
    running: &mut Running,
) -> Result<()> {
    let begun = Instant::now();
    process::stop_orphan("host", &host_pid_file(workspace)).await?;
    ensure!(
        port::is_free(&options.listen),
        "{} is taken by another program, or is no address of this machine: choose another with \
         --listen 127.0.0.1:PORT",
        options.listen
    );
    setup::run(workspace).await?;
    if options.fresh {
        empty_data(workspace).await?;
    }
    let settings = Settings::load(&workspace.state())?;
    let program = choose_program(options.host).await?;
    let mariadb = running::mariadb_options(workspace, &settings);
    let redis = running::redis_options(workspace, &settings);
    let pair = running.servers.insert(Pair::start(&mariadb, &redis).await?);
    ownership.publish(&pair.mysql)?;
    let program = compile(workspace, program).await?;
    for name in migrate::run_from(&workspace.migrations(), &pair.mysql, SCHEMA_PREFIX).await? {
        println!("Applied migration {name}");
    }
    private::create_folder(&workspace.logs())?;
    let host_options = serve::Options {
        program,
        manifest: workspace.root().join("spin.toml"),
        listen: options.listen.clone(),
        runtime_config: Some(workspace.root().join("runtime-config.toml")),
        variables: settings.variables(&pair.mysql, &pair.redis, SCHEMA_PREFIX)?,
        log: workspace.logs().join("host.log"),
        pid_file: host_pid_file(workspace),
        cache: Some(workspace.state().join("cache")),
    };
    let host = running.host.insert(Host::start(&host_options).await?);
    let url = host.url.clone();
    let died = async {
        tokio::select! { how = host.exited() => how, how = pair.failed() => how }
    };
    let show = async {
        if options.demo {
            load_demo(workspace, &url).await;
        }
        print_welcome(workspace, &url, begun, options.demo);
        std::future::pending::<()>().await
    };
    let tick = ticker::run(&url, &settings.service_token);
    tokio::select! {
        how = died => bail!("{how}"),
        () = tick => Ok(()),
        () = show => Ok(()),
    }
}

/// The host first, so that nothing it still answers finds its database gone.
async fn stop(workspace: &Workspace, running: &mut Running) -> Result<()> {
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

/// A shop without its demo still serves, so that a failure is told and no more.
async fn load_demo(workspace: &Workspace, url: &str) {
    // Somebody else's database is asked each time; of ours we know.
    let mark = workspace.data().join("demo-is-loaded");
    if mark.exists() && servers::is_private() {
        return;
    }
    let loaded = demo::load(workspace, url).await;
    let marked = loaded.and_then(|_| std::fs::write(&mark, "").context("no mark can be left"));
    if let Err(error) = marked {
        eprintln!("The demo data could not be loaded: {error:#}");
        eprintln!("The shop serves without them; `cargo xtask demo` tries again.");
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
            .with_context(|| format!("{} cannot be removed", data.display()))?;
    }
    Ok(())
}

fn host_pid_file(workspace: &Workspace) -> std::path::PathBuf {
    workspace.run().join("host.pid")
}

fn print_welcome(workspace: &Workspace, url: &str, begun: Instant, demo: bool) {
    println!(
        "\nComptoir serves {url} (ready in {} s)\n",
        begun.elapsed().as_secs()
    );
    println!("  API documents   {url}/docs");
    println!("  Health          {url}/readyz");
    println!(
        "  Host's log      {}",
        workspace.logs().join("host.log").display()
    );
    if demo {
        println!("\n  Demo accounts   admin@example.org, seller1@example.org, client1@example.org");
        println!("  Password        {}", demo::PASSWORD);
    }
    println!("\nCtrl-C stops everything and keeps the data.");
}
