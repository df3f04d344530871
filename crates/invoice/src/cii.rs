//! The invoice as UN/CEFACT Cross Industry Invoice, profile EN 16931: what is embedded as
//! `factur-x.xml`. The order of elements is that of the Factur-X 1.0 schema; comments name the
//! business terms of EN 16931-1.
//!
//! Refuses a pro forma, which is no invoice.

mod line;
mod party;
mod settlement;
mod tax;

use std::io;

pub use line::price;
pub use tax::FRANCHISE;

use crate::invoice::{Company, Invoice, Kind, Nature, Payment};
use crate::paper;
use crate::wording;
use crate::xml::Xml;

/// BT-24.
pub const GUIDELINE: &str = "urn:cen.eu:en16931:2017";

/// The namespaces of the D22B schemas that Factur-X uses.
const NAMESPACES: [(&str, &str); 4] = [
    (
        "xmlns:rsm",
        "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    ),
    (
        "xmlns:qdt",
        "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    ),
    (
        "xmlns:ram",
        "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    ),
    (
        "xmlns:udt",
        "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    ),
];

/// Why there is no XML.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// A pro forma has no number, and nobody may take it for an invoice.
    #[error("a pro forma is not an invoice")]
    ProForma,
    /// The XML could not be written.
    #[error("the XML could not be written")]
    Write(#[from] io::Error),
}

/// The XML of an invoice or a credit note, in UTF-8.
///
/// # Errors
/// [`XmlError`].
pub fn write(invoice: &Invoice) -> Result<Vec<u8>, XmlError> {
    let (number, type_code) = match &invoice.kind {
        Kind::Invoice { number } => (number, "380"),
        Kind::CreditNote { number, .. } => (number, "381"),
        Kind::ProForma => return Err(XmlError::ProForma),
    };
    let mut xml = Xml::document()?;
    xml.wrap("rsm:CrossIndustryInvoice", &NAMESPACES, |xml| {
        context(xml, invoice)?;
        xml.node("rsm:ExchangedDocument", |xml| {
            xml.text("ram:ID", number.as_str())?; // BT-1
            xml.text("ram:TypeCode", type_code)?; // BT-3
            xml.date("ram:IssueDateTime", invoice.issued_on())?; // BT-2
            notes(xml, invoice)
        })?;
        xml.node("rsm:SupplyChainTradeTransaction", |xml| {
            for (position, line) in invoice.items.lines.iter().enumerate() {
                line::write(xml, invoice, position, line)?;
            }
            agreement(xml, invoice)?;
            delivery(xml, invoice)?;
            settlement::write(xml, invoice)
        })
    })?;
    Ok(xml.finish())
}

/// BT-23: 1 for what is to be paid, 2 for what is paid already.
fn process(invoice: &Invoice) -> &'static str {
    let paid = matches!(invoice.payment, Payment::Paid { .. });
    match (invoice.nature, paid) {
        (Nature::Goods, false) => "B1",
        (Nature::Goods, true) => "B2",
        (Nature::Services, false) => "S1",
        (Nature::Services, true) => "S2",
        (Nature::Mixed, false) => "M1",
        (Nature::Mixed, true) => "M2",
    }
}

fn context(xml: &mut Xml, invoice: &Invoice) -> io::Result<()> {
    xml.node("rsm:ExchangedDocumentContext", |xml| {
        let parameter = "ram:BusinessProcessSpecifiedDocumentContextParameter";
        xml.node(parameter, |xml| xml.text("ram:ID", process(invoice)))?;
        let parameter = "ram:GuidelineSpecifiedDocumentContextParameter";
        xml.node(parameter, |xml| xml.text("ram:ID", GUIDELINE))
    })
}

/// BG-1. The French rules want PMT, PMD and AAB once each, also on credit notes, which nobody pays late, and for
/// consumers, who owe no penalty; and BAR to say who the buyer is.
fn notes(xml: &mut Xml, invoice: &Invoice) -> io::Result<()> {
    let (terms, wording) = (&invoice.terms, wording::of(invoice.language));
    let buyer = match &invoice.buyer.company {
        Some(company) if company.is_foreign() => "B2BINT",
        Some(_) => "B2B",
        None => "B2C",
    };
    let [recovery, late_payment, early_payment] = match (&invoice.kind, &invoice.buyer.company) {
        (Kind::CreditNote { .. }, _) => [wording.no_terms; 3],
        (_, None) => [wording.no_terms_for_consumers; 3],
        (Kind::Invoice { .. } | Kind::ProForma, Some(_)) => [
            &*terms.recovery,
            &*terms.late_payment,
            &*terms.early_payment,
        ],
    };
    let notes = [
        ("PMT", recovery),
        ("PMD", late_payment),
        ("AAB", early_payment),
        ("BAR", buyer),
    ];
    if let Some(reason) = paper::reason(invoice) {
        xml.node("ram:IncludedNote", |xml| xml.text("ram:Content", &reason))?;
    }
    for (code, content) in notes {
        xml.node("ram:IncludedNote", |xml| {
            xml.text("ram:Content", content)?; // BT-22
            xml.text("ram:SubjectCode", code) // BT-21
        })?;
    }
    Ok(())
}

fn agreement(xml: &mut Xml, invoice: &Invoice) -> io::Result<()> {
    xml.node("ram:ApplicableHeaderTradeAgreement", |xml| {
        party::seller(xml, &invoice.seller)?;
        party::buyer(xml, &invoice.buyer)?;
        let order = &invoice.order.number;
        let company = invoice.buyer.company.as_ref();
        // A consumer has no reference of their own: ours is the one they know.
        let theirs = match company {
            Some(Company { purchase_order, .. }) => purchase_order.as_ref(),
            None => Some(order),
        };
        xml.node("ram:SellerOrderReferencedDocument", |xml| {
            xml.text("ram:IssuerAssignedID", order) // BT-14
        })?;
        if let Some(theirs) = theirs {
            xml.node("ram:BuyerOrderReferencedDocument", |xml| {
                xml.text("ram:IssuerAssignedID", theirs) // BT-13
            })?;
        }
        Ok(())
    })
}

fn delivery(xml: &mut Xml, invoice: &Invoice) -> io::Result<()> {
    xml.node("ram:ApplicableHeaderTradeDelivery", |xml| {
        let address = invoice.delivery.as_ref();
        party::ship_to(xml, address.unwrap_or(&invoice.buyer.address))?;
        match invoice.supplied_on {
            Some(day) => xml.node("ram:ActualDeliverySupplyChainEvent", |xml| {
                xml.date("ram:OccurrenceDateTime", day) // BT-72
            }),
            None => Ok(()),
        }
    })
}
