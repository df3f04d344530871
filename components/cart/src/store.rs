//! Where carts are kept: Redis.

pub mod carts;
