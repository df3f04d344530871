//! Where payments and refunds are kept.

pub mod disputes;
pub mod lines;
pub mod payments;
pub mod provider_cursors;
pub mod provider_events;
pub mod refunds;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text of a column in JSON.
fn to_json<T: Serialize>(value: &T) -> db::Result<String> {
    serde_json::to_string(value).map_err(unreadable)
}

/// What a column in JSON holds; nothing where it was not kept yet.
fn from_json<T: DeserializeOwned + Default>(text: Option<String>) -> db::Result<T> {
    let value = text.map(|text| serde_json::from_str(&text));
    Ok(value.transpose().map_err(unreadable)?.unwrap_or_default())
}

fn unreadable(error: impl ToString) -> db::Error {
    db::Error::Refused(error.to_string())
}
