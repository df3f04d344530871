//! Stock: every item, those below their minimum first, then by name.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cache::Cache;
use commerce::{ItemId, Money, UserId};
use serde::Serialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::table::{Cell, StyleQuery};
use service::{Page, Problem, Seller};
use utoipa::ToSchema;

use super::answer::{Form, Report, Row, not_ready, scope_of, whole};
use crate::card::Card;
use crate::store::reading::{self, ShelfPlace};

#[derive(Serialize, ToSchema)]
pub struct StockRow {
    item_id: ItemId,
    seller_id: UserId,
    supplier_id: Option<UserId>,
    sku: Option<String>,
    name: String,
    /// VAT included.
    unit_price: Money,
    on_hand: i64,
    /// How many of them orders hold that are not paid yet.
    reserved: i64,
    stock_minimum: i64,
    stock_maximum: Option<i64>,
    below_minimum: bool,
    /// What is on hand, at the unit price.
    value: Money,
}

/// All items with their stock and what it is worth, those below their minimum first: an admin's report of
/// everything, a seller's of their own.
#[utoipa::path(get, path = "/api/reports/stock", tag = "reports", security(("bearer" = [])),
    params(PageQuery, StyleQuery),
    responses((status = 200, content((ListBody<StockRow> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn list(
    Seller(caller): Seller,
    form: Form,
    page: Page<ShelfPlace>,
    State(cache): State<Cache>,
) -> Result<Response, Problem> {
    let scope = scope_of(caller);
    if let Some(style) = form.whole(&page) {
        let read = move |after: Option<ShelfPlace>, rows| {
            let cache = cache.clone();
            async move { reading::shelf(&cache, scope, after.as_ref(), rows).await }
        };
        return whole("stock", style, read, ShelfPlace::of, StockRow::from).await;
    }
    let after = page.after.as_ref();
    let found = reading::shelf(&cache, scope, after, page.rows()).await?;
    let list = page.list(found.ok_or_else(not_ready)?, ShelfPlace::of);
    let report = Report {
        name: "stock",
        form,
        list: list.map(StockRow::from),
    };
    Ok(report.into_response())
}

impl From<Card> for StockRow {
    fn from(card: Card) -> Self {
        Self {
            unit_price: card.price.money(),
            below_minimum: card.is_low(),
            value: card.value(),
            item_id: card.id,
            seller_id: card.seller_id,
            supplier_id: card.supplier_id,
            sku: card.sku,
            name: card.name,
            on_hand: card.on_hand,
            reserved: card.reserved,
            stock_minimum: card.stock_minimum,
            stock_maximum: card.stock_maximum,
        }
    }
}

impl Row for StockRow {
    const COLUMNS: &'static [&'static str] = &[
        "item_id",
        "seller_id",
        "supplier_id",
        "sku",
        "name",
        "unit_price",
        "currency",
        "on_hand",
        "reserved",
        "stock_minimum",
        "stock_maximum",
        "below_minimum",
        "value",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Plain(self.item_id.to_string()),
            Cell::Plain(self.seller_id.to_string()),
            self.supplier_id.into(),
            self.sku.clone().map_or(Cell::Nothing, Cell::Words),
            Cell::Words(self.name.clone()),
            Cell::Amount(self.unit_price),
            Cell::Plain(self.unit_price.currency().to_string()),
            Cell::Number(self.on_hand),
            Cell::Number(self.reserved),
            Cell::Number(self.stock_minimum),
            self.stock_maximum.into(),
            Cell::Plain(self.below_minimum.to_string()),
            Cell::Amount(self.value),
        ]
    }
}
