//! A private Redis (or Valkey): its own data, a free port of 127.0.0.1, a password.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Options;
use super::endpoint::RedisEndpoint;
use super::server::{Kind, Server};
use crate::{command, private};

const KIND: Kind = Kind {
    name: "Redis",
    file: "redis",
    // Longer than reading back the file of a shop's carts takes.
    patience: Duration::from_secs(60),
};

#[derive(Debug)]
pub struct Redis(Server);

impl Redis {
    /// Starts it on the folder's data and waits until it answers.
    pub async fn start(options: &Options) -> Result<Self> {
        let Some(program) = command::find(&["redis-server", "valkey-server"]) else {
            bail!(
                "Redis is missing: run `cargo xtask setup`, install redis-server, or set REDIS_URL"
            );
        };
        Server::clear_folder(KIND, options).await?;
        let command = |port, password: &str| {
            let configuration = options.folder.join("redis.conf");
            private::write(&configuration, &settings(options, port, password))?;
            let configuration = File::open(&configuration)
                .map_err(|error| private::refused(error, &configuration, "cannot be read"))?;
            // Its data are where it is started, and it reads its settings as they come: no path is part of a
            // file with quotes of its own, or taken for a pattern.
            let mut command = Command::new(&program);
            command
                .arg("-")
                .stdin(configuration)
                .current_dir(&options.folder);
            Ok(command)
        };
        let answers = async |server: &Server| ping(server).await.unwrap_or(false);
        Server::start(KIND, options, command, answers)
            .await
            .map(Self)
    }

    pub fn address(&self) -> &str {
        &self.0.address
    }

    pub fn password(&self) -> &str {
        &self.0.password
    }

    pub fn endpoint(&self) -> RedisEndpoint {
        RedisEndpoint {
            address: self.0.address.clone(),
            credentials: format!("default:{}@", self.0.password),
            database: "0".to_owned(),
        }
    }

    /// Shuts it down. On SIGTERM Redis writes its append-only file, or saves, before it ends.
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

/// The password is in this file, which is private, because arguments can be read by anybody.
fn settings(options: &Options, port: u16, password: &str) -> String {
    // Carts of guests live only here, so that a lasting server writes every change to a file.
    let keeping = if options.lasting {
        "appendonly yes\nappendfsync everysec\n"
    } else {
        "save \"\"\nappendonly no\ndatabases 4096\n"
    };
    format!("bind 127.0.0.1\nport {port}\nrequirepass {password}\ndaemonize no\n{keeping}")
}

/// True when it lets us in and has read its data (it says LOADING until then).
async fn ping(server: &Server) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(&server.address).await?;
    let question = format!("AUTH {}\r\nPING\r\nQUIT\r\n", server.password);
    stream.write_all(question.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.contains("+PONG"))
}
