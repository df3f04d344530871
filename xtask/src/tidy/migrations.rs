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
    for (line, number) in source.text.lines().zip(1..) {
        if adds_without_name(line) {
            let what = "an index or constraint that is added has a name: a statement that is repeated after an \
                        interruption would add it twice";
            findings.push(source.finding(number, what));
        }
    }
    findings
}

/// Whether a line of an `alter table` adds what the server would name by itself.
fn adds_without_name(line: &str) -> bool {
    const KINDS: [&str; 8] = [
        "key",
        "index",
        "unique",
        "fulltext",
        "spatial",
        "check",
        "foreign",
        "constraint",
    ];
    let line = line.to_ascii_lowercase().replace('(', " ( ");
    let words: Vec<&str> = line.split_whitespace().collect();
    let added = words.iter().position(|word| *word == "add");
    let Some(added) = added.and_then(|at| words.get(at + 1..)) else {
        return false;
    };
    let kinds = added.iter().take_while(|word| KINDS.contains(word)).count();
    kinds > 0 && added.get(kinds) == Some(&"(")
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
    fn what_is_added_to_a_table_has_a_name() {
        for bare in [
            "alter table x add key (a);",
            "    add unique key (a, b),",
            "  ADD FULLTEXT INDEX(a),",
            "add check (a > 0)",
            "add foreign key (a) references y (b)",
        ] {
            assert!(adds_without_name(bare), "{bare}");
        }
        for named in [
            "alter table x add key x_a (a);",
            "    add constraint x_a unique (a),",
            "add column a int check (a > 0)",
            "create table x (a int, key (a));",
            "add primary key (a)",
        ] {
            assert!(!adds_without_name(named), "{named}");
        }
    }

    #[test]
    fn a_migration_says_why() {
        let bare = source("migrations/a/0001_x.sql", "create table x (id int);");
        assert_eq!(check(&[bare]).len(), 1);
    }
}
