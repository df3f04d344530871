//! What suppliers see through GraphQL.

use std::collections::BTreeSet;

use comptoir_tests::{Item, until};
use serde_json::{Value, json};

use crate::warehouse::{ask, open, refused};

#[tokio::test]
async fn a_supplier_reads_a_product_and_its_stock() {
    let warehouse = open().await;
    let id = warehouse.oil.id.as_str();
    let product = "query ($id: ID!) { product(id: $id) { id name sku price { amount currency } quantity \
         available stockMinimum stockMaximum belowMinimum supplierId } stockLevel(productId: $id) }";
    let data = ask(&warehouse.supplier, product, json!({ "id": id })).await;
    assert_eq!(
        data,
        json!({
            "product": {
                "id": id, "name": "Huile d’olive", "sku": "OIL-75",
                "price": { "amount": 1690, "currency": "EUR" }, "quantity": 4, "available": 4,
                "stockMinimum": 2, "stockMaximum": 10, "belowMinimum": false,
                "supplierId": warehouse.supplier.id,
            },
            "stockLevel": 4,
        })
    );
    // A change of the stock is there for the next query.
    for (delta, left) in [(-1, 3), (-2, 1), (5, 6)] {
        warehouse.stock(&warehouse.oil, delta).await;
        let data = ask(&warehouse.supplier, product, json!({ "id": id })).await;
        assert_eq!(data["stockLevel"], left);
        assert_eq!(data["product"]["belowMinimum"], left < 2);
    }
}

#[tokio::test]
async fn a_supplier_sees_what_it_delivers_and_nothing_else() {
    let warehouse = open().await;
    let both = "query ($id: ID!) { product(id: $id) { name } stockLevel(productId: $id) node(id: $id) { id } }";
    let nothing = json!({ "product": null, "stockLevel": null, "node": null });
    let book = json!({ "id": warehouse.book.id });
    assert_eq!(ask(&warehouse.supplier, both, book.clone()).await, nothing);
    let data = ask(&warehouse.admin, both, book).await;
    assert_eq!(data["stockLevel"], 3);
    let other = warehouse.shop.supplier().await;
    let oil = json!({ "id": warehouse.oil.id });
    assert_eq!(ask(&other, both, oil).await, nothing);
    let unknown = json!({ "id": "0192f0c1-2d3e-7abc-8def-0123456789ab" });
    assert_eq!(ask(&warehouse.supplier, both, unknown).await, nothing);
    let no_id = json!({ "id": "OIL-75" });
    assert_eq!(ask(&warehouse.supplier, both, no_id).await, nothing);
}

async fn names(api: &comptoir_tests::Api, filter: Value) -> BTreeSet<String> {
    let document =
        "query ($filter: ProductFilter) { products(filter: $filter) { edges { node { name } } } }";
    let data = ask(api, document, json!({ "filter": filter })).await;
    let edges = data["products"]["edges"].as_array().unwrap().clone();
    let name = |edge: &Value| edge["node"]["name"].as_str().unwrap().to_owned();
    edges.iter().map(name).collect()
}

