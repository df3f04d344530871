//! The rules of a refund.

use commerce::OrderId;
use proptest::prelude::*;

use super::*;
use crate::payment::Provider;

fn item(byte: u8) -> ItemId {
    ItemId::from_bytes([byte; 16])
}

fn pieces(byte: u8, quantity: i64) -> Pieces {
    Pieces {
        item_id: item(byte),
        quantity: Quantity::new(quantity).unwrap(),
    }
}

/// Lines of (unit price, quantity).
fn paid(lines: &[(i64, i64)]) -> Payment {
    let now = Timestamp::from_unix_ms(0);
    let amount = lines.iter().map(|(price, quantity)| price * quantity).sum();
    let lines = lines.iter().zip(0..).map(|((price, quantity), byte)| Line {
        item_id: item(byte),
        seller_id: UserId::from_bytes([byte; 16]),
        unit_price: Money::eur(*price),
        quantity: Quantity::new(*quantity).unwrap(),
        refunded: 0,
    });
    let mut payment = Payment::new(
        PaymentId::from_bytes([1; 16]),
        OrderId::from_bytes([2; 16]),
        UserId::from_bytes([3; 16]),
        Provider::Stripe,
        Money::eur(amount),
        lines.collect(),
        now,
    );
    payment.status = payment::Status::Succeeded;
    payment
}

/// What the store does with a share, when the refund succeeds or when it fails.
fn give_back(payment: &mut Payment, share: &Share, succeeds: bool) {
    if succeeds {
        payment.refunded = payment.refunded.checked_add(share.amount).unwrap();
        for given in &share.lines {
            let mut lines = payment.lines.iter_mut();
            let line = lines.find(|line| line.item_id == given.item_id).unwrap();
            line.refunded += given.quantity.get();
        }
    }
}

fn any_wanted() -> impl Strategy<Value = Wanted> {
    let line = (0_u8..4, 1_i64..5).prop_map(|(byte, quantity)| pieces(byte, quantity));
    let lines = prop::collection::vec(line, 1..3).prop_map(|mut lines| {
        lines.sort_by_key(|line| line.item_id);
        lines.dedup_by_key(|line| line.item_id);
        Wanted::Lines(lines)
    });
    prop_oneof![
        8 => lines,
        4 => (-5_i64..500).prop_map(|amount| Wanted::Amount(Money::eur(amount))),
        1 => Just(Wanted::Everything),
    ]
}

proptest! {
    #[test]
    fn a_refund_never_exceeds_what_was_paid(
        lines in prop::collection::vec((0_i64..300, 1_i64..6), 1..4),
        wanted in prop::collection::vec((any_wanted(), any::<bool>()), 0..24),
    ) {
        let mut payment = paid(&lines);
        for (wanted, succeeds) in wanted {
            if let Ok(share) = share(&payment, wanted) {
                prop_assert!(share.amount.amount() > 0);
                give_back(&mut payment, &share, succeeds);
            }
            prop_assert!(payment.refunded.amount() <= payment.amount.amount());
            for line in &payment.lines {
                prop_assert!((0..=line.quantity.get()).contains(&line.refunded));
            }
        }
    }

    #[test]
    fn everything_is_all_that_is_left(
        lines in prop::collection::vec((1_i64..300, 1_i64..6), 1..4),
        wanted in prop::collection::vec(any_wanted(), 0..12),
    ) {
        let mut payment = paid(&lines);
        for wanted in wanted {
            if let Ok(share) = share(&payment, wanted) {
                give_back(&mut payment, &share, true);
            }
        }
        if let Ok(rest) = share(&payment, Wanted::Everything) {
            give_back(&mut payment, &rest, true);
        }
        prop_assert_eq!(payment.refunded, payment.amount);
        prop_assert_eq!(share(&payment, Wanted::Everything), Err(Refusal::NothingLeft));
    }
}

#[test]
fn pieces_are_worth_what_was_paid_for_them() {
    let payment = paid(&[(250, 3), (1000, 1)]);
    let wanted = Wanted::Lines(vec![pieces(0, 2), pieces(1, 1)]);
    let share = share(&payment, wanted).unwrap();
    assert_eq!(share.amount, Money::eur(1500));
}

#[test]
fn a_line_is_given_back_once() {
    let mut payment = paid(&[(250, 3)]);
    let first = share(&payment, Wanted::Lines(vec![pieces(0, 2)])).unwrap();
    give_back(&mut payment, &first, true);
    let refused = Refusal::TooManyPieces {
        item_id: item(0),
        left: 1,
    };
    let second = share(&payment, Wanted::Lines(vec![pieces(0, 2)]));
    assert_eq!(second, Err(refused));
}

#[test]
fn what_is_on_its_way_is_not_given_back_again() {
    let mut payment = paid(&[(250, 4)]);
    payment.refunding = Money::eur(600);
    let left = Money::eur(400);
    let more = share(&payment, Wanted::Amount(Money::eur(401)));
    assert_eq!(more, Err(Refusal::TooMuch { left }));
    let rest = share(&payment, Wanted::Amount(left)).unwrap();
    assert_eq!(rest.amount, left);
}

#[test]
fn only_money_that_arrived_is_given_back() {
    for status in payment::Status::ALL {
        let mut payment = paid(&[(250, 4)]);
        payment.status = status;
        let refunded = share(&payment, Wanted::Everything);
        assert_eq!(refunded.is_ok(), status == payment::Status::Succeeded);
    }
}

#[test]
fn an_item_that_was_not_paid_for_is_not_given_back() {
    let payment = paid(&[(250, 4)]);
    let wanted = Wanted::Lines(vec![pieces(9, 1)]);
    let item_id = item(9);
    assert_eq!(
        share(&payment, wanted),
        Err(Refusal::NoSuchLine { item_id })
    );
}

#[test]
fn a_status_survives_its_text() {
    for status in Status::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
    }
}
