//! What a credit note is asked to give back, and what it gives back. [`super::Outstanding`] makes
//! the one of the other.

use serde::{Deserialize, Serialize};

use super::Totals;
use crate::money::{Money, MoneyError};
use crate::quantity::Quantity;
use crate::vat::VatRate;

/// So many pieces of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The position of the line in the bill.
    pub line: usize,
    /// How many come back.
    pub quantity: Quantity,
}

/// What is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Return {
    /// All that is left.
    Everything,
    /// Pieces of lines, and charges by their position.
    Pieces {
        /// At most one entry for each line.
        lines: Vec<Piece>,
        /// Charges that are given back as a whole.
        charges: Vec<usize>,
    },
    /// An amount, VAT included, shared between everything that is left.
    Amount(Money),
}

/// Why nothing can be credited so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    /// A sum does not fit, or the amount is in another currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The bill has no such line or charge, or it is named twice.
    #[error("there is no line or charge {position}, or it is named twice")]
    Unknown {
        /// Which one.
        position: usize,
    },
    /// More pieces than are left of the line.
    #[error("only {left} pieces of the line {line} are left")]
    TooManyPieces {
        /// Which line.
        line: usize,
        /// How many are left.
        left: i64,
    },
    /// A greater amount than is left, or a negative one.
    #[error("the amount is not from one cent to what is left")]
    AmountOutOfRange {
        /// What is left, VAT included.
        left: Money,
    },
    /// It comes to nothing: there is nothing to write a credit note for.
    #[error("nothing is left of what would be credited")]
    Nothing,
}

/// What is given back of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreditedLine {
    /// The position of the line in the bill.
    pub line: usize,
    /// How many pieces; none where only an amount is given back.
    pub quantity: Option<Quantity>,
    /// The rate.
    pub vat_rate: VatRate,
    /// Without VAT.
    pub net: Money,
    /// VAT included.
    pub gross: Money,
}

/// What is given back of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreditedCharge {
    /// The position of the charge in the bill.
    pub charge: usize,
    /// The rate.
    pub vat_rate: VatRate,
    /// Without VAT.
    pub net: Money,
    /// VAT included.
    pub gross: Money,
}

/// What one credit note gives back: positive amounts (EN 16931: type 381).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credit {
    /// Whether it is an amount off everything, and no goods.
    pub is_amount: bool,
    /// By line of the bill.
    pub lines: Vec<CreditedLine>,
    /// By charge of the bill.
    pub charges: Vec<CreditedCharge>,
    /// Their sum.
    pub totals: Totals,
}
