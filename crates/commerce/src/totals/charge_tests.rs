//! Shipping that is taxed as the goods that it brings.

use proptest::prelude::*;

use super::bill_tests::any_basket;
use super::*;
use crate::merchant_id::MerchantId;

fn line(amount: i64, basis_points: u16, quantity: i64) -> Line {
    Line {
        unit_price: Money::eur(amount),
        vat_rate: VatRate::new(basis_points).unwrap(),
        quantity: Quantity::new(quantity).unwrap(),
    }
}

fn shipped(lines: Vec<Line>, discount: i64, fee: i64) -> Basket {
    Basket {
        lines,
        discounts: vec![Discount {
            amount: Money::eur(discount),
            over: Over::Everything,
        }],
        charges: vec![Charge {
            amount: Money::eur(fee),
            vat_rate: None,
        }],
    }
}

/// Rate and gross of each part of the shipping.
fn parts(basket: &Basket) -> Vec<(u16, i64)> {
    let bill = bill(basket).unwrap();
    let parts = bill.charges.iter();
    parts
        .map(|part| (part.vat_rate.basis_points(), part.gross.amount()))
        .collect()
}

#[test]
fn shipping_of_goods_at_one_rate_bears_that_rate() {
    let basket = shipped(vec![line(2_000, 550, 1)], 0, 490);
    assert_eq!(parts(&basket), [(550, 490)]);
    let bill = bill(&basket).unwrap();
    let shipping = bill.charges[0];
    // 4.90 × 5.5 / 105.5, of which the group of 24.90 rounds once.
    assert_eq!(bill.totals.vat, Money::eur(130));
    assert_eq!(shipping.gross.amount() - shipping.net.amount(), 26);
}

#[test]
fn shipping_of_goods_at_several_rates_is_shared_by_what_is_paid_for_them() {
    let lines = vec![line(3_000, 2000, 1), line(500, 550, 2)];
    assert_eq!(
        parts(&shipped(lines.clone(), 0, 400)),
        [(2000, 300), (550, 100)]
    );
    // A cent that cannot be shared is the higher rate’s.
    let halves = vec![line(100, 550, 1), line(100, 2000, 1)];
    assert_eq!(parts(&shipped(halves, 0, 401)), [(2000, 201), (550, 200)]);
    // The discount of a rate lowers its part, and free goods count by what they would have cost.
    let mut basket = shipped(lines.clone(), 0, 400);
    basket.discounts[0] = Discount {
        amount: Money::eur(2_000),
        over: Over::Rate(VatRate::STANDARD),
    };
    assert_eq!(parts(&basket), [(2000, 200), (550, 200)]);
    assert_eq!(
        parts(&shipped(lines, 4_000, 400)),
        [(2000, 300), (550, 100)]
    );
}

#[test]
fn shipping_of_free_goods_bears_the_highest_of_their_rates() {
    let gifts = vec![line(0, 550, 1), line(0, 1000, 1)];
    assert_eq!(parts(&shipped(gifts, 0, 490)), [(1000, 490)]);
    assert_eq!(parts(&shipped(vec![line(0, 0, 1)], 0, 490)), [(0, 490)]);
}

#[test]
fn shipping_that_was_stored_with_a_rate_keeps_it() {
    let stored = r#"{"merchant":"shop","lines":[0],"discount":null,
        "shipping":{"amount":{"amount":490,"currency":"EUR"},"vat_rate":2000}}"#;
    let sale: Sale = serde_json::from_str(stored).unwrap();
    let bill = sale.bill(&[line(2_000, 550, 1)]).unwrap();
    assert_eq!(bill.charges[0].vat_rate, VatRate::STANDARD);
    let billed = r#"{"vat_rate":2000,"net":{"amount":408,"currency":"EUR"},"gross":{"amount":490,"currency":"EUR"}}"#;
    assert_eq!(
        serde_json::from_str::<BilledCharge>(billed).unwrap().charge,
        0
    );
}

