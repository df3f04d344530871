//! What can go wrong between a service and Redis.

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be had: the command was not sent.
    #[error("redis is unreachable: {0}")]
    Unavailable(String),
    /// The command failed on a connection of the instance, which is given up: it may have run.
    #[error("redis did not answer a command: {0}")]
    Lost(String),
    /// Redis has no memory left for what is written, and drops nothing for it (`maxmemory-policy`).
    #[error("redis is full: {0}")]
    Full(String),
    /// Redis was not told this script since it began: it was not run.
    #[error("redis does not know a script")]
    UnknownScript,
    /// The answer has not the shape that the code reads: a mistake of ours.
    #[error("unexpected answer from redis: {0}")]
    Unexpected(&'static str),
    /// A value did not become JSON or bytes did not become the value.
    #[error("a cached value does not fit its type: {0}")]
    Json(#[from] serde_json::Error),
}
