//! `cargo xtask faults`: builds the shop and the harness that proves it, and starts that one. What it does
//! is the business of the crate of the tests.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{command, compile, setup, test};

/// A first build on two cores.
const BUILD_LIMIT: Duration = Duration::from_secs(3600);

/// What follows the storm takes minutes at most.
const REST: Duration = Duration::from_secs(900);

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How long things go wrong.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub minutes: u64,
    /// Decides what goes wrong, and what people do.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Runs it; an error if a rule was broken.
pub async fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    setup::run_for_test(workspace).await?;
    compile::components(workspace).await?;
    compile::host(workspace).await?;
    let mut build = compile::cargo(workspace);
    build.arg("build").args(test::NATIVE);
    build.args(["--bin", "faults"]);
    command::run(&mut build, BUILD_LIMIT).await?;
    let mut harness = command::command(workspace.target().join("debug").join("faults"));
    harness
        .current_dir(workspace.root())
        .args(["--minutes", &options.minutes.to_string()])
        .args(["--seed", &options.seed.to_string()]);
    let limit = Duration::from_secs(options.minutes * 60) + REST;
    if command::run(&mut harness, limit).await.is_err() {
        bail!("rules were broken: the report is above");
    }
    Ok(())
}
