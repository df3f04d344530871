//! The host process that serves `spin.toml`: `spin` or the local host, with its variables, from
//! its start until it says where it serves, to its end. It builds nothing and migrates nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::servers::process::{self, Process};
use crate::{command, disk, private};

/// The first start compiles every component to machine code.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the local host does unless told otherwise, and Spin only if told: few instances, which live on.
pub const REUSE: [&str; 6] = [
    "--max-instance-reuse-count",
    "1000000000",
    "--max-instance-concurrent-reuse-count",
    "64",
    "--idle-instance-timeout",
    "30s",
];

/// What serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    Spin(PathBuf),
    Local(PathBuf),
}

/// How a host is started.
#[derive(Clone, Debug)]
pub struct Options {
    pub program: Program,
    pub manifest: PathBuf,
    /// `address:port`; port 0 takes a free one.
    pub listen: String,
    pub runtime_config: Option<PathBuf>,
    /// Application variables, passed in the environment.
    pub variables: Vec<(String, String)>,
    /// Everything the host says; it begins anew at each start.
    pub log: PathBuf,
    pub pid_file: PathBuf,
    /// Where the local host keeps compiled components.
    pub cache: Option<PathBuf>,
}

#[derive(Debug)]
pub struct Host {
    /// `http://127.0.0.1:3000`, without a slash at its end.
    pub url: String,
    options: Options,
    process: Process,
}

impl Host {
    /// Starts it and waits until it serves.
    pub async fn start(options: &Options) -> Result<Self> {
        process::stop_orphan("host", &options.pid_file).await?;
        let log = File::create(&options.log)
            .map_err(|error| private::refused(error, &options.log, "cannot be written"))?;
        let mut command = command(options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(
            log.try_clone()
                .context("the log of the host cannot be shared")?,
        );
        // A host keeps nothing, so that it may be killed when nobody stops it.
        let pid_file = options.pid_file.clone();
        let (process, output) =
            Process::start("the host", &mut command, pid_file, Signal::SIGKILL)?;
        let output = output.context("the host has no standard output")?;
        let serving = watch_output(output, log);
        let url = wait_until_serving(&process, serving, &options.log).await?;
        let listen = url.trim_start_matches("http://").to_owned();
        Ok(Self {
            url,
            options: Options {
                listen,
                ..options.clone()
            },
            process,
        })
    }

    /// Lets it finish the requests it has begun, then waits for its end.
    pub async fn stop(&mut self) -> Result<()> {
        // `spin up` passes Ctrl-C on to its trigger, not every other signal.
        self.process.stop(Signal::SIGINT).await
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Starts it again after `stop` or `kill`, on the same port.
    pub async fn start_again(&mut self) -> Result<()> {
        *self = Self::start(&self.options).await?;
        Ok(())
    }

    /// Resolves when it ends, with how it ended and the end of its log.
    pub async fn exited(&self) -> String {
        let how = self.process.exited().await;
        format!("{how}; {}", end_of(&self.options.log))
    }
}

fn command(options: &Options) -> Command {
    let mut command = match &options.program {
        Program::Spin(program) => {
            let mut command = Command::new(program);
            command.arg("up").args(REUSE);
            command
        }
        Program::Local(program) => {
            let mut command = Command::new(program);
            if let Some(cache) = &options.cache {
                command.arg("--cache-dir").arg(cache);
            }
            command
        }
    };
    command
        .arg("--from")
        .arg(&options.manifest)
        .args(["--listen", &options.listen]);
    if let Some(file) = &options.runtime_config {
        command.arg("--runtime-config-file").arg(file);
    }
    // `source` in the manifest is relative to it, and Spin keeps its state beside it.
    if let Some(folder) = options.manifest.parent() {
        command.current_dir(folder);
    }
    for (name, value) in &options.variables {
        command.env(
            format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase()),
            value,
        );
    }
    command
}

/// Copies what the host prints to its log, and tells the URL when it appears.
fn watch_output(output: ChildStdout, mut log: File) -> oneshot::Receiver<String> {
    let (told, serving) = oneshot::channel();
    std::thread::spawn(move || {
        let mut told = Some(told);
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            writeln!(log, "{line}").ok();
            if let Some(url) = served_url(&line)
                && let Some(told) = told.take()
            {
                told.send(url).ok();
            }
        }
    });
    serving
}

async fn wait_until_serving(
    process: &Process,
    serving: oneshot::Receiver<String>,
    log: &Path,
) -> Result<String> {
    match timeout(PATIENCE, serving).await {
        Ok(Ok(url)) => Ok(url),
        Ok(Err(_)) => {
            let how = process.exited().await;
            bail!("{how} before it served; {}", end_of(log))
        }
        Err(_) => {
            process.kill().await;
            bail!(
                "the host did not serve within {} s; {}",
                PATIENCE.as_secs(),
                end_of(log)
            )
        }
    }
}

fn served_url(line: &str) -> Option<String> {
    let url = line.trim().strip_prefix("Serving ")?.trim_end_matches('/');
    url.starts_with("http://").then(|| url.to_owned())
}

/// What the log says of an end: not the requests that were answered, and not that its own disk is full.
fn end_of(log: &Path) -> String {
    let text = read_end(log).unwrap_or_default();
    let told: Vec<&str> = text.lines().filter(|line| !is_request(line)).collect();
    let said = command::last_lines(&told.join("\n"), 15);
    let said = match said.is_empty() {
        true => format!("its log, {}, says nothing of it", log.display()),
        false => format!("the end of its log, {}:\n{said}", log.display()),
    };
    format!("{said}{}", disk::warning(log.parent().unwrap_or(log)))
}

/// The last lines of a log, which may be long.
fn read_end(log: &Path) -> std::io::Result<String> {
    const MOST: u64 = 256 * 1024;
    let mut file = File::open(log)?;
    let begin = file.metadata()?.len().saturating_sub(MOST);
    file.seek(SeekFrom::Start(begin))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first one is cut.
    let whole = match begin {
        0 => &*text,
        _ => text.split_once('\n').map_or("", |(_, rest)| rest),
    };
    Ok(whole.to_owned())
}

/// Whether a line of the log is a request that was answered as requests are.
fn is_request(line: &str) -> bool {
    let value: Option<Value> = serde_json::from_str(line).ok();
    value.is_some_and(|line| {
        let is_well = line.get("level").and_then(Value::as_str) == Some("info");
        is_well && line.get("status").is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_read_from_the_line_that_says_it() {
        let url = Some("http://127.0.0.1:3000".to_owned());
        assert_eq!(served_url("Serving http://127.0.0.1:3000"), url);
        assert_eq!(served_url("Serving http://127.0.0.1:3000/"), url);
        assert_eq!(served_url("Available Routes:"), None);
    }

    #[test]
    fn why_a_host_ended_is_not_among_the_requests_that_it_answered() {
        assert!(is_request(
            r#"{"level":"info","status":200,"path":"/api/items"}"#
        ));
        assert!(!is_request(r#"{"level":"error","status":500,"path":"/"}"#));
        assert!(!is_request("thread 'main' panicked at src/main.rs:1:1"));
        let log = std::env::temp_dir().join(format!("host-{}.log", std::process::id()));
        std::fs::write(&log, "killed\n{\"level\":\"info\",\"status\":200}\n").unwrap();
        let end = end_of(&log);
        assert!(end.ends_with("killed"), "{end}");
        std::fs::remove_file(&log).unwrap();
    }
}
