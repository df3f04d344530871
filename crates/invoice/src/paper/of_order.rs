//! The words of an order's confirmation, as [`crate::Document`] says them.

use super::{Brand, Fact, Paper, Payment, Rates, Row, Sum, Table, Weight, legal};
use crate::civil::Day;
use crate::document::Document;
use crate::wording;

impl Paper {
    /// What the pages of a confirmation say.
    pub fn of_order(document: &Document) -> Self {
        let language = document.language;
        let wording = wording::of(language);
        let number = format!("{}\u{a0}{}", wording.number, document.number);
        let totals = &document.totals;
        let rows = document.lines.iter().map(|line| Row {
            name: line.name.clone(),
            detail: None,
            figures: vec![
                line.quantity.to_string(),
                line.unit_price.format(language),
                line.vat_rate.format(language),
                line.total.format(language),
            ],
            amounts: vec![line.total],
        });
        let rates = totals.by_rate.iter().map(|group| {
            let [net, vat, gross] =
                [group.net, group.vat, group.gross].map(|amount| amount.format(language));
            [group.rate.format(language), net, vat, gross]
        });
        let sums = [
            (wording.total_net, totals.net, Weight::Strong),
            (wording.total_vat, totals.vat, Weight::Light),
            (wording.total_gross, totals.gross, Weight::Grand),
        ];
        Self {
            language,
            at: document.placed_at,
            file_title: format!("{} {}", wording.order_title, document.number),
            title: String::from(wording.order_title),
            running: format!("{} {number} ({})", wording.order_title, wording.continued),
            subtitle: number,
            notice: Some(String::from(wording.no_invoice)),
            brand: Brand {
                name: document.shop.name.clone(),
                lines: document.shop.address.clone(),
            },
            facts: vec![
                Fact {
                    label: wording.issued_on,
                    value: Day::in_paris(document.placed_at).format(language),
                    detail: None,
                },
                Fact {
                    label: wording.buyer,
                    value: document.buyer.clone(),
                    detail: None,
                },
            ],
            parties: vec![
                legal::party(wording.billed_to, &document.billing, language),
                legal::party(wording.shipped_to, &document.shipping, language),
            ],
            table: Table {
                label: wording.item,
                columns: vec![
                    (wording.quantity, 32_000),
                    (wording.unit_gross, 82_000),
                    (wording.vat, 36_000),
                    (wording.gross, 84_000),
                ],
                rows: rows.collect(),
                carried: [wording.carried_forward, wording.brought_forward],
            },
            rates: Rates {
                head: [
                    wording.vat_rate,
                    wording.net_base,
                    wording.vat,
                    wording.gross,
                ],
                rows: rates.collect(),
                note: None,
            },
            sums: sums
                .into_iter()
                .map(|(label, amount, weight)| Sum {
                    label: String::from(label),
                    amount: amount.format(language),
                    weight,
                })
                .collect(),
            payment: Payment {
                state: document.payment.clone(),
                detail: None,
                is_settled: false,
            },
            mentions: Vec::new(),
            foot: vec![document.shop.name.clone()],
        }
    }
}
