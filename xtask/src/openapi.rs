//! `cargo xtask openapi`: one OpenAPI 3.1 document out of the parts that the services print, at
//! `docs/openapi.json`. It refuses what a reader would stumble over: two schemas by one name, an
//! operation that does not say what it does or how it says no.

mod answers;
mod document;
mod headers;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::command::Running;
use crate::metadata::Metadata;
use crate::workspace::Workspace;
use crate::{command, compile};
use document::{Document, Part};

/// The first build of every service for this machine.
const LIMIT: Duration = Duration::from_secs(1800);

/// Each service prints its part by an example with this beginning; names of examples are unique
/// in a workspace.
const EXAMPLE: &str = "openapi_";

/// Writes the document.
pub async fn write(workspace: &Workspace) -> Result<()> {
    let file = file(workspace);
    if !file.exists() {
        // The status service holds the document, and is built to make it.
        std::fs::create_dir_all(workspace.root().join("docs"))?;
        std::fs::write(&file, "{}\n")?;
    }
    let text = generate(workspace).await?;
    std::fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// Fails if the document is not what the code says.
pub async fn check(workspace: &Workspace) -> Result<()> {
    let file = file(workspace);
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    ensure!(
        !committed.is_empty(),
        "docs/openapi.json is missing: run `cargo xtask openapi`"
    );
    ensure!(
        committed == generate(workspace).await?,
        "docs/openapi.json is not what the code says: run `cargo xtask openapi`"
    );
    Ok(())
}

async fn generate(workspace: &Workspace) -> Result<String> {
    let metadata = Metadata::read(workspace).await?;
    let mut document = Document::new(metadata.version("xtask")?);
    for program in programs(workspace, EXAMPLE).await? {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let service = name.trim_start_matches(EXAMPLE).to_owned();
        let mut command = command::command(&program);
        let printed = command::read(&mut command, Duration::from_secs(60)).await?;
        let value: Value =
            serde_json::from_str(&printed).with_context(|| format!("{name} prints no JSON"))?;
        let description = metadata.description(&format!("comptoir-{service}"))?;
        document.add(Part {
            service: &service,
            description,
            value,
        })?;
    }
    document.finish()
}

/// The examples whose names begin so, which print what the code says, in alphabetical order. The same packages at once as the
/// tests are built of, so that nothing is built twice.
pub(crate) async fn programs(workspace: &Workspace, beginning: &str) -> Result<Vec<PathBuf>> {
    let mut command: Command = compile::cargo(workspace);
    command
        .args(["build", "--workspace", "--exclude", "comptoir-host"])
        .args(["--examples", "--message-format=json-render-diagnostics"])
        .stdout(Stdio::piped());
    let mut running = Running::start(&mut command)?;
    let output = tokio::time::timeout(LIMIT, running.output())
        .await
        .context("the services took too long to build")?
        .context("cargo cannot be waited for")?;
    ensure!(output.status.success(), "the services do not build");
    let messages = String::from_utf8_lossy(&output.stdout);
    let example = |message| example(message, beginning);
    let mut programs: Vec<PathBuf> = messages.lines().filter_map(example).collect();
    programs.sort();
    if programs.is_empty() {
        bail!("no service has an example {beginning}*.rs that prints its part of the document");
    }
    Ok(programs)
}

/// The program of one of cargo's messages, if it is one of ours.
fn example(message: &str, beginning: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let name = message.pointer("/target/name")?.as_str()?;
    let program = message.get("executable")?.as_str()?;
    name.starts_with(beginning).then(|| PathBuf::from(program))
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.root().join("docs").join("openapi.json")
}
