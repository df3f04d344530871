//! Amounts that do not add up: each identity of EN 16931, broken by a cent.

use rust_decimal::Decimal;

use super::{assert_found, business, consumer, root, rules};
use crate::checks::tree::Element;
use crate::checks::{credits, papers};

const SUMS: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/\
                    SpecifiedTradeSettlementHeaderMonetarySummation";
const TAX: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/ApplicableTradeTax";
const ADJUSTMENT: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/\
                          SpecifiedTradeAllowanceCharge";
const LINE: &str = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem";
const LINE_NET: &str =
    "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount";

#[test]
fn an_amount_that_is_a_cent_off_is_found() {
    let whole = root(&business());
    for (path, rule) in [
        (format!("{SUMS}/LineTotalAmount"), "3: BT-106"),
        (format!("{SUMS}/AllowanceTotalAmount"), "3: BT-107"),
        (format!("{SUMS}/ChargeTotalAmount"), "3: BT-108"),
        (format!("{SUMS}/TaxBasisTotalAmount"), "4: BT-109"),
        (format!("{SUMS}/TaxTotalAmount"), "7: BT-110"),
        (format!("{SUMS}/GrandTotalAmount"), "7: BT-112"),
        (format!("{SUMS}/TotalPrepaidAmount"), "7: BT-115"),
        (format!("{SUMS}/DuePayableAmount"), "7: BT-115"),
        (format!("{TAX}/BasisAmount"), "5: BT-116"),
        (format!("{TAX}/CalculatedAmount"), "7: BT-110"),
        (format!("{ADJUSTMENT}/ActualAmount"), "3: BT-107"),
        (format!("{LINE}/{LINE_NET}"), "1: BT-131"),
        (
            format!("{LINE}/SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount"),
            "2: BT-146",
        ),
        (
            format!("{LINE}/SpecifiedLineTradeAgreement/GrossPriceProductTradePrice/ChargeAmount"),
            "2: BT-146 = BT-148",
        ),
        (
            format!("{LINE}/SpecifiedLineTradeDelivery/BilledQuantity"),
            "1: BT-131",
        ),
    ] {
        for cents in [1, -1] {
            let mut mutant = whole.clone();
            mutant.change(&path, &|element| add(element, cents));
            assert_found(&rules(&mutant), rule, &path);
        }
    }
    assert_eq!(rules(&whole), [""; 0]);
}

#[test]
fn vat_that_is_not_split_as_exactly_as_it_could_be_is_found() {
    // A cent from the base to the tax: every sum still adds up.
    let mut mutant = root(&papers::consumer(&papers::one_rate().unwrap()).unwrap());
    mutant.change(&format!("{TAX}/BasisAmount"), &|it| add(it, -1));
    mutant.change(&format!("{TAX}/CalculatedAmount"), &|it| add(it, 1));
    assert_found(&rules(&mutant), "6: an exact split exists", "a cent");
    // Two cents, where there is no exact split: 9.99 € at 20 %.
    mutant.change(&format!("{TAX}/BasisAmount"), &|it| it.text = "8.31".into());
    mutant.change(&format!("{TAX}/CalculatedAmount"), &|it| {
        it.text = "1.68".into()
    });
    assert_found(&rules(&mutant), "6: BT-117 = BT-116", "two cents");
}

#[test]
fn no_amount_of_any_paper_can_be_a_cent_off() {
    let credit = papers::credits_partial().unwrap().remove(0);
    let franchise = papers::franchise().unwrap();
    for paper in [business(), consumer(), franchise, credit] {
        let whole = root(&paper);
        for position in 0..whole.clone().ending("Amount").len() {
            for cents in [1, -1] {
                let mut mutant = whole.clone();
                let amount = mutant.ending("Amount").remove(position);
                add(amount, cents);
                let what = format!("{} of {}", amount.text, amount.name);
                assert!(!rules(&mutant).is_empty(), "{what} in {:?}", paper.kind);
            }
        }
    }
}

