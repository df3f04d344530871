//! What cargo knows of the workspace's own packages.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;
use crate::{command, compile};

#[derive(Debug, Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub description: Option<String>,
    pub manifest_path: PathBuf,
    pub dependencies: Vec<Dependency>,
    pub targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
pub struct Dependency {
    pub name: String,
    /// Set for those that are part of this repository.
    pub path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
pub struct Target {
    pub name: String,
    pub kind: Vec<String>,
}

impl Metadata {
    pub async fn read(workspace: &Workspace) -> Result<Self> {
        let mut command = compile::cargo(workspace);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let text = command::read(&mut command, Duration::from_secs(120)).await?;
        serde_json::from_str(&text).context("cargo metadata answers something unknown")
    }

    pub fn version(&self, package: &str) -> Result<&str> {
        self.find(package).map(|package| package.version.as_str())
    }

    pub fn description(&self, package: &str) -> Result<&str> {
        let package = self.find(package)?;
        let description = package.description.as_deref();
        description.with_context(|| format!("{} has no description", package.name))
    }

    fn find(&self, name: &str) -> Result<&Package> {
        let found = self.packages.iter().find(|package| package.name == name);
        found.with_context(|| format!("there is no package {name}"))
    }
}
