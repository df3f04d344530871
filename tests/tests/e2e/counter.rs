//! A counter to order at: what the tests of orders begin with.

use comptoir_tests::{Answer, Api, Item, Person, Shop, address, create_category};
use serde_json::{Value, json};

pub struct Counter {
    pub shop: Shop,
    pub admin: Person,
    pub seller: Person,
    pub category: String,
    pub pen: Item,
    pub book: Item,
}

/// A shop with a seller who sells ten pens and three books.
pub async fn open() -> Counter {
    open_with(&[]).await
}

pub async fn open_with(variables: &[(&str, &str)]) -> Counter {
    let shop = Shop::open_with(variables).await;
    let admin = shop.admin().await;
    let category = create_category(&admin, "Papeterie").await;
    let seller = shop.seller().await;
    Counter {
        pen: Item::create(&seller, &category, "Stylo", 250, 10).await,
        book: Item::create_at_rate(&seller, &category, "Carnet", 1055, 550, 3).await,
        shop,
        admin,
        seller,
        category,
    }
}

pub fn body(lines: &[(&Item, i64)]) -> Value {
    let line =
        |(item, quantity): &(&Item, i64)| json!({ "item_id": item.id, "quantity": quantity });
    let items: Vec<_> = lines.iter().map(line).collect();
    json!({ "items": items, "shipping_address": address() })
}

pub async fn place(client: &Api, key: &str, lines: &[(&Item, i64)]) -> Answer {
    client.post("/api/orders", body(lines)).key(key).await
}

pub fn path(order: &str) -> String {
    format!("/api/orders/{order}")
}

pub async fn act(api: &Api, order: &str, action: &str) -> Answer {
    let path = format!("/api/orders/{order}/{action}");
    api.post(&path, json!({})).await
}
