//! Where orders are kept.

pub mod events;
pub mod orders;
pub mod refunds;
