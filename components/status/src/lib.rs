//! The status service
