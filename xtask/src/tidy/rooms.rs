//! What belongs into which room of a service: query text into `store`, Spin into the entry point, and
//! little else beside it.

use super::source::{Finding, Source};

const MAX_ENTRY_LINES: usize = 80;

/// Where Spin's own types may be named, beside the entry point of each component.
const SPIN_ROOMS: [&str; 3] = ["crates/service/", "crates/db/", "crates/cache/"];

/// The tables that services have alike, with the code that is their only reader.
const SHARED_TABLES: [&str; 7] = [
    "crates/service/src/audit.rs",
    "crates/service/src/idempotency.rs",
    "crates/service/src/jobs/lease/row.rs",
    "crates/service/src/outbox.rs",
    "crates/service/src/outbox/deliver.rs",
    "crates/service/src/outbox/rows.rs",
    "crates/service/src/outbox/set_aside.rs",
];

/// Rooms that run in a component, and know no query text.
const SHARED_ROOMS: [&str; 5] = [
    "crates/cache/src/",
    "crates/commerce/src/",
    "crates/db/src/",
    "crates/invoice/src/",
    "crates/service/src/",
];

pub fn check(sources: &[Source]) -> Vec<Finding> {
    let rust = sources.iter().filter(|source| source.is_rust());
    let mut findings: Vec<Finding> = rust
        .flat_map(|source| [entry(source), spin(source), query(source)])
        .flatten()
        .collect();
    findings.extend(missing(sources));
    findings
}

/// The path inside a component's `src`, with the component's name.
fn inside(source: &Source) -> Option<(&str, &str)> {
    let (component, path) = source.path.strip_prefix("components/")?.split_once('/')?;
    Some((component, path.strip_prefix("src/")?))
}

fn entry(source: &Source) -> Option<Finding> {
    let (_, "lib.rs") = inside(source)? else {
        return None;
    };
    let lines = source.text.lines().count();
    let what = || format!("{lines} lines: an entry point has {MAX_ENTRY_LINES} at most");
    (lines > MAX_ENTRY_LINES).then(|| source.finding(lines, what()))
}

/// Every component answers by `api`, and prints its part of the OpenAPI document.
fn missing(sources: &[Source]) -> Vec<Finding> {
    let exists = |path: &str| sources.iter().any(|source| source.path == path);
    let components = sources.iter().filter_map(inside);
    let components = components.filter(|(_, path)| *path == "lib.rs");
    let wanted = components.flat_map(|(name, _)| {
        [
            format!("components/{name}/src/api.rs"),
            format!("components/{name}/examples/openapi_{name}.rs"),
        ]
    });
    wanted
        .filter(|path| !exists(path))
        .map(|path| Finding::new(&path, 1, "this room is missing"))
        .collect()
}

fn spin(source: &Source) -> Option<Finding> {
    let free = SPIN_ROOMS.iter().any(|room| source.path.starts_with(room));
    let of_component = inside(source)?.1 != "lib.rs" && !free;
    let (number, _) = source
        .lines()
        .find(|(_, line)| !line.trim_start().starts_with("//") && line.contains("spin_sdk"))?;
    let what = "spin_sdk is named in lib.rs, crates/service, crates/db and crates/cache only";
    of_component.then(|| source.finding(number, what))
}

fn query(source: &Source) -> Option<Finding> {
    let of_component =
        inside(source).is_some_and(|(_, path)| !path.starts_with("store/") && path != "store.rs");
    let of_shared_room = SHARED_ROOMS
        .iter()
        .any(|room| source.path.starts_with(room));
    if !(of_component || of_shared_room) || SHARED_TABLES.contains(&source.path.as_str()) {
        return None;
    }
    let (number, _) = source.lines().find(|(_, line)| has_query(line))?;
    Some(source.finding(number, "query text belongs into a store room"))
}

/// A string that is a statement on a table. `select 1` names none.
fn has_query(line: &str) -> bool {
    line.match_indices('"').any(|(at, _)| {
        let rest = line.get(at + 1..).unwrap_or_default();
        let (text, ends) = match rest.split_once('"') {
            Some((text, _)) => (text, true),
            None => (rest, false),
        };
        let text = text.trim_start().to_ascii_lowercase();
        let unless_ended = |part: &str| !ends || text.contains(part);
        text.starts_with("insert into ")
            || text.starts_with("delete from ")
            || text.starts_with("replace into ")
            || (text.starts_with("select ") && unless_ended(" from "))
            || (text.starts_with("update ") && unless_ended(" set "))
    })
}

#[cfg(test)]
mod tests {
    use super::super::source::source;
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        let mut rooms = vec![source(path, text)];
        for room in ["src/api.rs", "examples/openapi_cart.rs"] {
            rooms.push(source(&format!("components/cart/{room}"), "//! A.\n"));
        }
        check(&rooms).len()
    }

    #[test]
    fn query_text_outside_a_store_is_refused() {
        let texts = [
            r#"const SELECT: &str = "select id from users";"#,
            r#"const SELECT: &str = "select id, \"#,
            r#"("insert into users values (1)")"#,
            r#""delete from users""#,
            r#""update users set a = 1""#,
        ];
        for text in texts {
            assert_eq!(findings("components/cart/src/cart.rs", text), 1, "{text}");
            assert_eq!(findings("crates/db/src/pool.rs", text), 1, "{text}");
            assert_eq!(findings("components/cart/src/store/cart.rs", text), 0);
            assert_eq!(findings("xtask/src/admin.rs", text), 0);
        }
    }

    #[test]
    fn words_and_questions_about_no_table_are_no_queries() {
        for text in [
            r#""select 1""#,
            r#""select row_count()""#,
            r#""update the cart""#,
        ] {
            assert_eq!(findings("components/cart/src/cart.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn spin_is_named_at_the_entry_only() {
        let text = "use spin_sdk::http;";
        assert_eq!(findings("components/cart/src/cart.rs", text), 1);
        assert_eq!(findings("components/cart/src/lib.rs", text), 0);
        assert_eq!(findings("crates/service/src/peer.rs", text), 0);
        assert_eq!(findings("components/cart/src/cart.rs", "// spin_sdk"), 0);
    }

    #[test]
    fn an_entry_point_is_short() {
        assert_eq!(findings("components/cart/src/lib.rs", &"\n".repeat(81)), 1);
        assert_eq!(findings("components/cart/src/lib.rs", &"\n".repeat(80)), 0);
    }

    #[test]
    fn every_component_has_its_rooms() {
        let bare = source("components/new/src/lib.rs", "//! A.\n");
        assert_eq!(check(&[bare]).len(), 2);
    }
}
