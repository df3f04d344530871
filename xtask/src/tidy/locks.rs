//! Statements that MariaDB takes and MySQL does not: no row is locked beside a `json_table` (error 3569).

use super::source::{Finding, Source};

pub fn check(sources: &[Source]) -> Vec<Finding> {
    let rust = sources.iter().filter(|source| source.is_rust());
    let rust = rust.filter(|source| !source.path.starts_with("xtask/src/tidy/"));
    rust.flat_map(of_source).collect()
}

fn of_source(source: &Source) -> Vec<Finding> {
    // Every other part is text between quotes; an escaped quote splits one in two, which no statement has.
    let mut line = 1;
    let mut findings = Vec::new();
    for (part, is_text) in source
        .text
        .split('"')
        .zip([false, true].into_iter().cycle())
    {
        if is_text && part.contains("json_table(") && part.contains("for update") {
            let what = "MySQL locks no row beside a json_table: name the ids with `in (…)`";
            findings.push(source.finding(line, what));
        }
        line += part.matches('\n').count();
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source::source;
    use super::*;

    #[test]
    fn a_lock_beside_a_json_table_is_refused_at_its_line() {
        let lock = "const A: &str = \"a\";\nconst LOCK: &str = \"select 1 from json_table(?) w \\\n join t for update\";";
        let read = lock.replace(" for update", "");
        let of = |text: &str| check(&[source("components/cart/src/store/a.rs", text)]);
        assert_eq!(of(lock).len(), 1);
        assert!(
            of(lock)[0]
                .to_string()
                .starts_with("components/cart/src/store/a.rs:2:")
        );
        assert!(of(&read).is_empty());
    }
}
