//! Stock: how many pieces there are, and the ledger of what moved them.

use std::borrow::Cow;

use commerce::{ItemId, Label, MovementId, OrderId, RestockId, Text, Timestamp, UserId};
use serde::Serialize;
use serde_json::json;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::item::Item;

pub type Reason = Label<200>;

/// The reason of the movements that orders make.
pub const SALE: &str = "sale";
pub const CANCELLATION: &str = "cancellation";
pub const RETURN: &str = "return";
/// The reason of the movements that suppliers make.
pub const RESTOCK: &str = "restock";

/// The largest movement that a person may enter: a slip of the finger stays one that can be put right.
const MAX_DELTA: i64 = 1_000_000;

/// How many pieces a seller wants to have of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockMinimum(i64);

impl StockMinimum {
    pub fn new(pieces: i64) -> Result<Self, Text> {
        if (0..=MAX_DELTA).contains(&pieces) {
            Ok(Self(pieces))
        } else {
            Err(Text::new(
                format!("De 0 à {MAX_DELTA}"),
                format!("From 0 to {MAX_DELTA}"),
            ))
        }
    }

    pub fn get(self) -> i64 {
        self.0
    }
}

/// How many pieces a seller has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockMaximum(i64);

impl StockMaximum {
    pub fn new(pieces: i64) -> Result<Self, Text> {
        if (1..=MAX_DELTA).contains(&pieces) {
            Ok(Self(pieces))
        } else {
            Err(Text::new(
                format!("De 1 à {MAX_DELTA}"),
                format!("From 1 to {MAX_DELTA}"),
            ))
        }
    }

    /// What is wrong with one that is less than the minimum.
    pub fn below_minimum() -> Text {
        Text::new("Pas moins que le minimum", "Not less than the minimum")
    }

    pub fn get(self) -> i64 {
        self.0
    }
}

/// How many pieces there are, and how many of them nobody has reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stock {
    pub on_hand: i64,
    pub available: i64,
}

impl From<&Item> for Stock {
    fn from(item: &Item) -> Self {
        Self {
            on_hand: item.on_hand,
            available: item.available(),
        }
    }
}

/// What a person adds (positive) or takes (negative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delta(i64);

impl Delta {
    pub fn new(pieces: i64) -> Result<Self, Text> {
        if pieces != 0 && (-MAX_DELTA..=MAX_DELTA).contains(&pieces) {
            Ok(Self(pieces))
        } else {
            Err(Text::new(
                format!("De -{MAX_DELTA} à {MAX_DELTA}, sauf 0"),
                format!("From -{MAX_DELTA} to {MAX_DELTA}, but not 0"),
            ))
        }
    }

    pub fn get(self) -> i64 {
        self.0
    }
}

impl PartialSchema for Delta {
    fn schema() -> RefOr<Schema> {
        // The builder has no `not` of its own: an extension is written as it is.
        let not_zero = [("not", json!({ "const": 0 }))];
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .description(Some(
                "Units that come (positive) or go (negative), up to a million; not 0.",
            ))
            .minimum(Some(-MAX_DELTA))
            .maximum(Some(MAX_DELTA))
            .examples([10])
            .extensions(Some(Extensions::from_iter(not_zero)))
            .into()
    }
}

impl ToSchema for Delta {
    fn name() -> Cow<'static, str> {
        "StockDelta".into()
    }
}

/// One line of the ledger: never changed, never removed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Movement {
    pub id: MovementId,
    pub item_id: ItemId,
    /// Pieces that came (positive) or went (negative).
    pub delta: i64,
    pub reason: String,
    /// The order that moved the stock, if one did.
    pub order_id: Option<OrderId>,
    /// The delivery that moved the stock, if one did.
    pub restock_id: Option<RestockId>,
    /// Who entered the movement, or whose order it was.
    pub actor_id: UserId,
    /// Pieces on hand after it.
    pub balance: i64,
    pub created_at: Timestamp,
}

/// What changes of an item's stock: pieces on hand and pieces reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    pub item_id: ItemId,
    pub on_hand: i64,
    pub reserved: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minimum_is_no_less_than_nothing() {
        for pieces in [0, 1, MAX_DELTA] {
            assert_eq!(StockMinimum::new(pieces).unwrap().get(), pieces);
        }
        for pieces in [-1, MAX_DELTA + 1] {
            assert!(StockMinimum::new(pieces).is_err(), "{pieces}");
        }
    }

    #[test]
    fn a_maximum_has_room_for_something() {
        for pieces in [1, MAX_DELTA] {
            assert_eq!(StockMaximum::new(pieces).unwrap().get(), pieces);
        }
        for pieces in [-1, 0, MAX_DELTA + 1] {
            assert!(StockMaximum::new(pieces).is_err(), "{pieces}");
        }
    }

    #[test]
    fn a_movement_moves_something_and_not_everything() {
        for pieces in [1, -1, MAX_DELTA, -MAX_DELTA] {
            assert_eq!(Delta::new(pieces).unwrap().get(), pieces);
        }
        for pieces in [0, MAX_DELTA + 1, -MAX_DELTA - 1, i64::MIN] {
            assert!(Delta::new(pieces).is_err(), "{pieces}");
        }
    }
}
