//! Deliveries that suppliers tell.

use std::future::IntoFuture;

use serde_json::{Value, json};

use crate::warehouse::{RESTOCK, ask, delivery, open, post, refused};

#[tokio::test]
async fn a_delivery_becomes_stock_with_its_lots_and_costs() {
    let warehouse = open().await;
    let lines = json!([
        { "productId": warehouse.oil.id, "quantity": 2, "unitCost": { "amount": 900 }, "lot": "L1" },
        { "sku": "pen", "quantity": 5, "unitCost": { "amount": 80, "currency": "EUR" } },
        { "sku": "OIL-75", "quantity": 3, "lot": "L2" },
    ]);
    let data = ask(&warehouse.supplier, RESTOCK, delivery("BL-1", lines)).await;
    let restock = &data["restock"]["restock"];
    assert_eq!(data["restock"]["replayed"], false);
    let shown = |field: &str| -> Vec<Value> {
        let lines = restock["lines"].as_array().unwrap();
        lines.iter().map(|line| line[field].clone()).collect()
    };
    assert_eq!(shown("balance"), [9, 15, 9]);
    assert_eq!(shown("lot"), [json!("L1"), Value::Null, json!("L2")]);
    let cost = json!({ "amount": 80, "currency": "EUR" });
    assert_eq!(shown("unitCost")[1], cost);
    // What is read in the same request is read after the delivery.
    assert_eq!(shown("product")[1], json!({ "quantity": 15 }));
    // The ledger knows who delivered, and adds up.
    let ledger = format!("/api/items/{}/stock/movements", warehouse.oil.id);
    let movement = warehouse.seller.list(&ledger).await.remove(0);
    assert_eq!(movement["delta"], 5);
    assert_eq!(movement["balance"], 9);
    assert_eq!(movement["reason"], "restock");
    assert_eq!(movement["actor_id"], warehouse.supplier.id.as_str());
    assert!(movement["restock_id"].is_string());
}

#[tokio::test]
async fn a_delivery_that_is_told_twice_counts_once() {
    let warehouse = open().await;
    let lines = json!([{ "sku": "PEN", "quantity": 5 }]);
    let told = || {
        ask(
            &warehouse.supplier,
            RESTOCK,
            delivery("BL-1", lines.clone()),
        )
    };
    let first = told().await;
    let again = told().await;
    assert_eq!(again["restock"]["replayed"], true);
    assert_eq!(
        again["restock"]["restock"]["createdAt"],
        first["restock"]["restock"]["createdAt"]
    );
    assert_eq!(
        warehouse.pen.stock_levels(warehouse.shop.api()).await,
        (15, 15)
    );
    // The reference is that of these lines, and of this supplier.
    let more = delivery("BL-1", json!([{ "sku": "PEN", "quantity": 6 }]));
    let error = refused(&warehouse.supplier, RESTOCK, more.clone()).await;
    assert_eq!(error["code"], "reference-reused");
    let other = warehouse.shop.supplier().await;
    let change = json!({ "supplier_id": other.id });
    warehouse.change(&warehouse.pen, change).await.is(200);
    let data = ask(&other, RESTOCK, more).await;
    assert_eq!(data["restock"]["replayed"], false);
    assert_eq!(
        warehouse.pen.stock_levels(warehouse.shop.api()).await,
        (21, 21)
    );
}

#[tokio::test]
async fn the_same_delivery_told_by_many_at_once_counts_once() {
    let warehouse = open().await;
    let lines = json!([{ "sku": "PEN", "quantity": 1 }, { "sku": "OIL-75", "quantity": 1 }]);
    let mut telling = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (supplier, variables) = (warehouse.supplier.clone(), delivery("BL-9", lines.clone()));
        telling.spawn(async move { ask(&supplier, RESTOCK, variables).await });
    }
    let answers = telling.join_all().await;
    let first = |data: &&Value| data["restock"]["replayed"] == false;
    assert_eq!(answers.iter().filter(first).count(), 1);
    assert_eq!(
        warehouse.pen.stock_levels(warehouse.shop.api()).await,
        (11, 11)
    );
}

