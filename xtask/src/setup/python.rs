//! The Python in which tests run other people's programs: a virtual environment in `target/tools/python`
//! with what `tests/requirements.txt` pins, made when that file changes. Where Debian's Python cannot make
//! one, its package `python3-venv` is installed.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};

use super::server_packages;
use crate::command::{command, find, run};
use crate::private;
use crate::workspace::Workspace;

/// Some dozens of packages, 80 MB, over a slow line.
const LIMIT: Duration = Duration::from_secs(600);

/// The program of that environment.
pub fn program(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("bin").join("python")
}

pub async fn ensure(workspace: &Workspace) -> Result<()> {
    let requirements = workspace.root().join("tests").join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)
        .with_context(|| format!("{} is not readable", requirements.display()))?;
    // Written last, so that it says of the whole environment what is in it.
    let installed = folder(workspace).join("installed.txt");
    let is_installed = std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted);
    if is_installed && program(workspace).is_file() {
        return Ok(());
    }
    crate::say!("The Python packages of the tests are missing, or others.");
    server_packages::install(missing, "with your system's packages").await?;
    let python = find(&["python3"]).context("python3 is missing: install it")?;
    crate::say!("  python3 -m venv {} …", folder(workspace).display());
    let mut make = command(python);
    make.args(["-m", "venv", "--clear"]).arg(folder(workspace));
    run(&mut make, LIMIT).await?;
    crate::say!("  pip install --requirement tests/requirements.txt …");
    let mut install = command(program(workspace));
    install
        .args(["-m", "pip", "install", "--quiet"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(&requirements);
    run(&mut install, LIMIT).await?;
    private::write(&installed, &wanted)?;
    crate::say!("  They are installed.");
    Ok(())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("tools").join("python")
}

/// Debian ships Python without what makes environments.
fn missing() -> Vec<&'static str> {
    let can_make = find(&["python3"]).is_some_and(|python| {
        let status = std::process::Command::new(python)
            .args(["-c", "import ensurepip, venv"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    });
    if can_make {
        Vec::new()
    } else {
        vec!["python3-venv"]
    }
}
