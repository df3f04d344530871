//! The texts that French law wants on an invoice (CGI annexe II art. 242 nonies A, C. com. R123-238
//! and L441-9, decree 2022-1299), in the language of the paper.

use commerce::{Country, Language};

use super::Party;
use crate::cii::FRANCHISE;
use crate::invoice::{Invoice, Kind, Nature, Seller, Vat};

/// Who sells, as registers know them: name, form, capital, address, SIREN, register, VAT number.
pub fn identity(seller: &Seller, language: Language) -> Vec<String> {
    let address = &seller.address;
    let (capital, vat) = match language {
        Language::French => ("au capital de", "TVA"),
        Language::English => ("with a share capital of", "VAT"),
    };
    let mut company = format!("{}, {}", address.name, seller.legal_form);
    if let Some(amount) = seller.capital {
        let amount = amount.format(language);
        // A share capital is a round sum, and is written as one.
        let amount = amount.replace(",00\u{a0}€", "\u{a0}€");
        let amount = amount.strip_suffix(".00").unwrap_or(&amount);
        company.push_str(&format!(" {capital} {amount}"));
    }
    let street = [Some(&*address.line1), address.line2.as_deref()];
    let street: Vec<&str> = street.into_iter().flatten().collect();
    let town = format!("{} {}", address.postal_code, address.city);
    let mut numbers = vec![format!("SIREN\u{a0}{}", seller.siren.spaced())];
    numbers.extend(seller.register.clone());
    let vat_number = seller.vat_number.as_ref();
    numbers.extend(vat_number.map(|it| format!("{vat}\u{a0}{it}")));
    vec![
        format!("{company} · {}, {town}", street.join(", ")),
        numbers.join(" · "),
    ]
}

/// The sentences below the totals.
pub fn mentions(invoice: &Invoice) -> Vec<String> {
    let french = invoice.language == Language::French;
    let mut mentions = Vec::new();
    let nature = match (invoice.nature, french) {
        (Nature::Goods, true) => "Nature de l’opération : livraison de biens.",
        (Nature::Services, true) => "Nature de l’opération : prestation de services.",
        (Nature::Mixed, true) => {
            "Nature de l’opération : livraison de biens et prestation de services."
        }
        (Nature::Goods, false) => "Category of operation: supply of goods.",
        (Nature::Services, false) => "Category of operation: supply of services.",
        (Nature::Mixed, false) => "Category of operation: supply of goods and services.",
    };
    mentions.push(String::from(nature));
    if invoice.vat == Vat::OnDebits {
        // The law gives this wording; a translation alone would not be it.
        mentions.push(String::from(ON_DEBITS));
    }
    // They bind professionals among themselves (C. com. L441-9, L441-10): no consumer owes a penalty.
    if matches!(invoice.kind, Kind::Invoice { .. }) && invoice.buyer.company.is_some() {
        let terms = &invoice.terms;
        let terms = [&terms.early_payment, &terms.late_payment, &terms.recovery];
        mentions.extend(terms.into_iter().cloned());
    }
    mentions
}

/// Decree 2022-1299.
pub const ON_DEBITS: &str = "Option pour le paiement de la taxe d’après les débits.";

/// Why there is no VAT, or none on some lines.
pub fn exemption(invoice: &Invoice) -> Option<String> {
    match (invoice.vat, invoice.language) {
        (Vat::Franchise, Language::French) => Some(format!("{FRANCHISE}.")),
        (Vat::Franchise, Language::English) => Some(format!("{FRANCHISE} (no VAT charged).")),
        (Vat::Normal | Vat::OnDebits, _) => invoice.exemption.clone(),
    }
}

/// Who buys, and, for a business, its numbers.
pub fn buyer(invoice: &Invoice, label: &'static str) -> Party {
    let buyer = &invoice.buyer;
    let mut party = party(label, &buyer.address, invoice.language);
    if let Some(company) = &buyer.company {
        let vat = match invoice.language {
            Language::French => "TVA",
            Language::English => "VAT",
        };
        let siren = company.siren.as_ref();
        let number = company.vat_number.as_ref();
        party
            .lines
            .extend(siren.map(|siren| format!("SIREN {}", siren.spaced())));
        party
            .lines
            .extend(number.map(|number| format!("{vat} {number}")));
    }
    party
}

/// A name and an address.
pub fn party(label: &'static str, address: &commerce::Address, language: Language) -> Party {
    let mut lines = vec![address.line1.clone()];
    lines.extend(address.line2.clone());
    lines.push(format!("{} {}", address.postal_code, address.city));
    // A parcel inside the country does not name it.
    if address.country != Country::FRANCE {
        lines.push(address.country.name().in_language(language).to_uppercase());
    }
    Party {
        label,
        name: address.name.clone(),
        lines,
    }
}
