//! What other services ask of the catalogue, beside reservations.

use axum::extract::State;
use cache::Cache;
use commerce::{BoundedList, ItemId, Price, UserId, VatRate};
use db::Db;
use serde::{Deserialize, Serialize};
use service::outbox::{self, Events, Outbox, Taken};
use service::{Context, Health, Json, JsonBody, Problem, ServiceToken};

use crate::following::follow;
use crate::item::Item;
use crate::on_authority_changed::on_authority_changed;
use crate::store::shelf::Shelf;
use crate::warehouse::Warehouse;

/// As many items as one call may ask for.
const MAX_IDS: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    ids: BoundedList<ItemId, MAX_IDS>,
}

#[derive(Serialize)]
pub struct Offers {
    data: Vec<Offer>,
}

#[derive(Serialize)]
struct Offer {
    id: ItemId,
    name: String,
    price: Price,
    vat_rate: VatRate,
    seller_id: UserId,
    available: i64,
}

/// `POST /internal/items`: those of the items that are for sale.
pub async fn show_items(
    _: ServiceToken,
    context: Context,
    State(shelf): State<Shelf>,
    body: JsonBody<Question>,
) -> Result<Json<Offers>, Problem> {
    let ids = distinct(body.value);
    let items = shelf.find_many(&context, &ids).await?;
    let for_sale = items.into_iter().filter(|item| item.is_for_sale());
    let data = for_sale.map(Offer::from).collect();
    Ok(Json(Offers { data }))
}

fn distinct(question: Question) -> Vec<ItemId> {
    let mut ids = question.ids.into_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl From<Item> for Offer {
    fn from(item: Item) -> Self {
        Self {
            available: item.available(),
            id: item.id,
            name: item.name,
            price: item.price,
            vat_rate: item.vat_rate,
            seller_id: item.seller_id,
        }
    }
}

/// `POST /internal/events`: what other services tell.
pub async fn take_events(
    _: ServiceToken,
    context: Context,
    State(warehouse): State<Warehouse>,
    body: JsonBody<Events>,
) -> Json<Taken> {
    let take = async |event| {
        follow(&context, &warehouse, &event).await?;
        on_authority_changed(&context, &warehouse, &event).await
    };
    outbox::take(&context, body.value, take).await
}

pub async fn health(
    _: ServiceToken,
    State(db): State<Db>,
    State(cache): State<Cache>,
    State(outbox): State<Outbox>,
) -> Health {
    let health = Health::of(Some(&db), Some(&cache)).await;
    health.with_events(&outbox).await
}
