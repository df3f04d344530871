//! The catalog service
