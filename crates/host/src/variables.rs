//! Variables: who may set them, templates that use them, and what a component sees of them.
//!
//! Every value is settled before the first request, since no provider of this host is dynamic.
//! Refuses names and templates that Spin refuses; values are never logged.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::manifest::Component;

/// One entry of `[variables]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    #[serde(default)]
    pub required: bool,
    pub default: Option<String>,
    /// Kept out of descriptions of the application; this host describes no value at all.
    #[serde(default)]
    pub secret: bool,
    #[serde(default)]
    pub description: Option<String>,
}

/// The settled value of each application variable.
#[derive(Debug, Default)]
pub struct Values(HashMap<String, String>);

/// Why a component does not get the variable it asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Absence {
    InvalidName(String),
    Undefined(String),
}

/// What one component can ask for through `spin:variables`.
#[derive(Debug, Default)]
pub struct ComponentVariables {
    component: String,
    values: HashMap<String, String>,
}

impl Values {
    /// Settles every variable: what was given on the command line, else `SPIN_VARIABLE_<NAME>`,
    /// else the default.
    pub fn settle(
        declared: &BTreeMap<String, Variable>,
        given: &HashMap<String, String>,
        environment: impl Fn(&str) -> Result<Option<String>>,
    ) -> Result<Self> {
        let mut values = HashMap::new();
        let mut missing = Vec::new();
        for (name, variable) in declared {
            check_name(name).map_err(|reason| anyhow::anyhow!("variable {reason}"))?;
            ensure!(
                variable.required != variable.default.is_some(),
                "variable `{name}` must be either `required` or have a `default`"
            );
            let set = match given.get(name) {
                Some(value) => Some(value.clone()),
                None => environment(&format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase()))?,
            };
            match set.or_else(|| variable.default.clone()) {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None => missing.push(format!("`{name}`")),
            }
        }
        ensure!(
            missing.is_empty(),
            "required variables without a value: {} (give each by --variable name=value or \
             SPIN_VARIABLE_NAME)",
            missing.join(", ")
        );
        Ok(Self(values))
    }

    /// Fills the template: `{{ name }}` becomes that variable's value, the rest stays as it is.
    pub fn fill(&self, template: &str) -> Result<String> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((literal, tail)) = rest.split_once("{{") {
            let (name, tail) = tail
                .split_once("}}")
                .context("a template has `{{` without `}}`")?;
            let name = name.trim();
            let value = self
                .0
                .get(name)
                .with_context(|| format!("a template uses the unknown variable `{name}`"))?;
            filled.push_str(literal);
            filled.push_str(value);
            rest = tail;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

impl ComponentVariables {
    /// Fills the templates of `[component.<id>.variables]`.
    pub fn settle(id: &str, component: &Component, values: &Values) -> Result<Self> {
        let mut settled = HashMap::new();
        for (name, template) in &component.variables {
            let at = || format!("`component.{id}.variables.{name}`");
            if let Err(reason) = check_name(name) {
                bail!("{}: the name {reason}", at());
            }
            settled.insert(name.clone(), values.fill(template).with_context(at)?);
        }
        Ok(Self {
            component: id.to_owned(),
            values: settled,
        })
    }

    /// The value of `name`, or why there is none.
    pub fn get(&self, name: &str) -> Result<&str, Absence> {
        check_name(name).map_err(Absence::InvalidName)?;
        match self.values.get(name) {
            Some(value) => Ok(value),
            None => Err(Absence::Undefined(format!(
                "no variable for {:?}.{name:?}",
                self.component
            ))),
        }
    }
}

/// The rule for names: words of lower-case letters and digits joined by single underscores, a
/// letter first.
fn check_name(name: &str) -> Result<(), String> {
    let reason = if name.is_empty() {
        "must not be empty".to_owned()
    } else if let Some(other) = name
        .chars()
        .find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_'))
    {
        format!("has {other:?}, which is no lower-case letter, digit or underscore")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "must start with a lower-case letter".to_owned()
    } else if name.ends_with('_') {
        "must not end with an underscore".to_owned()
    } else if name.contains("__") {
        "must not have two underscores in a row".to_owned()
    } else {
        return Ok(());
    };
    Err(format!("{name:?}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn declared(name: &str, default: Option<&str>) -> BTreeMap<String, Variable> {
        let variable = Variable {
            required: default.is_none(),
            default: default.map(str::to_owned),
            ..Variable::default()
        };
        BTreeMap::from([(name.to_owned(), variable)])
    }

    fn given(name: &str, value: &str) -> HashMap<String, String> {
        HashMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_command_line_beats_the_environment_which_beats_the_default() {
        let declared = declared("db_host", Some("default"));
        let environment = |name: &str| {
            assert_eq!(name, "SPIN_VARIABLE_DB_HOST");
            Ok(Some("environment".to_owned()))
        };
        let fill = |values: Values| values.fill("<{{db_host}}>").unwrap();
        let all = Values::settle(&declared, &given("db_host", "line"), environment).unwrap();
        assert_eq!(fill(all), "<line>");
        let two = Values::settle(&declared, &HashMap::new(), environment).unwrap();
        assert_eq!(fill(two), "<environment>");
        let one = Values::settle(&declared, &HashMap::new(), nothing).unwrap();
        assert_eq!(fill(one), "<default>");
    }

    #[test]
    fn a_missing_required_variable_is_named() {
        let error = Values::settle(&declared("token", None), &HashMap::new(), nothing).unwrap_err();
        assert!(error.to_string().contains("without a value: `token`"));
    }

    #[test]
    fn a_variable_is_required_or_has_a_default() {
        let neither = BTreeMap::from([("x".to_owned(), Variable::default())]);
        assert!(Values::settle(&neither, &HashMap::new(), nothing).is_err());
    }

    #[test]
    fn templates_fill_each_expression_once() {
        let values = Values::settle(&declared("a", Some("{{ a }}")), &HashMap::new(), nothing);
        assert_eq!(
            values.unwrap().fill("{{ a }}-{{a}} }}").unwrap(),
            "{{ a }}-{{ a }} }}"
        );
    }

    #[test]
    fn a_template_with_an_unknown_variable_or_open_braces_is_refused() {
        let values = Values::default();
        assert!(values.fill("{{ b }}").is_err());
        assert!(values.fill("{{ b").is_err());
    }

    #[test]
    fn names_follow_the_rule_of_spin() {
        for good in ["a", "a1", "a_b_c2"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["", "A", "1a", "_a", "a_", "a__b", "a-b"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_component_sees_its_own_variables_only() {
        let seen = ComponentVariables {
            component: "cart".to_owned(),
            values: given("mine", "1"),
        };
        assert_eq!(seen.get("mine"), Ok("1"));
        assert_eq!(
            seen.get("other"),
            Err(Absence::Undefined(
                r#"no variable for "cart"."other""#.to_owned()
            ))
        );
        assert!(matches!(seen.get("NO"), Err(Absence::InvalidName(_))));
    }
}
