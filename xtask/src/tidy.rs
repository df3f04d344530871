//! `cargo xtask tidy`: the rules of the house (ARCHITECTURE.md) that no compiler knows. Each finding is
//! one line, `path:line: what`; any of them fails the command. Each rule is pure and a module.

mod arrows;
mod bounds;
mod files;
mod locks;
mod migrations;
mod rooms;
mod source;

use anyhow::{Result, bail};

use crate::graphql;
use crate::metadata::Metadata;
use crate::openapi;
use crate::workspace::Workspace;
use source::Finding;

pub async fn run(workspace: &Workspace) -> Result<()> {
    let sources = source::read(workspace.root())?;
    let metadata = Metadata::read(workspace).await?;
    let mut findings = [
        files::check,
        rooms::check,
        locks::check,
        migrations::check,
        bounds::check,
    ]
    .iter()
    .flat_map(|rule| rule(&sources))
    .collect::<Vec<_>>();
    findings.extend(arrows::check(&metadata, workspace.root(), &sources));
    let document = std::fs::read_to_string(workspace.root().join(bounds::DOCUMENT));
    findings.extend(bounds::check_document(&document.unwrap_or_default()));
    if let Err(error) = openapi::check(workspace).await {
        let what = format!("{error:#}");
        findings.extend(
            what.lines()
                .map(|line| Finding::new("docs/openapi.json", 1, line)),
        );
    }
    if let Err(error) = graphql::check(workspace).await {
        findings.push(Finding::new("docs/schema.graphql", 1, format!("{error:#}")));
    }
    findings.sort();
    for finding in &findings {
        crate::say!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("tidy has 1 finding"),
        count => bail!("tidy has {count} findings"),
    }
}
