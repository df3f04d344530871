//! The identities of EN 16931 that every bill keeps, for any basket at all.

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

use super::*;

pub(super) fn line(amount: i64, basis_points: u16, quantity: i64) -> Line {
    Line {
        unit_price: Money::eur(amount),
        vat_rate: VatRate::new(basis_points).unwrap(),
        quantity: Quantity::new(quantity).unwrap(),
    }
}

fn any_rate() -> impl Strategy<Value = VatRate> {
    prop::sample::select(VatRate::ALL.to_vec())
}

fn any_line() -> impl Strategy<Value = Line> {
    let amount = prop_oneof![0..=20_i64, 0..=200_000_i64];
    let quantity = prop_oneof![1..=5_i64, 1..=Quantity::MAX];
    (amount, any_rate(), quantity)
        .prop_map(|(amount, rate, quantity)| line(amount, rate.basis_points(), quantity))
}

/// Baskets with up to three discounts, each a part in ten thousand of what it is taken off.
pub(super) fn any_basket() -> impl Strategy<Value = Basket> {
    let discount = (prop::option::of(any_rate()), 0..=10_000_i64);
    let charge = (0..=5_000_i64, prop::option::of(any_rate()));
    (
        prop::collection::vec(any_line(), 1..30),
        prop::collection::vec(discount, 0..=3),
        prop::collection::vec(charge, 0..=2),
    )
        .prop_map(|(lines, discounts, charges)| {
            let mut basket = Basket {
                lines,
                discounts: Vec::new(),
                charges: charges
                    .into_iter()
                    .map(|(amount, vat_rate)| Charge {
                        amount: Money::eur(amount),
                        vat_rate,
                    })
                    .collect(),
            };
            for (rate, part) in discounts {
                let over = rate.map_or(Over::Everything, Over::Rate);
                let whole = left_of(&basket, rate);
                let amount = Money::eur((i128::from(whole) * i128::from(part) / 10_000) as i64);
                basket.discounts.push(Discount { amount, over });
            }
            basket
        })
}

fn left_of(basket: &Basket, rate: Option<VatRate>) -> i64 {
    let bill = bill(basket).unwrap();
    bill.lines
        .iter()
        .filter(|line| rate.is_none_or(|rate| line.vat_rate == rate))
        .map(|line| line.payable.amount())
        .sum()
}

fn cents(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(Money::amount).sum()
}

fn tax(net: i64, rate: VatRate) -> i64 {
    use rust_decimal::prelude::ToPrimitive;
    (Decimal::from(net) * Decimal::from(rate.basis_points()) / Decimal::from(10_000))
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
        .unwrap()
}

#[test]
fn a_discount_and_shipping_join_the_groups_of_their_rates() {
    let bill = bill(&Basket {
        lines: vec![line(6_000, 2000, 1), line(5_275, 550, 1)],
        discounts: vec![Discount {
            amount: Money::eur(1_200),
            over: Over::Rate(VatRate::STANDARD),
        }],
        charges: vec![Charge {
            amount: Money::eur(600),
            vat_rate: Some(VatRate::STANDARD),
        }],
    })
    .unwrap();
    assert_eq!(cents(bill.lines.iter().map(|line| line.net)), 10_000);
    assert_eq!(cents(bill.allowances.iter().map(|it| it.net)), 1_000);
    assert_eq!(cents(bill.charges.iter().map(|it| it.net)), 500);
    assert_eq!(bill.totals.net, Money::eur(9_500));
    assert_eq!(bill.totals.vat, Money::eur(1_175));
    assert_eq!(bill.totals.gross, Money::eur(10_675));
}

#[test]
fn what_cannot_be_billed_is_refused() {
    let basket = |discount, charge| Basket {
        lines: vec![line(1_000, 2000, 1), line(500, 550, 1)],
        discounts: vec![Discount {
            amount: Money::eur(discount),
            over: Over::Rate(VatRate::STANDARD),
        }],
        charges: vec![Charge {
            amount: Money::eur(charge),
            vat_rate: Some(VatRate::STANDARD),
        }],
    };
    assert!(bill(&basket(1_000, 0)).is_ok());
    let too_large = BillError::DiscountTooLarge { position: 0 };
    assert_eq!(bill(&basket(1_001, 5_000)), Err(too_large));
    assert_eq!(bill(&basket(-1, 0)), Err(BillError::Negative));
    assert_eq!(bill(&basket(0, -1)), Err(BillError::Negative));
    let overflow = Basket {
        lines: vec![line(i64::MAX, 2000, 1); 2],
        ..Basket::default()
    };
    assert_eq!(bill(&overflow), Err(MoneyError::Overflow.into()));
}

#[test]
fn a_bill_survives_json() {
    let basket = Basket {
        lines: vec![line(999, 2000, 3), line(199, 550, 1)],
        discounts: vec![Discount {
            amount: Money::eur(100),
            over: Over::Everything,
        }],
        ..Basket::default()
    };
    let bill = bill(&basket).unwrap();
    let json = serde_json::to_string(&bill).unwrap();
    assert_eq!(serde_json::from_str::<Bill>(&json).unwrap(), bill);
}

