//! The identities of EN 16931 between amounts, exactly: the facts of `docs/adr/0004` and 0011.

use rust_decimal::{Decimal, RoundingStrategy};

use super::tree::Element;

pub const SETTLEMENT: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement";
pub const LINE: &str = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem";
pub const SUMS: &str = "SpecifiedTradeSettlementHeaderMonetarySummation";

const LINE_NET: &str =
    "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount";
const QUANTITY: &str = "SpecifiedLineTradeDelivery/BilledQuantity";
const NET_PRICE: &str = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount";
const GROSS_PRICE: &str = "SpecifiedLineTradeAgreement/GrossPriceProductTradePrice/ChargeAmount";

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Category and rate.
pub fn group(tax: &Element) -> (String, Decimal) {
    let category = tax.text("CategoryCode").to_owned();
    (category, tax.number("RateApplicablePercent"))
}

pub fn check(root: &Element) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, rule: &str| {
        if !holds {
            broken.push(rule.to_owned());
        }
    };
    let settlement = root.first(SETTLEMENT).unwrap();
    let sums = settlement.first(SUMS).unwrap();
    let lines = root.all(LINE);
    let taxes = settlement.all("ApplicableTradeTax");
    let adjustments = settlement.all("SpecifiedTradeAllowanceCharge");
    let is_charge = |it: &&&Element| it.text("ChargeIndicator/Indicator") == "true";
    let amount = |it: &&Element| it.number("ActualAmount");

    for line in &lines {
        let product = line.number(QUANTITY) * line.number(NET_PRICE);
        must(
            cents(product) == line.number(LINE_NET),
            "1: BT-131 = BT-129 × BT-146",
        );
        must(
            line.number(NET_PRICE) == line.number(GROSS_PRICE),
            "2: BT-146 = BT-148",
        );
        must(line.number(NET_PRICE) >= Decimal::ZERO, "2: BT-146 ≥ 0");
        must(
            line.number(NET_PRICE).scale() <= 6,
            "8: a price has six decimals",
        );
        must(
            line.number(QUANTITY).scale() <= 4,
            "8: a quantity has four decimals",
        );
    }
    let charges: Decimal = adjustments.iter().filter(is_charge).map(amount).sum();
    let allowances: Decimal = adjustments
        .iter()
        .filter(|it| !is_charge(it))
        .map(amount)
        .sum();
    let net: Decimal = lines.iter().map(|line| line.number(LINE_NET)).sum();
    let (line_total, allowance_total, charge_total) = (
        sums.number("LineTotalAmount"),
        sums.number("AllowanceTotalAmount"),
        sums.number("ChargeTotalAmount"),
    );
    let (basis, vat) = (
        sums.number("TaxBasisTotalAmount"),
        sums.number("TaxTotalAmount"),
    );
    let (grand, prepaid) = (
        sums.number("GrandTotalAmount"),
        sums.number("TotalPrepaidAmount"),
    );
    must(line_total == net, "3: BT-106 = Σ BT-131");
    must(allowance_total == allowances, "3: BT-107 = Σ BT-92");
    must(charge_total == charges, "3: BT-108 = Σ BT-99");
    must(
        basis == line_total - allowance_total + charge_total,
        "4: BT-109",
    );
    must(
        vat == taxes.iter().map(|tax| tax.number("CalculatedAmount")).sum(),
        "7: BT-110 = Σ BT-117",
    );
    must(grand == basis + vat, "7: BT-112 = BT-109 + BT-110");
    must(
        sums.number("DuePayableAmount") == grand - prepaid,
        "7: BT-115 = BT-112 − BT-113",
    );
    must(
        basis == taxes.iter().map(|tax| tax.number("BasisAmount")).sum(),
        "5: Σ BT-116 = BT-109",
    );
    let is_fine = |element: &Element| {
        // A price is an amount by its name, and has its own rule.
        let is_amount = element.name.ends_with("Amount") && element.name != "ChargeAmount";
        !is_amount || element.text.trim().parse::<Decimal>().unwrap().scale() <= 2
    };
    must(root.each(&is_fine), "8: an amount has two decimals");

    let is_credit = root.text("ExchangedDocument/TypeCode") == "381";
    for tax in &taxes {
        let here = group(tax);
        let of_lines = lines.iter().filter(|line| {
            line.first("SpecifiedLineTradeSettlement/ApplicableTradeTax")
                .map(group)
                == Some(here.clone())
        });
        let of_lines: Decimal = of_lines.map(|line| line.number(LINE_NET)).sum();
        let of_adjustments: Decimal = adjustments
            .iter()
            .filter(|it| it.first("CategoryTradeTax").map(group) == Some(here.clone()))
            .map(|it| {
                if is_charge(&it) {
                    amount(it)
                } else {
                    -amount(it)
                }
            })
            .sum();
        must(
            tax.number("BasisAmount") == of_lines + of_adjustments,
            "5: BT-116",
        );
        let (base, amount) = (tax.number("BasisAmount"), tax.number("CalculatedAmount"));
        let exact = cents(base * here.1 / Decimal::ONE_HUNDRED);
        // A credit note takes the split of its invoice: a cent for each of its lines.
        let count = if is_credit {
            lines.len() + adjustments.len()
        } else {
            1
        };
        let slack = Decimal::new(i64::try_from(count).unwrap(), 2);
        must(
            (amount - exact).abs() <= slack,
            "6: BT-117 = BT-116 × BT-119",
        );
        if !is_credit {
            // The exact split of the gross, wherever there is one.
            let gross = base + amount;
            let splits = (-2..=2).map(|off| base + Decimal::new(off, 2));
            let exact = |net: &Decimal| *net + cents(*net * here.1 / Decimal::ONE_HUNDRED) == gross;
            let found: Vec<Decimal> = splits.filter(exact).collect();
            must(
                found.is_empty() || found.contains(&base),
                "6: an exact split exists",
            );
        }
        let rated = here.1 > Decimal::ZERO;
        must((here.0 == "S") == rated, "8: category S has a rate");
        must(rated || amount == Decimal::ZERO, "8: no rate, no tax");
        must(
            here.0 != "E" || !tax.text("ExemptionReason").is_empty(),
            "8: E has a reason",
        );
    }
    broken
}
