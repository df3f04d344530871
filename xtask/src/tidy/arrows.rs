//! Who may import whom (ARCHITECTURE.md), from what cargo knows: dependencies of every kind, those of
//! tests and build scripts too. A package that nobody has placed is refused.

use std::path::Path;

use super::source::{Finding, Source};
use crate::metadata::{Metadata, Package};

const OURS: &str = "comptoir-";

/// What knows of the world outside.
const WORLD: [&str; 10] = [
    "axum",
    "http",
    "hyper",
    "mysql_async",
    "redis",
    "reqwest",
    "spin-sdk",
    "tokio",
    "ureq",
    "wasmtime",
];
const HTTP: [&str; 4] = ["axum", "http", "hyper", "reqwest"];

/// What a package may import.
struct Room {
    ours: Ours,
    /// Packages of others that would let in what this room must not know.
    refused: &'static [&'static str],
}

enum Ours {
    Only(&'static [&'static str]),
    AllButComponents,
}

fn room(name: &str, is_component: bool) -> Option<Room> {
    let only = |ours, refused| {
        Some(Room {
            ours: Ours::Only(ours),
            refused,
        })
    };
    match name {
        "commerce" => only(&[], &WORLD),
        "invoice" => only(&["commerce"], &WORLD),
        "db" | "cache" => only(&["commerce"], &HTTP),
        "service" => only(&["commerce", "db", "cache"], &[]),
        "orders" => only(&["service", "db", "cache", "commerce", "invoice"], &[]),
        _ if is_component => only(&["service", "db", "cache", "commerce"], &[]),
        "host" | "xtask" | "tests" | "bench" => Some(Room {
            ours: Ours::AllButComponents,
            refused: &[],
        }),
        _ => None,
    }
}

pub fn check(metadata: &Metadata, root: &Path, sources: &[Source]) -> Vec<Finding> {
    let components: Vec<&str> = metadata
        .packages
        .iter()
        .filter(|package| is_component(package, root))
        .map(|package| short(&package.name))
        .collect();
    let of_package = |package| of_package(package, root, sources, &components);
    metadata.packages.iter().flat_map(of_package).collect()
}

fn of_package(
    package: &Package,
    root: &Path,
    sources: &[Source],
    components: &[&str],
) -> Vec<Finding> {
    let manifest = relative(package, root);
    let name = short(&package.name);
    let Some(room) = room(name, is_component(package, root)) else {
        let what = format!("{name} has no place among the arrows of ARCHITECTURE.md");
        return vec![Finding::new(&manifest, 1, what)];
    };
    let line = |dependency: &str| {
        let source = sources.iter().find(|source| source.path == manifest);
        let lines = source.into_iter().flat_map(Source::lines);
        let mut found = lines.filter(|(_, line)| line.trim_start().starts_with(dependency));
        found.next().map_or(1, |(number, _)| number)
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let other = short(&dependency.name);
        let bad = if dependency.path.is_some() {
            match &room.ours {
                Ours::Only(ours) => !ours.contains(&other),
                Ours::AllButComponents => components.contains(&other),
            }
        } else {
            room.refused.contains(&other)
        };
        if bad {
            let what = format!("{name} may not import {other} (ARCHITECTURE.md)");
            findings.push(Finding::new(&manifest, line(other), what));
        }
    }
    findings
}

fn short(name: &str) -> &str {
    name.strip_prefix(OURS).unwrap_or(name)
}

fn is_component(package: &Package, root: &Path) -> bool {
    relative(package, root).starts_with("components/")
}

fn relative(package: &Package, root: &Path) -> String {
    let path = package.manifest_path.strip_prefix(root);
    let path = path.unwrap_or(&package.manifest_path);
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::source::source;
    use super::*;

    /// Packages as `folder/name`, each with those of ours and of others that it imports.
    fn findings(packages: &[(&str, &[&str])]) -> Vec<String> {
        let package = |(path, imports): &(&str, &[&str])| {
            let name = path.rsplit('/').next().unwrap();
            let dependency = |name: &&str| match name.strip_prefix("other:") {
                Some(other) => json!({ "name": other, "path": null }),
                None => json!({ "name": format!("comptoir-{name}"), "path": "/r/x" }),
            };
            json!({
                "name": format!("comptoir-{name}"), "version": "0.1.0", "targets": [],
                "manifest_path": format!("/r/{path}/Cargo.toml"),
                "dependencies": imports.iter().map(dependency).collect::<Vec<_>>(),
            })
        };
        let packages: Vec<_> = packages.iter().map(package).collect();
        let metadata = serde_json::from_value(json!({ "packages": packages })).unwrap();
        let manifest = source(
            "crates/commerce/Cargo.toml",
            "[package]\nhttp.workspace = true\n",
        );
        let findings = check(&metadata, Path::new("/r"), &[manifest]);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_arrows_of_the_house_are_free() {
        let house: &[(&str, &[&str])] = &[
            ("crates/commerce", &["other:serde"]),
            ("crates/db", &["commerce", "other:spin-sdk"]),
            ("crates/cache", &["commerce"]),
            ("crates/service", &["commerce", "db", "cache", "other:axum"]),
            ("crates/invoice", &["commerce"]),
            ("components/cart", &["service", "cache", "commerce"]),
            ("components/orders", &["service", "db", "invoice"]),
            ("tests", &["host", "xtask"]),
        ];
        assert!(findings(house).is_empty(), "{:?}", findings(house));
    }

    #[test]
    fn arrows_that_point_elsewhere_are_refused() {
        let wrong: [(&str, &str); 7] = [
            ("crates/commerce", "db"),
            ("crates/db", "cache"),
            ("crates/service", "invoice"),
            ("components/cart", "invoice"),
            ("components/cart", "catalog"),
            ("crates/db", "other:http"),
            ("crates/invoice", "other:tokio"),
        ];
        for (package, import) in wrong {
            assert_eq!(
                findings(&[(package, &[import])]).len(),
                1,
                "{package} {import}"
            );
        }
    }

    #[test]
    fn nobody_imports_a_component() {
        let house: &[(&str, &[&str])] = &[("components/cart", &[]), ("tests", &["cart"])];
        assert_eq!(findings(house).len(), 1);
    }

    #[test]
    fn a_package_without_a_place_is_refused() {
        assert_eq!(findings(&[("crates/tools", &[])]).len(), 1);
    }

    #[test]
    fn a_finding_leads_to_the_line_of_the_manifest() {
        let found = findings(&[("crates/commerce", &["other:http"])]);
        let expected =
            "crates/commerce/Cargo.toml:2: commerce may not import http (ARCHITECTURE.md)";
        assert_eq!(found, [expected]);
    }
}