proptest! {
    /// BR-CO-10 to 15, and what the client was shown.
    #[test]
    fn the_client_pays_lines_less_discounts_plus_charges(basket in any_basket()) {
        let bill = bill(&basket).unwrap();
        let shown = cents(basket.lines.iter().map(|l| l.unit_price.checked_mul(l.quantity).unwrap()))
            - cents(basket.discounts.iter().map(|d| d.amount))
            + cents(basket.charges.iter().map(|c| c.amount));
        prop_assert_eq!(bill.totals.gross.amount(), shown);
        let nets = cents(bill.lines.iter().map(|line| line.net))
            - cents(bill.allowances.iter().map(|allowance| allowance.net))
            + cents(bill.charges.iter().map(|charge| charge.net));
        prop_assert_eq!(bill.totals.net.amount(), nets);
        prop_assert_eq!(bill.totals.gross.amount(), nets + bill.totals.vat.amount());
        prop_assert_eq!(cents(bill.allowances.iter().map(|a| a.gross)), cents(basket.discounts.iter().map(|d| d.amount)));
    }

    /// BR-S-8, BR-E-8, BR-Z-8 and BR-CO-14.
    #[test]
    fn a_group_is_its_lines_less_allowances_plus_charges(basket in any_basket()) {
        let bill = bill(&basket).unwrap();
        for group in &bill.totals.by_rate {
            let here = |rate: VatRate| rate == group.rate;
            let net = cents(bill.lines.iter().filter(|l| here(l.vat_rate)).map(|l| l.net))
                - cents(bill.allowances.iter().filter(|a| here(a.vat_rate)).map(|a| a.net))
                + cents(bill.charges.iter().filter(|c| here(c.vat_rate)).map(|c| c.net));
            prop_assert_eq!(group.net.amount(), net);
            prop_assert_eq!(group.net.amount() + group.vat.amount(), group.gross.amount());
            prop_assert!(group.vat.amount() >= 0 && group.net.amount() >= 0);
        }
        prop_assert_eq!(cents(bill.totals.by_rate.iter().map(|g| g.vat)), bill.totals.vat.amount());
        prop_assert_eq!(cents(bill.totals.by_rate.iter().map(|g| g.net)), bill.totals.net.amount());
    }

    /// BR-S-9: exact wherever an exact split of the gross exists.
    #[test]
    fn vat_is_its_rate_of_the_net_within_a_cent_and_exact_where_that_can_be(basket in any_basket()) {
        for group in bill(&basket).unwrap().totals.by_rate {
            let (net, vat, gross) = (group.net.amount(), group.vat.amount(), group.gross.amount());
            prop_assert!((tax(net, group.rate) - vat).abs() <= 1);
            let exact = (net - 2..=net + 2).find(|net| net + tax(*net, group.rate) == gross);
            if let Some(exact) = exact {
                prop_assert_eq!((exact, tax(exact, group.rate)), (net, vat));
            }
            if group.rate == VatRate::ZERO {
                prop_assert_eq!(vat, 0);
            }
        }
    }

    /// BT-131 = round2(BT-129 × BT-146), with a price of six decimals.
    #[test]
    fn a_price_of_six_decimals_gives_the_net_of_its_line_back(basket in any_basket()) {
        for line in bill(&basket).unwrap().lines {
            let quantity = Decimal::from(line.quantity.get());
            let net = Decimal::new(line.net.amount(), 2);
            let away = RoundingStrategy::MidpointAwayFromZero;
            let price = (net / quantity).round_dp_with_strategy(6, away);
            prop_assert_eq!((price * quantity).round_dp_with_strategy(2, away), net);
        }
    }

    #[test]
    fn no_line_is_paid_or_taxed_for_more_than_it_is(basket in any_basket()) {
        let bill = bill(&basket).unwrap();
        for line in &bill.lines {
            prop_assert!(Money::eur(0).amount() <= line.payable_net.amount());
            prop_assert!(line.payable_net.amount() <= line.payable.amount());
            prop_assert!(line.payable_net.amount() <= line.net.amount());
            prop_assert!(line.payable.amount() <= line.gross.amount());
            prop_assert!(line.net.amount() <= line.gross.amount());
        }
        for allowance in &bill.allowances {
            prop_assert!(0 <= allowance.net.amount());
        }
    }

    #[test]
    fn without_discounts_and_charges_a_bill_is_what_price_says(mut basket in any_basket()) {
        basket.discounts.clear();
        basket.charges.clear();
        let bill = bill(&basket).unwrap();
        let priced = price(&basket.lines).unwrap();
        prop_assert_eq!(&bill.totals, &priced.totals);
        let nets = |lines: &[BilledLine]| lines.iter().map(|l| l.net).collect::<Vec<_>>();
        prop_assert_eq!(nets(&bill.lines), priced.lines.iter().map(|l| l.net).collect::<Vec<_>>());
    }
}
