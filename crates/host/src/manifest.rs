//! `spin.toml`: what it says, as Spin 4.1 reads it.
//!
//! Refuses, by name, every key that this host would have to pretend to understand: a manifest is
//! either served with its meaning or not at all. It opens no other file and resolves no variable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use toml::{Table, Value};

use crate::variables::Variable;

/// A manifest whose every key this host can honour.
#[derive(Debug)]
pub struct Manifest {
    pub name: String,
    pub version: Option<String>,
    pub variables: BTreeMap<String, Variable>,
    pub triggers: Vec<Trigger>,
    pub components: BTreeMap<String, Component>,
}

/// One `[[trigger.http]]`.
#[derive(Debug, PartialEq, Eq)]
pub struct Trigger {
    pub component: String,
    /// None for `route = { private = true }`: reachable through service chaining alone.
    pub route: Option<String>,
}

/// One `[component.<id>]`.
#[derive(Debug, Deserialize)]
pub struct Component {
    /// Path of the wasm file, relative to the manifest.
    pub source: String,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    #[serde(flatten)]
    rest: Table,
}

/// Keys of a component that describe it to other tools and change nothing about serving it.
const SILENT: [&str; 5] = ["build", "description", "profile", "targets", "tool"];

#[derive(Deserialize)]
struct Document {
    spin_manifest_version: u32,
    application: Application,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(default)]
    trigger: BTreeMap<String, Value>,
    #[serde(default)]
    component: BTreeMap<String, Component>,
    #[serde(flatten)]
    rest: Table,
}

#[derive(Deserialize)]
struct Application {
    name: String,
    version: Option<String>,
    #[serde(flatten)]
    rest: Table,
}

#[derive(Deserialize)]
struct HttpTrigger {
    component: Option<Value>,
    route: Value,
    executor: Option<Value>,
    #[serde(flatten)]
    rest: Table,
}

/// Reads and judges the manifest at `path`.
pub fn read(path: &Path) -> Result<Manifest> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

/// Judges the text of a manifest.
pub fn parse(text: &str) -> Result<Manifest> {
    let document: Document = toml::from_str(text)?;
    ensure!(
        document.spin_manifest_version == 2,
        "`spin_manifest_version` must be 2, not {}",
        document.spin_manifest_version
    );
    refuse("", &document.rest, &[])?;
    refuse(
        "application.",
        &document.application.rest,
        &["authors", "description", "targets", "tool"],
    )?;
    for (id, component) in &document.component {
        ensure!(
            is_kebab(id),
            "`component.{id}`: a component id is lower-case words joined by hyphens"
        );
        refuse(&format!("component.{id}."), &component.rest, &SILENT)?;
    }
    Ok(Manifest {
        triggers: read_triggers(document.trigger, &document.component)?,
        name: document.application.name,
        version: document.application.version,
        variables: document.variables,
        components: document.component,
    })
}

fn read_triggers(
    declared: BTreeMap<String, Value>,
    components: &BTreeMap<String, Component>,
) -> Result<Vec<Trigger>> {
    let mut triggers = Vec::new();
    let mut routes = BTreeSet::new();
    for (kind, value) in declared {
        ensure!(
            kind == "http",
            "`trigger.{kind}` is not supported by this host"
        );
        let list: Vec<HttpTrigger> = value
            .try_into()
            .context("`trigger.http` must be an array of tables with a route")?;
        for raw in list {
            let trigger = read_trigger(raw)?;
            ensure!(
                components.contains_key(&trigger.component),
                "`trigger.http` names the component `{}`, which is not declared",
                trigger.component
            );
            if let Some(route) = &trigger.route {
                ensure!(
                    routes.insert(route.clone()),
                    "`trigger.http` has the route `{route}` twice; Spin would never use the first"
                );
            }
            triggers.push(trigger);
        }
    }
    ensure!(!triggers.is_empty(), "there is no `[[trigger.http]]`");
    Ok(triggers)
}

