//! The cache of compiled components: one file each, mapped into memory rather than read.
//!
//! A file is named after the wasm and the engine that compiled it, so that it never goes stale; it
//! appears whole (written aside, synced, renamed), so that a process killed at any moment leaves
//! nothing behind that the next one would believe. The directory must be this user's own: a
//! compiled component is native code.

use std::fs::{self, DirBuilder, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

/// A directory of compiled components.
#[derive(Debug)]
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Opens `directory`, or the user's own cache without one.
    pub fn open(directory: Option<&Path>) -> Result<Self> {
        let directory = match directory {
            Some(directory) => directory.to_owned(),
            None => find_user_cache()?.join("comptoir-host"),
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .with_context(|| format!("cannot create the cache {}", directory.display()))?;
        Ok(Self { directory })
    }

    /// The component in the file `source`, compiled now or before.
    pub fn load(&self, engine: &Engine, source: &Path) -> Result<Component> {
        let wasm = fs::read(source).with_context(|| {
            format!(
                "cannot read the component {} (is it built?)",
                source.display()
            )
        })?;
        let path = self.directory.join(name_file(engine, &wasm));
        if let Some(component) = open_compiled(engine, &path) {
            return Ok(component);
        }
        let start = Instant::now();
        let compiled = engine
            .precompile_component(&wasm)
            .map_err(|error| anyhow!("cannot compile {}: {error:#}", source.display()))?;
        self.write(&path, &compiled)
            .with_context(|| format!("cannot write the cache file {}", path.display()))?;
        tracing::info!(
            source = %source.display(),
            milliseconds = start.elapsed().as_millis(),
            "component compiled"
        );
        open_compiled(engine, &path)
            .with_context(|| format!("the cache file {} cannot be loaded", path.display()))
    }

    fn write(&self, path: &Path, compiled: &[u8]) -> std::io::Result<()> {
        let aside = path.with_extension(format!("{}.partial", std::process::id()));
        let mut file = File::create(&aside)?;
        file.write_all(compiled)?;
        file.sync_all()?;
        fs::rename(&aside, path)?;
        File::open(&self.directory)?.sync_all()
    }
}

#[expect(
    unsafe_code,
    reason = "only `Cache::write` makes these files, whole, in a directory of this user, under a \
              name that holds the hash of their source and of the engine"
)]
fn open_compiled(engine: &Engine, path: &Path) -> Option<Component> {
    if !path.exists() {
        return None;
    }
    // SAFETY: see the reason above.
    match unsafe { Component::deserialize_file(engine, path) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::warn!(file = %path.display(), error = %error, "cache file not loaded");
            None
        }
    }
}

fn name_file(engine: &Engine, wasm: &[u8]) -> String {
    let mut compatibility = DefaultHasher::new();
    engine
        .precompile_compatibility_hash()
        .hash(&mut compatibility);
    format!(
        "{:x}-{:016x}.cwasm",
        Sha256::digest(wasm),
        compatibility.finish()
    )
}

fn find_user_cache() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".cache")))
        .context("neither HOME nor XDG_CACHE_HOME is set: name a directory with --cache-dir")
}