#[tokio::test]
async fn products_are_found_by_what_is_asked_of_them() {
    let warehouse = open().await;
    let supplier = &warehouse.supplier;
    let set = |names: &[&str]| {
        names
            .iter()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>()
    };
    let mine = set(&["Huile d’olive", "Stylo"]);
    for (filter, expected) in [
        (Value::Null, mine.clone()),
        (json!({}), mine.clone()),
        (json!({ "sku": "oil-75" }), set(&["Huile d’olive"])),
        (json!({ "sku": "BOOK" }), set(&[])),
        (json!({ "category": warehouse.category }), mine.clone()),
        (json!({ "category": warehouse.oil.id }), set(&[])),
        (json!({ "belowMinimum": true }), set(&[])),
        (json!({ "supplier": supplier.id }), mine.clone()),
        (json!({ "supplier": warehouse.seller.id }), set(&[])),
    ] {
        assert_eq!(names(supplier, filter.clone()).await, expected, "{filter}");
    }
    warehouse.stock(&warehouse.oil, -3).await;
    let low = names(supplier, json!({ "belowMinimum": true })).await;
    assert_eq!(low, set(&["Huile d’olive"]));
    let all = names(&warehouse.admin, Value::Null).await;
    assert_eq!(all.len(), 3);
    let of_supplier = json!({ "supplier": supplier.id });
    assert_eq!(names(&warehouse.admin, of_supplier).await, mine);
    let no_id = json!({ "filter": { "category": "épicerie" } });
    let document =
        "query ($filter: ProductFilter) { products(filter: $filter) { edges { cursor } } }";
    let error = refused(supplier, document, no_id).await;
    assert_eq!(error["code"], "invalid-fields");
    assert_eq!(error["errors"][0]["pointer"], "/filter/category");
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap() {
    let warehouse = open().await;
    for number in 0..5 {
        let name = format!("Boîte {number}");
        let item = Item::create(&warehouse.seller, &warehouse.category, &name, 100, 0).await;
        let change = json!({ "supplier_id": warehouse.supplier.id });
        warehouse.change(&item, change).await.is(200);
    }
    let document = "query ($after: String) { products(first: 3, after: $after) { \
         edges { cursor node { id name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let (mut after, mut seen, mut pages) = (Value::Null, Vec::new(), 0);
    loop {
        let data = ask(&warehouse.supplier, document, json!({ "after": after })).await;
        let (edges, info) = (&data["products"]["edges"], &data["products"]["pageInfo"]);
        let edges = edges.as_array().unwrap();
        assert_eq!(info["hasPreviousPage"], !after.is_null());
        assert_eq!(info["startCursor"], edges[0]["cursor"]);
        assert_eq!(info["endCursor"], edges[edges.len() - 1]["cursor"]);
        seen.extend(edges.iter().map(|edge| edge["node"]["id"].to_string()));
        pages += 1;
        after = info["endCursor"].clone();
        if info["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!((pages, seen.len()), (3, 7));
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 7);
    for variables in [
        json!({ "first": 0 }),
        json!({ "first": 101 }),
        json!({ "after": "?" }),
    ] {
        let document = "query ($first: Int, $after: String) { products(first: $first, after: $after) { \
             edges { cursor } } }";
        let error = refused(&warehouse.supplier, document, variables).await;
        assert_eq!(error["code"], "invalid-fields");
    }
}

#[tokio::test]
async fn whatever_has_an_id_is_a_node() {
    let warehouse = open().await;
    let document = "query ($id: ID!) { node(id: $id) { __typename id ... on Product { sku } } }";
    let data = ask(
        &warehouse.supplier,
        document,
        json!({ "id": warehouse.pen.id }),
    )
    .await;
    let expected = json!({ "__typename": "Product", "id": warehouse.pen.id, "sku": "PEN" });
    assert_eq!(data["node"], expected);
}

#[tokio::test]
async fn a_level_of_a_query_is_one_call_to_the_catalogue() {
    let warehouse = open().await;
    let ids = [&warehouse.oil, &warehouse.pen, &warehouse.book];
    let fields: String = ids
        .iter()
        .cycle()
        .take(24)
        .enumerate()
        .map(|(index, item)| format!("p{index}: product(id: \"{}\") {{ name }} ", item.id))
        .collect();
    let before = warehouse.product_calls();
    let data = ask(&warehouse.admin, &format!("{{ {fields} }}"), Value::Null).await;
    assert_eq!(data.as_object().unwrap().len(), 24);
    // The log is written beside the answer.
    until("the call is in the log", || async {
        (warehouse.product_calls() > before).then_some(())
    })
    .await;
    assert_eq!(warehouse.product_calls() - before, 1);
}
