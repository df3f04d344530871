//! What an item says of how it is supplied.

use comptoir_tests::{Item, Shop, create_category};
use serde_json::{Value, json};

use crate::warehouse::open;

#[tokio::test]
async fn an_item_says_who_delivers_it_and_how_much_there_is_room_for() {
    let shop = Shop::open().await;
    let category = create_category(&shop.admin().await, "Épicerie").await;
    let (seller, supplier) = (shop.seller().await, shop.supplier().await);
    let mut body = json!({
        "name": "Miel", "category_id": category, "vat_rate": 550,
        "price": { "amount": 890, "currency": "EUR" },
        "sku": " MIEL-500 ", "supplier_id": supplier.id, "stock_minimum": 2, "stock_maximum": 20,
    });
    let made = seller.post("/api/items", body.clone()).await.is(201);
    let (item, path) = (made.json(), made.header("location").to_owned());
    assert_eq!(item["sku"], "MIEL-500");
    assert_eq!(item["supplier_id"], supplier.id.as_str());
    assert_eq!(item["stock_maximum"], 20);
    assert_eq!(seller.get(&path).await.is(200).json(), item);
    // One name, one item, whatever its capitals.
    body["sku"] = json!("miel-500");
    let taken = seller.post("/api/items", body.clone()).await;
    taken.problem(409, "sku-taken");
    // A deleted item gives its name back.
    seller.delete(&path).if_match("*").await.is(204);
    seller.post("/api/items", body).await.is(201);
}

#[tokio::test]
async fn what_is_given_as_null_is_taken_away_and_what_is_absent_stays() {
    let warehouse = open().await;
    let item = |answer: comptoir_tests::Answer| {
        let item = answer.is(200).json();
        [
            item["sku"].clone(),
            item["supplier_id"].clone(),
            item["stock_maximum"].clone(),
        ]
    };
    let supplier = Value::from(warehouse.supplier.id.as_str());
    let same = warehouse.change(&warehouse.oil, json!({})).await;
    assert_eq!(item(same), [json!("OIL-75"), supplier.clone(), json!(10)]);
    let nothing = json!({ "sku": null, "stock_maximum": null });
    let less = warehouse.change(&warehouse.oil, nothing).await;
    assert_eq!(item(less), [Value::Null, supplier, Value::Null]);
    let nobody = json!({ "supplier_id": null });
    let alone = warehouse.change(&warehouse.oil, nobody).await;
    assert_eq!(item(alone), [Value::Null, Value::Null, Value::Null]);
    let taken = warehouse
        .change(&warehouse.oil, json!({ "sku": "pen" }))
        .await;
    taken.problem(409, "sku-taken");
}

#[tokio::test]
async fn limits_that_cannot_be_are_refused() {
    let warehouse = open().await;
    for (change, pointers) in [
        (json!({ "stock_maximum": 0 }), vec!["/stock_maximum"]),
        (json!({ "stock_maximum": 1 }), vec!["/stock_maximum"]),
        (json!({ "stock_minimum": 11 }), vec!["/stock_maximum"]),
        (json!({ "sku": "" }), vec!["/sku"]),
        (
            json!({ "sku": "deux mots", "stock_maximum": -1 }),
            vec!["/sku", "/stock_maximum"],
        ),
    ] {
        let refused = warehouse.change(&warehouse.oil, change.clone()).await;
        assert_eq!(refused.invalid_fields(), pointers, "{change}");
    }
    let both = json!({ "stock_minimum": 11, "stock_maximum": 11 });
    warehouse.change(&warehouse.oil, both).await.is(200);
}

#[tokio::test]
async fn a_seller_may_count_more_than_the_maximum() {
    let warehouse = open().await;
    warehouse.stock(&warehouse.oil, 100).await;
    let levels = Item::stock_levels(&warehouse.oil, warehouse.shop.api()).await;
    assert_eq!(levels, (104, 104));
}

#[tokio::test]
async fn how_an_item_is_supplied_is_between_seller_supplier_and_admins() {
    let warehouse = open().await;
    let shop = &warehouse.shop;
    let path = format!("/api/items/{}", warehouse.oil.id);
    let supply = ["supplier_id", "stock_minimum", "stock_maximum"];
    let (client, seller, supplier) = (
        shop.client().await,
        shop.seller().await,
        shop.supplier().await,
    );
    for api in [shop.api(), &*client, &*seller, &*supplier] {
        let shown = api.get(&path).await.is(200).json();
        let listed = api.list("/api/items").await;
        for item in listed.iter().chain([&shown]) {
            for name in supply {
                assert!(item.get(name).is_none(), "{name}: {item}");
            }
        }
        assert_eq!(shown["sku"], "OIL-75");
    }
    for api in [&*warehouse.seller, &*warehouse.supplier, &*warehouse.admin] {
        let shown = api.get(&path).await.is(200).json();
        assert_eq!(shown["supplier_id"], warehouse.supplier.id.as_str());
        assert_eq!(shown["stock_minimum"], 2);
        assert_eq!(shown["stock_maximum"], 10);
        let listed = api.list("/api/items").await;
        let oil = listed.iter().find(|item| item["id"] == shown["id"]);
        assert_eq!(oil, Some(&shown));
    }
    // No limit is said, too.
    let pen = format!("/api/items/{}", warehouse.pen.id);
    let pen = warehouse.seller.get(&pen).await.is(200).json();
    assert_eq!(pen.get("stock_maximum"), Some(&Value::Null));
}
