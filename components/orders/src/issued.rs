//! Papers that were issued: what is kept of an invoice or a credit note. Pure.

use commerce::totals::{Bill, Credit};
use commerce::{Money, OrderId, Timestamp, UserId};
use invoice::{Invoice, Kind, Number};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files::Format;
use crate::merchant::MerchantId;
use crate::series::SeriesKind;

/// A paper as it was issued. Its files can be made again from this at any time; the digests are those of the
/// files of that day.
#[derive(Clone, Debug)]
pub struct Paper {
    pub merchant: MerchantId,
    pub order: OrderId,
    pub client: UserId,
    pub snapshot: Invoice,
    /// The digest of the logo on it.
    pub logo: Option<[u8; 32]>,
    pub xml_sha256: [u8; 32],
    pub pdf_sha256: [u8; 32],
}

/// What a paper was made of, from which later credit notes are worked out.
#[derive(Clone, Debug)]
pub enum Amounts {
    Billed(Billed),
    Credit(Credit),
}

/// A bill of lines of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Billed {
    pub bill: Bill,
    /// The positions in the order of the bill's lines.
    pub lines: Vec<usize>,
}

/// A paper that is being issued.
#[derive(Clone, Debug)]
pub struct Issued {
    pub number: Number,
    pub paper: Paper,
    /// The order that is billed, or the refund that is credited: each has one paper of a merchant.
    pub subject: Uuid,
    pub amounts: Amounts,
}

impl Paper {
    /// The digest of one of its files, as it was issued.
    pub fn digest(&self, format: Format) -> [u8; 32] {
        match format {
            Format::Pdf => self.pdf_sha256,
            Format::Xml => self.xml_sha256,
        }
    }
}

/// What a list says of a paper.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: u64,
    pub number: Number,
    pub kind: SeriesKind,
    pub merchant: MerchantId,
    pub order: OrderId,
    /// The invoice that a credit note corrects.
    pub original: Option<Number>,
    pub issued_at: Timestamp,
    pub net: Money,
    pub vat: Money,
    pub gross: Money,
    pub xml_sha256: [u8; 32],
    pub pdf_sha256: [u8; 32],
}

/// An invoice with what was credited of it, in the order in which it was.
#[derive(Clone, Debug)]
pub struct Account {
    pub invoice: Paper,
    pub billed: Billed,
    pub credits: Vec<Credit>,
}

impl Issued {
    pub fn kind(&self) -> SeriesKind {
        match self.amounts {
            Amounts::Billed(_) => SeriesKind::Invoice,
            Amounts::Credit(_) => SeriesKind::CreditNote,
        }
    }

    /// The invoice that a credit note corrects.
    pub fn original(&self) -> Option<&Number> {
        match &self.paper.snapshot.kind {
            Kind::CreditNote { of, .. } => Some(&of.number),
            Kind::Invoice { .. } | Kind::ProForma => None,
        }
    }
}

impl Account {
    pub fn number(&self) -> Option<&str> {
        self.invoice.snapshot.number().map(Number::as_str)
    }
}
