//! A Redis on trial: signed in, its database chosen, a key written, read and removed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::super::endpoint::{RedisEndpoint, decode};
use crate::private;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it may read its data from the disk.
const LOADING: Duration = Duration::from_secs(120);
/// A key of the trial ends by itself even if nobody removes it.
const SECONDS: &str = "10";
/// Nothing that a trial is answered is longer.
const LONGEST: usize = 16 * 1024;

/// An answer of Redis, as far as the trial needs it.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Good(String),
    Refused(String),
}

/// Does on the server what a shop does, and says what it refuses.
pub async fn try_redis(endpoint: &RedisEndpoint) -> Result<()> {
    let begun = Instant::now();
    loop {
        let tried = try_once(endpoint).await;
        let tried =
            tried.with_context(|| format!("Redis at {} cannot be used", endpoint.address))?;
        match tried {
            Ok(()) => return Ok(()),
            Err(reason) if reason.starts_with("LOADING") && begun.elapsed() < LOADING => {
                sleep(Duration::from_millis(500)).await;
            }
            Err(reason) => bail!(
                "Redis at {} refuses: {reason}: {}",
                endpoint.address,
                remedy(&reason)
            ),
        }
    }
}

/// The refusal, if there is one; an error where it does not speak as Redis does.
async fn try_once(endpoint: &RedisEndpoint) -> Result<Result<(), String>> {
    let mut conversation = Conversation::open(&endpoint.address).await?;
    let key = format!("comptoir:trial:{}", private::random_text()?);
    let credentials = endpoint.credentials.trim_end_matches('@');
    let mut commands: Vec<Vec<Vec<u8>>> = Vec::new();
    // As the client of the services does: a user without a password does not sign in.
    if let Some((user, password)) = credentials.split_once(':') {
        let words = [user, password].map(decode);
        let words = words.into_iter().filter(|word| !word.is_empty());
        commands.push(std::iter::once(b"AUTH".to_vec()).chain(words).collect());
    }
    let plain = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect();
    commands.push(plain(&["PING"]));
    commands.push(plain(&["SELECT", &endpoint.database]));
    commands.push(plain(&["SET", &key, "1", "EX", SECONDS]));
    commands.push(plain(&[
        "EVAL",
        "return redis.call('GET', KEYS[1])",
        "1",
        &key,
    ]));
    commands.push(plain(&["DEL", &key]));
    commands.push(plain(&["INFO", "server"]));
    for command in &commands {
        if let Answer::Refused(reason) = conversation.ask(command).await? {
            return Ok(Err(reason));
        }
    }
    Ok(Ok(()))
}

fn remedy(reason: &str) -> &'static str {
    let has = |words: &str| reason.contains(words);
    if has("WRONGPASS") || has("invalid password") || has("invalid username") {
        "the user or the password in REDIS_URL is wrong (redis://user:password@host:port/0; / ? # @ : and % are \
         written %2F %3F %23 %40 %3A and %25)"
    } else if has("without any password configured") {
        "it has no password; leave yours out of REDIS_URL"
    } else if has("NOAUTH") || has("DENIED") {
        "it wants a password: redis://user:password@host:port/0"
    } else if has("index is out of range") || has("SELECT is not allowed") {
        "it has no database of that number; most have 0 to 15, and clusters only 0"
    } else if has("NOPERM") {
        "this user lacks rights; a shop reads and writes keys, runs scripts and asks for `info`"
    } else if has("READONLY") {
        "it is a replica; name the primary"
    } else if has("MISCONF") {
        "it cannot write its data to its disk; look at its log, and at the disk"
    } else if has("OOM") {
        "its memory is full; raise its maxmemory, or empty what nobody needs"
    } else if has("unknown command") || has("wrong number of arguments") {
        "it is too old or another program; Comptoir needs Redis 6.2 or later"
    } else if has("LOADING") {
        "it has been reading its data for minutes; try again when it has finished"
    } else if has("MOVED") || has("CLUSTERDOWN") {
        "it is part of a cluster; Comptoir needs a single Redis, or a proxy that looks like one"
    } else {
        "its log may say more"
    }
}

struct Conversation {
    stream: BufReader<TcpStream>,
}

impl Conversation {
    async fn open(address: &str) -> Result<Self> {
        let Ok(connected) = timeout(PATIENCE, TcpStream::connect(address)).await else {
            bail!(
                "nothing answers there within {} s: is it the right address, or does a firewall swallow what \
                 we send?",
                PATIENCE.as_secs()
            );
        };
        let stream = connected.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => {
                anyhow!("nobody listens there: is it running, and is this its port?")
            }
            _ => anyhow!("there is no way to it: {error}"),
        })?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    async fn ask(&mut self, words: &[Vec<u8>]) -> Result<Answer> {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend(format!("${}\r\n", word.len()).into_bytes());
            command.extend(word);
            command.extend(b"\r\n");
        }
        let exchange = async {
            self.stream.write_all(&command).await?;
            self.read().await
        };
        let Ok(answered) = timeout(PATIENCE, exchange).await else {
            bail!(
                "it accepts a connection and says nothing for {} s: is it a Redis without TLS, and not stopped?",
                PATIENCE.as_secs()
            );
        };
        answered.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset => {
                anyhow!("it hangs up: is it a Redis without TLS?")
            }
            _ => anyhow!("it does not speak as Redis does: {error}"),
        })
    }

    /// One answer: a line, or a line with the length of what comes behind it.
    async fn read(&mut self) -> std::io::Result<Answer> {
        let unknown = |what: &str| std::io::Error::other(format!("it answers {what:?}"));
        let line = self.read_line().await?;
        let (kind, rest) = (line.chars().next(), line.get(1..).unwrap_or_default());
        match kind {
            Some('+' | ':') => Ok(Answer::Good(rest.to_owned())),
            Some('-') => Ok(Answer::Refused(rest.to_owned())),
            Some('$') if rest == "-1" => Ok(Answer::Good(String::new())),
            Some('$') => {
                let length: usize = rest.parse().map_err(|_| unknown(&line))?;
                if length > LONGEST {
                    return Err(unknown(&line));
                }
                let mut bytes = vec![0; length + 2];
                self.stream.read_exact(&mut bytes).await?;
                Ok(Answer::Good(
                    String::from_utf8_lossy(&bytes).trim().to_owned(),
                ))
            }
            _ => Err(unknown(&line)),
        }
    }

    async fn read_line(&mut self) -> std::io::Result<String> {
        let mut line = Vec::new();
        let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        let mut limited = (&mut self.stream).take(limit);
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}
