//! The identities that carts, orders and invoices rely on, for any lines at all.

use proptest::prelude::*;

use super::*;

fn line(amount: i64, basis_points: u16, quantity: i64) -> Line {
    Line {
        unit_price: Money::eur(amount),
        vat_rate: VatRate::new(basis_points).unwrap(),
        quantity: Quantity::new(quantity).unwrap(),
    }
}

fn amounts(total: &RateTotal) -> (u16, i64, i64, i64) {
    (
        total.rate.basis_points(),
        total.net.amount(),
        total.vat.amount(),
        total.gross.amount(),
    )
}

#[test]
fn vat_is_taken_out_once_a_rate_and_the_highest_rate_comes_first() {
    let priced = price(&[line(199, 550, 1), line(999, 2000, 3), line(1, 2000, 1)]).unwrap();
    let by_rate: Vec<_> = priced.totals.by_rate.iter().map(amounts).collect();
    // 29.98 × 20 / 120 = 4.9967 and 1.99 × 5.5 / 105.5 = 0.1037.
    assert_eq!(by_rate, [(2000, 2498, 500, 2998), (550, 189, 10, 199)]);
    assert_eq!(priced.totals.net, Money::eur(2687));
    assert_eq!(priced.totals.vat, Money::eur(510));
    assert_eq!(priced.totals.gross, Money::eur(3197));
}

#[test]
fn a_half_cent_of_vat_is_rounded_up() {
    // 0.03 × 20 / 120 = 0.005.
    assert_eq!(
        price(&[line(3, 2000, 1)]).unwrap().totals.vat,
        Money::eur(1)
    );
    assert_eq!(
        price(&[line(-3, 2000, 1)]).unwrap().totals.vat,
        Money::eur(-1)
    );
}

#[test]
fn cents_left_over_go_to_the_largest_remainders_and_then_to_the_first_lines() {
    let nets = |lines: &[Line]| -> Vec<i64> {
        price(lines)
            .unwrap()
            .lines
            .iter()
            .map(|line| line.net.amount())
            .collect()
    };
    // 4 × 0.833 = 3.33: three cents, for the first three lines.
    assert_eq!(nets(&[line(1, 2000, 1); 4]), [1, 1, 1, 0]);
    // 0.833 + 1.667 + 2.5 = 5, minus VAT that rounds to 1: the smallest remainder yields.
    assert_eq!(
        nets(&[line(3, 2000, 1), line(2, 2000, 1), line(1, 2000, 1)]),
        [2, 2, 1]
    );
}

#[test]
fn nothing_to_add_up_is_nothing() {
    let priced = price(&[]).unwrap();
    assert!(priced.lines.is_empty() && priced.totals.by_rate.is_empty());
    assert_eq!(priced.totals.gross, Money::eur(0));
}

#[test]
fn the_wire_form_of_totals_survives_json() {
    let totals = price(&[line(1200, 2000, 1)]).unwrap().totals;
    let json = serde_json::to_value(&totals).unwrap();
    let eur = |amount: i64| serde_json::json!({"amount": amount, "currency": "EUR"});
    assert_eq!(
        json,
        serde_json::json!({
            "net": eur(1000), "vat": eur(200), "gross": eur(1200),
            "by_rate": [{"rate": 2000, "net": eur(1000), "vat": eur(200), "gross": eur(1200)}],
        }),
    );
    assert_eq!(serde_json::from_value::<Totals>(json).unwrap(), totals);
}

fn any_line(amounts: impl Strategy<Value = i64>) -> impl Strategy<Value = Line> {
    (
        amounts,
        prop::sample::select(VatRate::ALL.to_vec()),
        1..=Quantity::MAX,
    )
        .prop_map(|(amount, rate, quantity)| line(amount, rate.basis_points(), quantity))
}

/// Prices of the catalogue, often tiny so that rounding has something to do, sometimes negative as
/// a discount would be.
fn real_lines() -> impl Strategy<Value = Vec<Line>> {
    let amounts = prop_oneof![0..=20_i64, 0..=100_000_000_i64, -5_000..=5_000_i64];
    prop::collection::vec(any_line(amounts), 0..40)
}

fn sum(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(Money::amount).sum()
}

