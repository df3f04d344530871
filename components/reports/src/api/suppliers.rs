//! Suppliers: what their items come to in stock.

use std::collections::BTreeMap;

use axum::extract::State;
use cache::Cache;
use commerce::{Currency, Money, UserId};
use serde::Serialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::table::{Cell, StyleQuery};
use service::{List, Page, Problem, Seller};
use utoipa::ToSchema;

use super::answer::{Form, Report, Row, not_ready, scope_of};
use crate::card::Supply;
use crate::store::reading::{self, Counts};

#[derive(Debug, Serialize, ToSchema)]
pub struct SupplierRow {
    supplier_id: UserId,
    items: i64,
    below_minimum: i64,
    on_hand: i64,
    reserved: i64,
    /// What is on hand, at unit prices.
    value: Money,
}

/// What suppliers deliver, added up: items, those below their minimum, pieces, and what these are worth. An
/// admin's report of everything, a seller's of their own items.
#[utoipa::path(get, path = "/api/reports/suppliers", tag = "reports", security(("bearer" = [])),
    params(PageQuery, StyleQuery),
    responses((status = 200, content((ListBody<SupplierRow> = "application/json"), (String = "text/csv"))), Refusals))]
pub async fn list(
    Seller(caller): Seller,
    form: Form,
    page: Page<(UserId, Currency)>,
    State(cache): State<Cache>,
) -> Result<Report<SupplierRow>, Problem> {
    let found = reading::supply(&cache, scope_of(caller)).await?;
    let rows = rows(&found.ok_or_else(not_ready)?);
    if form.whole(&page).is_some() {
        return Ok(Report {
            name: "suppliers",
            form,
            list: List::whole(rows),
        });
    }
    let past = rows
        .into_iter()
        .filter(|row| page.after.is_none_or(|after| row.key() > after));
    Ok(Report {
        name: "suppliers",
        form,
        list: page.list(past.collect(), SupplierRow::key),
    })
}

/// Each supplier's items in each currency, from entries such as `<supplier>:EUR:value`.
fn rows(counts: &Counts) -> Vec<SupplierRow> {
    let mut sums = BTreeMap::<(UserId, Currency), BTreeMap<&str, i64>>::new();
    for (entry, amount) in counts {
        let mut parts = entry.split(':');
        let key = parts.next().and_then(|id| id.parse().ok());
        let key = key.zip(parts.next().and_then(|code| code.parse().ok()));
        if let (Some(key), Some(what)) = (key, parts.next()) {
            sums.entry(key).or_default().insert(what, *amount);
        }
    }
    let row = |((supplier_id, currency), sums): ((UserId, Currency), BTreeMap<&str, i64>)| {
        let sum = |what: Supply| sums.get(what.as_str()).copied().unwrap_or_default();
        SupplierRow {
            supplier_id,
            items: sum(Supply::Items),
            below_minimum: sum(Supply::BelowMinimum),
            on_hand: sum(Supply::OnHand),
            reserved: sum(Supply::Reserved),
            value: Money::new(sum(Supply::Value), currency),
        }
    };
    sums.into_iter().map(row).collect()
}

impl SupplierRow {
    fn key(&self) -> (UserId, Currency) {
        (self.supplier_id, self.value.currency())
    }
}

impl Row for SupplierRow {
    const COLUMNS: &'static [&'static str] = &[
        "supplier_id",
        "items",
        "below_minimum",
        "on_hand",
        "reserved",
        "value",
        "currency",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Plain(self.supplier_id.to_string()),
            Cell::Number(self.items),
            Cell::Number(self.below_minimum),
            Cell::Number(self.on_hand),
            Cell::Number(self.reserved),
            Cell::Amount(self.value),
            Cell::Plain(self.value.currency().to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_supplier_is_a_row() {
        let (first, second) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let counts = Counts::from([
            (format!("{second}:EUR:items"), 2),
            (format!("{second}:EUR:value"), 900),
            (format!("{first}:EUR:items"), 1),
            ("nonsense".to_owned(), 9),
        ]);
        let [one, two] = rows(&counts).try_into().unwrap();
        assert_eq!(
            (one.supplier_id, one.items, one.value.amount()),
            (first, 1, 0)
        );
        assert_eq!(
            (two.supplier_id, two.items, two.value.amount()),
            (second, 2, 900)
        );
    }
}
