//! Where the catalogue is kept: MySQL for everything, Redis for items that were read lately.

pub mod cards;
pub mod categories;
pub mod hidden_sellers;
pub mod item_list;
pub mod items;
pub mod movements;
pub mod products;
pub mod reports;
pub mod reservations;
pub mod restocks;
pub mod returns;
pub mod reviews;
pub mod shelf;
pub mod stock;

use std::fmt::Display;

use commerce::{Currency, Money, Price, VatRate};
use db::Row;
use serde_json::Value;

/// The columns `price` and `currency`.
fn read_price(row: &mut Row) -> db::Result<Price> {
    let amount = row.next()?;
    let currency: Currency = row.next::<String>()?.parse().map_err(refused)?;
    Price::new(Money::new(amount, currency)).map_err(refused)
}

fn read_vat_rate(row: &mut Row) -> db::Result<VatRate> {
    VatRate::new(row.next()?).map_err(refused)
}

/// A stored value that our own rules would not have let in.
fn refused(error: impl Display) -> db::Error {
    db::Error::Refused(error.to_string())
}

/// The parameter of a `json_table(?, '$[*]' …)`: one row of its table for each value.
fn json_rows(rows: impl IntoIterator<Item = Value>) -> String {
    rows.into_iter().collect::<Value>().to_string()
}
