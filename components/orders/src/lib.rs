//! The orders service
