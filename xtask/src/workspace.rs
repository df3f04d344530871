//! Where things are: the repository, and what this machine keeps for it in `.comptoir/` or elsewhere.
//! It creates nothing and reads nothing but folder names.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The repository that the command runs in.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
    state: PathBuf,
}

impl Workspace {
    /// Looks for `spin.toml` in the current folder and those above it.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder is not readable")?;
        let root = here
            .ancestors()
            .find(|folder| folder.join("spin.toml").is_file() && folder.join("xtask").is_dir())
            .context(
                "this is not inside the Comptoir repository: no folder above has a spin.toml",
            )?;
        Ok(Self::at(root))
    }

    /// The repository whose root is known.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            state: root.join(".comptoir"),
        }
    }

    /// The same, with what this machine keeps in another folder.
    pub fn with_state(self, folder: &Path) -> Result<Self> {
        let state = std::path::absolute(folder)
            .with_context(|| format!("{} is no folder", folder.display()))?;
        Ok(Self { state, ..self })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Everything that is this machine's own: git ignores it.
    pub fn state(&self) -> PathBuf {
        self.state.clone()
    }

    /// The private servers and their data.
    pub fn data(&self) -> PathBuf {
        self.state().join("data")
    }

    /// What is true only while `up` runs: its lock, process ids, addresses.
    pub fn run(&self) -> PathBuf {
        self.state().join("run")
    }

    pub fn logs(&self) -> PathBuf {
        self.state().join("logs")
    }

    pub fn migrations(&self) -> PathBuf {
        self.root.join("migrations")
    }

    pub fn demo(&self) -> PathBuf {
        self.root.join("demo")
    }

    /// Where cargo builds what `spin.toml` names. Not CARGO_TARGET_DIR: the map says `target/…`.
    pub fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// The packages of `components/`, in alphabetical order.
    pub fn components(&self) -> Result<Vec<String>> {
        let folders = subfolders(&self.root.join("components"))?;
        Ok(folders
            .iter()
            .map(|name| format!("comptoir-{name}"))
            .collect())
    }
}

/// The names of the folders in a folder, in alphabetical order.
pub fn subfolders(folder: &Path) -> Result<Vec<String>> {
    let unreadable = || format!("{} is not readable", folder.display());
    let mut names = Vec::new();
    for entry in folder.read_dir().with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
