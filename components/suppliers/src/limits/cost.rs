//! What an operation costs, in points: one for each object that is asked for and one for each entry of a list that is
//! sent; besides, whatever is found, ten for each mutation and each page of a query and one for whatever else a query
//! looks up. A connection costs its own point and what is asked of a node, as often as `first` says; a list, as often
//! as it is long as a rule. The actual cost counts the objects that were there.
//!
//! Edges and page information come with their connection, and money with its product: they are free. The schema
//! stands in memory, but the whole of it is long: fifty of its objects cost what one of the shop does.

use std::cell::Cell;
use std::collections::HashMap;
use std::convert::Infallible;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Value, Variables};

use super::{COST, Excess};
use crate::graphql::paging::{DEFAULT_FIRST, MAX_FIRST};

/// What changes something costs that much more.
const MUTATION: u64 = 10;
/// A page is found by a statement of its own.
const PAGE: u64 = 10;
/// What is named by its id is found with others.
const LOOKUP: u64 = 1;
/// So many objects of the schema cost a point.
const OF_SCHEMA: u64 = 50;
/// As many lines as an order or a delivery has, as a rule.
const LINES: u64 = 10;

/// The cost of one operation, before and after it.
pub struct Bill<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// How many entries of lists each variable has.
    entries: HashMap<&'a str, u64>,
}

impl<'a> Bill<'a> {
    /// The document must have been weighed: its fragments are followed as often as they are used, and one
    /// inside itself for ever.
    pub fn new(
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        let defaults = operation
            .variable_definitions
            .iter()
            .filter_map(|definition| {
                let default = definition.node.default_value.as_ref()?;
                Some((
                    definition.node.name.node.as_str(),
                    entries_of(&default.node),
                ))
            });
        let given = variables.iter();
        let given = given.map(|(name, value)| (name.as_str(), entries_of(value)));
        Self {
            document,
            operation,
            variables,
            entries: defaults.chain(given).collect(),
        }
    }

    /// What it may cost.
    pub fn requested(&self) -> Result<u64, Excess> {
        let set = &self.operation.selection_set.node;
        let cost = self.sent().saturating_add(self.of_set(set));
        if cost > COST {
            Err(Excess::Cost(cost))
        } else {
            Ok(cost)
        }
    }

    /// What it has cost, from its data. What was sent was read, whatever came of it.
    pub fn actual(&self, data: &Value) -> u64 {
        let set = &self.operation.selection_set.node;
        self.sent().saturating_add(self.of_data(set, data))
    }

    /// What it costs whatever is answered: what it changes and looks up, and the lists that it sends.
    fn sent(&self) -> u64 {
        let level = Level::Root(self.operation.ty);
        self.sent_by(&self.operation.selection_set.node, level)
    }

    fn sent_by(&self, set: &SelectionSet, level: Level) -> u64 {
        let cost = |selection: &Selection| match selection {
            Selection::Field(field) => {
                let own = level.cost(&field.node);
                let own = own.saturating_add(self.entries(&field.node));
                let inner = &field.node.selection_set.node;
                own.saturating_add(self.sent_by(inner, Level::Inside))
            }
            Selection::InlineFragment(inline) => {
                self.sent_by(&inline.node.selection_set.node, level)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                fragment.map_or(0, |fragment| {
                    self.sent_by(&fragment.node.selection_set.node, level)
                })
            }
        };
        let costs = set.items.iter().map(|selection| cost(&selection.node));
        costs.fold(0, u64::saturating_add)
    }

    /// How many entries the lists of a field's arguments have, those of its variables among them.
    fn entries(&self, field: &Field) -> u64 {
        let of_variables = Cell::new(0_u64);
        // A variable is not written out: it may be named a thousand times.
        let resolve = |name: Name| {
            let more = self.entries.get(name.as_str()).copied().unwrap_or(0);
            of_variables.set(of_variables.get().saturating_add(more));
            Ok::<_, Infallible>(Value::Null)
        };
        let arguments = field.arguments.iter();
        let literal = arguments.map(|(_, value)| {
            let Ok(value) = value.node.clone().into_const_with(resolve);
            entries_of(&value)
        });
        let literal = literal.fold(0, u64::saturating_add);
        literal.saturating_add(of_variables.get())
    }

    fn of_set(&self, set: &SelectionSet) -> u64 {
        let cost = |selection: &Selection| match selection {
            Selection::Field(field) => self.of_field(&field.node),
            Selection::InlineFragment(inline) => self.of_set(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let fragment = self.document.fragments.get(name);
                fragment.map_or(0, |fragment| self.of_set(&fragment.node.selection_set.node))
            }
        };
        let costs = set.items.iter().map(|selection| cost(&selection.node));
        costs.fold(0, u64::saturating_add)
    }

    fn of_field(&self, field: &Field) -> u64 {
        if is_free(field) {
            return self.of_set(&field.selection_set.node);
        }
        if is_schema(field) {
            let inside = self.of_schema(&field.selection_set.node);
            return inside.saturating_add(1).div_ceil(OF_SCHEMA);
        }
        let Some(own) = own_cost(field) else {
            return 0;
        };
        let inner = self.of_set(&field.selection_set.node);
        match field.name.node.as_str() {
            _ if is_page(field) => own + self.first(field).saturating_mul(inner),
            "lines" => LINES.saturating_mul(own.saturating_add(inner)),
            _ => own.saturating_add(inner),
        }
    }

