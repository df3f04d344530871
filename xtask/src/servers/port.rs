//! Ports of 127.0.0.1: a free one.

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result};

/// The wanted port if it is free, or any free one.
pub fn choose(wanted: Option<u16>) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", wanted.unwrap_or(0)))
        .with_context(|| format!("port {} of 127.0.0.1 is taken", wanted.unwrap_or(0)))?;
    Ok(listener
        .local_addr()
        .context("a free port has no number")?
        .port())
}

/// Whether a server's log says that somebody else was quicker.
pub fn was_taken(log: &Path) -> bool {
    std::fs::read_to_string(log).is_ok_and(|text| text.contains("Address already in use"))
}
