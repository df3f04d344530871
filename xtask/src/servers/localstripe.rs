//! A private Stripe: PyPI's `localstripe`, which nobody here wrote, in the Python that `setup::python` makes.
//! It takes any key that begins with `sk_`, keeps everything in memory, and ends with its owner.
//!
//! It knows no `Idempotency-Key`: whoever needs that puts something before it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::process::{self, Process};
use super::{open_log, port};
use crate::workspace::Workspace;
use crate::{command, private, setup};

const PATIENCE: Duration = Duration::from_secs(60);

/// Its own start listens on every address and writes all it knows to one file of /tmp at each change; this
/// one listens here alone and writes nothing.
const PROGRAM: &str = "import logging, sys
from aiohttp import web
from localstripe import resources, server
logging.basicConfig(level=logging.INFO)
resources.Store.dump_to_disk = lambda store: None
web.run_app(server.app, host='127.0.0.1', port=int(sys.argv[1]), print=None)
";

#[derive(Debug)]
pub struct Localstripe {
    /// `http://127.0.0.1:12111`, without a slash at its end.
    pub url: String,
    process: Process,
}

impl Localstripe {
    /// Starts an empty one, with its log and pid file in `folder`, and waits until it answers.
    pub async fn start(workspace: &Workspace, folder: PathBuf) -> Result<Self> {
        private::create_folder(&folder)?;
        let pid_file = folder.join("localstripe.pid");
        process::stop_orphan("localstripe", &pid_file).await?;
        let python = setup::python(workspace);
        if !python.is_file() {
            bail!("localstripe is missing: `cargo xtask test` installs it");
        }
        let port = port::choose(None)?;
        let log_file = folder.join("localstripe.log");
        let log = open_log(&log_file)?;
        let mut program = Command::new(python);
        program
            .args(["-c", PROGRAM, &port.to_string()])
            .current_dir(&folder)
            .env("HOME", &folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("the log cannot be shared")?)
            .stderr(log);
        let (process, _) = Process::start("localstripe", &mut program, pid_file, Signal::SIGKILL)?;
        let begun = Instant::now();
        let address = format!("127.0.0.1:{port}");
        while TcpStream::connect(&address).await.is_err() {
            if process.has_exited() || begun.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(&log_file).unwrap_or_default();
                bail!(
                    "localstripe does not answer; its log says:\n{}",
                    command::last_lines(&log, 8)
                );
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self {
            url: format!("http://{address}"),
            process,
        })
    }

    /// Ends it, and all that it knew.
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }
}
