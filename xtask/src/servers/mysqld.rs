//! The database program of this machine: which one it is, and how each is told the same things.
//! Starting and stopping are `mariadb`'s.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    Mariadb,
    Mysql,
}

#[derive(Clone, Debug)]
pub struct Mysqld {
    pub program: PathBuf,
    pub flavour: Flavour,
}

impl Mysqld {
    /// The program, or a sentence that says how to get it.
    pub async fn find() -> Result<Self> {
        let Some(program) = command::find(&["mariadbd", "mysqld"]) else {
            bail!(
                "MariaDB is missing: run `cargo xtask setup`, install mariadb-server, or set MYSQL_URL"
            );
        };
        let mut version = command::command(&program);
        let version = command::read(version.arg("--version"), Duration::from_secs(10)).await?;
        let flavour = if version.contains("MariaDB") {
            Flavour::Mariadb
        } else {
            Flavour::Mysql
        };
        Ok(Self { program, flavour })
    }

    /// The command that fills an empty data folder.
    pub fn initialisation(&self, folder: &Path, lasting: bool) -> Result<Command> {
        let data = format!("--datadir={}", folder.display());
        let mut command = match self.flavour {
            Flavour::Mariadb => {
                let program = command::find(&["mariadb-install-db", "mysql_install_db"])
                    .context("mariadb-install-db is missing: install all of mariadb-server")?;
                let mut command = Command::new(program);
                command
                    .args(["--no-defaults", "--auth-root-authentication-method=normal"])
                    .args(["--skip-test-db", "--skip-name-resolve"])
                    // Also where the name of this machine is not known to itself: nothing asks for it.
                    .arg("--force");
                command
            }
            Flavour::Mysql => {
                let mut command = Command::new(&self.program);
                command.args(["--no-defaults", "--initialize-insecure"]);
                command
            }
        };
        command
            .arg(data)
            .args(as_root())
            .args(speed(self.flavour, lasting));
        Ok(command)
    }

    /// Arguments of the server, beside its places.
    pub fn arguments(&self, lasting: bool) -> Vec<&'static str> {
        let mut arguments = vec![
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--max-connections=500",
            "--max-allowed-packet=16M",
        ];
        arguments.extend(as_root());
        arguments.extend(speed(self.flavour, lasting));
        // Nothing replicates from here, so that a binary log only costs.
        arguments.push("--skip-log-bin");
        if self.flavour == Flavour::Mysql {
            arguments.push("--mysqlx=OFF");
        }
        arguments
    }

    /// What runs at each start, before anybody may connect: one user for the commands of this repository, who
    /// makes the schemas and the users that each see one of them. The passwords are letters, digits,
    /// `-` and `_` (see `private::random_text`), or the developer's own.
    pub fn init_sql(&self, user: &str, password: &str, root_password: &str) -> String {
        let password = password.replace('\\', "\\\\").replace('\'', "''");
        let user = format!("'{user}'@'127.0.0.1'");
        format!(
            "create user if not exists {user} identified by '{password}';\n\
             alter user {user} identified by '{password}';\n\
             grant all on `comptoir%`.* to {user} with grant option;\n\
             grant create user on *.* to {user};\n\
             alter user 'root'@'localhost' identified by '{root_password}';\n"
        )
    }
}

/// Both refuse to run as root unless told so; files then belong to root, which is who runs us.
fn as_root() -> Option<&'static str> {
    nix::unistd::geteuid().is_root().then_some("--user=root")
}

/// A throw-away server need not survive a power cut. Creating a table is what tests do most, and
/// its flushes are most of its cost where the folder is on a disk.
fn speed(flavour: Flavour, lasting: bool) -> Vec<&'static str> {
    if lasting {
        return Vec::new();
    }
    let mut arguments = vec![
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0",
        "--innodb-flush-method=nosync",
        "--innodb-file-per-table=0",
        "--innodb-buffer-pool-size=128M",
    ];
    if flavour == Flavour::Mariadb {
        arguments.push("--sync-frm=0");
    }
    arguments
}
