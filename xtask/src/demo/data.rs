//! The files of `demo/`, as its README describes them. Their keys mean nothing to the API.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Debug)]
pub struct Data {
    /// Who the shop is, as the API takes it.
    pub merchant: Value,
    pub discounts: Vec<Discount>,
    pub users: Vec<User>,
    pub categories: Vec<Category>,
    pub items: Vec<Item>,
    pub reviews: Vec<Review>,
    pub orders: Vec<Order>,
}

#[derive(Debug, Deserialize)]
pub struct Discount {
    pub code: String,
    /// As the API takes them.
    pub terms: Value,
}

#[derive(Clone, Debug, Deserialize)]
pub struct User {
    pub email: String,
    /// Which one it is, `passwords` says.
    #[serde(skip)]
    pub password: String,
    pub first_name: String,
    pub last_name: String,
    pub role: String,
}

#[derive(Debug, Deserialize)]
pub struct Category {
    pub key: String,
    pub name: String,
    pub description: String,
    pub enabled: bool,
}

#[derive(Debug, Deserialize)]
pub struct Item {
    pub key: String,
    pub name: String,
    pub description: String,
    /// A category's key.
    pub category: String,
    /// A seller's e-mail.
    pub seller: String,
    pub price_cents: u64,
    /// In basis points.
    pub vat_rate: u32,
    pub stock: u32,
}

#[derive(Debug, Deserialize)]
pub struct Review {
    /// An item's key.
    pub item: String,
    /// A client's e-mail.
    pub author: String,
    pub rating: u8,
    pub comment: String,
}

#[derive(Debug, Deserialize)]
pub struct Order {
    /// A client's e-mail.
    pub client: String,
    pub lines: Vec<Line>,
    /// As the API takes it.
    pub shipping_address: Value,
    pub discount_code: Option<String>,
    pub paid: bool,
}

#[derive(Debug, Deserialize)]
pub struct Line {
    /// An item's key.
    pub item: String,
    pub quantity: u32,
}

impl Data {
    pub fn read(folder: &Path) -> Result<Self> {
        Ok(Self {
            merchant: read(folder, "merchant.json")?,
            discounts: read(folder, "discounts.json")?,
            users: read(folder, "users.json")?,
            categories: read(folder, "categories.json")?,
            items: read(folder, "items.json")?,
            reviews: read(folder, "reviews.json")?,
            orders: read(folder, "orders.json")?,
        })
    }

    /// How many orders a client has when all is loaded.
    pub fn orders_of(&self, email: &str) -> usize {
        self.orders
            .iter()
            .filter(|order| order.client == email)
            .count()
    }

    /// The seller of an order: that of its first line.
    pub fn seller_of(&self, order: &Order) -> Result<&str> {
        let line = order.lines.first().context("a demo order has no line")?;
        let item = self.items.iter().find(|item| item.key == line.item);
        Ok(&item
            .with_context(|| format!("there is no demo item {}", line.item))?
            .seller)
    }
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T> {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} is not readable", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn demo() -> Data {
        Data::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo")).unwrap()
    }

    #[test]
    fn everything_that_the_demo_refers_to_exists() {
        let data = demo();
        let users: HashSet<_> = data.users.iter().map(|user| &user.email).collect();
        let categories: HashSet<_> = data.categories.iter().map(|one| &one.key).collect();
        let items: HashSet<_> = data.items.iter().map(|item| &item.key).collect();
        for item in &data.items {
            assert!(categories.contains(&item.category) && users.contains(&item.seller));
        }
        for review in &data.reviews {
            assert!(items.contains(&review.item) && users.contains(&review.author));
        }
        for order in &data.orders {
            assert!(users.contains(&order.client));
            assert!(order.lines.iter().all(|line| items.contains(&line.item)));
        }
    }

    #[test]
    fn the_lines_of_a_paid_order_belong_to_one_seller() {
        let data = demo();
        for order in data.orders.iter().filter(|order| order.paid) {
            let seller = data.seller_of(order).unwrap();
            let of_line = |line: &Line| data.items.iter().find(|item| item.key == line.item);
            assert!(
                order
                    .lines
                    .iter()
                    .all(|line| of_line(line).unwrap().seller == seller)
            );
        }
    }
}
