//! What a shop sells.

use serde_json::{Value, json};

use crate::api::Api;
use crate::person::Person;

#[derive(Clone, Debug)]
pub struct Item {
    pub id: String,
}

impl Item {
    /// `amount` cents a piece, 20 % VAT included, `stock` pieces.
    pub async fn create(
        seller: &Person,
        category: &str,
        name: &str,
        amount: i64,
        stock: i64,
    ) -> Self {
        Self::create_at_rate(seller, category, name, amount, 2000, stock).await
    }

    /// The same at another VAT rate, in basis points.
    pub async fn create_at_rate(
        seller: &Person,
        category: &str,
        name: &str,
        amount: i64,
        vat_rate: i64,
        stock: i64,
    ) -> Self {
        let body = json!({
            "name": name,
            "description": format!("{name}, de chez nous"),
            "category_id": category,
            "price": { "amount": amount, "currency": "EUR" },
            "vat_rate": vat_rate,
        });
        let id = seller.post("/api/items", body).await.is(201).id();
        let item = Self { id };
        if stock > 0 {
            item.stock(seller, stock).await;
        }
        item
    }

    /// Adds pieces.
    pub async fn stock(&self, seller: &Person, delta: i64) {
        let body = json!({ "delta": delta, "reason": "Livraison" });
        let path = format!("/api/items/{}/stock", self.id);
        let answer = seller.post(&path, body).await;
        assert!((200..300).contains(&answer.status), "POST {path}: {answer}");
    }

    /// Pieces on hand, and those of them that nobody has reserved.
    pub async fn stock_levels(&self, api: &Api) -> (i64, i64) {
        let path = format!("/api/items/{}", self.id);
        let item = api.get(&path).await.is(200).json();
        let level = |name: &str| {
            item.pointer(&format!("/stock/{name}"))
                .and_then(Value::as_i64)
        };
        let levels = level("on_hand").zip(level("available"));
        levels.unwrap_or_else(|| panic!("no stock in {item:#}"))
    }
}

/// A category by this name; its id.
pub async fn create_category(admin: &Person, name: &str) -> String {
    let body = json!({ "name": name });
    admin.post("/api/categories", body).await.is(201).id()
}

/// An address that every order may be sent to.
pub fn address() -> Value {
    json!({
        "name": "Zoé Martin",
        "line1": "3 rue des Lilas",
        "postal_code": "75011",
        "city": "Paris",
        "country": "FR",
    })
}
