//! Items as reports asks for them: those that have changed, and all of them page by page.

use axum::extract::State;
use commerce::{BoundedList, ItemId};
use db::Db;
use serde::{Deserialize, Serialize};
use service::{Json, JsonBody, Problem, ServiceToken};

use crate::card::Card;
use crate::store::cards;

/// As many cards as one answer has.
const MOST: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ids {
    ids: BoundedList<ItemId, MOST>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    after: ItemId,
    limit: u16,
}

#[derive(Serialize)]
pub struct Cards {
    data: Vec<Card>,
}

/// `POST /internal/cards/by-ids`: these items, as they are at this moment.
pub async fn by_ids(
    _: ServiceToken,
    State(db): State<Db>,
    body: JsonBody<Ids>,
) -> Result<Json<Cards>, Problem> {
    let data = cards::by_ids(&db, &body.value.ids).await?;
    Ok(Json(Cards { data }))
}

/// `POST /internal/cards/page`: items in the order of their ids; fewer than were asked for are the last ones.
pub async fn page(
    _: ServiceToken,
    State(db): State<Db>,
    body: JsonBody<After>,
) -> Result<Json<Cards>, Problem> {
    let After { after, limit } = body.value;
    let rows = i64::from(limit).min(i64::try_from(MOST).unwrap_or(i64::MAX));
    let data = cards::page(&db, after, rows).await?;
    Ok(Json(Cards { data }))
}