    /// How many objects of the schema are asked for inside one: the types of its fields have fields in their turn.
    fn of_schema(&self, set: &SelectionSet) -> u64 {
        let count = |selection: &Selection| match selection {
            Selection::Field(field) if field.node.selection_set.node.items.is_empty() => 0,
            Selection::Field(field) => {
                let inner = self.of_schema(&field.node.selection_set.node);
                as_a_rule(&field.node).saturating_mul(inner.saturating_add(1))
            }
            Selection::InlineFragment(inline) => self.of_schema(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                fragment.map_or(0, |fragment| {
                    self.of_schema(&fragment.node.selection_set.node)
                })
            }
        };
        let counts = set.items.iter().map(|selection| count(&selection.node));
        counts.fold(0, u64::saturating_add)
    }

    /// How many nodes a connection is asked for.
    fn first(&self, field: &Field) -> u64 {
        let asked = field.get_argument("first").and_then(|value| {
            let resolve = |name| self.variables.get(&name).cloned().ok_or(());
            let value = value.node.clone().into_const_with(resolve).ok()?;
            match value {
                Value::Number(number) => number.as_u64(),
                _ => None,
            }
        });
        let default = u64::try_from(DEFAULT_FIRST).unwrap_or_default();
        let most = u64::try_from(MAX_FIRST).unwrap_or_default();
        asked.unwrap_or(default).min(most)
    }

    fn of_data(&self, set: &SelectionSet, data: &Value) -> u64 {
        let Value::Object(object) = data else {
            return 0;
        };
        let cost = |selection: &Selection| match selection {
            Selection::Field(field) => {
                let value = object.get(field.node.response_key().node.as_str());
                value.map_or(0, |value| self.of_value(&field.node, value))
            }
            Selection::InlineFragment(inline) => {
                self.of_data(&inline.node.selection_set.node, data)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                fragment.map_or(0, |fragment| {
                    self.of_data(&fragment.node.selection_set.node, data)
                })
            }
        };
        let costs = set.items.iter().map(|selection| cost(&selection.node));
        costs.fold(0, u64::saturating_add)
    }

    fn of_value(&self, field: &Field, value: &Value) -> u64 {
        if is_schema(field) {
            return objects(value).div_ceil(OF_SCHEMA);
        }
        match value {
            Value::List(values) => values
                .iter()
                .map(|value| self.of_value(field, value))
                .fold(0, u64::saturating_add),
            Value::Object(_) => {
                let own = if is_free(field) {
                    Some(0)
                } else {
                    own_cost(field)
                };
                let inner = self.of_data(&field.selection_set.node, value);
                own.map_or(0, |own| own.saturating_add(inner))
            }
            _ => 0,
        }
    }
}

/// Where a field stands.
#[derive(Clone, Copy)]
enum Level {
    Root(OperationType),
    Inside,
}

impl Level {
    /// What a field costs here, whatever is found.
    fn cost(self, field: &Field) -> u64 {
        match self {
            Self::Root(OperationType::Mutation) => MUTATION,
            Self::Root(_) if is_page(field) => PAGE,
            // The schema and the names of types stand in memory.
            Self::Root(_) if !field.name.node.starts_with("__") => LOOKUP,
            Self::Root(_) | Self::Inside => 0,
        }
    }
}

fn is_page(field: &Field) -> bool {
    matches!(field.name.node.as_str(), "products" | "purchaseOrders")
}

fn is_free(field: &Field) -> bool {
    let name = field.name.node.as_str();
    matches!(name, "edges" | "pageInfo" | "price" | "unitCost")
}

fn is_schema(field: &Field) -> bool {
    matches!(field.name.node.as_str(), "__schema" | "__type")
}

/// How many there are of what a field of the schema names, as a rule.
fn as_a_rule(field: &Field) -> u64 {
    match field.name.node.as_str() {
        "types" => 40,
        "fields" | "inputFields" | "enumValues" | "directives" => 10,
        "interfaces" | "possibleTypes" => 5,
        "args" => 2,
        _ => 1,
    }
}

/// One for an object; nothing for a scalar.
fn own_cost(field: &Field) -> Option<u64> {
    let is_object = !field.selection_set.node.items.is_empty();
    is_object.then_some(1)
}

/// The objects in a value, itself among them.
fn objects(value: &Value) -> u64 {
    match value {
        Value::List(values) => values.iter().map(objects).fold(0, u64::saturating_add),
        Value::Object(fields) => fields.values().map(objects).fold(1, u64::saturating_add),
        _ => 0,
    }
}

/// The entries of all lists in a value.
fn entries_of(value: &Value) -> u64 {
    match value {
        Value::List(values) => {
            let inner = values.iter().map(entries_of);
            inner.fold(length(values), u64::saturating_add)
        }
        Value::Object(fields) => fields.values().map(entries_of).fold(0, u64::saturating_add),
        _ => 0,
    }
}

fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
