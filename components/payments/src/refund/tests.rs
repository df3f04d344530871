//! The rules of a refund.

use commerce::totals::{Charge, Reduction};
use commerce::{MerchantId, OrderId, VatRate};
use proptest::prelude::*;

use super::*;
use crate::payment::{Goods, Provider};

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
        vat_rate: VatRate::STANDARD,
        quantity: Quantity::new(*quantity).unwrap(),
        refunded: 0,
    });
    let mut payment = Payment::new(
        PaymentId::from_bytes([1; 16]),
        OrderId::from_bytes([2; 16]),
        UserId::from_bytes([3; 16]),
        Provider::Stripe,
        Money::eur(amount),
        Goods {
            lines: lines.collect(),
            sales: Vec::new(),
        },
        now,
    );
    payment.status = payment::Status::Succeeded;
    payment
}

/// A payment with what went back of it.
struct Till {
    payment: Payment,
    refunds: Vec<Refund>,
}

impl Till {
    fn new(payment: Payment) -> Self {
        let refunds = Vec::new();
        Self { payment, refunds }
    }

    fn share(&self, wanted: Wanted) -> Result<Share, Refusal> {
        share(&self.payment, &self.refunds, wanted)
    }

    /// What the store does with a share when the refund succeeds.
    fn give_back(&mut self, share: &Share) {
        let payment = &mut self.payment;
        payment.refunded = payment.refunded.checked_add(share.amount).unwrap();
        for given in &share.lines {
            let mut lines = payment.lines.iter_mut();
            let line = lines.find(|line| line.item_id == given.item_id).unwrap();
            line.refunded += given.quantity.get();
        }
        let now = Timestamp::from_unix_ms(0);
        self.refunds.push(Refund {
            id: automatic_id(payment.id),
            number: 0,
            payment_id: payment.id,
            status: Status::Succeeded,
            amount: share.amount,
            lines: share.lines.clone(),
            shipping: share.shipping,
            credits: share.credits.clone(),
            reason: String::new(),
            restock: false,
            actor_id: None,
            provider_ref: None,
            failure: None,
            attempts: 0,
            check_at: None,
            created_at: now,
            updated_at: now,
        });
    }
}

fn lines(lines: Vec<Pieces>) -> Wanted {
    let shipping = false;
    Wanted::Lines { lines, shipping }
}

fn any_wanted() -> impl Strategy<Value = Wanted> {
    let line = (0_u8..4, 1_i64..5).prop_map(|(byte, quantity)| pieces(byte, quantity));
    let lines =
        (prop::collection::vec(line, 0..3), any::<bool>()).prop_map(|(mut lines, shipping)| {
            lines.sort_by_key(|line| line.item_id);
            lines.dedup_by_key(|line| line.item_id);
            Wanted::Lines { lines, shipping }
        });
    prop_oneof![
        8 => lines,
        4 => (-5_i64..500).prop_map(|amount| Wanted::Amount(Money::eur(amount))),
        1 => Just(Wanted::Everything),
    ]
}

/// The same lines as one sale, with so much off and so much added.
fn sold(lines: &[(i64, i64)], percent: i64, fee: i64) -> Payment {
    let mut payment = paid(lines);
    let goods = payment.amount.amount();
    let off = Money::eur(goods * percent / 100);
    payment.amount = Money::eur(goods - off.amount() + fee);
    payment.sales = vec![Sale {
        discount: Some(Reduction {
            code: "DIX".into(),
            amount: off,
        }),
        shipping: Some(Charge {
            amount: Money::eur(fee),
            vat_rate: None,
        }),
        ..Sale::of(MerchantId::Shop, (0..lines.len()).collect())
    }];
    payment
}

proptest! {
    #[test]
    fn a_refund_never_exceeds_what_was_paid(
        paid in prop::collection::vec((0_i64..300, 1_i64..6), 1..4),
        percent in 0_i64..90,
        fee in 0_i64..900,
        wanted in prop::collection::vec((any_wanted(), any::<bool>()), 0..24),
    ) {
        let mut till = Till::new(sold(&paid, percent, fee));
        for (wanted, succeeds) in wanted {
            if let Ok(share) = till.share(wanted) {
                prop_assert!(share.amount.amount() > 0);
                if succeeds {
                    till.give_back(&share);
                }
            }
            let payment = &till.payment;
            prop_assert!(payment.refunded.amount() <= payment.amount.amount());
            for line in &payment.lines {
                prop_assert!((0..=line.quantity.get()).contains(&line.refunded));
            }
        }
    }

    #[test]
    fn everything_is_all_that_is_left(
        paid in prop::collection::vec((1_i64..300, 1_i64..6), 1..4),
        percent in 0_i64..90,
        fee in 0_i64..900,
        wanted in prop::collection::vec(any_wanted(), 0..12),
    ) {
        let mut till = Till::new(sold(&paid, percent, fee));
        for wanted in wanted {
            if let Ok(share) = till.share(wanted) {
                till.give_back(&share);
            }
        }
        if let Ok(rest) = till.share(Wanted::Everything) {
            till.give_back(&rest);
        }
        prop_assert_eq!(till.payment.refunded, till.payment.amount);
        prop_assert_eq!(till.share(Wanted::Everything), Err(Refusal::NothingLeft));
    }
}

