//! The tables of this service's schema.

pub mod discounts;
pub mod events;
pub mod invoices;
pub mod merchants;
pub mod order_list;
pub mod orders;
pub mod papers;
pub mod refunds;
pub mod series;
pub mod unpaid;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text of a column in JSON.
fn to_json<T: Serialize>(value: &T) -> db::Result<String> {
    serde_json::to_string(value).map_err(unreadable)
}

/// What a column in JSON holds.
fn from_json<T: DeserializeOwned>(text: &str) -> db::Result<T> {
    // As bodies are read, so that each type is read by one piece of code.
    serde_json::from_slice(text.as_bytes()).map_err(unreadable)
}

fn unreadable(error: impl ToString) -> db::Error {
    db::Error::Refused(error.to_string())
}
