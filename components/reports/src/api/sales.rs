//! Sales and VAT of a span of days: what was invoiced and what was credited, on the day of the paper.

use axum::extract::State;
use cache::Cache;
use commerce::{BoundedText, Currency, MerchantId, Money, Text, VatRate};
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::page::ListBody;
use service::table::{Cell, StyleQuery};
use service::{Caller, Invalid, List, Problem, Query, Role, Seller};
use utoipa::ToSchema;

use super::answer::{Form, Report, Row, not_ready, scope_of};
use crate::count::Scope;
use crate::day::{By, Day, Span};
use crate::sales::{self, Balance, Month};
use crate::store::reading;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct During {
    /// The first day.
    #[param(value_type = String, min_length = 10, max_length = 10, required = true, example = "2026-11-01", format = Date)]
    from: Option<BoundedText<64>>,
    /// The last day, at most three years later.
    #[param(value_type = String, min_length = 10, max_length = 10, required = true, example = "2026-11-30", format = Date)]
    to: Option<BoundedText<64>>,
    /// For admins, whose sales: `shop` for papers in the shop's own name, or a seller's id for what they have sold
    /// in whoever's name; everybody's if absent.
    #[param(value_type = Option<MerchantId>, example = "shop")]
    seller: Option<BoundedText<64>>,
    /// `day`, `week` (from Monday) or `month`; VAT is not told by them.
    #[param(value_type = Option<By>, inline)]
    by: Option<BoundedText<64>>,
}

/// What is asked for.
struct Wanted {
    span: Span,
    scope: Scope,
    by: By,
}

impl During {
    fn parse(self, caller: Caller) -> Result<Wanted, Problem> {
        let mut invalid = Invalid::new();
        let mut day = |name, text: Option<BoundedText<64>>| {
            let text = text.unwrap_or_default();
            invalid.check_parameter(name, text.parse::<Day>())
        };
        let days = day("from", self.from).zip(day("to", self.to));
        let span = days.and_then(|(from, to)| invalid.check_parameter("to", Span::new(from, to)));
        let by = self
            .by
            .map(|by| invalid.check_parameter("by", parse_by(&by)));
        let scope = self
            .seller
            .map(|seller| invalid.check_parameter("seller", parse_seller(&seller, caller)));
        invalid.finish()?;
        Ok(Wanted {
            span: span.ok_or_else(Problem::unprocessable)?,
            scope: scope.flatten().unwrap_or_else(|| scope_of(caller)),
            by: by.flatten().unwrap_or_default(),
        })
    }
}

fn parse_by(text: &str) -> Result<By, Text> {
    match text {
        "day" => Ok(By::Day),
        "week" => Ok(By::Week),
        "month" => Ok(By::Month),
        _ => Err(Text::new("day, week ou month", "day, week or month")),
    }
}

/// Whose sales somebody may ask for: an admin anybody's, a seller their own.
fn parse_seller(text: &str, caller: Caller) -> Result<Scope, Text> {
    let scope = text.parse().map_err(|_| {
        Text::new(
            "shop, ou l’identifiant d’un vendeur",
            "shop, or a seller's id",
        )
    })?;
    if caller.role == Role::Admin || scope == Scope::Seller(caller.user) {
        Ok(scope)
    } else {
        Err(Text::new("Vos propres ventes", "Your own sales"))
    }
}

async fn read(cache: &Cache, wanted: &Wanted) -> Result<Vec<Month>, Problem> {
    let months = wanted.span.months();
    let found = reading::sales(cache, wanted.scope, &months).await?;
    found.ok_or_else(not_ready)
}

#[derive(Serialize, ToSchema)]
pub struct SalesRow {
    /// Such as `2026-11-22`, `2026-W47` or `2026-11`. Those without a paper are left out.
    #[schema(
        pattern = "^[0-9]{4}-([0-9]{2}(-[0-9]{2})?|W[0-9]{2})$",
        example = "2026-11-22"
    )]
    period: String,
    /// Orders that were invoiced.
    orders: i64,
    invoices: i64,
    credit_notes: i64,
    /// VAT included.
    invoiced: Money,
    /// VAT included.
    credited: Money,
    /// Invoiced less credited, without VAT.
    net: Money,
    vat: Money,
    /// Invoiced less credited, VAT included.
    gross: Money,
}

