//! Servers that somebody else runs are tried before a shop stands on them: whether they answer, let us in, and
//! do what the shop will ask of them. A refusal is told with its remedy, silence with its name.

mod database;
mod redis;

pub use database::try_database;
pub use redis::try_redis;
