//! What a person must be able to read on the pages: the mentions of CGI annexe II art. 242 nonies A,
//! and the amounts of the XML.

use commerce::Address;
use lopdf::Document;

use crate::paper::Paper;
use crate::typeface::Faces;
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
        ("its town", town(&seller.address)),
        ("its SIREN", format!("SIREN {}", seller.siren.spaced())),
        ("the issue date", invoice.issued_on().format(language)),
        ("the total", totals.gross.format(language)),
        ("the order", invoice.order.number.clone()),
    ];
    let faces = Faces::load().unwrap();
    let typed = parties(invoice).into_iter().chain(items(invoice));
    mentions.extend(typed.filter(|(_, text)| is_said_whole(text, faces)));
    mentions.extend(invoice.exemption.clone().map(|it| ("the article", it)));
    let on = invoice.payment.day().map(|on| on.format(language));
    mentions.extend(on.map(|on| ("the day of the payment", on)));
    let paper = Paper::of_invoice(invoice);
    mentions.extend(paper.mentions.into_iter().map(|it| ("a sentence", it)));
    if let Some(number) = invoice.number() {
        mentions.push(("the number", number.to_string()));
        let supplied_on = invoice.supplied_on.map(|day| day.format(language));
        mentions.extend(supplied_on.map(|day| ("the supply date", day)));
    }
    if matches!(invoice.kind, Kind::Invoice { .. }) && invoice.buyer.company.is_some() {
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
            // A row of its own: each of these is on the page elsewhere too.
            let row = [group.rate.format(language)].into_iter();
            let amounts = [group.net, group.vat, group.gross].map(|it| it.format(language));
            mentions.push(("a rate and its amounts", row.chain(amounts).collect()));
        }
    }
    mentions.extend(paper.reason.map(|it| ("why", it)));
    let notice = paper.notice.into_iter();
    mentions.extend(notice.map(|it| ("what it corrects, or that it is no invoice", it)));
    mentions
}

fn town(address: &Address) -> String {
    format!("{} {}", address.postal_code, address.city)
}

/// Who sells and who buys, and where it goes.
fn parties(invoice: &Invoice) -> Vec<(&'static str, String)> {
    let (seller, buyer) = (&invoice.seller, &invoice.buyer);
    let mut mentions = vec![
        ("the street of the seller", seller.address.line1.clone()),
        ("the buyer", buyer.address.name.clone()),
        ("the street of the buyer", buyer.address.line1.clone()),
        ("the town of the buyer", town(&buyer.address)),
    ];
    if let Some(capital) = seller.capital {
        // A round sum, written without its cents.
        let capital = capital.format(invoice.language);
        let euros: String = capital.split(['.', ',']).next().unwrap_or_default().into();
        mentions.push(("its capital", euros));
    }
    let siren = buyer.company.as_ref().and_then(|it| it.siren.as_ref());
    mentions.extend(siren.map(|it| ("the buyer’s SIREN", it.spaced())));
    if let Some(delivery) = &invoice.delivery {
        mentions.push(("where it goes", delivery.line1.clone()));
    }
    mentions
}

/// What was sold, how many, at what price, and what was taken off or added.
fn items(invoice: &Invoice) -> Vec<(&'static str, String)> {
    let items = &invoice.items;
    let adjustments = items.allowances.iter().chain(&items.charges);
    let mut mentions: Vec<_> = adjustments
        .map(|it| ("a discount or a charge", it.reason.clone()))
        .collect();
    for (line, row) in items
        .lines
        .iter()
        .zip(Paper::of_invoice(invoice).table.rows)
    {
        mentions.push(("an item", line.name.clone()));
        mentions.push(("the figures of an item", row.figures.concat()));
    }
    mentions
}

/// Whether a text is on the page as it was typed: a very long one is cut, and other scripts are replaced.
fn is_said_whole(text: &str, faces: &Faces) -> bool {
    let mut characters = text.chars();
    text.chars().count() <= 100 && characters.all(|it| faces.can_draw(it) || it.is_whitespace())
}
