//! How often Redis is called, as MONITOR shows it: its own counters would count each command inside a
//! script as a call. And the emptying of Redis, for reads that are to miss.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::servers::Redis;

/// A connection that speaks Redis' inline commands.
#[derive(Debug)]
struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    async fn open(server: &Redis) -> Result<Self> {
        let stream = TcpStream::connect(server.address()).await;
        let stream = BufReader::new(stream.context("Redis does not answer")?);
        let mut connection = Self { stream };
        connection
            .ask(&format!("AUTH {}", server.password()))
            .await?;
        Ok(connection)
    }

    /// Sends a command whose answer is `+OK`.
    async fn ask(&mut self, command: &str) -> Result<()> {
        let line = format!("{command}\r\n");
        let sent = self.stream.write_all(line.as_bytes()).await;
        sent.context("Redis has closed the connection")?;
        let mut answer = String::new();
        let read = self.stream.read_line(&mut answer).await;
        read.context("Redis has closed the connection")?;
        ensure!(
            answer.starts_with("+OK"),
            "Redis refuses: {}",
            answer.trim()
        );
        Ok(())
    }
}

/// Counts the calls of clients until it is asked for their number.
#[derive(Debug)]
pub struct Monitor {
    count: JoinHandle<u64>,
    stop: tokio::sync::oneshot::Sender<()>,
}

impl Monitor {
    pub async fn start(server: &Redis) -> Result<Self> {
        let mut connection = Connection::open(server).await?;
        connection.ask("MONITOR").await?;
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let count = tokio::spawn(async move {
            let (mut calls, mut line) = (0, Vec::new());
            loop {
                line.clear();
                let read = connection.stream.read_until(b'\n', &mut line);
                tokio::select! {
                    read = read => match read {
                        Ok(length) if length > 0 => calls += u64::from(is_call(&line)),
                        _ => return calls,
                    },
                    _ = &mut stopped => return calls,
                }
            }
        });
        Ok(Self { count, stop })
    }

    pub async fn stop(self) -> Result<u64> {
        self.stop.send(()).ok();
        self.count
            .await
            .context("the calls of Redis were not counted")
    }
}

/// `+1339518083.107412 [0 127.0.0.1:60866] "get" "key"` is a call; inside a script, the address is `lua`.
/// Our own emptying is none.
fn is_call(line: &[u8]) -> bool {
    let Some(end) = line.iter().position(|byte| *byte == b']') else {
        return false;
    };
    let (source, command) = line.split_at(end);
    !source.ends_with(b" lua") && !command.starts_with(b"] \"FLUSHDB\"")
}

/// How many bytes Redis uses.
pub async fn used_memory(server: &Redis) -> Result<u64> {
    let mut connection = Connection::open(server).await?;
    let asked = connection.stream.write_all(b"INFO memory\r\n").await;
    asked.context("Redis has closed the connection")?;
    loop {
        let mut line = String::new();
        let read = connection.stream.read_line(&mut line).await;
        ensure!(read.is_ok_and(|length| length > 0), "Redis does not say");
        if let Some(bytes) = line.strip_prefix("used_memory:") {
            return bytes.trim().parse().context("Redis says no number");
        }
    }
}

/// Empties Redis again and again until it is dropped.
#[derive(Debug)]
pub struct Emptying(JoinHandle<()>);

impl Emptying {
    pub async fn start(server: &Redis, pause: Duration) -> Result<Self> {
        let mut connection = Connection::open(server).await?;
        Ok(Self(tokio::spawn(async move {
            while connection.ask("FLUSHDB").await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        })))
    }
}

impl Drop for Emptying {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_clients_are_calls_and_those_of_scripts_are_not() {
        assert!(is_call(
            b"+1339518083.107412 [0 127.0.0.1:60866] \"evalsha\" \"f00\" \"1\"\r\n"
        ));
        assert!(!is_call(
            b"+1339518083.107413 [0 lua] \"get\" \"catalog:item:1\"\r\n"
        ));
        assert!(!is_call(
            b"+1339518083.107413 [0 127.0.0.1:60866] \"FLUSHDB\"\r\n"
        ));
        assert!(!is_call(b"-ERR unknown command\r\n"));
    }

    #[test]
    fn a_value_that_looks_like_a_script_is_still_a_call() {
        assert!(is_call(
            br#"+1339518083.107412 [0 127.0.0.1:60866] "set" "k" "[0 lua] ""#
        ));
    }
}
