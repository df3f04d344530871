//! `docs/schema.graphql`: the schema that suppliers speak, printed by its service. `cargo xtask openapi` writes
//! it beside the other document of the API, and `cargo xtask tidy` sees that it is what the code says.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{command, openapi};

/// The service that has a schema prints it by an example with this beginning.
const EXAMPLE: &str = "graphql_";

/// Writes the document.
pub async fn write(workspace: &Workspace) -> Result<()> {
    let file = file(workspace);
    let text = generate(workspace).await?;
    std::fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// Fails if the document is not what the code says.
pub async fn check(workspace: &Workspace) -> Result<()> {
    let committed = std::fs::read_to_string(file(workspace)).unwrap_or_default();
    ensure!(
        committed == generate(workspace).await?,
        "it is not what the code says: run `cargo xtask openapi`"
    );
    Ok(())
}

async fn generate(workspace: &Workspace) -> Result<String> {
    let programs = openapi::programs(workspace, EXAMPLE).await?;
    let [program] = programs.as_slice() else {
        bail!(
            "one service has a GraphQL schema, and not {}",
            programs.len()
        );
    };
    let printed = command::read(&mut command::command(program), Duration::from_secs(60)).await?;
    Ok(format!("{}\n", printed.trim()))
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.root().join("docs").join("schema.graphql")
}
