//! Credit notes of any bill, in any sequence: never more than was billed, and in the end all of it.

use proptest::prelude::*;

use super::bill_tests::{any_basket, line};
use super::*;

/// One attempt to credit something; many of them ask for too much and are refused.
#[derive(Debug, Clone)]
enum Attempt {
    Pieces(Vec<(usize, i64)>, Vec<usize>),
    /// Parts in a thousand of what is left.
    Amount(i64),
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    let pieces = prop::collection::vec((0..30_usize, prop_oneof![1..=3_i64, 1..=9_999_i64]), 0..6);
    prop_oneof![
        (pieces, prop::collection::vec(0..3_usize, 0..2))
            .prop_map(|(lines, charges)| Attempt::Pieces(lines, charges)),
        (1..=1_000_i64).prop_map(Attempt::Amount),
    ]
}

fn what(attempt: &Attempt, outstanding: &Outstanding) -> Return {
    match attempt {
        Attempt::Amount(part) => {
            let left = outstanding.gross().unwrap().amount();
            Return::Amount(Money::eur((left * part / 1_000).max(1)))
        }
        Attempt::Pieces(lines, charges) => {
            let lines = lines.iter().filter_map(|(line, wanted)| {
                let quantity = Quantity::new((*wanted).min(outstanding.pieces(*line))).ok()?;
                Some(Piece {
                    line: *line,
                    quantity,
                })
            });
            Return::Pieces {
                lines: lines.collect(),
                charges: charges.clone(),
            }
        }
    }
}

fn net_at(totals: &Totals, rate: VatRate) -> (i64, i64, i64) {
    let group = totals.by_rate.iter().find(|group| group.rate == rate);
    group.map_or((0, 0, 0), |group| {
        (group.net.amount(), group.vat.amount(), group.gross.amount())
    })
}

proptest! {
    #[test]
    fn credits_never_exceed_their_bill_and_the_last_takes_what_is_left(
        basket in any_basket(),
        attempts in prop::collection::vec(any_attempt(), 0..8),
    ) {
        let bill = bill(&basket).unwrap();
        let mut credits: Vec<Credit> = Vec::new();
        for attempt in &attempts {
            let outstanding = Outstanding::after(&bill, &credits).unwrap();
            credits.extend(outstanding.credit(&what(attempt, &outstanding)));
        }
        let outstanding = Outstanding::after(&bill, &credits).unwrap();
        credits.extend(outstanding.credit(&Return::Everything));

        let after = Outstanding::after(&bill, &credits).unwrap();
        prop_assert_eq!(after.gross().unwrap(), Money::eur(0));
        prop_assert!(after.credit(&Return::Everything).is_err());
        for rate in VatRate::ALL {
            let sum = credits.iter().map(|credit| net_at(&credit.totals, rate)).fold((0, 0, 0), |a, b| {
                (a.0 + b.0, a.1 + b.1, a.2 + b.2)
            });
            prop_assert_eq!(sum, net_at(&bill.totals, rate));
        }
        for (position, line) in bill.lines.iter().enumerate() {
            let parts = || credits.iter().flat_map(|c| &c.lines).filter(|l| l.line == position);
            prop_assert_eq!(parts().map(|l| l.net.amount()).sum::<i64>(), line.payable_net.amount());
            prop_assert_eq!(parts().map(|l| l.gross.amount()).sum::<i64>(), line.payable.amount());
            prop_assert!(parts().filter_map(|l| l.quantity).map(Quantity::get).sum::<i64>() <= line.quantity.get());
        }
    }

    #[test]
    fn a_credit_adds_up_and_no_part_of_it_is_negative(
        basket in any_basket(),
        attempts in prop::collection::vec(any_attempt(), 0..8),
    ) {
        let bill = bill(&basket).unwrap();
        let mut credits: Vec<Credit> = Vec::new();
        for attempt in &attempts {
            let outstanding = Outstanding::after(&bill, &credits).unwrap();
            let Ok(credit) = outstanding.credit(&what(attempt, &outstanding)) else { continue };
            let parts = || {
                let lines = credit.lines.iter().map(|l| (l.vat_rate, l.net.amount(), l.gross.amount()));
                lines.chain(credit.charges.iter().map(|c| (c.vat_rate, c.net.amount(), c.gross.amount())))
            };
            for (_, net, gross) in parts() {
                prop_assert!(0 <= net && net <= gross);
            }
            for group in &credit.totals.by_rate {
                let here = || parts().filter(|(rate, ..)| *rate == group.rate);
                prop_assert_eq!(here().map(|(_, net, _)| net).sum::<i64>(), group.net.amount());
                prop_assert_eq!(group.net.amount() + group.vat.amount(), group.gross.amount());
                // A cent for each part, as the module says.
                let exact = i128::from(group.gross.amount()) * i128::from(group.rate.basis_points());
                let off = i128::from(group.vat.amount()) * (10_000 + i128::from(group.rate.basis_points())) - exact;
                let parts = here().count() as i128;
                prop_assert!(off.abs() <= 2 * parts * 12_000, "{off} for {parts} parts");
            }
            let total: i64 = credit.totals.by_rate.iter().map(|group| group.gross.amount()).sum();
            prop_assert_eq!(total, credit.totals.gross.amount());
            if let Return::Amount(amount) = what(attempt, &outstanding) {
                prop_assert_eq!(credit.totals.gross, amount);
            }
            credits.push(credit);
        }
    }

    #[test]
    fn pieces_that_were_not_discounted_are_credited_at_their_price(
        mut basket in any_basket(), wanted in 1..=9_999_i64,
    ) {
        basket.discounts.clear();
        let bill = bill(&basket).unwrap();
        let outstanding = Outstanding::after(&bill, []).unwrap();
        let line = basket.lines[0];
        let quantity = Quantity::new(wanted.min(line.quantity.get())).unwrap();
        let pieces = Return::Pieces { lines: vec![Piece { line: 0, quantity }], charges: vec![] };
        match outstanding.credit(&pieces) {
            Ok(credit) => prop_assert_eq!(credit.totals.gross, line.unit_price.checked_mul(quantity).unwrap()),
            Err(error) => prop_assert_eq!((error, line.unit_price), (CreditError::Nothing, Money::eur(0))),
        }
    }
}

