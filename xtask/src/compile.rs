//! Builds what `spin.toml` names: every component in one call of cargo, and the local host.
//! Cargo shows its own progress and decides what is out of date.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::command;
use crate::workspace::Workspace;

/// A first build of the host on a small machine takes minutes; more than this is no progress.
const LIMIT: Duration = Duration::from_secs(3600);

/// What `cargo run` sets for us and would be news to build scripts: it must not pass to the next
/// cargo, which would build again what a cargo of the terminal has built.
const OF_CARGO_RUN: [&str; 7] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
    "CARGO_RUSTC_CURRENT_DIR",
    "OUT_DIR",
];

/// Builds the components to where `spin.toml` looks for them.
pub async fn components(workspace: &Workspace) -> Result<()> {
    wasm(workspace, &workspace.components()?).await
}

/// Builds the empty component that `bench` compares with.
pub async fn empty_component(workspace: &Workspace) -> Result<()> {
    wasm(workspace, &["comptoir-bench".to_owned()]).await
}

async fn wasm(workspace: &Workspace, packages: &[String]) -> Result<()> {
    let mut command = cargo(workspace);
    command.args([
        "build",
        "--profile",
        "component",
        "--target",
        "wasm32-wasip2",
    ]);
    for package in packages {
        command.args(["--package", package]);
    }
    // Flags of this machine's processor mean nothing to the components.
    command
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command::run(&mut command, LIMIT)
        .await
        .context("the components do not build")
}

/// Builds the local host and returns its program.
pub async fn host(workspace: &Workspace) -> Result<PathBuf> {
    let mut command = cargo(workspace);
    command.args(["build", "--release", "--package", "comptoir-host"]);
    command::run(&mut command, LIMIT)
        .await
        .context("the local host does not build")?;
    Ok(workspace.target().join("release").join("comptoir-host"))
}

/// Builds the orders by SQL alone that `bench` compares with, and returns their program.
pub async fn orders_by_sql(workspace: &Workspace) -> Result<PathBuf> {
    const NAME: &str = "orders_by_sql";
    let mut command = cargo(workspace);
    command
        .args(["build", "--release", "--package", "comptoir-bench"])
        .args(["--example", NAME]);
    command::run(&mut command, LIMIT)
        .await
        .context("the orders by SQL alone do not build")?;
    let examples = workspace.target().join("release").join("examples");
    Ok(examples.join(NAME))
}

/// Cargo, as a terminal would start it.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = command::command(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command
        .current_dir(workspace.root())
        .env("CARGO_TARGET_DIR", workspace.target());
    for (name, _) in std::env::vars_os() {
        if is_of_cargo_run(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command
}

fn is_of_cargo_run(name: &str) -> bool {
    OF_CARGO_RUN.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_run_sets_is_kept_from_the_next_cargo() {
        assert!(is_of_cargo_run("CARGO_PKG_NAME"));
        assert!(is_of_cargo_run("CARGO_MANIFEST_DIR"));
        assert!(!is_of_cargo_run("CARGO_HOME"));
        assert!(!is_of_cargo_run("CARGO_NET_OFFLINE"));
        assert!(!is_of_cargo_run("CARGO_TERM_COLOR"));
    }
}
