//! What the private servers have in common: a program with its data in a folder, on a port of its own, that
//! is waited for until it answers, and stopped. Which program and how it answers is `mariadb`'s and `redis`'s.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::time::{sleep, timeout};

use super::process::{self, Process};
use super::{Options, open_log, port};
use crate::{command, disk, private};

/// After how long a person wants to know what is waited for.
const TELL_AFTER: Duration = Duration::from_secs(10);

/// What kind of server it is.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// As people call it.
    pub name: &'static str,
    /// Of its log and pid file.
    pub file: &'static str,
    /// How long it may take until it answers.
    pub patience: Duration,
}

impl Kind {
    fn log(self, options: &Options) -> PathBuf {
        options.folder.join(self.file).with_extension("log")
    }

    fn pid_file(self, options: &Options) -> PathBuf {
        options.folder.join(self.file).with_extension("pid")
    }
}

/// A server that answers.
#[derive(Debug)]
pub struct Server {
    pub address: String,
    pub password: String,
    /// Those with which it starts again at the same place.
    pub options: Options,
    log: PathBuf,
    process: Process,
}

impl Server {
    /// Ends what an interrupted run has left in the folder, before anything there is touched.
    pub async fn clear_folder(kind: Kind, options: &Options) -> Result<()> {
        private::create_folder(&options.folder)?;
        process::stop_orphan(kind.name, &kind.pid_file(options)).await
    }

    /// Starts the command that is made for a port and a password, and waits until the server answers.
    pub async fn start(
        kind: Kind,
        options: &Options,
        command: impl Fn(u16, &str) -> Result<Command>,
        answers: impl AsyncFn(&Self) -> bool,
    ) -> Result<Self> {
        let password = match &options.password {
            Some(password) => password.clone(),
            None => private::random_text()?,
        };
        let attempt = async || {
            let port = port::choose(options.port)?;
            let server = Self::spawn(kind, options, port, &password, command(port, &password)?)?;
            server.wait_until_ready(kind, &answers).await?;
            Ok(server)
        };
        let outcome = attempt().await;
        // A free port may be taken between the look and the start; a given one is not given up.
        if options.port.is_none() && outcome.is_err() && port::was_taken(&kind.log(options)) {
            return attempt().await;
        }
        outcome
    }

    fn spawn(
        kind: Kind,
        options: &Options,
        port: u16,
        password: &str,
        mut command: Command,
    ) -> Result<Self> {
        let log = open_log(&kind.log(options))?;
        let copy = log
            .try_clone()
            .with_context(|| format!("the log of {} cannot be shared", kind.name))?;
        command.stdout(copy).stderr(log);
        let last_word = if options.lasting {
            Signal::SIGTERM
        } else {
            Signal::SIGKILL
        };
        let pid_file = kind.pid_file(options);
        let (process, _) = Process::start(kind.name, &mut command, pid_file, last_word)?;
        Ok(Self {
            address: format!("127.0.0.1:{port}"),
            password: password.to_owned(),
            options: Options {
                port: Some(port),
                password: Some(password.to_owned()),
                ..options.clone()
            },
            log: kind.log(options),
            process,
        })
    }

    async fn wait_until_ready(
        &self,
        kind: Kind,
        answers: &impl AsyncFn(&Self) -> bool,
    ) -> Result<()> {
        let begun = Instant::now();
        let mut is_told = false;
        while begun.elapsed() < kind.patience {
            if !is_told && begun.elapsed() > TELL_AFTER {
                crate::say!(
                    "Waiting for {} (its log is {}) …",
                    kind.name,
                    self.log.display()
                );
                is_told = true;
            }
            if self.process.has_exited() {
                bail!("while it started, {}", self.exited().await);
            }
            let answered = timeout(Duration::from_secs(1), answers(self)).await;
            if answered.unwrap_or(false) {
                return Ok(());
            }
            sleep(Duration::from_millis(25)).await;
        }
        bail!(
            "{} did not answer within {} s: its log is {}{}",
            kind.name,
            kind.patience.as_secs(),
            self.log.display(),
            disk::warning(&self.options.folder)
        )
    }

    /// Shuts it down; everything is on disk when this returns.
    pub async fn stop(&self) -> Result<()> {
        self.process.stop(Signal::SIGTERM).await
    }

    /// Ends it as a power cut would.
    pub async fn kill(&self) {
        self.process.kill().await;
    }

    /// Resolves when it ends, with how it ended and what it said last.
    pub async fn exited(&self) -> String {
        let how = self.process.exited().await;
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        let said = command::last_lines(&said, 8);
        let full = disk::warning(&self.options.folder);
        format!(
            "{how}; the end of its log, {}:\n{said}{full}",
            self.log.display()
        )
    }
}
