//! The command line: flags carry the names and defaults of `spin up` where it has them.
//!
//! Refuses what Spin accepts and this host does not: ranges of instance limits, TLS, files of
//! several variables.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Parser;

/// No end: what an instance keeps is bounded, and a connection is worth keeping.
pub const REQUESTS: usize = 1_000_000_000;
/// So many that a host has few instances, each with its own memory and connections.
pub const REQUESTS_AT_ONCE: usize = 64;
/// Longer than the pauses between a shop's visitors by day.
pub const IDLE: &str = "30s";

/// Serves the components of a `spin.toml` on this machine.
#[derive(Debug, Clone, Parser)]
#[command(name = "comptoir-host", version)]
pub struct Arguments {
    /// The manifest to serve.
    #[arg(short, long, value_name = "FILE", default_value = "spin.toml")]
    pub from: PathBuf,

    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// How long a connection waits for its client: for a request, for the rest of its headers, or to take more of an
    /// answer. Seconds, or with a suffix s, ms, us, ns.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = read_duration)]
    pub idle_connection_timeout: Duration,

    /// Settings of the host.
    #[arg(long, value_name = "FILE")]
    pub runtime_config_file: Option<PathBuf>,

    /// Sets a variable, `name=value` or `name=@file`; may be repeated.
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,

    /// Where compiled components are kept [default: comptoir-host in the user's cache].
    #[arg(long, value_name = "DIRECTORY")]
    pub cache_dir: Option<PathBuf>,

    #[command(flatten)]
    pub reuse: Reuse,
}

/// How long an instance lives. The flags are Spin's; the defaults are those that measure best for this shop,
/// on Spin too (docs/operations.md), where they must be given. An instance of a WASI 0.2 component serves one
/// request, whatever is said here.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Reuse {
    /// Requests that an instance serves before it is dropped.
    #[arg(
        long = "max-instance-reuse-count",
        value_name = "COUNT",
        default_value_t = REQUESTS
    )]
    pub count: usize,

    /// Requests that an instance serves at the same time.
    #[arg(
        long = "max-instance-concurrent-reuse-count",
        value_name = "COUNT",
        default_value_t = REQUESTS_AT_ONCE
    )]
    pub concurrent: usize,

    /// How long an instance without requests is kept: seconds, or with a suffix s, ms, us, ns.
    #[arg(long = "idle-instance-timeout", value_name = "DURATION", default_value = IDLE,
          value_parser = read_duration)]
    pub idle: Duration,
}

impl Arguments {
    /// The variables of the command line; the last of a name wins.
    pub fn read_variables(&self) -> Result<HashMap<String, String>> {
        let mut given = HashMap::new();
        for argument in &self.variables {
            let Some((name, value)) = argument.split_once('=') else {
                bail!("`--variable {argument}`: only name=value and name=@file are supported");
            };
            let value = match value.strip_prefix('@') {
                Some(file) => std::fs::read_to_string(file)
                    .with_context(|| format!("`--variable {name}`: cannot read {file}"))?,
                None => value.to_owned(),
            };
            given.insert(name.to_owned(), value);
        }
        Ok(given)
    }
}

fn read_duration(text: &str) -> Result<Duration, String> {
    let unit = |suffix: &str| text.strip_suffix(suffix)?.parse::<u64>().ok();
    unit("ms")
        .map(Duration::from_millis)
        .or_else(|| unit("us").map(Duration::from_micros))
        .or_else(|| unit("ns").map(Duration::from_nanos))
        .or_else(|| unit("s").map(Duration::from_secs))
        .or_else(|| unit("").map(Duration::from_secs))
        .ok_or_else(|| {
            "expected a number of seconds, or one with the suffix s, ms, us or ns".into()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds_or_carry_a_suffix() {
        assert_eq!(read_duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(read_duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(read_duration("20ms"), Ok(Duration::from_millis(20)));
        assert_eq!(read_duration("5us"), Ok(Duration::from_micros(5)));
        assert_eq!(read_duration("5ns"), Ok(Duration::from_nanos(5)));
        assert!(read_duration("1..2s").is_err());
    }

    #[test]
    fn an_instance_lives_as_long_as_measures_best() {
        let arguments = Arguments::parse_from(["comptoir-host"]);
        assert_eq!(arguments.reuse.count, REQUESTS);
        assert_eq!(arguments.reuse.concurrent, 64);
        assert_eq!(arguments.reuse.idle, Duration::from_secs(30));
        assert_eq!(arguments.listen.to_string(), "127.0.0.1:3000");
    }

    #[test]
    fn variables_may_hold_an_equals_sign() {
        let arguments = Arguments::parse_from(["comptoir-host", "--variable", "a=b=c"]);
        assert_eq!(arguments.read_variables().unwrap()["a"], "b=c");
    }
}
