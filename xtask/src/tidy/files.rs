//! What every file of Rust keeps to: its size, its opening, and what it may not say.

use super::source::{Finding, Source};

const MAX_LINES: usize = 400;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 4] = ["utils", "helpers", "common", "misc"];

/// Macros that stand for code that is not written, or that was left from looking at it.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

pub fn check(sources: &[Source]) -> Vec<Finding> {
    let rust = sources.iter().filter(|source| source.is_rust());
    rust.flat_map(|source| {
        [size(source), opening(source), name(source)]
            .into_iter()
            .flatten()
            .chain(words(source))
            .collect::<Vec<_>>()
    })
    .collect()
}

fn size(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    let what = || format!("{lines} lines: past {MAX_LINES}, split it by what it owns");
    (lines > MAX_LINES).then(|| source.finding(lines, what()))
}

fn opening(source: &Source) -> Option<Finding> {
    let what = "a module opens with what it owns and what it refuses (`//!`)";
    (!source.text.starts_with("//! ")).then(|| source.finding(1, what))
}

fn name(source: &Source) -> Option<Finding> {
    let mut names = source.path.trim_end_matches(".rs").split('/');
    let empty = names.rfind(|name| EMPTY_NAMES.contains(name))?;
    let what = format!("`{empty}` does not say what is inside: name it after that");
    Some(source.finding(1, what))
}

fn words(source: &Source) -> Vec<Finding> {
    let attribute = |line: &str, name: &str| {
        let line = line.trim_start();
        let inside = line.strip_prefix("#![").or_else(|| line.strip_prefix("#["));
        inside.is_some_and(|inside| {
            inside
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['(', ']', ' ']))
        })
    };
    let mut findings = Vec::new();
    for (number, line) in source.lines() {
        for name in UNFINISHED {
            if line.contains(&format!("{name}!(")) {
                findings.push(source.finding(number, format!("{name}! is not for keeps")));
            }
        }
        if attribute(line, "allow") {
            let what = "a lint is expected with its reason (`#[expect(…, reason = …)]`)";
            findings.push(source.finding(number, what));
        }
        if attribute(line, "ignore") {
            findings.push(source.finding(number, "a test that is not run proves nothing"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source::source;
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let findings = check(&[source(path, text)]);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_file_has_no_finding() {
        let text = "//! Money.\n#[expect(dead_code, reason = \"so\")]\nfn allow() {}\n";
        assert!(findings("crates/commerce/src/money.rs", text).is_empty());
    }

    #[test]
    fn a_long_file_is_refused() {
        let text = |lines: usize| format!("//! A.\n{}", "\n".repeat(lines - 1));
        assert!(findings("a.rs", &text(400)).is_empty());
        assert_eq!(
            findings("a.rs", &text(401)),
            ["a.rs:401: 401 lines: past 400, split it by what it owns"]
        );
    }

    #[test]
    fn a_file_without_an_opening_is_refused() {
        assert_eq!(findings("a.rs", "fn a() {}\n").len(), 1);
    }

    #[test]
    fn names_that_say_nothing_are_refused() {
        for path in ["src/utils.rs", "tests/common/people.rs"] {
            assert_eq!(findings(path, "//! A.\n").len(), 1, "{path}");
        }
        assert!(findings("src/commonplace.rs", "//! A.\n").is_empty());
    }

    #[test]
    fn unfinished_code_is_refused_where_it_stands() {
        for name in UNFINISHED {
            let found = findings("a.rs", &format!("//! A.\nfn a() {{ {name}!() }}\n"));
            assert_eq!(found, [format!("a.rs:2: {name}! is not for keeps")]);
        }
    }

    #[test]
    fn bare_allows_and_ignored_tests_are_refused() {
        for attribute in ["allow(dead_code)", "ignore", "ignore = \"slow\""] {
            let text = format!("//! A.\n    #[{attribute}]\n");
            assert_eq!(findings("a.rs", &text).len(), 1, "{attribute}");
            let text = format!("//! A.\n#![{attribute}]\n");
            assert_eq!(findings("a.rs", &text).len(), 1, "{attribute}");
        }
    }
}
