//! Where a database is and how to sign in: read from MYSQL_URL and REDIS_URL, or given by a
//! private server. The parts stay as they are written in a URL (percent-encoded), because
//! `spin.toml` puts them together into one again.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::time::timeout;

use super::refusal;

/// How long a server may take to let us in; one that accepts and says nothing is named after it.
const PATIENCE: Duration = Duration::from_secs(10);

/// As `mysql_options` in `spin.toml`: the first saves two round trips of each login.
const MYSQL_OPTIONS: [(&str, &str); 3] = [
    ("prefer_socket", "false"),
    ("max_allowed_packet", "16777216"),
    ("wait_timeout", "28800"),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MysqlEndpoint {
    /// `host:port`.
    pub address: String,
    pub user: String,
    pub password: String,
    /// URL parameters, without the `?`.
    pub options: String,
}

impl MysqlEndpoint {
    /// A server without TLS, as the private ones are.
    pub fn new(address: &str, user: &str, password: &str) -> Self {
        let [address, user, password] = [address, user, password].map(str::to_owned);
        Self {
            address,
            user,
            password,
            options: options_with_defaults(""),
        }
    }

    /// `mysql://user:password@host[:port][/…][?options]`; the path is ignored, because every
    /// service has a schema of its own.
    pub fn parse(url: &str) -> Result<Self> {
        let rest = url
            .strip_prefix("mysql://")
            .context("it does not begin with mysql://")?;
        check_encoding(rest)?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, _path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, host) = authority
            .rsplit_once('@')
            .context("it names no user: mysql://user:password@host")?;
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        let endpoint = Self {
            address: with_port(host, 3306)?,
            user: user.to_owned(),
            password: password.to_owned(),
            options: options_with_defaults(options),
        };
        endpoint.client_options()?;
        Ok(endpoint)
    }

    /// What MYSQL_URL says, if it is set.
    pub fn from_environment() -> Result<Option<Self>> {
        let Some(url) = variable("MYSQL_URL") else {
            return Ok(None);
        };
        Self::parse(&url)
            .context("MYSQL_URL cannot be used")
            .map(Some)
    }

    /// The URL of a schema, as the components get it; of the server when the schema is empty.
    pub fn url(&self, schema: &str) -> String {
        let Self {
            address,
            user,
            password,
            options,
        } = self;
        format!("mysql://{user}:{password}@{address}/{schema}?{options}")
    }

    /// A connection to the server, with no schema chosen.
    pub async fn connect(&self) -> Result<Conn> {
        let options = self.client_options()?;
        let Ok(connected) = timeout(PATIENCE, Conn::new(options)).await else {
            bail!(
                "the database at {} says nothing: {} s have passed since it was called. Is it the right \
                 address, is the server stopped, or does a firewall swallow what we send?",
                self.address,
                PATIENCE.as_secs()
            );
        };
        connected
            .map_err(refusal::explain)
            .with_context(|| format!("the database at {} does not let us in", self.address))
    }

    /// Our own client does not know `ssl-mode`, which is Spin's word.
    fn client_options(&self) -> Result<Opts> {
        let ours = Self {
            options: without_ssl_mode(&self.options),
            ..self.clone()
        };
        let builder = OptsBuilder::from_opts(Opts::from_url(&ours.url(""))?);
        if wants_tls(&self.options) {
            with_tls(builder)
        } else {
            Ok(builder.into())
        }
    }
}

#[cfg(feature = "tls")]
fn with_tls(builder: OptsBuilder) -> Result<Opts> {
    Ok(builder.ssl_opts(mysql_async::SslOpts::default()).into())
}

