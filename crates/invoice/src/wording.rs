//! Every word that the pages say by themselves, in both languages.

use commerce::Language;

use crate::document::Kind;

/// The labels of a document in one language.
pub struct Wording {
    pub title: &'static str,
    pub notice: &'static str,
    pub continued: &'static str,
    pub number: &'static str,
    pub date: &'static str,
    pub buyer: &'static str,
    pub payment: &'static str,
    pub shipping: &'static str,
    pub billing: &'static str,
    pub item: &'static str,
    pub quantity: &'static str,
    pub unit_price: &'static str,
    pub vat: &'static str,
    pub line_total: &'static str,
    pub vat_rate: &'static str,
    pub net: &'static str,
    pub gross: &'static str,
    pub total_net: &'static str,
    pub total_vat: &'static str,
    pub total_gross: &'static str,
    page: &'static str,
    of: &'static str,
}

/// The words for such a document.
pub const fn of(kind: Kind, language: Language) -> Wording {
    match (kind, language) {
        (Kind::Order, Language::French) => Wording {
            title: "Commande",
            notice: "Ce document n’est pas une facture.",
            continued: "suite",
            number: "N°",
            date: "Date",
            buyer: "Client",
            payment: "Paiement",
            shipping: "Livraison",
            billing: "Facturation",
            item: "Désignation",
            quantity: "Qté",
            unit_price: "Prix unitaire TTC",
            vat: "TVA",
            line_total: "Total TTC",
            vat_rate: "Taux de TVA",
            net: "Base HT",
            gross: "TTC",
            total_net: "Total HT",
            total_vat: "Total TVA",
            total_gross: "Total TTC",
            page: "Page",
            of: "sur",
        },
        (Kind::Order, Language::English) => Wording {
            title: "Order",
            notice: "This is not an invoice.",
            continued: "continued",
            number: "No.",
            date: "Date",
            buyer: "Customer",
            payment: "Payment",
            shipping: "Ship to",
            billing: "Bill to",
            item: "Item",
            quantity: "Qty",
            unit_price: "Unit price incl. VAT",
            vat: "VAT",
            line_total: "Total incl. VAT",
            vat_rate: "VAT rate",
            net: "Net",
            gross: "Gross",
            total_net: "Total excl. VAT",
            total_vat: "Total VAT",
            total_gross: "Total incl. VAT",
            page: "Page",
            of: "of",
        },
    }
}

impl Wording {
    /// `Page 2 sur 7`.
    pub fn page_of(&self, page: usize, pages: usize) -> String {
        format!("{} {page} {} {pages}", self.page, self.of)
    }
}
