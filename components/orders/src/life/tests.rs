//! What may become of an order, from every stage and by every change.

use super::*;
use proptest::prelude::*;

const TOTAL: i64 = 1000;
const CANCEL: Change = Change::Cancel { restock: false };

fn payment() -> PaymentId {
    PaymentId::from_bytes([1; 16])
}

fn parcel() -> Parcel {
    Parcel {
        carrier: "Colissimo".into(),
        tracking_number: "6A123".into(),
    }
}

fn placed() -> Life {
    Life::new(Money::eur(TOTAL))
}

fn life(stage: Stage, paid: bool, refunded: i64) -> Life {
    Life {
        stage,
        paid,
        refunded: Money::eur(refunded),
        ..placed()
    }
}

fn changes() -> Vec<Change> {
    vec![
        Change::Pay(payment()),
        Change::Revive(payment()),
        Change::Accept,
        Change::Prepare,
        Change::Ship(parcel()),
        Change::Deliver,
        CANCEL,
        Change::Expire,
        Change::Refund(Money::eur(400)),
        Change::Refund(Money::eur(TOTAL)),
    ]
}

/// Every life that there can be, with nothing, a part or all of its money back.
fn lives() -> Vec<Life> {
    let mut lives = vec![
        placed(),
        life(Stage::Expired, false, 0),
        life(Stage::Cancelled, false, 0),
        // Accepted on terms.
        life(Stage::Preparing, false, 0),
        life(Stage::Shipped, false, 0),
        life(Stage::Delivered, false, 0),
    ];
    for stage in [
        Stage::Paid,
        Stage::Preparing,
        Stage::Shipped,
        Stage::Delivered,
        Stage::Cancelled,
    ] {
        lives.extend([0, 400, TOTAL].map(|refunded| life(stage, true, refunded)));
    }
    lives
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        prop::sample::select(changes()),
        (-10..TOTAL).prop_map(|amount| Change::Refund(Money::eur(amount))),
    ]
}

/// Whether an order's stock is with the client or set aside for them.
fn holds_stock(life: Life) -> bool {
    !matches!(life.stage, Stage::Cancelled | Stage::Expired)
}

proptest! {
    #[test]
    fn stock_is_given_back_once_for_each_time_it_was_taken(
        changes in prop::collection::vec(any_change(), 0..30)
    ) {
        let mut life = placed();
        let (mut taken, mut given_back) = (1, 0);
        for change in changes {
            if let Step::To(next) = life.step(&change) {
                match (holds_stock(life), holds_stock(next)) {
                    (true, false) => given_back += 1,
                    // Only a payment that came too late takes it again.
                    (false, true) => {
                        prop_assert!(matches!(change, Change::Revive(_)));
                        taken += 1;
                    }
                    _ => {}
                }
                life = next;
            }
            prop_assert_eq!(taken - given_back, i32::from(holds_stock(life)));
        }
        prop_assert!(taken <= 2);
    }

    #[test]
    fn no_more_goes_back_than_was_paid(changes in prop::collection::vec(any_change(), 0..30)) {
        let mut life = placed();
        for change in changes {
            if let Step::To(next) = life.step(&change) {
                prop_assert!(next.refunded.amount() >= life.refunded.amount());
                prop_assert!(next.paid || next.refunded.amount() == 0);
                prop_assert!(next.refunded.amount() <= TOTAL);
                prop_assert!(next.paid >= life.paid);
                life = next;
            }
        }
    }

    #[test]
    fn wherever_an_order_comes_is_a_known_life(changes in prop::collection::vec(any_change(), 0..30)) {
        let mut life = placed();
        for change in changes {
            if let Step::To(next) = life.step(&change) {
                life = next;
            }
            let known = Life { refunded: Money::eur(0), ..life };
            prop_assert!(lives().contains(&known), "{:?}", life);
        }
    }
}

#[test]
fn a_change_made_twice_is_made_once() {
    for from in lives() {
        for change in changes() {
            // Refunds are counted by their ids.
            if let (Step::To(next), false) =
                (from.step(&change), matches!(change, Change::Refund(_)))
            {
                assert_eq!(next.step(&change), Step::Already, "{from:?} {change:?}");
            }
        }
    }
}

#[test]
fn nothing_leaves_a_final_state() {
    let is_final = |life: &Life| match life.stage {
        Stage::Cancelled => !life.paid || life.is_refunded(),
        // A parcel arrives, whatever became of its money.
        Stage::Shipped => false,
        _ => life.is_refunded(),
    };
    for from in lives() {
        let ways = changes().into_iter();
        let mut ways = ways.filter(|change| matches!(from.step(change), Step::To(_)));
        assert_eq!(ways.next().is_none(), is_final(&from), "{from:?}");
    }
}