fn read_trigger(raw: HttpTrigger) -> Result<Trigger> {
    refuse("trigger.http.", &raw.rest, &["id"])?;
    if let Some(executor) = &raw.executor {
        let kind = executor.get("type").and_then(Value::as_str);
        ensure!(
            kind == Some("http"),
            "`trigger.http.executor`: only `{{ type = \"http\" }}` is supported by this host"
        );
    }
    let component = match raw.component {
        Some(Value::String(id)) => id,
        Some(_) => bail!("`trigger.http.component` as a table is not supported by this host"),
        None => bail!("`trigger.http` without `component` is not supported by this host"),
    };
    let route = match &raw.route {
        Value::String(route) => Some(route.clone()),
        Value::Table(table)
            if table.len() == 1 && table.get("private") == Some(&Value::Boolean(true)) =>
        {
            None
        }
        other => bail!(
            "`trigger.http.route` of `{component}` must be text or `{{ private = true }}`, not {other}"
        ),
    };
    Ok(Trigger { component, route })
}

fn refuse(at: &str, rest: &Table, silent: &[&str]) -> Result<()> {
    match rest.keys().find(|key| !silent.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => bail!("`{at}{key}` is not supported by this host"),
    }
}

fn is_kebab(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id
            .split('-')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "shop"
        [[trigger.http]]
        route = "/a/..."
        component = "a"
        [[trigger.http]]
        route = { private = true }
        component = "b"
        [component.a]
        source = "a.wasm"
        allowed_outbound_hosts = ["http://b.spin.internal"]
        build = { command = "make" }
        [component.b]
        source = "b.wasm"
    "#;

    fn refusal(text: &str) -> String {
        format!(
            "{:#}",
            parse(text).expect_err("the manifest should be refused")
        )
    }

    #[test]
    fn routes_are_public_or_private() {
        let shop = parse(SHOP).unwrap();
        assert_eq!(shop.triggers.len(), 2);
        assert_eq!(shop.triggers[0].route.as_deref(), Some("/a/..."));
        assert_eq!(shop.triggers[1].route, None);
    }

    #[test]
    fn an_unsupported_key_of_a_component_is_refused_by_name() {
        let text = format!("{SHOP}\nkey_value_stores = [\"default\"]");
        assert_eq!(
            refusal(&text),
            "`component.b.key_value_stores` is not supported by this host"
        );
    }

    #[test]
    fn another_kind_of_trigger_is_refused_by_name() {
        let text = format!("{SHOP}\n[[trigger.redis]]\nchannel = \"x\"\ncomponent = \"a\"");
        assert_eq!(
            refusal(&text),
            "`trigger.redis` is not supported by this host"
        );
    }

    #[test]
    fn an_unknown_top_level_key_is_refused_by_name() {
        assert_eq!(
            refusal(&format!("surprise = 1\n{SHOP}")),
            "`surprise` is not supported by this host"
        );
    }

    #[test]
    fn a_trigger_of_an_undeclared_component_is_refused() {
        let text = SHOP.replace("component = \"b\"", "component = \"c\"");
        assert!(refusal(&text).contains("names the component `c`"));
    }

    #[test]
    fn the_same_route_twice_is_refused() {
        let text = SHOP.replace("{ private = true }", "\"/a/...\"");
        assert!(refusal(&text).contains("has the route `/a/...` twice"));
    }

    #[test]
    fn a_static_response_is_refused_by_name() {
        let text = SHOP.replace(
            "route = { private = true }",
            "static_response = { body = \"x\" }\nroute = \"/b\"",
        );
        assert_eq!(
            refusal(&text),
            "`trigger.http.static_response` is not supported by this host"
        );
    }

    #[test]
    fn a_remote_source_is_refused() {
        let text = SHOP.replace("\"b.wasm\"", "{ url = \"https://x\", digest = \"y\" }");
        assert!(refusal(&text).contains("source"));
    }
}
