//! Load scenarios