/// What was sold, by day, week or month: what was invoiced on its days, and what was credited.
#[utoipa::path(get, path = "/api/reports/sales", tag = "reports", security(("bearer" = [])),
    params(During, StyleQuery),
    responses((status = 200, content((ListBody<SalesRow> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn sales(
    Seller(caller): Seller,
    form: Form,
    Query(during): Query<During>,
    State(cache): State<Cache>,
) -> Result<Report<SalesRow>, Problem> {
    let wanted = during.parse(caller)?;
    let months = read(&cache, &wanted).await?;
    let periods = sales::by_period(&months, wanted.span, wanted.by);
    let rows = periods
        .into_iter()
        .map(|((period, currency), balance)| SalesRow::new(period, currency, &balance));
    Ok(Report {
        name: "sales",
        form,
        list: List::whole(rows.collect()),
    })
}

#[derive(Serialize, ToSchema)]
pub struct VatRow {
    vat_rate: VatRate,
    invoiced_net: Money,
    invoiced_vat: Money,
    credited_net: Money,
    credited_vat: Money,
    /// Invoiced less credited: what is taxed.
    net: Money,
    /// What is due.
    vat: Money,
    gross: Money,
}

/// VAT by rate, as the papers of these days group it.
#[utoipa::path(get, path = "/api/reports/vat", tag = "reports", security(("bearer" = [])),
    params(During, StyleQuery),
    responses((status = 200, content((ListBody<VatRow> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn vat(
    Seller(caller): Seller,
    form: Form,
    Query(during): Query<During>,
    State(cache): State<Cache>,
) -> Result<Report<VatRow>, Problem> {
    let wanted = during.parse(caller)?;
    let months = read(&cache, &wanted).await?;
    let rates = sales::by_rate(&months, wanted.span);
    let rows = rates
        .into_iter()
        .map(|((currency, rate), balance)| VatRow::new(rate, currency, &balance));
    Ok(Report {
        name: "vat",
        form,
        list: List::whole(rows.collect()),
    })
}

impl SalesRow {
    fn new(period: String, currency: Currency, balance: &Balance) -> Self {
        let money = |amount| Money::new(amount, currency);
        let (net, gross) = balance.left();
        Self {
            period,
            orders: balance.orders,
            invoices: balance.invoiced.papers,
            credit_notes: balance.credited.papers,
            invoiced: money(balance.invoiced.gross),
            credited: money(balance.credited.gross),
            net: money(net),
            vat: money(gross.saturating_sub(net)),
            gross: money(gross),
        }
    }
}

impl VatRow {
    fn new(vat_rate: VatRate, currency: Currency, balance: &Balance) -> Self {
        let money = |amount| Money::new(amount, currency);
        let (net, gross) = balance.left();
        let vat_of = |sum: sales::Sum| sum.gross.saturating_sub(sum.net);
        Self {
            vat_rate,
            invoiced_net: money(balance.invoiced.net),
            invoiced_vat: money(vat_of(balance.invoiced)),
            credited_net: money(balance.credited.net),
            credited_vat: money(vat_of(balance.credited)),
            net: money(net),
            vat: money(gross.saturating_sub(net)),
            gross: money(gross),
        }
    }
}

impl Row for SalesRow {
    const COLUMNS: &'static [&'static str] = &[
        "period",
        "orders",
        "invoices",
        "credit_notes",
        "invoiced",
        "credited",
        "net",
        "vat",
        "gross",
        "currency",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Plain(self.period.clone()),
            Cell::Number(self.orders),
            Cell::Number(self.invoices),
            Cell::Number(self.credit_notes),
            Cell::Amount(self.invoiced),
            Cell::Amount(self.credited),
            Cell::Amount(self.net),
            Cell::Amount(self.vat),
            Cell::Amount(self.gross),
            Cell::Plain(self.gross.currency().to_string()),
        ]
    }
}

impl Row for VatRow {
    const COLUMNS: &'static [&'static str] = &[
        "vat_rate",
        "invoiced_net",
        "invoiced_vat",
        "credited_net",
        "credited_vat",
        "net",
        "vat",
        "gross",
        "currency",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Rate(self.vat_rate),
            Cell::Amount(self.invoiced_net),
            Cell::Amount(self.invoiced_vat),
            Cell::Amount(self.credited_net),
            Cell::Amount(self.credited_vat),
            Cell::Amount(self.net),
            Cell::Amount(self.vat),
            Cell::Amount(self.gross),
            Cell::Plain(self.gross.currency().to_string()),
        ]
    }
}