#[test]
fn shipping_that_goes_back_is_all_of_its_parts() {
    let lines = [line(3_000, 2000, 1), line(500, 550, 2)];
    let sale = Sale {
        shipping: Some(Charge {
            amount: Money::eur(400),
            vat_rate: None,
        }),
        ..Sale::of(MerchantId::Shop, vec![0, 1])
    };
    let bill = sale.bill(&lines).unwrap();
    let part = Part {
        lines: vec![0, 1],
        left: Outstanding::after(&bill, []).unwrap(),
    };
    let what = Return::Pieces {
        lines: Vec::new(),
        charges: vec![0],
    };
    let credit = give_back(&[part], &what).unwrap().remove(0).unwrap();
    assert_eq!(credit.totals.gross, Money::eur(400));
    assert_eq!(credit.charges.len(), 2);
    let net: i64 = bill.charges.iter().map(|part| part.net.amount()).sum();
    assert_eq!(credit.totals.net.amount(), net);
}

#[test]
fn on_one_paper_each_sale_is_shipped_at_the_rates_of_its_own_goods() {
    let lines = [line(2_000, 2000, 1), line(2_000, 550, 1)];
    let sale = |position, fee| Sale {
        shipping: Some(Charge {
            amount: Money::eur(fee),
            vat_rate: None,
        }),
        ..Sale::of(MerchantId::Shop, vec![position])
    };
    let sales = [sale(0, 300), sale(1, 500)];
    let together = bill_together(&sales, &lines).unwrap();
    let parts: Vec<_> = together
        .charges
        .iter()
        .map(|part| (part.charge, part.vat_rate, part.gross))
        .collect();
    let reduced = VatRate::new(550).unwrap();
    assert_eq!(
        parts,
        [
            (0, VatRate::STANDARD, Money::eur(300)),
            (1, reduced, Money::eur(500))
        ]
    );
    let alone = sales
        .each_ref()
        .map(|sale| sale.bill(&lines).unwrap().totals);
    assert_eq!(together.totals, sum(&alone).unwrap());
}

#[test]
fn on_one_document_a_code_takes_something_off_the_lines_of_its_own_sale_alone() {
    let lines = [line(2_000, 2000, 1), line(1_000, 550, 1)];
    let off = Reduction {
        code: "TOUT".into(),
        amount: Money::eur(1_000),
    };
    let free = Sale {
        discount: Some(off),
        ..Sale::of(MerchantId::Shop, vec![1])
    };
    let sales = [Sale::of(MerchantId::Shop, vec![0]), free];
    let together = bill_together(&sales, &lines).unwrap();
    let alone = sales
        .each_ref()
        .map(|sale| sale.bill(&lines).unwrap().totals);
    assert_eq!(together.totals, sum(&alone).unwrap());
    assert_eq!(together.lines[0].payable, Money::eur(2_000));
    assert_eq!(together.lines[1].payable, Money::eur(0));
}

proptest! {
    #[test]
    fn shares_come_to_the_fee_whatever_the_order_of_the_lines(
        mut basket in any_basket(), fee in 0_i64..100_000, seed in any::<prop::sample::Index>(),
    ) {
        basket.discounts.clear();
        basket.charges = vec![Charge { amount: Money::eur(fee), vat_rate: None }];
        let known = parts(&basket);
        prop_assert_eq!(known.iter().map(|(_, gross)| gross).sum::<i64>(), fee);
        // Each part is less than a cent from its exact share, and no rate is there that the goods have not.
        let bill = bill(&basket).unwrap();
        let goods: i64 = bill.lines.iter().map(|line| line.payable.amount()).sum();
        for (rate, gross) in &known {
            let of_rate = bill.lines.iter().filter(|line| line.vat_rate.basis_points() == *rate);
            let here: i64 = of_rate.map(|line| line.payable.amount()).sum();
            let off = i128::from(*gross) * i128::from(goods) - i128::from(fee) * i128::from(here);
            prop_assert!(goods == 0 || off.abs() < i128::from(goods), "{} of {}", gross, fee);
        }
        let middle = seed.index(basket.lines.len());
        basket.lines.rotate_left(middle);
        prop_assert_eq!(parts(&basket), known);
    }
}