#[test]
fn pieces_are_worth_what_was_paid_for_them() {
    let both = || lines(vec![pieces(0, 2), pieces(1, 1)]);
    let till = Till::new(paid(&[(250, 3), (1000, 1)]));
    assert_eq!(till.share(both()).unwrap().amount, Money::eur(1500));
    // 10 % off everything, and shipping by itself.
    let till = Till::new(sold(&[(250, 3), (1000, 1)], 10, 490));
    assert_eq!(till.share(both()).unwrap().amount, Money::eur(1350));
    let shipping = |lines| Wanted::Lines {
        lines,
        shipping: true,
    };
    let fee = till.share(shipping(Vec::new())).unwrap();
    assert_eq!((fee.amount, fee.shipping), (Money::eur(490), true));
    let with_piece = till.share(shipping(vec![pieces(1, 1)])).unwrap();
    assert_eq!(with_piece.amount, Money::eur(900 + 490));
}

#[test]
fn shipping_goes_back_once() {
    let mut till = Till::new(sold(&[(250, 2)], 0, 490));
    let fee = || Wanted::Lines {
        lines: Vec::new(),
        shipping: true,
    };
    let share = till.share(fee()).unwrap();
    till.give_back(&share);
    assert_eq!(till.share(fee()), Err(Refusal::NothingLeft));
    let with_piece = Wanted::Lines {
        lines: vec![pieces(0, 1)],
        shipping: true,
    };
    let share = till.share(with_piece).unwrap();
    assert_eq!((share.amount, share.shipping), (Money::eur(250), false));
}

#[test]
fn a_line_is_given_back_once() {
    let mut till = Till::new(paid(&[(250, 3)]));
    let first = till.share(lines(vec![pieces(0, 2)])).unwrap();
    till.give_back(&first);
    let refused = Refusal::TooManyPieces {
        item_id: item(0),
        left: 1,
    };
    assert_eq!(till.share(lines(vec![pieces(0, 2)])), Err(refused));
}

#[test]
fn what_is_on_its_way_is_not_given_back_again() {
    let mut till = Till::new(paid(&[(250, 4)]));
    let share = till.share(Wanted::Amount(Money::eur(600))).unwrap();
    till.give_back(&share);
    // It is on its way.
    let payment = &mut till.payment;
    (payment.refunding, payment.refunded) = (payment.refunded, payment.refunding);
    let left = Money::eur(400);
    let more = till.share(Wanted::Amount(Money::eur(401)));
    assert_eq!(more, Err(Refusal::TooMuch { left }));
    let rest = till.share(Wanted::Amount(left)).unwrap();
    assert_eq!(rest.amount, left);
}

#[test]
fn refunds_from_before_their_credits_were_kept_count_as_their_amount() {
    let mut till = Till::new(paid(&[(250, 4)]));
    let share = till.share(lines(vec![pieces(0, 2)])).unwrap();
    till.give_back(&share);
    till.refunds[0].credits = Vec::new();
    let rest = till.share(Wanted::Everything).unwrap();
    assert_eq!(
        (rest.amount, rest.lines),
        (Money::eur(500), vec![pieces(0, 2)])
    );
}

#[test]
fn only_money_that_arrived_is_given_back() {
    for status in payment::Status::ALL {
        let mut payment = paid(&[(250, 4)]);
        payment.status = status;
        let refunded = Till::new(payment).share(Wanted::Everything);
        assert_eq!(refunded.is_ok(), status == payment::Status::Succeeded);
    }
}

#[test]
fn an_item_that_was_not_paid_for_is_not_given_back() {
    let till = Till::new(paid(&[(250, 4)]));
    let item_id = item(9);
    assert_eq!(
        till.share(lines(vec![pieces(9, 1)])),
        Err(Refusal::NoSuchLine { item_id })
    );
}

#[test]
fn a_status_survives_its_text() {
    for status in Status::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
    }
}
