//! The VAT category of a rate (BT-95, BT-102, BT-118, BT-151; UNTDID 5305) and why it bears none.

use std::io;

use commerce::VatRate;
use rust_decimal::Decimal;

use crate::invoice::{Invoice, Vat};
use crate::xml::Xml;

/// Category, and for E the code and the reason.
pub struct Category<'a> {
    pub code: &'static str,
    pub exemption: Option<(Option<&'static str>, &'a str)>,
}

/// What the page and the XML say under CGI art. 293 B.
pub const FRANCHISE: &str = "TVA non applicable, art. 293 B du CGI";

pub fn category(invoice: &Invoice, rate: VatRate) -> Category<'_> {
    let exemption = match (invoice.vat, invoice.exemption.as_deref()) {
        (Vat::Franchise, _) => Some((Some("VATEX-FR-FRANCHISE"), FRANCHISE)),
        (_, Some(reason)) if rate == VatRate::ZERO => Some((None, reason)),
        _ => None,
    };
    let code = match exemption {
        Some(_) => "E",
        None if rate == VatRate::ZERO => "Z",
        None => "S",
    };
    Category { code, exemption }
}

/// Type, category and rate, inside this element.
pub fn write(xml: &mut Xml, name: &str, invoice: &Invoice, rate: VatRate) -> io::Result<()> {
    xml.node(name, |xml| {
        xml.text("ram:TypeCode", "VAT")?;
        xml.text("ram:CategoryCode", category(invoice, rate).code)?;
        xml.text("ram:RateApplicablePercent", &percent(rate))
    })
}

/// `5.5`, `20`.
pub fn percent(rate: VatRate) -> String {
    let percent = Decimal::new(i64::from(rate.basis_points()), 2);
    percent.normalize().to_string()
}
