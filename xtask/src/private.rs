//! Secrets at rest and in the making: files that only their owner may read, and random text.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Writes a file of mode 600 as a whole: whoever reads it sees the old text or the new one.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        // A leftover might have other rights, and `mode` counts only for a file that is created.
        if new.exists() {
            std::fs::remove_file(&new)?;
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    written().with_context(|| format!("{} cannot be written", path.display()))
}

/// Makes a folder, and those above it, that only its owner may enter.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("the folder {} cannot be made", path.display()))
}

pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("the system gives no random bytes: {e}"))?;
    Ok(bytes)
}

/// 192 random bits as letters, digits, `-` and `_`: safe in a URL, in SQL and in a Redis file.
pub fn random_text() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<24>()?))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_private_file_is_its_owners_alone_even_when_it_replaces_an_open_one() {
        let path = std::env::temp_dir().join(format!("private-{}", random_text().unwrap()));
        std::fs::write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        std::fs::remove_file(&path).unwrap();
    }
}
