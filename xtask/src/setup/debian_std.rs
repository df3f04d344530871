//! Builds the standard library of the WebAssembly target from Debian's copy of Rust's sources,
//! of the very version that rustc has, and puts it into rustc's sysroot.
//!
//! Everything else happens in `.comptoir/std`, which is removed when it succeeded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::apt::{Apt, upstream_version};
use super::wasm_target::{TARGET, ask_rustc, rustc};
use crate::command::{command, read, run};
use crate::private;
use crate::workspace::Workspace;

/// Where a recent `rust-src` is likely, the likeliest first.
const SUITES: [&str; 6] = [
    "trixie-backports",
    "bookworm-backports",
    "stable-backports",
    "testing",
    "sid",
    "trixie",
];

/// A minute on two cores.
const BUILD_LIMIT: Duration = Duration::from_secs(1200);

const STUB: &str = "[package]\nname = \"stub\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
    [lib]\npath = \"lib.rs\"\n[workspace]\n";

pub async fn install(workspace: &Workspace) -> Result<()> {
    let version = parse_version(&ask_rustc(&["--version"]).await?)?;
    let sysroot = PathBuf::from(ask_rustc(&["--print", "sysroot"]).await?);
    let libraries = sysroot.join("lib").join("rustlib");
    check_writable(&libraries)?;
    crate::say!("  Building it from Debian's sources of Rust {version} instead.");
    let work = workspace.state().join("std");
    remove_folder(&work)?;
    private::create_folder(&work)?;
    let unpacked = work.join("unpacked");
    download(&work, &version, &unpacked).await?;
    let built = build(&work, &unpacked, &libraries, &version).await?;
    install_into(&libraries, &built, &unpacked)?;
    check(&work).await?;
    remove_folder(&work)
}

/// Unpacks `rust-src` and the `wasi-libc` of the same suite.
async fn download(work: &Path, version: &str, unpacked: &Path) -> Result<()> {
    let apt = Apt::open(work).await?;
    let mut last_error = None;
    for suite in SUITES {
        crate::say!("  Looking for rust-src {version} in Debian {suite} …");
        if let Err(error) = apt.use_suite(suite).await {
            last_error = Some(error);
            continue;
        }
        let versions = apt.versions("rust-src").await?;
        let source = versions
            .iter()
            .find(|candidate| upstream_version(candidate) == version);
        let Some(source) = source else { continue };
        if apt.versions("wasi-libc").await?.is_empty() {
            continue;
        }
        crate::say!("  Downloading rust-src {source} and wasi-libc …");
        return apt
            .unpack(&[&format!("rust-src={source}"), "wasi-libc"], unpacked)
            .await;
    }
    match last_error {
        Some(error) => Err(error.context("Debian's packages cannot be read")),
        None => bail!("no suite of Debian has rust-src {version} and wasi-libc"),
    }
}

