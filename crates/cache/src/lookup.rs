//! Read-through: a value kept in Redis as JSON, filled on a miss, never older than a change that was
//! answered (ADR 0003).
//!
//! The danger is a reader that misses, reads the old row, and stores it after a writer has changed the
//! row and deleted the key. So a miss takes a lease; [`Cache::forget`] takes leases away together with the
//! values; and only a reader whose lease is still there may fill.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Cache;
use crate::error::{Error, Result};
use crate::script::{Reply, Script};

/// How long a reader has to fill what it missed, in milliseconds.
const LEASE_MS: &str = "3000";

const GET_OR_LEASE: Script = Script::new(
    "local values = {}
     for i, key in ipairs(KEYS) do
       values[i] = redis.call('get', key)
       if not values[i] then
         redis.call('set', key .. ':lease', ARGV[1], 'NX', 'PX', ARGV[2])
       end
     end
     return values",
);

const LEASE: Script = Script::new(
    "local mine = {}
     for i, key in ipairs(KEYS) do
       mine[i] = redis.call('set', key .. ':lease', ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
     end
     return mine",
);

const FILL: Script = Script::new(
    "for i, key in ipairs(KEYS) do
       if redis.call('get', key .. ':lease') == ARGV[1] then
         redis.call('set', key, ARGV[2 + i], 'PX', ARGV[2])
         redis.call('del', key .. ':lease')
       end
     end",
);

/// The answers of [`Cache::fetch`]: each key's value, where there is one, and the right to fill the rest.
#[derive(Debug)]
pub struct Lookup<T> {
    pub values: Vec<Option<T>>,
    pub fill: Fill,
}

/// The right to fill the keys that were missed, until one of them changes.
#[derive(Clone, Debug)]
pub struct Fill {
    lease: String,
}

impl Cache {
    /// Reads several values in one round trip. `lease` is text that nobody else uses, such as a fresh id.
    pub async fn fetch<T: DeserializeOwned>(
        &self,
        keys: &[String],
        lease: String,
    ) -> Result<Lookup<T>> {
        let names: Vec<&str> = keys.iter().map(String::as_str).collect();
        let replies = self
            .run(
                &GET_OR_LEASE,
                &names,
                &[lease.as_bytes(), LEASE_MS.as_bytes()],
            )
            .await?;
        if replies.len() != keys.len() {
            return Err(Error::Unexpected("wanted one value for each key"));
        }
        let mut values: Vec<Option<T>> = Vec::with_capacity(keys.len());
        let mut unreadable = Vec::new();
        for (reply, key) in replies.into_iter().zip(keys) {
            values.push(match reply {
                Reply::Bytes(json) => {
                    let value = serde_json::from_slice(&json).ok();
                    if value.is_none() {
                        unreadable.push(key.clone());
                    }
                    value
                }
                Reply::Nil => None,
                _ => return Err(Error::Unexpected("wanted bytes or nil")),
            });
        }
        let fill = Fill { lease };
        // Of another version of the shop: this one replaces it.
        if !unreadable.is_empty() {
            self.renew(&unreadable, &fill).await?;
        }
        Ok(Lookup { values, fill })
    }

    /// Asks for the right to replace the values of these keys, which stay readable until then; whether it was given,
    /// for each key. Of many readers who find a value out of date, one is given it.
    pub async fn renew(&self, keys: &[String], fill: &Fill) -> Result<Vec<bool>> {
        let names: Vec<&str> = keys.iter().map(String::as_str).collect();
        let args = [fill.lease.as_bytes(), LEASE_MS.as_bytes()];
        let replies = self.run(&LEASE, &names, &args).await?;
        Ok(replies
            .iter()
            .map(|reply| *reply == Reply::Integer(1))
            .collect())
    }

    /// Stores what was missed, or is to be replaced, for `ttl_ms` milliseconds, where the lease still stands.
    pub async fn fill<T: Serialize>(
        &self,
        fill: Fill,
        entries: &[(String, T)],
        ttl_ms: u32,
    ) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        let values = entries
            .iter()
            .map(|(_, value)| serde_json::to_vec(value))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let ttl = ttl_ms.to_string();
        let mut args = vec![fill.lease.as_bytes(), ttl.as_bytes()];
        args.extend(values.iter().map(Vec::as_slice));
        self.run(&FILL, &keys, &args).await.map(drop)
    }

    /// Drops values and the leases of readers that may be about to fill them with what was true before.
    pub async fn forget(&self, keys: &[String]) -> Result<()> {
        let both: Vec<String> = keys
            .iter()
            .flat_map(|key| [key.clone(), format!("{key}:lease")])
            .collect();
        self.delete(&both).await
    }
}
