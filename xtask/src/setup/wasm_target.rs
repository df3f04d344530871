//! The standard library of `wasm32-wasip2` for the rustc that builds here: present, or from
//! rustup, or built from Debian's sources where rustup's site is out of reach.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use super::debian_std;
use crate::command::{command, find, read, run};
use crate::workspace::Workspace;

pub const TARGET: &str = "wasm32-wasip2";

/// A question to rustc.
const SHORT: Duration = Duration::from_secs(30);
/// 30 MB over a slow line; a network that answers nothing must not hold us longer.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

pub async fn ensure(workspace: &Workspace) -> Result<()> {
    if is_present().await? {
        return Ok(());
    }
    crate::say!("The Rust target {TARGET} is missing.");
    let refusal = match add_by_rustup().await {
        Ok(()) if is_present().await? => return Ok(()),
        Ok(()) => "rustup says that it is there, and it is not".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    crate::say!("  rustup cannot add it: {refusal}");
    debian_std::install(workspace).await.with_context(|| {
        format!(
            "the Rust target {TARGET} is missing: run `rustup target add {TARGET}` where \
             static.rust-lang.org can be reached, or give this machine a Debian mirror"
        )
    })?;
    if !is_present().await? {
        bail!(
            "{TARGET} was built, but {} does not see it",
            rustc().display()
        );
    }
    crate::say!("  {TARGET} is ready.");
    Ok(())
}

/// The rustc that cargo would use.
pub fn rustc() -> PathBuf {
    std::env::var_os("RUSTC").unwrap_or("rustc".into()).into()
}

/// What rustc answers to a question such as `--print sysroot`.
pub async fn ask_rustc(arguments: &[&str]) -> Result<String> {
    read(command(rustc()).args(arguments), SHORT)
        .await
        .context("rustc does not answer: install Rust from https://rustup.rs")
}

async fn is_present() -> Result<bool> {
    let folder = ask_rustc(&["--print", "target-libdir", "--target", TARGET]).await?;
    Ok(holds_std(Path::new(&folder)))
}

fn holds_std(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

async fn add_by_rustup() -> Result<()> {
    let rustup = find(&["rustup"]).context("it is not installed")?;
    // Another Rust may come first on the PATH, and rustup would serve its own in vain.
    let sysroot = PathBuf::from(ask_rustc(&["--print", "sysroot"]).await?);
    let served = read(command(&rustup).args(["which", "rustc"]), SHORT).await?;
    if !Path::new(&served).starts_with(&sysroot) {
        bail!(
            "the rustc in use, in {}, is not one of its own",
            sysroot.display()
        );
    }
    crate::say!("  rustup target add {TARGET} …");
    let mut add: Command = command(&rustup);
    run(add.args(["target", "add", TARGET]), RUSTUP_LIMIT).await
}
