//! A private Stripe: PyPI's `localstripe`, which nobody here wrote, in the Python that `setup::python` makes.
//! It takes any key that begins with `sk_`, keeps everything in memory, and ends with its owner.
//!
//! It knows no `Idempotency-Key`: whoever needs that puts something before it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::open_log;
use super::process::{self, Process};
use crate::workspace::Workspace;
use crate::{command, private, setup};

const PATIENCE: Duration = Duration::from_secs(60);

/// Its own start listens on every address and writes all it knows to one file of /tmp at each change; this
/// one listens here alone, on a free port that it tells, and writes nothing.
const PROGRAM: &str = "import logging, socket
from aiohttp import web
from localstripe import resources, server
logging.basicConfig(level=logging.INFO)
resources.Store.dump_to_disk = lambda store: None
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
web.run_app(server.app, sock=listener, print=None)
";

#[derive(Debug)]
pub struct Localstripe {
    /// `http://127.0.0.1:12111`, without a slash at its end.
    pub url: String,
    process: Process,
}

impl Localstripe {
    /// Starts an empty one, with its log and pid file in `folder`, and waits until it listens.
    pub async fn start(workspace: &Workspace, folder: PathBuf) -> Result<Self> {
        private::create_folder(&folder)?;
        let pid_file = folder.join("localstripe.pid");
        process::stop_orphan("localstripe", &pid_file).await?;
        let python = setup::python(workspace);
        if !python.is_file() {
            bail!("localstripe is missing: `cargo xtask test` installs it");
        }
        let log_file = folder.join("localstripe.log");
        let log = open_log(&log_file)?;
        let mut program = Command::new(python);
        program
            .args(["-c", PROGRAM])
            .current_dir(&folder)
            .env("HOME", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let (process, output) =
            Process::start("localstripe", &mut program, pid_file, Signal::SIGKILL)?;
        let output = output.context("localstripe has no standard output")?;
        let line = spawn_blocking(move || first_line(output));
        let line = timeout(PATIENCE, line).await.ok().and_then(Result::ok);
        let port = line.and_then(|line| line.trim().parse::<u16>().ok());
        let Some(port) = port else {
            let log = std::fs::read_to_string(&log_file).unwrap_or_default();
            bail!(
                "localstripe does not say where it listens; its log says:\n{}",
                command::last_lines(&log, 8)
            );
        };
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            process,
        })
    }

    /// Ends it, and all that it knew.
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }
}

/// What it has said in its first line; nothing if it ended before.
fn first_line(output: ChildStdout) -> String {
    let mut line = String::new();
    BufReader::new(output)
        .read_line(&mut line)
        .unwrap_or_default();
    line
}