proptest! {
    #[test]
    fn the_client_pays_what_was_shown(lines in real_lines()) {
        let priced = price(&lines).unwrap();
        let shown: i64 = lines.iter().map(|l| l.unit_price.amount() * l.quantity.get()).sum();
        prop_assert_eq!(priced.totals.gross.amount(), shown);
        prop_assert_eq!(sum(priced.lines.iter().map(|l| l.gross)), shown);
        prop_assert_eq!(sum(priced.totals.by_rate.iter().map(|r| r.gross)), shown);
        for (line, total) in lines.iter().zip(&priced.lines) {
            prop_assert_eq!(total.gross, line.unit_price.checked_mul(line.quantity).unwrap());
        }
    }

    #[test]
    fn net_and_vat_add_up_everywhere(lines in real_lines()) {
        let Priced { lines, totals } = price(&lines).unwrap();
        prop_assert_eq!(totals.net.checked_add(totals.vat).unwrap(), totals.gross);
        prop_assert_eq!(sum(totals.by_rate.iter().map(|r| r.net)), totals.net.amount());
        prop_assert_eq!(sum(totals.by_rate.iter().map(|r| r.vat)), totals.vat.amount());
        prop_assert!(totals.by_rate.is_sorted_by(|a, b| a.rate > b.rate));
        for line in &lines {
            prop_assert_eq!(line.net.checked_add(line.vat).unwrap(), line.gross);
        }
        for rate in &totals.by_rate {
            prop_assert_eq!(rate.net.checked_add(rate.vat).unwrap(), rate.gross);
            let members = || lines.iter().filter(|line| line.vat_rate == rate.rate);
            prop_assert_eq!(sum(members().map(|line| line.net)), rate.net.amount());
            prop_assert_eq!(sum(members().map(|line| line.vat)), rate.vat.amount());
        }
    }

    #[test]
    fn vat_is_the_exact_quotient_rounded_once(lines in real_lines()) {
        for total in price(&lines).unwrap().totals.by_rate {
            let rate = i128::from(total.rate.basis_points());
            let (gross, vat) = (i128::from(total.gross.amount()), i128::from(total.vat.amount()));
            // |VAT − G·r/(1+r)| ≤ ½, and on the tie, away from zero.
            let twice_off = 2 * (vat * (10_000 + rate) - gross * rate);
            let half = 10_000 + rate;
            prop_assert!(twice_off.abs() <= half);
            prop_assert!(twice_off.abs() < half || twice_off.signum() == gross.signum());
        }
    }

    #[test]
    fn a_line_is_less_than_a_cent_from_its_exact_net(lines in real_lines()) {
        for total in price(&lines).unwrap().lines {
            let divisor = 10_000 + i128::from(total.vat_rate.basis_points());
            let (net, gross) = (i128::from(total.net.amount()), i128::from(total.gross.amount()));
            prop_assert!((net * divisor - gross * 10_000).abs() < divisor);
        }
    }

    #[test]
    fn the_order_of_the_lines_does_not_change_the_totals(
        (lines, shuffled) in real_lines().prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle()))
    ) {
        prop_assert_eq!(price(&lines).unwrap().totals, price(&shuffled).unwrap().totals);
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_never_a_panic(
        lines in prop::collection::vec(any_line(any::<i64>()), 0..20)
    ) {
        if let Ok(priced) = price(&lines) {
            let shown: i128 = lines
                .iter()
                .map(|l| i128::from(l.unit_price.amount()) * i128::from(l.quantity.get()))
                .sum();
            prop_assert_eq!(i128::from(priced.totals.gross.amount()), shown);
        }
    }

    #[test]
    fn the_largest_amounts_are_still_rounded_exactly(
        amount in prop_oneof![i64::MIN..i64::MIN + 50, i64::MAX - 50..=i64::MAX],
        rate in prop::sample::select(VatRate::ALL.to_vec()),
    ) {
        let total = price(&[line(amount, rate.basis_points(), 1)]).unwrap().totals;
        let divisor = 10_000 + i128::from(rate.basis_points());
        let twice = i128::from(amount).unsigned_abs() * 2 * u128::from(rate.basis_points());
        let rounded = (twice + divisor.unsigned_abs()) / (2 * divisor.unsigned_abs());
        prop_assert_eq!(u128::from(total.vat.amount().unsigned_abs()), rounded);
    }
}
