//! `runtime-config.toml`: settings of the host, not of the application.
//!
//! This host knows the limits of connections and nothing else; like Spin, it refuses every other
//! key, since a setting that is silently ignored is worse than none.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// What the file may say; all of it is optional.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeConfig {
    #[serde(default)]
    pub outbound_mysql: Connections,
    #[serde(default)]
    pub outbound_redis: Connections,
}

/// The settings of one kind of connection.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connections {
    /// Connections of all instances together; without it there is no limit.
    pub max_connections: Option<usize>,
}

/// Reads the file at `path`.
pub fn read(path: &Path) -> Result<RuntimeConfig> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_connections_are_read() {
        let config: RuntimeConfig =
            toml::from_str("[outbound_mysql]\nmax_connections = 3").unwrap();
        assert_eq!(config.outbound_mysql.max_connections, Some(3));
        assert_eq!(config.outbound_redis.max_connections, None);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        for text in ["[sqlite]\nx = 1", "[outbound_mysql]\nwait = 1"] {
            let error = toml::from_str::<RuntimeConfig>(text).unwrap_err();
            assert!(error.to_string().contains("unknown field"), "{error}");
        }
    }
}
