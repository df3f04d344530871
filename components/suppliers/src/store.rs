//! Where keys and purchase orders are kept.

pub mod keys;
pub mod purchase_orders;

use serde_json::Value;
use uuid::Uuid;

/// A stored value that our own rules would not have let in.
fn unknown(what: &str, value: &str) -> db::Error {
    db::Error::Refused(format!("no {what} is `{value}`"))
}

/// The parameter of a `json_table(?, '$[*]' …)`: one row of its table for each value.
fn json_rows(rows: impl IntoIterator<Item = Value>) -> String {
    rows.into_iter().collect::<Value>().to_string()
}

/// What `unhex` takes.
fn hex(id: Uuid) -> String {
    id.simple().to_string()
}