#[cfg(not(feature = "tls"))]
fn with_tls(_: OptsBuilder) -> Result<Opts> {
    bail!("it asks for TLS: run `cargo run --package xtask --features tls -- …` instead")
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisEndpoint {
    /// `host:port`.
    pub address: String,
    /// Empty, or ends with `@`.
    pub credentials: String,
    pub database: String,
}

impl RedisEndpoint {
    /// `redis://[user:password@]host[:port][/database]`.
    pub fn parse(url: &str) -> Result<Self> {
        ensure!(
            !url.starts_with("rediss://"),
            "rediss:// is not supported: the services of Comptoir speak to Redis without TLS. Where it leaves \
             the machine, put a tunnel in between (stunnel, a sidecar, a private network), and name that as \
             redis://"
        );
        let rest = url
            .strip_prefix("redis://")
            .context("it does not begin with redis://")?;
        check_encoding(rest)?;
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (format!("{credentials}@"), host),
            None => (String::new(), authority),
        };
        let database = if database.is_empty() { "0" } else { database };
        if database.parse::<u32>().is_err() {
            bail!("its database is no number (redis://host:port/0)");
        }
        Ok(Self {
            address: with_port(host, 6379)?,
            credentials,
            database: database.to_owned(),
        })
    }

    /// What REDIS_URL says, if it is set.
    pub fn from_environment() -> Result<Option<Self>> {
        let Some(url) = variable("REDIS_URL") else {
            return Ok(None);
        };
        Self::parse(&url)
            .context("REDIS_URL cannot be used")
            .map(Some)
    }

    pub fn url(&self) -> String {
        let Self {
            address,
            credentials,
            database,
        } = self;
        format!("redis://{credentials}{address}/{database}")
    }

    /// The same server, another of its databases: one a test.
    pub fn with_database(&self, database: u32) -> Self {
        Self {
            database: database.to_string(),
            ..self.clone()
        }
    }
}

/// A URL ends its host at the first `/`, `?` or `#`: where an `@` comes after one of these, a password is not
/// encoded. No part of it is repeated, because it may be that password's.
fn check_encoding(rest: &str) -> Result<()> {
    let encoding = "in a URL, the characters / ? # @ : and % of a password are written \
                    %2F %3F %23 %40 %3A and %25";
    if let Some((_, behind)) = rest.split_once(['/', '?', '#']) {
        ensure!(
            !behind.contains('@'),
            "its password is not encoded: {encoding}"
        );
    }
    ensure!(!rest.contains('#'), "it has a #: {encoding}");
    Ok(())
}

/// What a percent-encoded text stands for.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let mut digit = || ahead.next().and_then(|b| char::from(b).to_digit(16));
        let pair = (byte == b'%').then(|| Some((digit()?, digit()?))).flatten();
        match pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    bytes
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn with_port(host: &str, port: u16) -> Result<String> {
    if host.is_empty() {
        bail!("it names no host");
    }
    // `[::1]` holds colons and no port.
    let named = host
        .rsplit_once(':')
        .filter(|(_, port)| !port.ends_with(']'));
    match named.map(|(_, port)| port.parse::<u16>()) {
        Some(Ok(_)) => Ok(host.to_owned()),
        Some(Err(_)) => bail!("its port is no number between 0 and 65535"),
        None => Ok(format!("{host}:{port}")),
    }
}

fn options_with_defaults(given: &str) -> String {
    let missing = MYSQL_OPTIONS
        .iter()
        .filter(|(key, _)| !pairs(given).any(|(given, _)| given == *key))
        .map(|(key, value)| format!("{key}={value}"));
    let given = pairs(given).map(|(key, value)| format!("{key}={value}"));
    missing.chain(given).collect::<Vec<_>>().join("&")
}

fn without_ssl_mode(options: &str) -> String {
    let kept = pairs(options).filter(|(key, _)| !is_ssl_mode(key));
    kept.map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

fn wants_tls(options: &str) -> bool {
    pairs(options).any(|(key, value)| is_ssl_mode(key) && !value.eq_ignore_ascii_case("disabled"))
}

fn is_ssl_mode(key: &str) -> bool {
    key.eq_ignore_ascii_case("ssl-mode") || key.eq_ignore_ascii_case("sslmode")
}

fn pairs(options: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = options.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
