//! A folder for throw-away servers, in memory where the system offers it: creating a schema there
//! takes a tenth of what it takes on a disk. It is gone when its owner is, at the latest when the
//! next one begins.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::sys::statvfs::statvfs;
use sha2::{Digest, Sha256};

use super::process;
use crate::private;
use crate::workspace::Workspace;

const MEMORY: &str = "/dev/shm";
/// An empty MariaDB takes 150 MB, its tests rarely as much again. Containers often have 64 MB.
const ROOM: u64 = 1 << 30;

#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Makes an empty folder for this process, and removes those of processes that are gone,
    /// with the servers that they left.
    pub async fn create(workspace: &Workspace, name: &str) -> Result<Self> {
        Self::create_in(place(workspace, name)).await
    }

    /// The same on the disk, for servers that are to be as slow as lasting ones are.
    pub async fn create_on_disk(workspace: &Workspace, name: &str) -> Result<Self> {
        Self::create_in(place_on_disk(workspace, name)).await
    }

    /// Removes every folder of this checkout whose process is gone, with the servers in it.
    pub async fn sweep(workspace: &Workspace) -> Result<()> {
        for (parent, prefix) in [place(workspace, ""), place_on_disk(workspace, "")] {
            remove_abandoned(&parent, prefix.trim_end_matches('-')).await?;
        }
        Ok(())
    }

    async fn create_in((parent, prefix): (PathBuf, String)) -> Result<Self> {
        remove_abandoned(&parent, &prefix).await?;
        let folder = parent.join(format!("{prefix}{}", std::process::id()));
        remove(&folder).await?;
        private::create_folder(&folder)?;
        Ok(Self { folder })
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    /// Servers in it are to be stopped before; what they still write is nobody's.
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// The folder above, and the beginning of our names there: two checkouts never meet.
fn place(workspace: &Workspace, name: &str) -> (PathBuf, String) {
    let memory = statvfs(MEMORY)
        .ok()
        .filter(|_| Path::new("/proc/self").exists());
    // The types of these differ from system to system.
    #[expect(
        clippy::useless_conversion,
        reason = "u32 on some systems, u64 on others"
    )]
    let free = memory.map_or(0, |fs| {
        u64::from(fs.blocks_available()) * fs.fragment_size()
    });
    if free < ROOM {
        return place_on_disk(workspace, name);
    }
    let digest = Sha256::digest(workspace.root().as_os_str().as_encoded_bytes());
    let checkout: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (
        PathBuf::from(MEMORY),
        format!("comptoir-{}-{checkout}-{name}-", nix::unistd::geteuid()),
    )
}

fn place_on_disk(workspace: &Workspace, name: &str) -> (PathBuf, String) {
    (workspace.target().join("scratch"), format!("{name}-"))
}

async fn remove_abandoned(parent: &Path, prefix: &str) -> Result<()> {
    let Ok(entries) = parent.read_dir() else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name
            .strip_prefix(prefix)
            .and_then(|rest| rest.rsplit('-').next())
            .and_then(|number| number.parse().ok());
        if owner.is_some_and(|owner| !process::is_alive(owner)) {
            remove(&entry.path()).await?;
        }
    }
    Ok(())
}

/// Stops the servers whose pid files are in the folder, or in one below it, and removes it.
async fn remove(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for pid_file in pid_files(folder, 2) {
        process::stop_orphan("server", &pid_file).await?;
    }
    std::fs::remove_dir_all(folder)
        .with_context(|| format!("{} cannot be removed", folder.display()))
}

fn pid_files(folder: &Path, depth: u32) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && depth > 0 {
            files.extend(pid_files(&path, depth - 1));
        } else if path.extension().is_some_and(|extension| extension == "pid") {
            files.push(path);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_folder_of_a_process_that_is_gone_is_removed_by_the_next() {
        let root = std::env::temp_dir().join(private::random_text().unwrap());
        let workspace = Workspace::at(&root);
        let (parent, prefix) = place(&workspace, "test");
        let abandoned = parent.join(format!("{prefix}{}", i32::MAX));
        private::create_folder(&abandoned).unwrap();
        let scratch = Scratch::create(&workspace, "test").await.unwrap();
        assert!(!abandoned.exists());
        let folder = scratch.path().to_owned();
        assert!(folder.is_dir());
        drop(scratch);
        assert!(!folder.exists());
        std::fs::remove_dir_all(&root).ok();
    }
}
