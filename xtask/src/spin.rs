//! The `spin` command of this machine: whether it is there, and new enough for our components.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::command;

/// The first Spin with the interfaces that spin-sdk 7 imports.
const OLDEST: (u32, u32) = (4, 1);

/// The program, or why it cannot be used.
pub async fn find() -> Result<PathBuf> {
    let Some(program) = command::find(&["spin"]) else {
        bail!("the spin command is not installed: see https://spinframework.dev");
    };
    let mut ask = command::command(&program);
    let output = command::read(ask.arg("--version"), Duration::from_secs(20)).await?;
    match parse_version(&output) {
        Some(version) if version >= OLDEST => Ok(program),
        Some((major, minor)) => {
            bail!("spin {major}.{minor} is too old: Comptoir needs 4.1 or later")
        }
        None => bail!("spin --version answers something unknown: {output}"),
    }
}

/// `(4, 1)` of `spin 4.1.0 (0123abc 2026-08-26)`.
fn parse_version(output: &str) -> Option<(u32, u32)> {
    let mut words = output.split_whitespace();
    if words.next()? != "spin" {
        return None;
    }
    let mut numbers = words.next()?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_spin_is_read() {
        assert_eq!(
            parse_version("spin 4.1.0 (0123abc 2026-08-26)"),
            Some((4, 1))
        );
        assert_eq!(
            parse_version("spin 4.1.0-pre0 (0123abc 2026-08-01)"),
            Some((4, 1))
        );
        assert_eq!(parse_version("spin 10.0.1"), Some((10, 0)));
        assert_eq!(parse_version("Spin model checker 6.5"), None);
    }

    #[test]
    fn an_older_spin_is_less_than_the_oldest_that_fits() {
        assert!(parse_version("spin 4.0.2 (0123abc 2026-05-01)").unwrap() < OLDEST);
        assert!(parse_version("spin 5.0.0").unwrap() >= OLDEST);
    }
}
