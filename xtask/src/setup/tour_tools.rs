//! What the tour in README.md is typed with: a test runs its very text.

use anyhow::Result;

use super::server_packages;
use crate::command::find;

const PROGRAMS: [&str; 3] = ["bash", "curl", "jq"];

pub async fn ensure() -> Result<()> {
    server_packages::install(missing, "with your system's packages").await
}

/// Debian calls each package as its program.
fn missing() -> Vec<&'static str> {
    let missing = |program: &&str| find(&[*program]).is_none();
    PROGRAMS.into_iter().filter(missing).collect()
}
