//! Where accounts are kept: MySQL for people and sessions, Redis for counting failed sign-ins.

pub mod attempts;
pub mod failures;
pub mod sessions;
pub mod user_list;
pub mod users;
