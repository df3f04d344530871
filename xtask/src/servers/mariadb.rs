//! A private MariaDB (or MySQL): its own data, a free port of 127.0.0.1, one user `comptoir` with
//! rights on the schemas `comptoir%` and nothing else.
//!
//! The user and root's password are set by an init file at each start: they appear in no process
//! list, and a data folder always fits the settings.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::time::sleep;

use super::endpoint::MysqlEndpoint;
use super::mysqld::Mysqld;
use super::process::{self, Process};
use super::{Options, open_log, port};
use crate::{command, private};

/// Longer than a recovery after a power cut takes on a laptop.
const PATIENCE: Duration = Duration::from_secs(120);
const USER: &str = "comptoir";

#[derive(Debug)]
pub struct Mariadb {
    pub address: String,
    pub user: String,
    pub password: String,
    options: Options,
    process: Process,
}

impl Mariadb {
    /// Starts it on the folder's data, made first if there are none, and waits until it answers.
    pub async fn start(options: &Options) -> Result<Self> {
        let mysqld = Mysqld::find().await?;
        private::create_folder(&options.folder)?;
        process::stop_orphan("MariaDB", &pid_file(options)).await?;
        let password = match &options.password {
            Some(password) => password.clone(),
            None => private::random_text()?,
        };
        if !data(options).exists() {
            initialise(&mysqld, options).await?;
        }
        let mut outcome = attempt(&mysqld, options, &password).await;
        // A free port may be taken between the look and the start; a given one is not given up.
        if options.port.is_none() && port::was_taken(&log_file(options)) && outcome.is_err() {
            outcome = attempt(&mysqld, options, &password).await;
        }
        outcome
    }

    /// How to sign in as `comptoir`.
    pub fn endpoint(&self) -> MysqlEndpoint {
        MysqlEndpoint::new(&self.address, &self.user, &self.password)
    }

    /// Shuts it down; everything is on disk when this returns.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.stop(Signal::SIGTERM).await
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Starts it again after `stop` or `kill`: same data, same port, same password.
    pub async fn start_again(&mut self) -> Result<()> {
        *self = Self::start(&self.options).await?;
        Ok(())
    }

    /// Resolves when it ends, with how it ended.
    pub async fn exited(&self) -> String {
        self.process.exited().await
    }
}

async fn attempt(mysqld: &Mysqld, options: &Options, password: &str) -> Result<Mariadb> {
    let port = port::choose(options.port)?;
    let init_file = options.folder.join("init.sql");
    private::write(
        &init_file,
        &mysqld.init_sql(USER, password, &private::random_text()?),
    )?;
    let log = open_log(&log_file(options))?;
    let mut command = std::process::Command::new(&mysqld.program);
    command
        .arg("--no-defaults")
        .arg(path_argument("--datadir", &data(options)))
        .arg(path_argument("--init-file", &init_file))
        .arg(path_argument("--socket", &socket(&options.folder, port)))
        .arg(path_argument(
            "--pid-file",
            &options.folder.join("mariadb.server-pid"),
        ))
        .arg(format!("--port={port}"))
        .args(mysqld.arguments(options.lasting))
        .stdin(std::process::Stdio::null())
        .stdout(
            log.try_clone()
                .context("the log of MariaDB cannot be shared")?,
        )
        .stderr(log);
    let last_word = if options.lasting {
        Signal::SIGTERM
    } else {
        Signal::SIGKILL
    };
    let (process, _) = Process::start("MariaDB", &mut command, pid_file(options), last_word)?;
    let address = format!("127.0.0.1:{port}");
    let options = Options {
        port: Some(port),
        password: Some(password.to_owned()),
        ..options.clone()
    };
    let [user, password] = [USER, password].map(str::to_owned);
    let server = Mariadb {
        address,
        user,
        password,
        options,
        process,
    };
    wait_until_ready(&server, &log_file(&server.options)).await?;
    Ok(server)
}

async fn wait_until_ready(server: &Mariadb, log_file: &Path) -> Result<()> {
    let endpoint = server.endpoint();
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if server.process.has_exited() {
            let log = std::fs::read_to_string(log_file).unwrap_or_default();
            let how = server.exited().await;
            bail!(
                "{how} while it started; its log says:\n{}",
                command::last_lines(&log, 8)
            );
        }
        if let Ok(connection) = endpoint.connect().await {
            connection.disconnect().await.ok();
            return Ok(());
        }
        sleep(Duration::from_millis(25)).await;
    }
    bail!(
        "MariaDB did not answer within {} s: see {}",
        PATIENCE.as_secs(),
        log_file.display()
    )
}

/// Makes the data folder beside its place and moves it there when it is whole. The program that
/// does it starts others: it is a process like the server, so that an interruption ends them all.
async fn initialise(mysqld: &Mysqld, options: &Options) -> Result<()> {
    let new = options.folder.join("data.new");
    let pid_file = options.folder.join("initialisation.pid");
    process::stop_orphan("first start of MariaDB", &pid_file).await?;
    if new.exists() {
        std::fs::remove_dir_all(&new)
            .with_context(|| format!("{} cannot be removed", new.display()))?;
    }
    let log_file = options.folder.join("initialisation.log");
    let log = open_log(&log_file)?;
    let mut command = mysqld.initialisation(&new, options.lasting)?;
    command
        .stdin(std::process::Stdio::null())
        .stdout(
            log.try_clone()
                .context("the log of MariaDB cannot be shared")?,
        )
        .stderr(log);
    let (process, _) = Process::start(
        "the first start of MariaDB",
        &mut command,
        pid_file,
        Signal::SIGKILL,
    )?;
    if !process.succeeded(PATIENCE).await {
        let log = std::fs::read_to_string(&log_file).unwrap_or_default();
        bail!(
            "the data folder of MariaDB cannot be made:\n{}",
            command::last_lines(&log, 8)
        );
    }
    std::fs::rename(&new, data(options)).context("the data folder of MariaDB cannot be moved")
}

fn data(options: &Options) -> PathBuf {
    options.folder.join("data")
}

fn log_file(options: &Options) -> PathBuf {
    options.folder.join("mariadb.log")
}

fn pid_file(options: &Options) -> PathBuf {
    options.folder.join("mariadb.pid")
}

fn path_argument(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

/// In the folder; where its path is longer than the 108 bytes a socket may have, in /tmp.
fn socket(folder: &Path, port: u16) -> PathBuf {
    let inside = folder.join("mariadb.sock");
    if inside.as_os_str().len() < 100 {
        return inside;
    }
    PathBuf::from(format!("/tmp/comptoir-{}-{port}.sock", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_of_a_deep_folder_has_a_short_path() {
        let shallow = Path::new("/srv/shop");
        assert_eq!(socket(shallow, 1), Path::new("/srv/shop/mariadb.sock"));
        let deep = PathBuf::from("/srv").join("x".repeat(90));
        assert!(socket(&deep, 1).as_os_str().len() < 108);
    }
}
