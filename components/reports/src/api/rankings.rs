//! What sells best and who buys most: what was invoiced less what was credited, in one currency.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cache::Cache;
use commerce::{BoundedText, Currency, ItemId, Money, Text, UserId};
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::table::{Cell, StyleQuery};
use service::{Invalid, Page, Problem, Query, Seller};
use utoipa::ToSchema;

use super::answer::{Form, Report, Row, not_ready, scope_of, whole};
use crate::store::reading::{self, Rank, Sold, Spent};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct In {
    /// The currency of what is counted; euros if absent.
    #[param(value_type = Option<Currency>, example = "EUR")]
    currency: Option<BoundedText<64>>,
}

fn parse(wanted: In) -> Result<Currency, Problem> {
    let Some(code) = wanted.currency else {
        return Ok(Currency::default());
    };
    code.parse().map_err(|_| {
        let mut invalid = Invalid::new();
        let text = Text::new(
            "Une monnaie de la boutique, comme EUR",
            "A currency of the shop, such as EUR",
        );
        invalid.refuse_parameter("currency", text);
        invalid.into()
    })
}

#[derive(Serialize, ToSchema)]
pub struct BestSeller {
    item_id: ItemId,
    sku: Option<String>,
    name: Option<String>,
    /// Pieces that were invoiced, less those that came back.
    quantity: i64,
    /// VAT included, after discounts and refunds.
    revenue: Money,
}

/// Items by how many pieces were sold: an admin's report of everything, a seller's of their own.
#[utoipa::path(get, path = "/api/reports/best-sellers", tag = "reports", security(("bearer" = [])),
    params(In, PageQuery, StyleQuery),
    responses((status = 200, content((ListBody<BestSeller> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn best_sellers(
    Seller(caller): Seller,
    form: Form,
    Query(wanted): Query<In>,
    page: Page<Rank>,
    State(cache): State<Cache>,
) -> Result<Response, Problem> {
    let (currency, after) = (parse(wanted)?, page.after.as_ref());
    let scope = scope_of(caller);
    let row = move |sold: Sold| BestSeller::new(sold, currency);
    if let Some(style) = form.whole(&page) {
        let read = move |after: Option<Rank>, rows| {
            let cache = cache.clone();
            async move { reading::best_sellers(&cache, scope, currency, after.as_ref(), rows).await }
        };
        return whole("best-sellers", style, read, Sold::rank, row).await;
    }
    let found = reading::best_sellers(&cache, scope, currency, after, page.rows()).await?;
    let list = page.list(found.ok_or_else(not_ready)?, Sold::rank);
    let report = Report {
        name: "best-sellers",
        form,
        list: list.map(row),
    };
    Ok(report.into_response())
}

impl BestSeller {
    fn new(sold: Sold, currency: Currency) -> Self {
        let (sku, name) = sold.card.map(|card| (card.sku, card.name)).unzip();
        Self {
            item_id: sold.item,
            sku: sku.flatten(),
            name,
            quantity: sold.quantity,
            revenue: Money::new(sold.earned, currency),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct HighestSpender {
    client_id: UserId,
    /// Orders that were invoiced.
    orders: i64,
    /// VAT included, less what was credited.
    spent: Money,
}

/// Clients by what they have spent: an admin's report of everything, a seller's of their own sales.
#[utoipa::path(get, path = "/api/reports/highest-spenders", tag = "reports", security(("bearer" = [])),
    params(In, PageQuery, StyleQuery),
    responses((status = 200, content((ListBody<HighestSpender> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn highest_spenders(
    Seller(caller): Seller,
    form: Form,
    Query(wanted): Query<In>,
    page: Page<Rank>,
    State(cache): State<Cache>,
) -> Result<Response, Problem> {
    let (currency, after) = (parse(wanted)?, page.after.as_ref());
    let scope = scope_of(caller);
    let row = move |spent: Spent| HighestSpender {
        client_id: spent.client,
        orders: spent.orders,
        spent: Money::new(spent.amount, currency),
    };
    if let Some(style) = form.whole(&page) {
        let read = move |after: Option<Rank>, rows| {
            let cache = cache.clone();
            async move { reading::highest_spenders(&cache, scope, currency, after.as_ref(), rows).await }
        };
        return whole("highest-spenders", style, read, Spent::rank, row).await;
    }
    let found = reading::highest_spenders(&cache, scope, currency, after, page.rows()).await?;
    let list = page.list(found.ok_or_else(not_ready)?, Spent::rank);
    let report = Report {
        name: "highest-spenders",
        form,
        list: list.map(row),
    };
    Ok(report.into_response())
}

impl Row for BestSeller {
    const COLUMNS: &'static [&'static str] =
        &["item_id", "sku", "name", "quantity", "revenue", "currency"];

    fn cells(&self) -> Vec<Cell> {
        let words = |text: &Option<String>| text.clone().map_or(Cell::Nothing, Cell::Words);
        vec![
            Cell::Plain(self.item_id.to_string()),
            words(&self.sku),
            words(&self.name),
            Cell::Number(self.quantity),
            Cell::Amount(self.revenue),
            Cell::Plain(self.revenue.currency().to_string()),
        ]
    }
}

impl Row for HighestSpender {
    const COLUMNS: &'static [&'static str] = &["client_id", "orders", "spent", "currency"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Plain(self.client_id.to_string()),
            Cell::Number(self.orders),
            Cell::Amount(self.spent),
            Cell::Plain(self.spent.currency().to_string()),
        ]
    }
}