#[test]
fn every_change_from_every_stage_is_as_the_table_says() {
    use Stage::{AwaitingPayment, Cancelled, Delivered, Expired, Paid, Preparing, Shipped};
    // By change: the stage it leads to from each of `Stage::ALL`; `=` is "already", `-` is illegal.
    let table: [(Change, [&str; 7]); 9] = [
        (
            Change::Pay(payment()),
            ["paid", "=", "=", "=", "=", "-", "-"],
        ),
        (
            Change::Revive(payment()),
            ["paid", "=", "=", "=", "=", "-", "paid"],
        ),
        (Change::Accept, ["preparing", "-", "-", "-", "-", "-", "-"]),
        (Change::Prepare, ["-", "preparing", "=", "-", "-", "-", "-"]),
        (
            Change::Ship(parcel()),
            ["-", "shipped", "shipped", "=", "=", "-", "-"],
        ),
        (Change::Deliver, ["-", "-", "-", "delivered", "=", "-", "-"]),
        (
            CANCEL,
            ["cancelled", "cancelled", "cancelled", "-", "-", "=", "-"],
        ),
        (Change::Expire, ["expired", "-", "-", "-", "-", "-", "="]),
        (
            Change::Refund(Money::eur(1)),
            [
                "-",
                "paid",
                "preparing",
                "shipped",
                "delivered",
                "cancelled",
                "-",
            ],
        ),
    ];
    for (change, row) in table {
        for (stage, expected) in Stage::ALL.into_iter().zip(row) {
            let paid = matches!(stage, Paid | Preparing | Shipped | Delivered | Cancelled);
            assert_eq!(!paid, matches!(stage, AwaitingPayment | Expired));
            let came_to = match life(stage, paid, 0).step(&change) {
                Step::To(next) => next.stage.as_str(),
                Step::Already => "=",
                Step::Illegal => "-",
            };
            assert_eq!(came_to, expected, "{change:?} from {stage:?}");
        }
    }
}

#[test]
fn an_order_on_terms_is_paid_wherever_it_stands() {
    for stage in [Stage::Preparing, Stage::Shipped, Stage::Delivered] {
        let unpaid = life(stage, false, 0);
        assert_eq!(unpaid.step(&Change::Expire), Step::Illegal);
        let refund = Change::Refund(Money::eur(1));
        assert_eq!(unpaid.step(&refund), Step::Illegal);
        let paid = unpaid.step(&Change::Pay(payment()));
        assert_eq!(paid, Step::To(life(stage, true, 0)), "{stage:?}");
    }
}

#[test]
fn an_order_on_terms_can_be_cancelled_until_it_is_paid() {
    for stage in [Stage::Preparing, Stage::Shipped, Stage::Delivered] {
        let unpaid = life(stage, false, 0);
        let cancelled = unpaid.step(&CANCEL);
        assert_eq!(cancelled, Step::To(life(Stage::Cancelled, false, 0)));
    }
    for stage in [Stage::Shipped, Stage::Delivered] {
        assert_eq!(life(stage, true, 0).step(&CANCEL), Step::Illegal);
    }
}

#[test]
fn only_what_costs_nothing_is_paid_with_nothing() {
    let free = Life::new(Money::eur(0));
    let Step::To(paid) = free.step(&Change::PayNothing) else {
        panic!("a free order can be paid");
    };
    assert_eq!((paid.stage, paid.paid), (Stage::Paid, true));
    assert_eq!(paid.status(), Status::Paid);
    assert_eq!(paid.step(&Change::PayNothing), Step::Already);
    assert!(matches!(paid.step(&CANCEL), Step::To(_)));
    for life in lives() {
        assert_eq!(life.step(&Change::PayNothing), Step::Illegal, "{life:?}");
    }
}

#[test]
fn what_is_partly_refunded_still_arrives_and_what_is_all_refunded_is_not_sent() {
    let partly = life(Stage::Paid, true, 400);
    assert_eq!(partly.status(), Status::PartiallyRefunded);
    let Step::To(shipped) = partly.step(&Change::Ship(parcel())) else {
        panic!("a partly refunded order can be shipped");
    };
    assert_eq!(shipped.status(), Status::PartiallyRefunded);
    assert_eq!(shipped.stage, Stage::Shipped);
    let Step::To(delivered) = shipped.step(&Change::Deliver) else {
        panic!("and it arrives");
    };
    assert_eq!(delivered.stage, Stage::Delivered);
    let all = life(Stage::Paid, true, TOTAL);
    assert_eq!(all.status(), Status::Refunded);
    assert_eq!(all.step(&Change::Ship(parcel())), Step::Illegal);
}

#[test]
fn a_cancelled_order_is_refunded_when_its_money_is_back() {
    let statuses = [0, 400, TOTAL].map(|refunded| life(Stage::Cancelled, true, refunded).status());
    let expected = [Status::Cancelled, Status::Cancelled, Status::Refunded];
    assert_eq!(statuses, expected);
}

#[test]
fn money_of_another_currency_or_none_is_not_a_refund() {
    for amount in [0, -1, TOTAL + 1, i64::MAX] {
        let step = life(Stage::Paid, true, 1).step(&Change::Refund(Money::eur(amount)));
        assert_eq!(step, Step::Illegal, "{amount}");
    }
    let unpaid = life(Stage::Cancelled, false, 0).step(&Change::Refund(Money::eur(1)));
    assert_eq!(unpaid, Step::Illegal);
}

#[test]
fn a_stage_survives_its_text() {
    for stage in Stage::ALL {
        assert_eq!(stage.as_str().parse(), Ok(stage));
    }
}
