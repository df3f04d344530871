//! Credit notes beside their invoice: identity 9. Together they give back at most what was invoiced, in
//! all, for each rate and for each line.

use rust_decimal::Decimal;

use super::amounts::{LINE, SETTLEMENT, SUMS, group};
use super::tree::Element;

pub fn check(invoice: &Element, credits: &[Element]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut at_most = |of: &dyn Fn(&Element) -> Decimal, rule: &str| {
        let given_back: Decimal = credits.iter().map(of).sum();
        if given_back > of(invoice) {
            broken.push(rule.to_owned());
        }
    };
    let total = format!("{SETTLEMENT}/{SUMS}/GrandTotalAmount");
    at_most(&|paper| paper.number(&total), "9: BT-112");
    for tax in invoice.all(&format!("{SETTLEMENT}/ApplicableTradeTax")) {
        at_most(&|paper| of_group(paper, tax, "BasisAmount"), "9: BT-116");
        at_most(
            &|paper| of_group(paper, tax, "CalculatedAmount"),
            "9: BT-117",
        );
    }
    for line in invoice.all(LINE) {
        let quantity = "SpecifiedLineTradeDelivery/BilledQuantity";
        let net = "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount";
        at_most(&|paper| of_line(paper, line, quantity), "9: BT-129");
        at_most(&|paper| of_line(paper, line, net), "9: BT-131");
    }
    broken
}

/// What a paper has of an amount in the group of this tax.
fn of_group(paper: &Element, tax: &Element, amount: &str) -> Decimal {
    let taxes = paper.all(&format!("{SETTLEMENT}/ApplicableTradeTax"));
    let same = taxes.iter().filter(|it| group(it) == group(tax));
    same.map(|it| it.number(amount)).sum()
}

/// What a paper has of the number at a path, in lines with the name of this one.
fn of_line(paper: &Element, line: &Element, path: &str) -> Decimal {
    let name = "SpecifiedTradeProduct/Name";
    let lines = paper.all(LINE);
    let same = lines.iter().filter(|it| it.text(name) == line.text(name));
    same.map(|it| it.number(path)).sum()
}
