//! Where carts are kept: Redis.

pub mod carts;
pub mod claims;
