//! A supplier's warehouse: what the tests of suppliers begin with.

use comptoir_tests::{Answer, Api, Item, Person, Request, Shop, create_category};
use serde_json::{Value, json};

pub struct Warehouse {
    pub shop: Shop,
    pub admin: Person,
    pub seller: Person,
    pub supplier: Person,
    pub category: String,
    /// `OIL-75`: four pieces, from two to ten.
    pub oil: Item,
    /// `PEN`: ten pieces, without limits.
    pub pen: Item,
    /// `BOOK`: three pieces, which nobody delivers.
    pub book: Item,
}

/// A shop with a supplier who delivers two of its three items.
pub async fn open() -> Warehouse {
    open_with(&[]).await
}

pub async fn open_with(variables: &[(&str, &str)]) -> Warehouse {
    let shop = Shop::open_with(variables).await;
    let admin = shop.admin().await;
    let category = create_category(&admin, "Épicerie").await;
    let (seller, supplier) = (shop.seller().await, shop.supplier().await);
    let oil = Item::create(&seller, &category, "Huile d’olive", 1690, 4).await;
    let pen = Item::create(&seller, &category, "Stylo", 250, 10).await;
    let book = Item::create(&seller, &category, "Carnet", 1055, 3).await;
    let warehouse = Warehouse {
        shop,
        admin,
        seller,
        supplier,
        category,
        oil,
        pen,
        book,
    };
    let limits = json!({ "stock_minimum": 2, "stock_maximum": 10 });
    warehouse.change(&warehouse.oil, limits).await.is(200);
    for (item, sku, delivered) in [
        (&warehouse.oil, "OIL-75", true),
        (&warehouse.pen, "PEN", true),
        (&warehouse.book, "BOOK", false),
    ] {
        let supplier = delivered.then_some(&warehouse.supplier.id);
        let change = json!({ "sku": sku, "supplier_id": supplier });
        warehouse.change(item, change).await.is(200);
    }
    warehouse
}

impl Warehouse {
    pub async fn change(&self, item: &Item, change: Value) -> Answer {
        let path = format!("/api/items/{}", item.id);
        self.seller.patch(&path, change).if_match("*").await
    }

    /// How often the catalogue was asked for products.
    pub fn product_calls(&self) -> usize {
        let log = self.shop.log();
        log.matches("/internal/products/by-ids").count()
    }

    /// Moves stock as the seller does.
    pub async fn stock(&self, item: &Item, delta: i64) {
        item.stock(&self.seller, delta).await;
    }
}

/// A GraphQL request.
pub fn post(api: &Api, document: &str, variables: Value) -> Request {
    let body = json!({ "query": document, "variables": variables });
    api.post("/graphql", body)
        .accept("application/graphql-response+json")
}

/// The data of an answer without errors.
pub async fn ask(api: &Api, document: &str, variables: Value) -> Value {
    let answer = post(api, document, variables).await.is(200);
    let body = answer.json();
    assert!(body["errors"].is_null(), "{body:#}");
    body["data"].clone()
}

/// The `extensions` of the only error of an answer that has `data`, be it null.
pub async fn refused(api: &Api, document: &str, variables: Value) -> Value {
    let answer = post(api, document, variables).in_language("en").await;
    let body = answer.is(294).json();
    let errors = body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{body:#}");
    assert!(!errors[0]["path"].as_array().unwrap().is_empty());
    errors[0]["extensions"].clone()
}

pub const RESTOCK: &str = "mutation ($input: RestockInput!) { restock(input: $input) { replayed \
    purchaseOrder { status lines { received } } restock { reference createdAt \
    lines { productId quantity balance lot unitCost { amount currency } product { quantity } } } } }";

/// A delivery of these lines.
pub fn delivery(reference: &str, lines: Value) -> Value {
    json!({ "input": { "reference": reference, "lines": lines } })
}
