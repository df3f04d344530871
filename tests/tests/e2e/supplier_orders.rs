//! Purchase orders: drafted when stock runs low, approved, confirmed, shipped, received.

use comptoir_tests::{Api, until};
use serde_json::{Value, json};

use crate::warehouse::{RESTOCK, Warehouse, ask, open, refused};

const ORDERS: &str = "query ($status: PurchaseOrderStatus) { purchaseOrders(status: $status) { edges { node { \
     id number status carrier trackingNumber approvedAt receivedAt \
     lines { productId name sku quantity received product { quantity } } } } } }";

async fn orders(api: &Api) -> Vec<Value> {
    let data = ask(api, ORDERS, Value::Null).await;
    let edges = data["purchaseOrders"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// The only draft, once it has this many lines.
async fn draft(warehouse: &Warehouse, lines: usize) -> Value {
    until("the draft has its lines", || async {
        let drafts = orders(&warehouse.admin).await;
        let draft = drafts.iter().find(|order| order["status"] == "DRAFT")?;
        (draft["lines"].as_array()?.len() == lines).then(|| draft.clone())
    })
    .await
}

async fn step(api: &Api, name: &str, input: Value) -> Value {
    let kind = if name == "shipPurchaseOrder" {
        "ShipPurchaseOrderInput"
    } else {
        "PurchaseOrderInput"
    };
    let document = format!(
        "mutation ($input: {kind}!) {{ {name}(input: $input) {{ purchaseOrder {{ id status carrier }} }} }}"
    );
    let data = ask(api, &document, json!({ "input": input })).await;
    data[name]["purchaseOrder"].clone()
}

async fn refused_step(api: &Api, name: &str, id: &Value) -> Value {
    let kind = if name == "shipPurchaseOrder" {
        "ShipPurchaseOrderInput"
    } else {
        "PurchaseOrderInput"
    };
    let document = format!(
        "mutation ($input: {kind}!) {{ {name}(input: $input) {{ purchaseOrder {{ id }} }} }}"
    );
    let input = json!({ "input": { "purchaseOrderId": id } });
    refused(api, &document, input).await
}

#[tokio::test]
async fn what_runs_low_is_drafted_approved_confirmed_shipped_and_received() {
    let warehouse = open().await;
    let Warehouse {
        admin,
        supplier,
        oil,
        ..
    } = &warehouse;
    warehouse.stock(oil, -3).await;
    let order = draft(&warehouse, 1).await;
    let line = &order["lines"][0];
    assert_eq!(line["productId"], oil.id.as_str());
    assert_eq!(
        (&line["sku"], &line["quantity"]),
        (&json!("OIL-75"), &json!(9))
    );
    // A draft is the shop's own affair.
    assert!(orders(supplier).await.is_empty());
    let id = &order["id"];
    let input = json!({ "purchaseOrderId": id });
    let error = refused_step(supplier, "confirmPurchaseOrder", id).await;
    assert_eq!(error["code"], "not-found");

    let approved = step(admin, "approvePurchaseOrder", input.clone()).await;
    assert_eq!(approved["status"], "APPROVED");
    assert_eq!(
        orders(supplier).await[0]["lines"][0]["product"]["quantity"],
        1
    );
    let error = refused_step(supplier, "shipPurchaseOrder", id).await;
    assert_eq!(error["code"], "purchase-order-status");
    assert_eq!(error["purchase_order_status"], "approved");
    for _ in 0..2 {
        let confirmed = step(supplier, "confirmPurchaseOrder", input.clone()).await;
        assert_eq!(confirmed["status"], "CONFIRMED");
    }
    let shipping =
        json!({ "purchaseOrderId": id, "carrier": "Colissimo", "trackingNumber": "8R1" });
    let shipped = step(supplier, "shipPurchaseOrder", shipping).await;
    assert_eq!(
        (&shipped["status"], &shipped["carrier"]),
        (&json!("SHIPPED"), &json!("Colissimo"))
    );

    // It comes in two deliveries, each told twice.
    for (reference, quantity, status, received) in
        [("BL-1", 4, "SHIPPED", 4), ("BL-2", 5, "RECEIVED", 9)]
    {
        let lines = json!([{ "sku": "OIL-75", "quantity": quantity }]);
        let delivery = json!({ "input": {
            "reference": reference, "purchaseOrderId": id, "lines": lines,
        } });
        for replayed in [false, true] {
            let told = ask(supplier, RESTOCK, delivery.clone()).await["restock"].clone();
            assert_eq!(told["replayed"], replayed);
            assert_eq!(told["purchaseOrder"]["status"], status);
            assert_eq!(told["purchaseOrder"]["lines"][0]["received"], received);
        }
    }
    assert_eq!(oil.stock_levels(warehouse.shop.api()).await, (10, 10));
    let node =
        "query ($id: ID!) { node(id: $id) { __typename id ... on PurchaseOrder { status } } }";
    let data = ask(supplier, node, json!({ "id": id })).await;
    assert_eq!(
        data["node"],
        json!({ "__typename": "PurchaseOrder", "id": id, "status": "RECEIVED" })
    );
}

#[tokio::test]
async fn an_item_stands_on_one_open_order_at_most() {
    let warehouse = open().await;
    let limits = json!({ "stock_minimum": 8, "stock_maximum": 20 });
    warehouse.change(&warehouse.pen, limits).await.is(200);
    warehouse.stock(&warehouse.oil, -3).await;
    warehouse.stock(&warehouse.pen, -3).await;
    let both = draft(&warehouse, 2).await;
    let input = json!({ "purchaseOrderId": both["id"] });
    step(&warehouse.admin, "approvePurchaseOrder", input.clone()).await;
    // It falls below its minimum again while it is ordered.
    warehouse.stock(&warehouse.oil, 3).await;
    warehouse.stock(&warehouse.oil, -3).await;
    warehouse.shop.tick().await;
    assert_eq!(orders(&warehouse.admin).await.len(), 1);
    // When the order is taken back, it may be ordered anew.
    let cancelled = step(&warehouse.admin, "cancelPurchaseOrder", input).await;
    assert_eq!(cancelled["status"], "CANCELLED");
    warehouse.stock(&warehouse.oil, 3).await;
    warehouse.stock(&warehouse.oil, -3).await;
    let again = draft(&warehouse, 1).await;
    assert_ne!(again["id"], both["id"]);
    assert_eq!(
        again["number"].as_u64().unwrap(),
        both["number"].as_u64().unwrap() + 1
    );
}

#[tokio::test]
async fn the_products_of_all_orders_are_one_call_to_the_catalogue() {
    let warehouse = open().await;
    let limits = json!({ "stock_minimum": 8, "stock_maximum": 20 });
    warehouse.change(&warehouse.pen, limits).await.is(200);
    warehouse.stock(&warehouse.oil, -3).await;
    let first = draft(&warehouse, 1).await;
    let input = json!({ "purchaseOrderId": first["id"] });
    step(&warehouse.admin, "approvePurchaseOrder", input).await;
    warehouse.stock(&warehouse.pen, -3).await;
    draft(&warehouse, 1).await;
    // The log is written beside the answer: what `draft` has asked is in it when it stays as it is.
    let mut before = usize::MAX;
    until("the log is quiet", || {
        let calls = warehouse.product_calls();
        let quiet = std::mem::replace(&mut before, calls) == calls;
        async move { quiet.then_some(()) }
    })
    .await;
    let all = orders(&warehouse.admin).await;
    let stock = all
        .iter()
        .map(|order| &order["lines"][0]["product"]["quantity"]);
    assert_eq!(stock.collect::<Vec<_>>(), [7, 1]);
    until("the call is in the log", || async {
        (warehouse.product_calls() > before).then_some(())
    })
    .await;
    assert_eq!(warehouse.product_calls() - before, 1);
}

#[tokio::test]
async fn an_event_that_comes_twice_orders_once() {
    let warehouse = open().await;
    let event = json!({
        "id": "0192f0c1-2d3e-7abc-8def-0123456789ab", "kind": "stock.low",
        "aggregate_id": warehouse.oil.id, "occurred_at": "2026-11-22T00:00:00Z",
        "data": {
            "item_id": warehouse.oil.id, "name": "Huile", "sku": "OIL-75", "seller_id": warehouse.seller.id,
            "supplier_id": warehouse.supplier.id, "on_hand": 1, "stock_minimum": 2, "stock_maximum": 10,
        },
    });
    warehouse.shop.tell("catalog", "suppliers", &event).await;
    warehouse.shop.tick().await;
    let order = draft(&warehouse, 1).await;
    let input = json!({ "purchaseOrderId": order["id"] });
    step(&warehouse.admin, "cancelPurchaseOrder", input).await;
    warehouse.shop.tell("catalog", "suppliers", &event).await;
    warehouse.shop.tick().await;
    let all = orders(&warehouse.admin).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["status"], "CANCELLED");
}

#[tokio::test]
async fn orders_are_the_affair_of_their_supplier_and_of_admins() {
    let warehouse = open().await;
    warehouse.stock(&warehouse.oil, -3).await;
    let order = draft(&warehouse, 1).await;
    let (id, admin) = (&order["id"], &warehouse.admin);
    step(
        admin,
        "approvePurchaseOrder",
        json!({ "purchaseOrderId": id }),
    )
    .await;
    let other = warehouse.shop.supplier().await;
    assert!(orders(&other).await.is_empty());
    let error = refused_step(&other, "confirmPurchaseOrder", id).await;
    assert_eq!(error["code"], "not-found");
    // Who approves does not confirm, and the other way round.
    let error = refused_step(admin, "confirmPurchaseOrder", id).await;
    assert_eq!(error["code"], "forbidden");
    for name in ["approvePurchaseOrder", "cancelPurchaseOrder"] {
        let error = refused_step(&warehouse.supplier, name, id).await;
        assert_eq!(error["code"], "forbidden");
    }
    let delivery = json!({ "input": {
        "reference": "BL-1", "purchaseOrderId": id, "lines": [{ "sku": "OIL-75", "quantity": 1 }],
    } });
    let error = refused(&warehouse.supplier, RESTOCK, delivery).await;
    assert_eq!(error["code"], "purchase-order-status");
    assert_eq!(
        warehouse.oil.stock_levels(warehouse.shop.api()).await,
        (1, 1)
    );
}