#[tokio::test]
async fn above_the_maximum_nothing_of_a_delivery_is_taken() {
    let warehouse = open().await;
    let lines = json!([{ "sku": "PEN", "quantity": 5 }, { "sku": "OIL-75", "quantity": 7 }]);
    let error = refused(&warehouse.supplier, RESTOCK, delivery("BL-1", lines)).await;
    assert_eq!(error["code"], "stock-above-maximum");
    assert_eq!(error["status"], 409);
    let item = json!({
        "item_id": warehouse.oil.id, "on_hand": 4, "quantity": 7, "stock_maximum": 10,
    });
    assert_eq!(error["items"], json!([item]));
    assert_eq!(
        warehouse.pen.stock_levels(warehouse.shop.api()).await,
        (10, 10)
    );
    // What is refused has not used its reference.
    let lines = json!([{ "sku": "PEN", "quantity": 5 }, { "sku": "OIL-75", "quantity": 6 }]);
    let data = ask(&warehouse.supplier, RESTOCK, delivery("BL-1", lines)).await;
    assert_eq!(data["restock"]["replayed"], false);
    assert_eq!(
        warehouse.oil.stock_levels(warehouse.shop.api()).await,
        (10, 10)
    );
}

#[tokio::test]
async fn deliveries_at_the_same_time_stay_below_the_maximum() {
    let warehouse = open().await;
    let mut telling = tokio::task::JoinSet::new();
    for number in 0..12 {
        let lines = json!([{ "sku": "PEN", "quantity": 1 }, { "sku": "OIL-75", "quantity": 1 }]);
        let variables = delivery(&format!("BL-{number}"), lines);
        telling.spawn(post(&warehouse.supplier, RESTOCK, variables).into_future());
    }
    let statuses = telling
        .join_all()
        .await
        .into_iter()
        .map(|answer| answer.status);
    let taken = statuses.filter(|status| *status == 200).count();
    assert_eq!(taken, 6);
    let api = warehouse.shop.api();
    assert_eq!(warehouse.oil.stock_levels(api).await, (10, 10));
    assert_eq!(warehouse.pen.stock_levels(api).await, (16, 16));
}

#[tokio::test]
async fn what_somebody_else_delivers_is_not_restocked() {
    let warehouse = open().await;
    let lines = json!([
        { "sku": "PEN", "quantity": 5 },
        { "sku": "BOOK", "quantity": 1 },
        { "productId": warehouse.book.id, "quantity": 1 },
        { "sku": "NOTHING", "quantity": 1 },
    ]);
    let error = refused(&warehouse.supplier, RESTOCK, delivery("BL-1", lines)).await;
    assert_eq!(error["code"], "unknown-products");
    assert_eq!(error["lines"], json!([1, 2, 3]));
    assert_eq!(
        warehouse.pen.stock_levels(warehouse.shop.api()).await,
        (10, 10)
    );
    // An admin runs the shop and delivers nothing.
    let lines = json!([{ "sku": "PEN", "quantity": 5 }]);
    let error = refused(&warehouse.admin, RESTOCK, delivery("BL-1", lines)).await;
    assert_eq!(error["code"], "forbidden");
}

#[tokio::test]
async fn every_wrong_field_of_a_delivery_is_told_at_once() {
    let warehouse = open().await;
    let lines = json!([
        { "quantity": 0 },
        { "sku": "PEN", "productId": warehouse.pen.id, "quantity": 1_000_001 },
        { "productId": "PEN", "quantity": 1, "lot": "", "unitCost": { "amount": -1 } },
    ]);
    let error = refused(&warehouse.supplier, RESTOCK, delivery("BL 1", lines)).await;
    assert_eq!(error["code"], "invalid-fields");
    let mut pointers: Vec<&str> = error["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/input/lines/0/productId",
            "/input/lines/0/quantity",
            "/input/lines/1/productId",
            "/input/lines/1/quantity",
            "/input/lines/2/lot",
            "/input/lines/2/productId",
            "/input/lines/2/unitCost",
            "/input/reference",
        ]
    );
}
