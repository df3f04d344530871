//! The confirmation of an order as plain values: who builds one has already computed and translated
//! everything. A pro forma ([`crate::Kind::ProForma`]) says more and replaces it.

use commerce::{Address, Language, Money, Quantity, Timestamp, Totals, VatRate};

use crate::paper::Paper;
use crate::render::{self, RenderError};

/// The pages of a confirmation.
///
/// # Errors
/// [`RenderError`], which says that the crate is broken and not the document.
pub fn render(document: &Document) -> Result<Vec<u8>, RenderError> {
    render::print(&Paper::of_order(document), None, None)
}

/// Which paper it is: decides its title, and what it says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The confirmation of an order, which says that it is no invoice.
    Order,
}

/// Who sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// The name over the door.
    pub name: String,
    /// Street, town, and whatever else belongs below the name; the first eight are printed.
    pub address: Vec<String>,
}

/// One line of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was bought, as it was called then.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
    /// What one costs, VAT included.
    pub unit_price: Money,
    /// The rate that the price includes.
    pub vat_rate: VatRate,
    /// Quantity × unit price, VAT included.
    pub total: Money,
}

/// A paper to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// In which language labels, dates and amounts are written.
    pub language: Language,
    /// What it is.
    pub kind: Kind,
    /// Who sells.
    pub shop: Shop,
    /// The number that people say aloud.
    pub number: String,
    /// When the order was placed; the day that is printed is that of Paris.
    pub placed_at: Timestamp,
    /// Who buys.
    pub buyer: String,
    /// Where the parcel goes.
    pub shipping: Address,
    /// Who pays.
    pub billing: Address,
    /// What was bought, in the order of the order.
    pub lines: Vec<Line>,
    /// What it comes to, from `commerce::totals`.
    pub totals: Totals,
    /// The state of the payment, in the language of the document: « Payée ».
    pub payment: String,
}
