//! The command line. Every command is a module of the library; here are only their words.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::running::Database;
use xtask::up::{HostChoice, SCHEMA_PREFIX};
use xtask::workspace::Workspace;
use xtask::{admin, bench, demo, faults, graphql, migrate, openapi, setup, test, tidy, up};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of this repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing: the WebAssembly target, MariaDB, Redis.
    Setup,
    /// Serve the shop on this machine, with its databases, until Ctrl-C.
    Up {
        /// Address and port to serve.
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
        listen: String,
        /// Begin with empty data.
        #[arg(long)]
        fresh: bool,
        /// What serves: Spin if it is installed (4.1 or later), else the local host.
        #[arg(long, value_enum)]
        host: Option<HostChoice>,
        /// Leave the shop empty the first time.
        #[arg(long)]
        no_demo: bool,
    },
    /// Apply new migrations to MYSQL_URL, or to this machine's database.
    Migrate {
        /// Schemas are called `<prefix>_<service>`.
        #[arg(long, default_value = SCHEMA_PREFIX)]
        prefix: String,
    },
    /// Load the demo data through the API of a running shop.
    Demo {
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        url: String,
    },
    /// Check, build and test everything.
    Test {
        /// A server to test on, instead of a private MariaDB.
        #[arg(long, value_name = "URL")]
        mysql: Option<String>,
        /// A server to test on, instead of a private Redis.
        #[arg(long, value_name = "URL")]
        redis: Option<String>,
        /// Only the tests with this in their names, and no other checks.
        filter: Option<String>,
    },
    /// Check the rules of the house that no compiler knows.
    Tidy,
    /// Write docs/openapi.json and docs/schema.graphql from the code.
    Openapi {
        /// Only fail if it is not current.
        #[arg(long)]
        check: bool,
    },
    /// Measure the shop under load, on private servers.
    Bench(bench::Options),
    /// Prove that nothing is lost, while what the shop stands on is killed again and again.
    Faults(faults::Options),
    /// Make a registered user administrator.
    Admin {
        email: String,
        /// Schemas are called `<prefix>_<service>`.
        #[arg(long, default_value = SCHEMA_PREFIX)]
        prefix: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Setup => {
            setup::run(&workspace).await?;
            println!("This machine has all that Comptoir needs: `cargo xtask up` serves it.");
            Ok(())
        }
        Command::Up {
            listen,
            fresh,
            host,
            no_demo,
        } => {
            up::run(
                &workspace,
                &up::Options {
                    listen,
                    fresh,
                    host,
                    demo: !no_demo,
                },
            )
            .await
        }
        Command::Migrate { prefix } => migrate_database(&workspace, &prefix).await,
        Command::Demo { url } => demo::load(&workspace, &url).await,
        Command::Test {
            mysql,
            redis,
            filter,
        } => {
            let options = test::Options {
                mysql,
                redis,
                filter,
            };
            test::run(&workspace, &options).await
        }
        Command::Tidy => tidy::run(&workspace).await,
        Command::Openapi { check: true } => {
            openapi::check(&workspace).await?;
            graphql::check(&workspace).await
        }
        Command::Openapi { check: false } => {
            openapi::write(&workspace).await?;
            graphql::write(&workspace).await
        }
        Command::Bench(options) => bench::run(&workspace, &options).await,
        Command::Faults(options) => faults::run(&workspace, &options).await,
        Command::Admin { email, prefix } => promote(&workspace, &prefix, &email).await,
    }
}

async fn migrate_database(workspace: &Workspace, prefix: &str) -> Result<()> {
    let database = Database::open(workspace).await?;
    let applied = migrate::run_from(&workspace.migrations(), &database.endpoint, prefix).await;
    database.close().await?;
    let applied = applied?;
    for name in &applied {
        println!("Applied migration {name}");
    }
    if applied.is_empty() {
        println!("Every migration is applied already.");
    }
    Ok(())
}

async fn promote(workspace: &Workspace, prefix: &str, email: &str) -> Result<()> {
    let database = Database::open(workspace).await?;
    let promoted = admin::promote(&database.endpoint, prefix, email).await;
    database.close().await?;
    promoted?;
    println!("{email} is an administrator, from the next sign-in on.");
    Ok(())
}
