//! The catalogue, as this service asks it: products, and deliveries that become stock.

use commerce::{CategoryId, ItemId, Money, PurchaseOrderId, RestockId, Text, Timestamp, UserId};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Author, Context, Peer, Problem};

/// As many products as one call asks for.
pub const AT_ONCE: usize = 200;

/// The client of the catalogue.
#[derive(Clone)]
pub struct Catalog(Peer);

/// An item, as the catalogue shows it to this service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Product {
    pub id: ItemId,
    pub sku: Option<String>,
    pub name: String,
    pub description: String,
    pub category_id: CategoryId,
    pub seller_id: UserId,
    pub supplier_id: Option<UserId>,
    pub price: Money,
    pub on_hand: i64,
    pub available: i64,
    pub stock_minimum: i64,
    pub stock_maximum: Option<i64>,
    pub updated_at: Timestamp,
}

/// A page of products, and whether there are more past it.
#[derive(Debug, Deserialize)]
pub struct Products {
    pub data: Vec<Product>,
    pub more: bool,
}

/// Which products are wanted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Search {
    pub supplier_id: Option<UserId>,
    pub sku: Option<String>,
    pub category_id: Option<CategoryId>,
    pub below_minimum: bool,
    pub after: Option<ItemId>,
    pub limit: u32,
}

/// A delivery as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    pub supplier_id: UserId,
    pub reference: String,
    pub purchase_order_id: Option<PurchaseOrderId>,
    pub lines: Vec<DeliveryLine>,
}

/// One of `item_id` and `sku`.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryLine {
    pub item_id: Option<ItemId>,
    pub sku: Option<String>,
    pub quantity: i64,
    pub unit_cost: Option<Money>,
    pub lot: Option<String>,
}

/// A delivery as it was taken.
#[derive(Clone, Debug, Deserialize)]
pub struct Restock {
    pub id: RestockId,
    pub reference: String,
    pub lines: Vec<RestockedLine>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
pub struct RestockedLine {
    pub item_id: ItemId,
    pub quantity: i64,
    pub unit_cost: Option<Money>,
    pub lot: Option<String>,
    pub balance: i64,
}

/// The members of the catalogue's problem documents that are passed on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: String,
    lines: Vec<usize>,
    items: Value,
}

impl Catalog {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    /// Those of the products that there are; no more than [`AT_ONCE`] are asked for.
    pub async fn find_many(
        &self,
        context: &Context,
        ids: &[ItemId],
    ) -> Result<Vec<Product>, Problem> {
        let body = json!({ "ids": ids });
        let path = "/internal/products/by-ids";
        let products: Products = self.0.ask(context, path, &body).await?;
        Ok(products.data)
    }

    /// A page of products, in the order of their ids.
    pub async fn search(&self, context: &Context, search: &Search) -> Result<Products, Problem> {
        let path = "/internal/products/search";
        Ok(self.0.ask(context, path, search).await?)
    }

    /// Makes a delivery stock, whole or not at all; the same reference again has the same answer. Whether it
    /// was the first comes with it.
    pub async fn restock(
        &self,
        context: &Context,
        author: &Author,
        delivery: &Delivery,
    ) -> Result<(Restock, bool), Problem> {
        let path = format!("/internal/restocks?{}", author.query());
        let answer = self
            .0
            .send(context, Method::POST, &path, Some(delivery))
            .await?;
        match answer.status {
            StatusCode::CREATED => Ok((answer.json()?, true)),
            StatusCode::OK => Ok((answer.json()?, false)),
            StatusCode::CONFLICT => {
                let refusal: Refusal = answer.json()?;
                Err(refusal
                    .problem()
                    .unwrap_or_else(|| answer.unexpected().into()))
            }
            _ => Err(answer.unexpected().into()),
        }
    }
}

impl Refusal {
    /// What it is to the supplier.
    fn problem(self) -> Option<Problem> {
        let problem = match self.code.as_str() {
            "unknown-products" => Problem::conflict(
                "unknown-products",
                Text::new(
                    "Certaines lignes ne désignent aucun de vos produits",
                    "Some lines name none of your products",
                ),
            )
            .with("lines", self.lines),
            "stock-above-maximum" => Problem::conflict(
                "stock-above-maximum",
                Text::new(
                    "Le stock dépasserait son maximum",
                    "The stock would exceed its maximum",
                ),
            )
            .with("items", self.items),
            "reference-reused" => Problem::conflict(
                "reference-reused",
                Text::new(
                    "Cette référence est celle d’une autre livraison",
                    "This reference is that of another delivery",
                ),
            ),
            _ => return None,
        };
        Some(problem)
    }
}
