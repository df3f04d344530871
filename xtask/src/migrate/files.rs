//! The files of `migrations/`: one folder a service, `0001_what_it_does.sql` in each.
//! Refuses names that would not sort, or would not be safe in SQL.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::statements::{self, Statement};
use crate::workspace::subfolders;

#[derive(Debug)]
pub struct Service {
    pub name: String,
    /// In the order in which they are applied.
    pub files: Vec<File>,
}

#[derive(Debug)]
pub struct File {
    pub name: String,
    pub text: String,
    /// SHA-256 of the text, in hexadecimal.
    pub checksum: String,
}

impl File {
    pub fn statements(&self) -> Result<Vec<Statement>> {
        statements::split(&self.text)
    }
}

pub fn read(folder: &Path) -> Result<Vec<Service>> {
    let mut services = Vec::new();
    for name in subfolders(folder)? {
        ensure!(
            is_plain_name(&name),
            "the folder migrations/{name} is not named as a service"
        );
        let files = read_service(&folder.join(&name))?;
        services.push(Service { name, files });
    }
    ensure!(
        !services.is_empty(),
        "{} has no folder of a service",
        folder.display()
    );
    Ok(services)
}

fn read_service(folder: &Path) -> Result<Vec<File>> {
    let unreadable = || format!("{} is not readable", folder.display());
    let mut files = Vec::new();
    for entry in folder.read_dir().with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(File::read(&path)?);
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

impl File {
    fn read(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        ensure!(
            is_migration_name(&name),
            "{} is not named as a migration: 0001_what_it_does.sql",
            path.display()
        );
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} is not readable", path.display()))?;
        Ok(Self::new(&name, &text))
    }

    /// Line ends are git's business: a checkout on Windows has the same checksum.
    pub fn new(name: &str, text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let digest = Sha256::digest(&text);
        let checksum = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            name: name.to_owned(),
            text,
            checksum,
        }
    }
}

/// Lower-case letters, digits and underscores: needs no quotes in SQL and is the same name on
/// file systems that know no case. Schema names have at most 64 characters.
pub fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(plain)
}

fn is_migration_name(name: &str) -> bool {
    let Some((number, rest)) = name.split_once('_') else {
        return false;
    };
    number.len() == 4
        && number.chars().all(|c| c.is_ascii_digit())
        && rest
            .strip_suffix(".sql")
            .is_some_and(|words| words.len() <= 100 && is_words(words))
}

fn is_words(words: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !words.is_empty() && words.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_migrations_have_four_digits_and_words() {
        assert!(is_migration_name("0001_users.sql"));
        assert!(is_migration_name("0012_reserved_stock_2.sql"));
        for wrong in [
            "1_users.sql",
            "0001.sql",
            "0001_.sql",
            "0001_Users.sql",
            "0001_users.txt",
        ] {
            assert!(!is_migration_name(wrong), "{wrong}");
        }
    }

    #[test]
    fn names_that_would_need_quotes_are_refused() {
        assert!(is_plain_name("comptoir_t1"));
        for wrong in [
            "",
            "1comptoir",
            "comptoir-test",
            "comptoir`",
            "Comptoir",
            "a b",
        ] {
            assert!(!is_plain_name(wrong), "{wrong}");
        }
    }

    #[test]
    fn line_ends_do_not_change_the_checksum() {
        let unix = File::new("0001_a.sql", "select 1;\n");
        let windows = File::new("0001_a.sql", "select 1;\r\n");
        assert_eq!(unix.checksum, windows.checksum);
        assert_eq!(unix.checksum.len(), 64);
    }
}
