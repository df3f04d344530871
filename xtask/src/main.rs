//! The command line. Every command is a module of the library; here are only their words.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use xtask::interruption::Interruption;
use xtask::listen::Listen;
use xtask::migrate::Migration;
use xtask::running::Database;
use xtask::up::{HostChoice, SCHEMA_PREFIX};
use xtask::workspace::Workspace;
use xtask::{
    admin, bench, complain, demo, faults, graphql, logins, openapi, say, setup, test, tidy, up,
};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The commands of this repository",
    after_help = "`cargo xtask help COMMAND` says more of each."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Where this machine keeps data, settings and logs [default: .comptoir in the repository].
    #[arg(long, global = true, value_name = "FOLDER", env = "COMPTOIR_STATE")]
    state: Option<PathBuf>,
}

/// They hold passwords, and arguments can be read by anybody on the machine: so they are no flags.
const SERVERS: &str = "Environment:
  MYSQL_URL   A database in the place of the private MariaDB: mysql://user:password@host:3306
  REDIS_URL   A Redis in the place of the private one: redis://user:password@host:6379/0";
const DATABASE: &str = "Environment:
  MYSQL_URL   A database in the place of this machine's own: mysql://user:password@host:3306";

#[derive(Subcommand)]
enum Command {
    /// Install what is missing: the WebAssembly target, MariaDB, Redis.
    Setup,
    /// Serve the shop on this machine, with its databases, until Ctrl-C.
    ///
    /// The first time takes minutes, because everything is compiled. What is kept is in the folder
    /// `.comptoir`. Variables of spin.toml are taken from the environment, as SPIN_VARIABLE_<NAME>.
    #[command(after_help = SERVERS)]
    Up {
        /// Address and port to serve; 0.0.0.0 for all networks of this machine.
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
        listen: Listen,
        /// Delete all data of the private servers (products, orders, invoices, accounts) and begin anew.
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
    ///
    /// A run that is interrupted goes on where it stopped when it is started again.
    #[command(after_help = DATABASE)]
    Migrate {
        /// Schemas are called `<prefix>_<service>`.
        #[arg(long, default_value = SCHEMA_PREFIX)]
        prefix: String,
    },
    /// Make a database login for each service, and print them as variables for the host.
    ///
    /// MYSQL_URL names a user who may create users and grant rights on the schemas. Each login sees its own
    /// schema only. The passwords are new, shown once and kept nowhere.
    #[command(after_help = DATABASE)]
    Logins {
        /// Schemas are called `<prefix>_<service>`, and so are the logins.
        #[arg(long, default_value = SCHEMA_PREFIX)]
        prefix: String,
        /// The host from which the services connect, as MySQL has it: an address, a name, or % for any.
        #[arg(long, value_name = "HOST", default_value = "%")]
        from: String,
        /// Give logins that exist new passwords: whoever uses the old ones is locked out.
        #[arg(long)]
        renew: bool,
    },
    /// Load the demo data through the API of a running shop.
    ///
    /// Accounts have the published password only on the shop that `up` serves to this machine alone; on any
    /// other, each has one of its own, which is shown once.
    #[command(after_help = DATABASE)]
    Demo {
        /// Where the shop is.
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
        /// How often the test of an interrupted set-up interrupts it.
        #[arg(long, value_name = "TIMES", default_value_t = 8)]
        interruptions: u32,
        /// How long hostile values are sent to every field and parameter of the API.
        #[arg(long, value_name = "MINUTES", default_value_t = 2)]
        hostile_minutes: u64,
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
    #[command(after_help = DATABASE)]
    Admin {
        /// The address with which they have registered.
        email: String,
        /// Schemas are called `<prefix>_<service>`.
        #[arg(long, default_value = SCHEMA_PREFIX)]
        prefix: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::runtime::Runtime::new()
        .context("the runtime cannot be started")
        .and_then(|runtime| {
            let outcome = runtime.block_on(run(arguments));
            // Whoever was interrupted does not wait for a thread that still talks to a shop.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Arguments { command, state }: Arguments) -> Result<()> {
    let workspace = Workspace::find()?;
    let workspace = match &state {
        Some(folder) => workspace.with_state(folder)?,
        None => workspace,
    };
    let interruption = Interruption::listen()?;
    match command {
        Command::Up {
            listen,
            fresh,
            host,
            no_demo,
        } => {
            let options = up::Options {
                listen,
                fresh,
                host,
                demo: !no_demo,
            };
            up::run(&workspace, &options, &interruption).await
        }
        Command::Migrate { prefix } => migrate_database(&workspace, &prefix, &interruption).await,
        Command::Logins {
            prefix,
            from,
            renew,
        } => make_logins(&workspace, &prefix, &from, renew, &interruption).await,
        Command::Admin { email, prefix } => {
            promote(&workspace, &prefix, &email, &interruption).await
        }
        Command::Test {
            mysql,
            redis,
            interruptions,
            hostile_minutes,
            filter,
        } => {
            let options = test::Options {
                mysql,
                redis,
                interruptions,
                hostile_minutes,
                filter,
            };
            test::run(&workspace, &options, &interruption).await
        }
        other => {
            let work = run_until_interrupted(&workspace, other);
            interruption.unless_asked(work).await
        }
    }
}

/// What holds nothing that must be ended in order.
async fn run_until_interrupted(workspace: &Workspace, command: Command) -> Result<()> {
    match command {
        Command::Setup => {
            setup::run(workspace).await?;
            say!("This machine has all that Comptoir needs: `cargo xtask up` serves it.");
            Ok(())
        }
        Command::Demo { url } => demo::load(workspace, &url).await,
        Command::Tidy => tidy::run(workspace).await,
        Command::Openapi { check: true } => {
            openapi::check(workspace).await?;
            graphql::check(workspace).await
        }
        Command::Openapi { check: false } => {
            openapi::write(workspace).await?;
            graphql::write(workspace).await
        }
        Command::Bench(options) => bench::run(workspace, &options).await,
        Command::Faults(options) => faults::run(workspace, &options).await,
        Command::Up { .. }
        | Command::Migrate { .. }
        | Command::Logins { .. }
        | Command::Test { .. }
        | Command::Admin { .. } => bail!("this command ends in its own order"),
    }
}

async fn migrate_database(
    workspace: &Workspace,
    prefix: &str,
    interruption: &Interruption,
) -> Result<()> {
    let migration = Migration {
        folder: workspace.migrations(),
        prefix: prefix.to_owned(),
        interruption: interruption.clone(),
        is_told: true,
    };
    let applied = Database::with(workspace, interruption, async |database| {
        migration.run(database).await
    });
    if applied.await?.is_empty() {
        say!("Every migration is applied already.");
    }
    Ok(())
}

async fn make_logins(
    workspace: &Workspace,
    prefix: &str,
    from: &str,
    renew: bool,
    interruption: &Interruption,
) -> Result<()> {
    let logins = logins::random(prefix)?;
    let made = Database::with(workspace, interruption, async |database| {
        if renew {
            logins::ensure(database, prefix, from, &logins).await
        } else {
            logins::create(database, prefix, from, &logins).await
        }
    });
    made.await?;
    for (name, value) in logins.iter().map(logins::Login::variable) {
        say!("SPIN_VARIABLE_{}='{value}'", name.to_ascii_uppercase());
    }
    complain!(
        "These are shown once. Keep them where the host reads its variables, and nowhere else."
    );
    Ok(())
}

async fn promote(
    workspace: &Workspace,
    prefix: &str,
    email: &str,
    interruption: &Interruption,
) -> Result<()> {
    let promoted = Database::with(workspace, interruption, async |database| {
        admin::promote(database, prefix, email).await
    });
    promoted.await?;
    say!("{email} is an administrator, from the next sign-in on.");
    Ok(())
}
