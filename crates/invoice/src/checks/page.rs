//! What a person must be able to read on the pages: the mentions of CGI annexe II art. 242 nonies A,
//! and the amounts of the XML.

use lopdf::Document;

use crate::paper::Paper;
use crate::{Invoice, Kind, Vat};

/// The text of all pages, without its spaces: a mention may be broken into lines.
pub fn text(file: &Document) -> String {
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    let text = file.extract_text(&pages).unwrap();
    text.split_whitespace().collect()
}

pub fn check(file: &Document, invoice: &Invoice) -> Vec<String> {
    let read = text(file);
    let mut broken = Vec::new();
    for (rule, text) in mentions(invoice) {
        let wanted: String = text.split_whitespace().collect();
        if !read.contains(&wanted) {
            broken.push(format!("the page does not say {rule}: {text}"));
        }
    }
    broken
}

fn mentions(invoice: &Invoice) -> Vec<(&'static str, String)> {
    let language = invoice.language;
    let seller = &invoice.seller;
    let totals = &invoice.items.totals;
    let mut mentions = vec![
        ("the seller", seller.address.name.clone()),
        ("its form", seller.legal_form.clone()),
        ("its town", seller.address.city.clone()),
        ("its SIREN", format!("SIREN {}", seller.siren.spaced())),
        ("the issue date", invoice.issued_on().format(language)),
        ("the total", totals.gross.format(language)),
        ("the order", invoice.order.number.clone()),
    ];
    if let Some(number) = invoice.number() {
        mentions.push(("the number", number.to_string()));
        mentions.push(("the supply date", invoice.supplied_on.format(language)));
        mentions.push(("the penalties", invoice.terms.late_payment.clone()));
        mentions.push(("the indemnity", invoice.terms.recovery.clone()));
        mentions.push(("the discount terms", invoice.terms.early_payment.clone()));
    }
    mentions.extend(seller.register.clone().map(|it| ("its register", it)));
    let vat_number = seller.vat_number.as_ref();
    mentions.extend(vat_number.map(|it| ("its VAT number", it.to_string())));
    let company = invoice.buyer.company.as_ref();
    let theirs = company.and_then(|company| company.vat_number.as_ref());
    mentions.extend(theirs.map(|it| ("the buyer’s VAT number", it.to_string())));
    match invoice.vat {
        Vat::Franchise => {
            mentions.push((
                "the exemption",
                String::from("TVA non applicable, art. 293 B du CGI"),
            ));
        }
        Vat::OnDebits => {
            let option = "Option pour le paiement de la taxe d’après les débits";
            mentions.push(("the option", String::from(option)));
        }
        Vat::Normal => {}
    }
    if invoice.vat != Vat::Franchise {
        mentions.push(("the net total", totals.net.format(language)));
        mentions.push(("the VAT", totals.vat.format(language)));
        for group in &totals.by_rate {
            mentions.push(("a rate", group.rate.format(language)));
            mentions.push(("VAT of a rate", group.vat.format(language)));
        }
    }
    match &invoice.kind {
        Kind::CreditNote { of, .. } => mentions.push(("what it corrects", of.number.to_string())),
        Kind::ProForma => mentions.push((
            "that it is no invoice",
            Paper::of_invoice(invoice).notice.unwrap(),
        )),
        Kind::Invoice { .. } => {}
    }
    mentions
}