#[test]
fn an_adjustment_that_is_a_cent_off_is_found_in_its_sum_and_in_its_group() {
    let whole = root(&consumer());
    // The first is a discount at one rate, the last is the shipping.
    let count = whole.all(ADJUSTMENT).len();
    for (position, rule) in [(0, "3: BT-107"), (count - 1, "3: BT-108")] {
        let mut mutant = whole.clone();
        add(mutant.ending("ActualAmount").remove(position), 1);
        assert_found(&rules(&mutant), rule, "an adjustment");
        assert_found(&rules(&mutant), "5: BT-116", "an adjustment");
    }
}

#[test]
fn decimals_and_categories_that_are_not_allowed_are_found() {
    let article = Some("art. 261 C du CGI");
    let (invoice, zero, exempt) = (
        consumer(),
        papers::without_vat(None).unwrap(),
        papers::without_vat(article).unwrap(),
    );
    // The group without VAT is the last of two.
    for (paper, name, position, text, rule) in [
        (
            &invoice,
            "GrandTotalAmount",
            0,
            "195.050",
            "8: an amount has two decimals",
        ),
        (
            &invoice,
            "LineTotalAmount",
            0,
            "83.170",
            "8: an amount has two decimals",
        ),
        (
            &invoice,
            "BilledQuantity",
            0,
            "2.00000",
            "8: a quantity has four decimals",
        ),
        (
            &invoice,
            "RateApplicablePercent",
            4,
            "0",
            "8: category S has a rate",
        ),
        (&zero, "CalculatedAmount", 1, "0.01", "8: no rate, no tax"),
        (&exempt, "ExemptionReason", 0, "", "8: E has a reason"),
    ] {
        let mut mutant = root(paper);
        mutant.ending(name).remove(position).text = text.to_owned();
        assert_found(&rules(&mutant), rule, name);
    }
    for (price, rule) in [
        ("41.5850000", "8: a price has six decimals"),
        ("-41.585", "2: BT-146 ≥ 0"),
    ] {
        let mut mutant = root(&invoice);
        for amount in mutant.ending("ChargeAmount") {
            amount.text = price.to_owned();
        }
        assert_found(&rules(&mutant), rule, price);
    }
}

#[test]
fn a_cent_too_much_that_is_given_back_is_found() {
    let invoice = root(&consumer());
    let notes: Vec<Element> = papers::credits_partial()
        .unwrap()
        .iter()
        .map(root)
        .collect();
    assert_eq!(credits::check(&invoice, &notes), [""; 0]);
    for (path, rule) in [
        (format!("{SUMS}/GrandTotalAmount"), "9: BT-112"),
        (format!("{TAX}/BasisAmount"), "9: BT-116"),
        (format!("{TAX}/CalculatedAmount"), "9: BT-117"),
    ] {
        let mut mutants = notes.clone();
        mutants[0].change(&path, &|it| add(it, 1));
        assert_found(&credits::check(&invoice, &mutants), rule, &path);
    }
    // Without a discount, a line can be given back to its last cent, and no further.
    let line_net = format!("{LINE}/{LINE_NET}");
    let quantity = format!("{LINE}/SpecifiedLineTradeDelivery/BilledQuantity");
    for (path, rule) in [(line_net, "9: BT-131"), (quantity, "9: BT-129")] {
        let invoice = root(&papers::consumer(&papers::one_rate().unwrap()).unwrap());
        let mut twin = invoice.clone();
        assert_eq!(credits::check(&invoice, &[twin.clone()]), [""; 0]);
        twin.change(&path, &|it| add(it, 1));
        assert_found(&credits::check(&invoice, &[twin]), rule, &path);
    }
}

fn add(amount: &mut Element, cents: i64) {
    let number: Decimal = amount.text.trim().parse().unwrap();
    amount.text = (number + Decimal::new(cents, 2)).to_string();
}
