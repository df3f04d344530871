//! The files that rules look at, and what rules say of them.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

/// Folders that are not ours to tidy: what is built, kept or borrowed.
const LEFT_OUT: [&str; 4] = ["target", ".git", ".comptoir", ".spin"];

/// A file of text, by its path from the root of the repository with `/` on every system.
#[derive(Debug)]
pub struct Source {
    pub path: String,
    pub text: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Source {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .zip(1..)
            .map(|(line, number)| (number, line))
    }

    pub fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding::new(&self.path, line, what)
    }
}

impl Finding {
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Every `.rs`, `.sql` and `Cargo.toml` of the repository, in the order of their paths.
pub fn read(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    walk(root, "", &mut sources)?;
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn walk(folder: &Path, prefix: &str, sources: &mut Vec<Source>) -> Result<()> {
    let unreadable = || format!("{} is not readable", folder.display());
    for entry in folder.read_dir().with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().with_context(unreadable)?;
        if kind.is_dir() {
            if !LEFT_OUT.contains(&name.as_str()) {
                walk(&entry.path(), &format!("{path}/"), sources)?;
            }
        } else if name.ends_with(".rs") || name.ends_with(".sql") || name == "Cargo.toml" {
            let text = std::fs::read_to_string(entry.path())
                .with_context(|| format!("{path} is not readable"))?;
            sources.push(Source { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
pub fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
