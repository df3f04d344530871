//! Migrations are append-only: `0001_words.sql`, `0002_words.sql`, … without a gap, one folder a
//! service. That a file is not changed after it was applied is `migrate`'s to see.

use std::collections::BTreeMap;

use super::source::{Finding, Source};

pub fn check(sources: &[Source]) -> Vec<Finding> {
    let mut folders: BTreeMap<&str, Vec<(&str, &Source)>> = BTreeMap::new();
    for source in sources {
        let inside = source.path.strip_prefix("migrations/");
        if let Some((folder, file)) = inside.and_then(|path| path.split_once('/')) {
            folders.entry(folder).or_default().push((file, source));
        }
    }
    let numbered = folders
        .into_values()
        .flat_map(|files| files.into_iter().zip(1..));
    numbered
        .flat_map(|((file, source), number)| one(file, source, number))
        .collect()
}

fn one(file: &str, source: &Source, number: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let words = file
        .strip_prefix(&format!("{number:04}_"))
        .and_then(|rest| rest.strip_suffix(".sql"));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !words.is_some_and(|words| !words.is_empty() && words.chars().all(plain)) {
        let what = format!("the next migration of this service is {number:04}_<words>.sql");
        findings.push(source.finding(1, what));
    }
    if !source.text.starts_with("-- ") {
        let what = "a migration opens with why its columns are as they are (`--`)";
        findings.push(source.finding(1, what));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source::source;
    use super::*;

    fn count(names: &[&str]) -> usize {
        let sources: Vec<_> = names
            .iter()
            .map(|name| source(&format!("migrations/{name}"), "-- Why.\n"))
            .collect();
        check(&sources).len()
    }

    #[test]
    fn numbers_have_no_gap_and_no_double() {
        assert_eq!(
            count(&["a/0001_x.sql", "a/0002_y_z.sql", "b/0001_x.sql"]),
            0
        );
        assert_eq!(count(&["a/0001_x.sql", "a/0003_y.sql"]), 1);
        assert_eq!(count(&["a/0001_x.sql", "a/0001_y.sql"]), 1);
        assert_eq!(count(&["a/0001_X.sql"]), 1);
        assert_eq!(count(&["a/0001_.sql"]), 1);
    }

    #[test]
    fn a_migration_says_why() {
        let bare = source("migrations/a/0001_x.sql", "create table x (id int);");
        assert_eq!(check(&[bare]).len(), 1);
    }
}
