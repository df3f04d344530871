//! Rules and values of this service: pure, tested natively.

pub mod payment_view;
