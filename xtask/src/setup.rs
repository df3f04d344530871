//! What the machine must have before anything can be built or served: the WebAssembly target of
//! its Rust, MariaDB and Redis. It installs what is missing where it can, says each step, and
//! otherwise says in a sentence what the person can do. It says nothing where all is there.

mod apt;
mod debian_std;
mod invoice_tools;
mod python;
mod server_packages;
mod tour_tools;
mod wasm_target;

use anyhow::Result;

use crate::workspace::Workspace;

pub use python::program as python;

/// Everything that `up` needs.
pub async fn run(workspace: &Workspace) -> Result<()> {
    wasm_target::ensure(workspace).await?;
    server_packages::ensure().await
}

/// Everything that `test` needs: that and the programs of others that tests run.
pub async fn run_for_test(workspace: &Workspace) -> Result<()> {
    run(workspace).await?;
    python::ensure(workspace).await?;
    invoice_tools::ensure().await?;
    tour_tools::ensure().await
}

/// Everything that `bench` needs.
pub async fn run_for_bench(workspace: &Workspace) -> Result<()> {
    wasm_target::ensure(workspace).await?;
    server_packages::ensure_for_bench().await
}