fn two_lines() -> Bill {
    bill(&Basket {
        lines: vec![line(999, 2000, 3), line(500, 550, 1)],
        charges: vec![Charge {
            amount: Money::eur(490),
            vat_rate: Some(VatRate::STANDARD),
        }],
        ..Basket::default()
    })
    .unwrap()
}

fn pieces(line: usize, quantity: i64) -> Return {
    Return::Pieces {
        lines: vec![Piece {
            line,
            quantity: Quantity::new(quantity).unwrap(),
        }],
        charges: Vec::new(),
    }
}

#[test]
fn what_is_not_there_cannot_be_credited() {
    let bill = two_lines();
    let first = Outstanding::after(&bill, [])
        .unwrap()
        .credit(&pieces(0, 2))
        .unwrap();
    let left = Outstanding::after(&bill, [&first]).unwrap();
    let too_many = CreditError::TooManyPieces { line: 0, left: 1 };
    assert_eq!(left.credit(&pieces(0, 2)), Err(too_many));
    let unknown = CreditError::Unknown { position: 7 };
    assert_eq!(left.credit(&pieces(7, 1)), Err(unknown));
    let twice = Return::Pieces {
        lines: Vec::new(),
        charges: vec![0, 0],
    };
    assert_eq!(
        left.credit(&twice),
        Err(CreditError::Unknown { position: 0 })
    );
    let rest = left.gross().unwrap();
    assert_eq!(rest, Money::eur(999 + 500 + 490));
    for amount in [0, -1, rest.amount() + 1] {
        let error = CreditError::AmountOutOfRange { left: rest };
        assert_eq!(left.credit(&Return::Amount(Money::eur(amount))), Err(error));
    }
    let nothing = Return::Pieces {
        lines: Vec::new(),
        charges: Vec::new(),
    };
    assert_eq!(left.credit(&nothing), Err(CreditError::Nothing));
}

#[test]
fn a_piece_comes_back_for_what_is_left_of_it_after_an_amount() {
    let bill = two_lines();
    let half = Outstanding::after(&bill, [])
        .unwrap()
        .credit(&Return::Amount(Money::eur(bill.totals.gross.amount() / 2)))
        .unwrap();
    let left = Outstanding::after(&bill, [&half]).unwrap();
    let piece = left.credit(&pieces(0, 1)).unwrap();
    assert!((499..=500).contains(&piece.totals.gross.amount()));
}

#[test]
fn a_credit_of_another_bill_is_refused() {
    let bill = two_lines();
    let all = Outstanding::after(&bill, [])
        .unwrap()
        .credit(&Return::Everything)
        .unwrap();
    let twice = Outstanding::after(&bill, [&all, &all]);
    assert_eq!(twice, Err(CreditError::Unknown { position: 0 }));
}
