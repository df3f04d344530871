//! Rules and values of this service: pure, tested natively.

pub mod event_view;
pub mod order_view;
pub mod refund_parts;
pub mod registration;
pub mod unpaid;
