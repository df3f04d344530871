//! Items as the suppliers service sees them, and what it adds to them.

use axum::extract::State;
use commerce::{BoundedList, BoundedText, CategoryId, ItemId, Price, Timestamp, UserId};
use db::Db;
use serde::{Deserialize, Serialize};
use service::{Context, Json, JsonBody, Problem, ServiceToken};

use crate::item::Item;
use crate::store::products::{self, Filter};
use crate::store::shelf::Shelf;

/// As many items as one call may ask for.
const MAX_IDS: usize = 200;
const MAX_LIMIT: u32 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ids {
    ids: BoundedList<ItemId, MAX_IDS>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    supplier_id: Option<UserId>,
    sku: Option<BoundedText<64>>,
    category_id: Option<CategoryId>,
    #[serde(default)]
    below_minimum: bool,
    after: Option<ItemId>,
    limit: u32,
}

#[derive(Serialize)]
pub struct Products {
    data: Vec<Product>,
    /// Whether there are more past the last one.
    more: bool,
}

#[derive(Serialize)]
struct Product {
    id: ItemId,
    sku: Option<String>,
    name: String,
    description: String,
    category_id: CategoryId,
    seller_id: UserId,
    supplier_id: Option<UserId>,
    price: Price,
    on_hand: i64,
    available: i64,
    stock_minimum: i64,
    stock_maximum: Option<i64>,
    updated_at: Timestamp,
}

/// `POST /internal/products/by-ids`: those of the items that there are, from the read model in Redis.
pub async fn by_ids(
    _: ServiceToken,
    context: Context,
    State(shelf): State<Shelf>,
    body: JsonBody<Ids>,
) -> Result<Json<Products>, Problem> {
    let mut ids = body.value.ids.into_vec();
    ids.sort_unstable();
    ids.dedup();
    let items = shelf.find_many(&context, &ids).await?;
    let data = items.into_iter().map(Product::from).collect();
    Ok(Json(Products { data, more: false }))
}

/// `POST /internal/products/search`: a page of items in the order of their ids.
pub async fn search(
    _: ServiceToken,
    State(db): State<Db>,
    body: JsonBody<Search>,
) -> Result<Json<Products>, Problem> {
    let search = body.value;
    let limit = search.limit.min(MAX_LIMIT);
    let filter = Filter {
        supplier: search.supplier_id,
        sku: search.sku.map(String::from),
        category: search.category_id,
        below_minimum: search.below_minimum,
        after: search.after,
    };
    let mut items = products::list(&db, &filter, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let data = items.into_iter().map(Product::from).collect();
    Ok(Json(Products { data, more }))
}

impl From<Item> for Product {
    fn from(item: Item) -> Self {
        Self {
            available: item.available(),
            id: item.id,
            sku: item.sku,
            name: item.name,
            description: item.description,
            category_id: item.category_id,
            seller_id: item.seller_id,
            supplier_id: item.supplier_id,
            price: item.price,
            on_hand: item.on_hand,
            stock_minimum: item.stock_minimum,
            stock_maximum: item.stock_maximum,
            updated_at: item.updated_at,
        }
    }
}
