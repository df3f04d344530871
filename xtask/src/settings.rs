//! What the shop needs and nobody types: keys, tokens and passwords, made once for this machine
//! and kept in `.comptoir/settings.json`, which only its owner may read.

mod keys;

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::servers::{MysqlEndpoint, RedisEndpoint};
use crate::{logins, private};

pub use keys::SigningKey;

/// `rate_limits` for loads and tests: everything is counted, and nothing is ever too much.
pub const GENEROUS_LIMITS: &str = "read=1000000000/60 write=1000000000/60";

/// `unpaid_limits` for loads and tests: customers may hold whatever they like.
pub const NO_UNPAID_LIMITS: &str = "";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Base64 of the 32 bytes of the P-256 key that signs access tokens.
    pub token_signing_key: String,
    /// What services show each other.
    pub service_token: String,
    /// Of the private servers.
    pub mysql_password: String,
    pub redis_password: String,
}

impl Settings {
    /// Reads the file, or makes it.
    pub fn load(state: &Path) -> Result<Self> {
        let path = state.join("settings.json");
        if !path.exists() {
            private::create_folder(state)?;
            let settings = Self::random()?;
            private::write(
                &path,
                &format!("{}\n", serde_json::to_string_pretty(&settings)?),
            )?;
            return Ok(settings);
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| private::refused(error, &path, "is not readable"))?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is damaged: remove it, and everybody signs in again",
                path.display()
            )
        })
    }

    /// New ones that are kept nowhere, as tests want them.
    pub fn random() -> Result<Self> {
        Ok(Self {
            token_signing_key: SigningKey::random()?.to_base64(),
            service_token: private::random_text()?,
            mysql_password: private::random_text()?,
            redis_password: private::random_text()?,
        })
    }

    /// The variables of `spin.toml` that have no default, or whose default is another machine's.
    /// They go to the host as `SPIN_VARIABLE_*`, because arguments can be read by anybody. Every service signs
    /// in at MySQL as the endpoint does; where each has a login of its own, it takes the place of these.
    pub fn variables(
        &self,
        mysql: &MysqlEndpoint,
        redis: &RedisEndpoint,
        schema_prefix: &str,
    ) -> Result<Vec<(String, String)>> {
        let key = SigningKey::from_base64(&self.token_signing_key)?;
        let variables = [
            ("mysql_address", mysql.address.clone()),
            ("mysql_options", mysql.options.clone()),
            ("schema_prefix", schema_prefix.to_owned()),
            ("redis_address", redis.address.clone()),
            ("redis_credentials", redis.credentials.clone()),
            ("redis_database", redis.database.clone()),
            ("token_signing_key", self.token_signing_key.clone()),
            ("token_keys", key.to_jwks()),
            ("service_token", self.service_token.clone()),
            ("service_token_digest", digest(&self.service_token)),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        let logins = logins::shared(mysql).into_iter();
        let logins = logins.map(|login| login.variable());
        Ok(variables.into_iter().chain(logins).collect())
    }
}

/// By which a service knows a secret that it is not given.
fn digest(secret: &str) -> String {
    let digest = Sha256::digest(secret);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_made_once() {
        let state = std::env::temp_dir().join(format!("state-{}", private::random_text().unwrap()));
        let first = Settings::load(&state).unwrap();
        let second = Settings::load(&state).unwrap();
        assert_eq!(first.token_signing_key, second.token_signing_key);
        assert_eq!(first.service_token, second.service_token);
        std::fs::remove_dir_all(&state).unwrap();
    }

    #[test]
    fn every_variable_that_spin_toml_requires_is_given() {
        let manifest = include_str!("../../spin.toml");
        let required: Vec<&str> = manifest
            .lines()
            .filter(|line| line.contains("required = true"))
            .filter_map(|line| line.split_once(" ="))
            .map(|(name, _)| name)
            .collect();
        assert!(!required.is_empty());
        let mysql = MysqlEndpoint::new("127.0.0.1:1", "a", "b");
        let redis = RedisEndpoint::parse("redis://127.0.0.1:2").unwrap();
        let given = Settings::random()
            .unwrap()
            .variables(&mysql, &redis, "comptoir")
            .unwrap();
        for name in required {
            assert!(
                given.iter().any(|(given, _)| given == name),
                "{name} is not given"
            );
        }
    }
}
