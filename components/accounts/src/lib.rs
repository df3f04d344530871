//! The accounts service
