//! Papers as reports asks for them: those of orders that have new ones, and all of them page by page.

use std::collections::BTreeSet;

use axum::extract::State;
use commerce::{BoundedList, OrderId};
use db::Db;
use serde::{Deserialize, Serialize};
use service::{Json, JsonBody, Problem, ServiceToken};

use crate::figures::Figures;
use crate::store::papers;

/// As many orders as one call may ask for, and as many papers as a page has.
const MOST: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfOrders {
    order_ids: BoundedList<OrderId, MOST>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    after: u64,
    limit: u16,
}

#[derive(Serialize)]
pub struct Papers {
    data: Vec<Figures>,
}

/// `POST /internal/papers/of-orders`: every paper of these orders.
pub async fn of_orders(
    _: ServiceToken,
    State(db): State<Db>,
    body: JsonBody<OfOrders>,
) -> Result<Json<Papers>, Problem> {
    let orders: BTreeSet<OrderId> = body.value.order_ids.into_iter().collect();
    let data = papers::of_orders(&db, &orders).await?;
    Ok(Json(Papers { data }))
}

/// `POST /internal/papers/page`: papers in the order of their ids; fewer than were asked for are the last ones.
pub async fn page(
    _: ServiceToken,
    State(db): State<Db>,
    body: JsonBody<After>,
) -> Result<Json<Papers>, Problem> {
    let After { after, limit } = body.value;
    let rows = i64::from(limit).min(i64::try_from(MOST).unwrap_or(i64::MAX));
    let data = papers::page(&db, after, rows).await?;
    Ok(Json(Papers { data }))
}
