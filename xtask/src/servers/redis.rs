//! A private Redis (or Valkey): its own data, a free port of 127.0.0.1, a password.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::endpoint::RedisEndpoint;
use super::process::{self, Process};
use super::{Options, open_log, port};
use crate::{command, private};

/// Longer than reading back the file of a shop's carts takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Redis {
    pub address: String,
    pub password: String,
    options: Options,
    process: Process,
}

impl Redis {
    /// Starts it on the folder's data and waits until it answers.
    pub async fn start(options: &Options) -> Result<Self> {
        let Some(program) = command::find(&["redis-server", "valkey-server"]) else {
            bail!(
                "Redis is missing: run `cargo xtask setup`, install redis-server, or set REDIS_URL"
            );
        };
        private::create_folder(&options.folder)?;
        process::stop_orphan("Redis", &pid_file(options)).await?;
        let password = match &options.password {
            Some(password) => password.clone(),
            None => private::random_text()?,
        };
        let mut outcome = attempt(&program, options, &password).await;
        // A free port may be taken between the look and the start; a given one is not given up.
        if options.port.is_none() && port::was_taken(&log_file(options)) && outcome.is_err() {
            outcome = attempt(&program, options, &password).await;
        }
        outcome
    }

    pub fn endpoint(&self) -> RedisEndpoint {
        RedisEndpoint {
            address: self.address.clone(),
            credentials: format!("default:{}@", self.password),
            database: "0".to_owned(),
        }
    }

    /// Shuts it down. On SIGTERM Redis writes its append-only file, or saves, before it ends.
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

async fn attempt(program: &Path, options: &Options, password: &str) -> Result<Redis> {
    let port = port::choose(options.port)?;
    let configuration = options.folder.join("redis.conf");
    private::write(&configuration, &settings(options, port, password))?;
    let log = open_log(&log_file(options))?;
    let mut command = std::process::Command::new(program);
    command
        .arg(&configuration)
        .stdin(std::process::Stdio::null())
        .stdout(
            log.try_clone()
                .context("the log of Redis cannot be shared")?,
        )
        .stderr(log);
    let last_word = if options.lasting {
        Signal::SIGTERM
    } else {
        Signal::SIGKILL
    };
    let (process, _) = Process::start("Redis", &mut command, pid_file(options), last_word)?;
    let server = Redis {
        address: format!("127.0.0.1:{port}"),
        password: password.to_owned(),
        options: Options {
            port: Some(port),
            password: Some(password.to_owned()),
            ..options.clone()
        },
        process,
    };
    wait_until_ready(&server, &log_file(&server.options)).await?;
    Ok(server)
}

/// The password is in this file, which is private, because arguments can be read by anybody.
fn settings(options: &Options, port: u16, password: &str) -> String {
    // Carts of guests live only here, so that a lasting server writes every change to a file.
    let keeping = if options.lasting {
        "appendonly yes\nappendfsync everysec\n"
    } else {
        "save \"\"\nappendonly no\ndatabases 4096\n"
    };
    format!(
        "bind 127.0.0.1\nport {port}\ndir \"{}\"\nrequirepass {password}\ndaemonize no\n{keeping}",
        options.folder.display()
    )
}

async fn wait_until_ready(server: &Redis, log_file: &Path) -> Result<()> {
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
        let answer = timeout(Duration::from_secs(1), ping(server)).await;
        if answer.is_ok_and(|ready| ready.unwrap_or(false)) {
            return Ok(());
        }
        sleep(Duration::from_millis(25)).await;
    }
    bail!(
        "Redis did not answer within {} s: see {}",
        PATIENCE.as_secs(),
        log_file.display()
    )
}

/// True when it lets us in and has read its data (it says LOADING until then).
async fn ping(server: &Redis) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(&server.address).await?;
    let question = format!("AUTH {}\r\nPING\r\nQUIT\r\n", server.password);
    stream.write_all(question.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.contains("+PONG"))
}

fn log_file(options: &Options) -> PathBuf {
    options.folder.join("redis.log")
}

fn pid_file(options: &Options) -> PathBuf {
    options.folder.join("redis.pid")
}
