//! What sells best and who buys most: what was invoiced less what was credited, in one currency.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use cache::Cache;
use commerce::{BoundedText, Currency, ItemId, Money, Text, UserId};
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Invalid, Page, Problem, Seller};
use utoipa::ToSchema;

use super::answer::{Cell, Form, Report, Row, not_ready, scope_of};
use crate::store::reading::{self, Rank};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct In {
    /// The currency of what is counted; euros if absent.
    #[param(value_type = Option<String>, max_length = 3, example = "EUR")]
    currency: Option<BoundedText<64>>,
}

fn parse(wanted: Result<Query<In>, QueryRejection>) -> Result<Currency, Problem> {
    let Query(In { currency }) =
        wanted.map_err(|rejection| Problem::malformed().caused_by(rejection))?;
    let Some(code) = currency else {
        return Ok(Currency::default());
    };
    code.parse().map_err(|_| {
        let mut invalid = Invalid::new();
        let text = Text::new(
            "Une monnaie de la boutique, comme EUR",
            "A currency of the shop, such as EUR",
        );
        invalid.refuse("currency", text);
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
    params(In, PageQuery),
    responses((status = 200, content((ListBody<BestSeller> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn best_sellers(
    Seller(caller): Seller,
    form: Form,
    wanted: Result<Query<In>, QueryRejection>,
    page: Page<Rank>,
    State(cache): State<Cache>,
) -> Result<Report<BestSeller>, Problem> {
    let (currency, after) = (parse(wanted)?, page.after.as_ref());
    let scope = scope_of(caller);
    let found = reading::best_sellers(&cache, scope, currency, after, page.rows()).await?;
    let list = page.list(found.ok_or_else(not_ready)?, |sold| Rank {
        score: sold.quantity,
        entry: sold.item.to_string(),
    });
    let list = list.map(|sold| {
        let (sku, name) = sold.card.map(|card| (card.sku, card.name)).unzip();
        BestSeller {
            item_id: sold.item,
            sku: sku.flatten(),
            name,
            quantity: sold.quantity,
            revenue: Money::new(sold.earned, currency),
        }
    });
    Ok(Report {
        name: "best-sellers",
        form,
        list,
    })
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
    params(In, PageQuery),
    responses((status = 200, content((ListBody<HighestSpender> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn highest_spenders(
    Seller(caller): Seller,
    form: Form,
    wanted: Result<Query<In>, QueryRejection>,
    page: Page<Rank>,
    State(cache): State<Cache>,
) -> Result<Report<HighestSpender>, Problem> {
    let (currency, after) = (parse(wanted)?, page.after.as_ref());
    let scope = scope_of(caller);
    let found = reading::highest_spenders(&cache, scope, currency, after, page.rows()).await?;
    let list = page.list(found.ok_or_else(not_ready)?, |spent| Rank {
        score: spent.amount,
        entry: spent.client.to_string(),
    });
    let list = list.map(|spent| HighestSpender {
        client_id: spent.client,
        orders: spent.orders,
        spent: Money::new(spent.amount, currency),
    });
    Ok(Report {
        name: "highest-spenders",
        form,
        list,
    })
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
            Cell::amount(self.revenue),
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
            Cell::amount(self.spent),
            Cell::Plain(self.spent.currency().to_string()),
        ]
    }
}
