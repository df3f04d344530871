//! Invoices, credit notes and confirmations of orders: snapshots of what they say, their XML
//! (EN 16931, CII) and their pages (PDF/A-3B with the XML inside: Factur-X).
//!
//! [`Invoice`] is what is stored when a paper is issued. [`xml`] and [`pdf`] make the files of it:
//! the same snapshot is the same bytes, natively and in a component, today and in ten years.
//!
//! Pure: no I/O, no clock, no randomness. Refuses to add anything up (amounts come from
//! `commerce::totals`) and to hand out numbers (the series is a matter of the database). What the
//! files claim, and what not: docs/adr/0011.

mod archive;
mod canvas;
#[cfg(test)]
mod checks;
mod cii;
mod civil;
mod content;
mod embedding;
mod file;
mod identity;
mod invoice;
mod items;
mod letterhead;
mod logo;
mod paper;
mod paragraph;
mod printable;
mod render;
mod sheet;
mod subset;
mod summary;
mod table;
mod typeface;
mod vat_number;
mod wording;
mod xml;

pub use cii::{XmlError, write as xml};
pub use civil::{Day, InvalidDay};
pub use identity::{IdentityError, Number, Siren};
pub use invoice::{
    Buyer, Company, CompanyError, Invoice, Kind, Means, Nature, Order, Original, Payment, Seller,
    Terms, Vat,
};
pub use items::{Adjustment, Items, Line, Name, Nameless, Names};
pub use logo::{Logo, UnusableLogo};
pub use render::{RenderError, pdf};
pub use vat_number::VatNumber;

#[cfg(test)]
mod tests;

// The sample papers are an example: they name this crate as a stranger does.
#[cfg(test)]
extern crate self as comptoir_invoice;
