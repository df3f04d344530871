//! Secrets at rest and in the making: files that only their owner may read, and random text.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use nix::unistd::{Uid, User};
use sha2::Sha256;

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
    written().map_err(|error| refused(error, path, "cannot be written"))
}

/// Why the system does not let us, and what to do where that is known.
pub fn refused(error: std::io::Error, path: &Path, what: &str) -> anyhow::Error {
    use std::io::ErrorKind;
    let remedy = match error.kind() {
        ErrorKind::PermissionDenied => match stranger(path) {
            Some((folder, owner)) => format!(
                ": it belongs to {owner}; run as that user, or give it to yours \
                 (`sudo chown -R \"$(id -un)\" '{}'`)",
                folder.display()
            ),
            None => ": this user may not write there".to_owned(),
        },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ": the disk is full; free some space, and run the same command again".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => {
            ": that file system may only be read; COMPTOIR_STATE names another folder for what this \
             machine keeps"
                .to_owned()
        }
        _ => String::new(),
    };
    anyhow!("{} {what}: {error}{remedy}", path.display())
}

/// The nearest of the path and the folders above it that belongs to somebody else, and to whom.
fn stranger(path: &Path) -> Option<(PathBuf, String)> {
    let me = nix::unistd::geteuid();
    let there = path.ancestors().find(|folder| folder.exists())?;
    let owner = Uid::from_raw(std::fs::symlink_metadata(there).ok()?.uid());
    let name = User::from_uid(owner).ok().flatten().map(|user| user.name);
    (owner != me).then(|| (there.to_owned(), name.unwrap_or_else(|| owner.to_string())))
}

/// Makes a folder, and those above it, that only its owner may enter.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| refused(error, path, "cannot be made"))
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

/// A secret that follows from another one: the same for the same label, and telling nothing of it.
pub fn derive(secret: &str, label: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map_err(|error| anyhow!("no secret can be derived: {error}"))?;
    mac.update(label.as_bytes());
    Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
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

    #[test]
    fn a_derived_secret_is_the_same_for_the_same_label_alone() {
        let derived = derive("secret", "orders").unwrap();
        assert_eq!(derived, derive("secret", "orders").unwrap());
        assert_ne!(derived, derive("secret", "payments").unwrap());
        assert_ne!(derived, derive("another", "orders").unwrap());
        assert!(derived.len() >= 43);
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_why() {
        let file = std::env::temp_dir().join(format!("file-{}", random_text().unwrap()));
        std::fs::write(&file, "").unwrap();
        let error = create_folder(&file.join("below")).unwrap_err().to_string();
        assert!(error.contains("cannot be made"), "{error}");
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let elsewhere = Path::new("/proc/1/none");
        let error = refused(denied, elsewhere, "cannot be written").to_string();
        assert!(
            error.starts_with("/proc/1/none cannot be written"),
            "{error}"
        );
        assert!(
            error.contains("chown") || error.contains("may not write"),
            "{error}"
        );
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(
            refused(full, &file, "cannot be written")
                .to_string()
                .contains("disk is full")
        );
        std::fs::remove_file(&file).unwrap();
    }
}
