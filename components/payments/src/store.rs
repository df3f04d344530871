//! Where payments and refunds are kept.

pub mod lines;
pub mod payments;
pub mod provider_events;
pub mod refunds;