/// Builds the libraries and returns the folder that holds them.
async fn build(work: &Path, unpacked: &Path, libraries: &Path, version: &str) -> Result<PathBuf> {
    let stub = work.join("stub");
    private::create_folder(&stub)?;
    private::write(&stub.join("Cargo.toml"), STUB)?;
    private::write(&stub.join("lib.rs"), "")?;
    let sources = unpacked.join("usr/src").join(format!("rustc-{version}"));
    let link = SourceLink::create(libraries, &sources)?;
    crate::say!("  Building the standard library, which takes about a minute …");
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        .args(["build", "--quiet", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro")
        .current_dir(&stub)
        .env("RUSTC", rustc())
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode in the libraries, `lto = true` fails in whoever links them.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("CARGO_TARGET_DIR", work.join("target"));
    let built = run(&mut cargo, BUILD_LIMIT).await;
    drop(link);
    built.context("the standard library does not build")?;
    Ok(work
        .join("target")
        .join(TARGET)
        .join("release")
        .join("deps"))
}

/// Puts the folder beside its place, then moves it there: an interruption leaves no half target.
fn install_into(libraries: &Path, built: &Path, unpacked: &Path) -> Result<()> {
    let new = libraries.join(format!("{TARGET}.new"));
    remove_folder(&new)?;
    let fill = || -> std::io::Result<()> {
        let lib = new.join("lib");
        let own = lib.join("self-contained");
        std::fs::create_dir_all(&own)?;
        for entry in built.read_dir()? {
            let file = entry?.path();
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".rlib") && !name.starts_with("libstub-") {
                std::fs::copy(&file, lib.join(&name))?;
            }
        }
        let libc = unpacked.join("usr/lib").join(TARGET);
        for name in ["crt1-command.o", "crt1-reactor.o", "libc.a"] {
            std::fs::copy(libc.join(name), own.join(name))?;
        }
        Ok(())
    };
    fill().with_context(|| format!("the libraries cannot be copied to {}", new.display()))?;
    let place = libraries.join(TARGET);
    remove_folder(&place)?;
    std::fs::rename(&new, &place)
        .with_context(|| format!("the libraries cannot be moved to {}", place.display()))
}

/// A program of its own: it knows nothing of this one.
const PROOF: &str = "fn main() { println!(\"{:?}\", std::time::Instant::now()); }\n";

/// Compiles and links a program, as the only proof that counts.
async fn check(work: &Path) -> Result<()> {
    let program = work.join("check.rs");
    private::write(&program, PROOF)?;
    let mut compile = command(rustc());
    compile
        .args(["--target", TARGET, "-Clto", "-o"])
        .arg(work.join("check.wasm"))
        .arg(&program);
    read(&mut compile, BUILD_LIMIT)
        .await
        .context("the new standard library does not link")?;
    Ok(())
}

/// `<sysroot>/lib/rustlib/src/rust`, where cargo looks for the sources, for as long as we build.
struct SourceLink {
    link: Option<PathBuf>,
}

impl SourceLink {
    fn create(libraries: &Path, sources: &Path) -> Result<Self> {
        let link = libraries.join("src").join("rust");
        // A link that an interrupted run left leads nowhere.
        if link.is_symlink() && !link.exists() {
            std::fs::remove_file(&link).ok();
        }
        if link.exists() {
            return Ok(Self { link: None });
        }
        let create = || -> std::io::Result<()> {
            std::fs::create_dir_all(libraries.join("src"))?;
            std::os::unix::fs::symlink(sources, &link)
        };
        create().with_context(|| format!("{} cannot be made", link.display()))?;
        Ok(Self { link: Some(link) })
    }
}

impl Drop for SourceLink {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            std::fs::remove_file(link).ok();
            // Its folder too, unless somebody else's things are in it.
            link.parent().map(std::fs::remove_dir);
        }
    }
}

/// `1.95.0` of `rustc 1.95.0 (59807616e 2026-04-14)`.
fn parse_version(output: &str) -> Result<String> {
    let version = output
        .split_whitespace()
        .nth(1)
        .context("rustc has no version")?;
    if version.contains('-') {
        bail!("rustc {version} is no released version, and Debian has only those");
    }
    Ok(version.to_owned())
}

fn check_writable(folder: &Path) -> Result<()> {
    let probe = folder.join(".comptoir");
    std::fs::write(&probe, "").with_context(|| {
        format!(
            "{} is not writable by this user, and the target belongs there",
            folder.display()
        )
    })?;
    std::fs::remove_file(&probe).ok();
    Ok(())
}

fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_rustc_is_its_second_word() {
        let version = parse_version("rustc 1.95.0 (59807616e 2026-04-14)").unwrap();
        assert_eq!(version, "1.95.0");
    }

    #[test]
    fn a_nightly_rustc_has_no_sources_in_debian() {
        assert!(parse_version("rustc 1.97.0-nightly (0123456789 2026-06-01)").is_err());
        assert!(parse_version("").is_err());
    }
}
