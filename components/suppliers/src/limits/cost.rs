//! What an operation costs, in points: one for each object that is asked for, ten more for a mutation. A
//! connection costs its own point and what is asked of a node, as often as `first` says; a list, as often as
//! it is long as a rule. The actual cost counts the objects that were there.
//!
//! Edges and page information come with their connection, and money with its product: they are free.

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Value, Variables};

use super::{COST, Excess};
use crate::graphql::paging::{DEFAULT_FIRST, MAX_FIRST};

/// What changes something costs that much more.
const MUTATION: u64 = 10;
/// As many lines as an order or a delivery has, as a rule.
const LINES: u64 = 10;

/// The cost of one operation, before and after it.
pub struct Bill<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
}

impl<'a> Bill<'a> {
    /// The document must have been weighed: its fragments are followed as often as they are used, and one
    /// inside itself for ever.
    pub fn new(
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        Self {
            document,
            operation,
            variables,
        }
    }

    /// What it may cost.
    pub fn requested(&self) -> Result<u64, Excess> {
        let cost = self.base() + self.of_set(&self.operation.selection_set.node);
        if cost > COST {
            Err(Excess::Cost(cost))
        } else {
            Ok(cost)
        }
    }

    /// What it has cost, from its data.
    pub fn actual(&self, data: &Value) -> u64 {
        match data {
            Value::Null => self.base(),
            data => self.base() + self.of_data(&self.operation.selection_set.node, data),
        }
    }

    fn base(&self) -> u64 {
        match self.operation.ty {
            OperationType::Mutation => MUTATION,
            OperationType::Query | OperationType::Subscription => 0,
        }
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
        let Some(own) = own_cost(field) else {
            return 0;
        };
        let inner = self.of_set(&field.selection_set.node);
        match field.name.node.as_str() {
            "products" | "purchaseOrders" => own + self.first(field).saturating_mul(inner),
            "lines" => LINES.saturating_mul(own.saturating_add(inner)),
            _ => own.saturating_add(inner),
        }
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

fn is_free(field: &Field) -> bool {
    let name = field.name.node.as_str();
    matches!(name, "edges" | "pageInfo" | "price" | "unitCost")
}

/// One for an object; nothing for a scalar, nor for the schema, which stands in memory.
fn own_cost(field: &Field) -> Option<u64> {
    let is_object = !field.selection_set.node.items.is_empty();
    let of_schema = field.name.node.starts_with("__");
    (is_object && !of_schema).then_some(1)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn bill<T>(text: &str, variables: serde_json::Value, ask: impl Fn(Bill<'_>) -> T) -> T {
        let document = parse_query(text).unwrap();
        let variables = Variables::from_json(variables);
        let (_, operation) = document.operations.iter().next().unwrap();
        ask(Bill::new(&document, &operation.node, &variables))
    }

    fn requested(text: &str) -> Result<u64, Excess> {
        bill(text, json!({}), |bill| bill.requested())
    }

    const PAGE: &str = "query ($n: Int) { products(first: $n) { edges { node { id price { amount } } } \
         pageInfo { hasNextPage } } }";

    #[test]
    fn a_page_costs_itself_and_its_nodes() {
        let of = |variables| bill(PAGE, variables, |bill| bill.requested());
        assert_eq!(of(json!({ "n": 3 })), Ok(4));
        assert_eq!(of(json!({})), Ok(21));
        // More than a page has is refused by the page itself.
        assert_eq!(of(json!({ "n": 1_000_000 })), Ok(101));
    }

    #[test]
    fn what_was_not_there_costs_nothing() {
        let node = json!({ "node": { "id": "1", "price": { "amount": 1 } } });
        let data =
            json!({ "products": { "edges": [node, node], "pageInfo": { "hasNextPage": false } } });
        let data = Value::from_json(data).unwrap();
        assert_eq!(bill(PAGE, json!({}), |bill| bill.actual(&data)), 3);
        assert_eq!(bill(PAGE, json!({}), |bill| bill.actual(&Value::Null)), 0);
    }

    #[test]
    fn pages_of_lists_of_products_are_too_much() {
        let nested = "{ purchaseOrders(first: 100) { edges { node { ...O } } } } \
             fragment O on PurchaseOrder { lines { product { name } } }";
        assert_eq!(requested(nested), Err(Excess::Cost(2101)));
        assert_eq!(requested(&nested.replace("100", "10")), Ok(211));
    }

    #[test]
    fn a_change_costs_more_than_a_look() {
        assert_eq!(requested("{ product(id: 1) { name } }"), Ok(1));
        assert_eq!(requested("{ stockLevel(productId: 1) }"), Ok(0));
        let mutation = "mutation { confirmPurchaseOrder(input: {}) { purchaseOrder { id } } }";
        assert_eq!(requested(mutation), Ok(12));
        assert_eq!(requested("{ __schema { types { name } } }"), Ok(0));
    }
}
