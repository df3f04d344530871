//! A private MariaDB (or MySQL): its own data, a free port of 127.0.0.1, one user `comptoir` with
//! rights on the schemas `comptoir%` and nothing else, who may make others with fewer.
//!
//! The user and root's password are set by an init file at each start: they appear in no process
//! list, and a data folder always fits the settings.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use super::endpoint::MysqlEndpoint;
use super::mysqld::Mysqld;
use super::process::{self, Process};
use super::server::{Kind, Server};
use super::{Options, open_log};
use crate::private;

const USER: &str = "comptoir";

const KIND: Kind = Kind {
    name: "MariaDB",
    file: "mariadb",
    // Longer than a recovery after a power cut takes on a laptop.
    patience: Duration::from_secs(120),
};

#[derive(Debug)]
pub struct Mariadb(Server);

impl Mariadb {
    /// Starts it on the folder's data, made first if there are none, and waits until it answers.
    pub async fn start(options: &Options) -> Result<Self> {
        let mysqld = Mysqld::find().await?;
        Server::clear_folder(KIND, options).await?;
        if !data(options).exists() {
            initialise(&mysqld, options).await?;
        }
        let command = |port, password: &str| command(&mysqld, options, port, password);
        Server::start(KIND, options, command, answers)
            .await
            .map(Self)
    }

    /// How to sign in as `comptoir`.
    pub fn endpoint(&self) -> MysqlEndpoint {
        endpoint(&self.0)
    }

    /// Shuts it down; everything is on disk when this returns.
    pub async fn stop(&mut self) -> Result<()> {
        self.0.stop().await
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        self.0.kill().await;
    }

    /// Starts it again after `stop` or `kill`: same data, same port, same password.
    pub async fn start_again(&mut self) -> Result<()> {
        *self = Self::start(&self.0.options).await?;
        Ok(())
    }

    /// Resolves when it ends, with how it ended.
    pub async fn exited(&self) -> String {
        self.0.exited().await
    }
}

fn endpoint(server: &Server) -> MysqlEndpoint {
    MysqlEndpoint::new(&server.address, USER, &server.password)
}

fn command(mysqld: &Mysqld, options: &Options, port: u16, password: &str) -> Result<Command> {
    let init_file = options.folder.join("init.sql");
    private::write(
        &init_file,
        &mysqld.init_sql(USER, password, &private::random_text()?),
    )?;
    let server_pid = options.folder.join("mariadb.server-pid");
    let mut command = Command::new(&mysqld.program);
    command
        .arg("--no-defaults")
        .arg(path_argument("--datadir", &data(options)))
        .arg(path_argument("--init-file", &init_file))
        // A server that starts removes the temporary tables of others in the same folder.
        .arg(path_argument("--tmpdir", &options.folder))
        .arg(path_argument("--socket", &socket(&options.folder, port)))
        .arg(path_argument("--pid-file", &server_pid))
        .arg(format!("--port={port}"))
        .stdin(Stdio::null())
        .args(mysqld.arguments(options.lasting));
    Ok(command)
}

async fn answers(server: &Server) -> bool {
    match endpoint(server).connect().await {
        Ok(connection) => {
            connection.disconnect().await.ok();
            true
        }
        Err(_) => false,
    }
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
    // MariaDB's program is a shell script that parts names at their blanks: it is given none of the folder.
    let mut command = mysqld.initialisation(Path::new("./data.new"), options.lasting)?;
    command
        .arg("--tmpdir=.")
        .current_dir(&options.folder)
        .stdin(Stdio::null())
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
    if !process.succeeded(KIND.patience).await {
        let log = std::fs::read_to_string(&log_file).unwrap_or_default();
        bail!(
            "the data folder of MariaDB cannot be made:\n{}",
            crate::command::last_lines(&log, 8)
        );
    }
    std::fs::rename(&new, data(options)).context("the data folder of MariaDB cannot be moved")
}

fn data(options: &Options) -> PathBuf {
    options.folder.join("data")
}

/// As the system has it, whatever bytes it is made of.
fn path_argument(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(format!("{name}="));
    argument.push(path);
    argument
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
