//! The cart service
