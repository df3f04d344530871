//! One run of wrk, the load generator: with one script of `bench/`, for some seconds.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;
use tokio::time::timeout;

use super::report::{Interval, Line, Report};
use crate::command::{self, Running};

/// A request that takes longer is an error: somebody who waits has gone.
pub const SLOWEST: Duration = Duration::from_secs(5);

/// What wrk may need beside the time of its run.
const ALLOWANCE: Duration = Duration::from_secs(60);

/// A run that is still to be made.
#[derive(Clone, Debug)]
pub struct Load<'a> {
    /// A file of `bench/`.
    pub script: &'a str,
    pub url: &'a str,
    pub connections: u32,
    pub duration: Duration,
    /// COMPTOIR_BENCH_<NAME> of the script.
    pub settings: Vec<(&'a str, String)>,
    /// Count answers by their status, and keep the first refusal: costs wrk some speed.
    pub watch: bool,
}

impl Load<'_> {
    /// Runs it in the folder of the scripts.
    pub async fn run(&self, folder: &Path, mut tell: impl FnMut(Interval)) -> Result<Report> {
        let program = command::find(&["wrk"]).context("wrk is missing: install the package wrk")?;
        let mut command = command::command(program);
        command
            .current_dir(folder)
            .arg(format!("--threads={}", threads()))
            .arg(format!("--connections={}", self.connections))
            .arg(format!("--duration={}s", self.duration.as_secs()))
            .arg(format!("--timeout={}s", SLOWEST.as_secs()))
            .args(["--script", self.script, self.url])
            .env("COMPTOIR_BENCH_THREADS", threads().to_string())
            .stdout(Stdio::piped());
        for (name, value) in &self.settings {
            command.env(format!("COMPTOIR_BENCH_{name}"), value);
        }
        if self.watch {
            command.env("COMPTOIR_BENCH_WATCH", "1");
        }
        let mut running = Running::start(&mut command)?;
        let output = running.child().stdout.take();
        let output = output.context("wrk has no standard output")?;
        let limit = self.duration + ALLOWANCE;
        let Ok(report) = timeout(limit, read(output, &mut tell)).await else {
            bail!("wrk was still running after {} s", limit.as_secs());
        };
        let status = running.wait().await.context("wrk cannot be waited for")?;
        ensure!(status.success(), "wrk failed ({status})");
        report
    }
}

async fn read(output: ChildStdout, tell: &mut impl FnMut(Interval)) -> Result<Report> {
    let mut lines = BufReader::new(output).lines();
    let mut report = None;
    while let Some(line) = lines
        .next_line()
        .await
        .context("wrk says nothing readable")?
    {
        match Line::parse(&line)? {
            Some(Line::Interval(interval)) => tell(interval),
            Some(Line::Report(last)) => report = Some(*last),
            None => {}
        }
    }
    report.context("wrk ended without a report")
}

/// A quarter of the machine for wrk: one thread makes 50 000 requests/s, more than two cores serve.
pub fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 4).clamp(1, 8)
}
