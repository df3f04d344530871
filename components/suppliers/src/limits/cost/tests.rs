//! What requests cost, before and after.

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
    assert_eq!(of(json!({ "n": 3 })), Ok(14));
    assert_eq!(of(json!({})), Ok(31));
    // More than a page has is refused by the page itself.
    assert_eq!(of(json!({ "n": 1_000_000 })), Ok(111));
}

#[test]
fn what_was_not_there_costs_what_it_took_to_look() {
    let node = json!({ "node": { "id": "1", "price": { "amount": 1 } } });
    let data =
        json!({ "products": { "edges": [node, node], "pageInfo": { "hasNextPage": false } } });
    let data = Value::from_json(data).unwrap();
    assert_eq!(bill(PAGE, json!({}), |bill| bill.actual(&data)), 13);
    assert_eq!(bill(PAGE, json!({}), |bill| bill.actual(&Value::Null)), 10);
    let nothing = "{ stockLevel(productId: 1) a: node(id: 2) { id } __typename }";
    assert_eq!(
        bill(nothing, json!({}), |bill| bill.actual(&Value::Null)),
        2
    );
}

#[test]
fn pages_of_lists_of_products_are_too_much() {
    let nested = "{ purchaseOrders(first: 100) { edges { node { ...O } } } } \
         fragment O on PurchaseOrder { lines { product { name } } }";
    assert_eq!(requested(nested), Err(Excess::Cost(2111)));
    assert_eq!(requested(&nested.replace("100", "10")), Ok(221));
}

#[test]
fn a_change_costs_more_than_a_look() {
    assert_eq!(requested("{ product(id: 1) { name } }"), Ok(2));
    assert_eq!(requested("{ stockLevel(productId: 1) }"), Ok(1));
    let mutation = "mutation { confirmPurchaseOrder(input: {}) { purchaseOrder { id } } }";
    assert_eq!(requested(mutation), Ok(12));
}

#[test]
fn each_mutation_is_paid_for() {
    let one = "confirmPurchaseOrder(input: {}) { purchaseOrder { id } }";
    let three = format!("mutation {{ a: {one} b: {one} ...F }} fragment F on Mutation {{ {one} }}");
    assert_eq!(requested(&three), Ok(36));
    // What they answer is not there, and was carried out all the same.
    let actual = bill(&three, json!({}), |bill| bill.actual(&Value::Null));
    assert_eq!(actual, 30);
}

#[test]
fn what_is_sent_is_paid_for_by_the_entry() {
    let text =
        "mutation ($lines: [Line!] = [{}, {}]) { restock(input: { lines: $lines }) { replayed } }";
    let of = |variables| bill(text, variables, |bill| bill.requested());
    assert_eq!(of(json!({})), Ok(13));
    assert_eq!(
        of(json!({ "lines": [{}, {}, {}, { "tags": [1, 2] }] })),
        Ok(17)
    );
    let lines = vec![json!({ "quantity": 1 }); 500];
    assert_eq!(of(json!({ "lines": lines })), Ok(511));
    let twice = text.replace(
        "restock(",
        "a: restock(input: { lines: $lines }) { replayed } restock(",
    );
    let refused = bill(&twice, json!({ "lines": lines }), |bill| bill.requested());
    assert_eq!(refused, Err(Excess::Cost(1022)));
    assert_eq!(
        requested("mutation { restock(input: { lines: [[1], [2, 3]] }) { replayed } }"),
        Ok(16)
    );
}

#[test]
fn the_schema_has_a_price_that_grows_with_what_is_asked_of_it() {
    assert_eq!(requested("{ __schema { types { name } } }"), Ok(1));
    let of_types = |inner: &str| requested(&format!("{{ __schema {{ types {{ {inner} }} }} }}"));
    let fields = of_types("fields { type { name } }");
    assert!(matches!(fields, Ok(10..=30)), "{fields:?}");
    let deep = "fields { type { fields { type { fields { type { fields { name } } } } } } }";
    assert!(matches!(of_types(deep), Err(Excess::Cost(1001..))));
    let one = "{ __type(name: \"Query\") { fields { name type { name } } } }";
    assert_eq!(requested(one), Ok(1));
}
