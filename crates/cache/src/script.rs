//! Lua scripts: the only way to do several things in one step, since Spin has no pipeline.

use const_sha1::Digest;
use spin_sdk::redis::{RedisParameter, RedisResult};

use crate::binary;
use crate::error::{Error, Result};

/// The text of a script, a `const` beside the function that runs it, and the SHA-1 by which Redis knows it.
pub struct Script {
    text: &'static str,
    digest: Digest,
}

impl Script {
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            digest: const_sha1::sha1(text.as_bytes()),
        }
    }

    /// For `EVALSHA`, which a Redis that has run the script before understands.
    pub(crate) fn by_digest(&self, keys: &[&str], args: &[&[u8]]) -> Vec<RedisParameter> {
        arguments(self.digest.to_string().as_bytes(), keys, args)
    }

    /// For `EVAL`, from which on it does.
    pub(crate) fn by_text(&self, keys: &[&str], args: &[&[u8]]) -> Vec<RedisParameter> {
        arguments(self.text.as_bytes(), keys, args)
    }
}

fn arguments(script: &[u8], keys: &[&str], args: &[&[u8]]) -> Vec<RedisParameter> {
    let mut all = Vec::with_capacity(2 + keys.len() + args.len());
    all.push(binary(script));
    all.push(binary(keys.len().to_string().as_bytes()));
    all.extend(keys.iter().map(|key| binary(key.as_bytes())));
    all.extend(args.iter().map(|arg| binary(arg)));
    all
}

/// One value of an answer; Spin flattens nested arrays into one list of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Nil,
    Status(String),
    Integer(i64),
    Bytes(Vec<u8>),
}

impl Reply {
    pub fn integer(&self) -> Result<i64> {
        match self {
            Reply::Integer(n) => Ok(*n),
            _ => Err(Error::Unexpected("wanted an integer")),
        }
    }

    /// The bytes as text, for keys and fields that we wrote as text.
    pub fn text(self) -> Result<String> {
        match self {
            Reply::Bytes(bytes) => {
                String::from_utf8(bytes).map_err(|_| Error::Unexpected("wanted text"))
            }
            Reply::Status(text) => Ok(text),
            _ => Err(Error::Unexpected("wanted text")),
        }
    }
}

impl From<RedisResult> for Reply {
    fn from(result: RedisResult) -> Self {
        match result {
            RedisResult::Nil => Reply::Nil,
            RedisResult::Status(text) => Reply::Status(text),
            RedisResult::Int64(n) => Reply::Integer(n),
            RedisResult::Binary(bytes) => Reply::Bytes(bytes),
        }
    }
}
