//! What may happen to a reservation, and what it does to the stock.

use super::*;
use commerce::Money;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_unix_ms(1_000);

fn item(byte: u8) -> ItemId {
    ItemId::from_bytes([byte; 16])
}

fn wanted(byte: u8, quantity: i64) -> Wanted {
    Wanted {
        item_id: item(byte),
        quantity: Quantity::new(quantity).unwrap(),
    }
}

fn asked(lines: &[Wanted]) -> Asked {
    Asked {
        order_version: 0,
        order_id: OrderId::from_bytes([9; 16]),
        client_id: UserId::from_bytes([8; 16]),
        lines: lines.to_vec(),
        ttl_ms: 1_000,
    }
}

fn reservation(state: State, expires_at: i64, lines: &[Wanted]) -> Reservation {
    let line = |wanted: &Wanted| Line {
        item_id: wanted.item_id,
        quantity: wanted.quantity,
        name: "Huile".into(),
        unit_price: Price::new(Money::eur(1999)).unwrap(),
        vat_rate: VatRate::STANDARD,
        seller_id: UserId::from_bytes([7; 16]),
        returned: 0,
    };
    Reservation {
        order_version: 0,
        order_id: OrderId::from_bytes([9; 16]),
        client_id: UserId::from_bytes([8; 16]),
        state,
        expires_at: Timestamp::from_unix_ms(expires_at),
        lines: lines.iter().map(line).collect(),
    }
}

#[test]
fn a_repeated_request_is_answered_with_the_first_reservation() {
    let asked = asked(&[wanted(1, 2), wanted(2, 1)]);
    let turned = [wanted(2, 1), wanted(1, 2)];
    for state in [State::Held, State::Committed] {
        assert!(
            reservation(state, 2_000, &turned)
                .answers(&asked, NOW)
                .is_ok()
        );
    }
}

#[test]
fn other_lines_or_another_client_are_a_conflict() {
    let first = reservation(State::Held, 2_000, &[wanted(1, 2)]);
    for lines in [&[wanted(1, 3)][..], &[wanted(1, 2), wanted(2, 1)], &[]] {
        assert!(matches!(
            first.answers(&asked(lines), NOW),
            Err(ReservationError::Conflict)
        ));
    }
    let mut other = asked(&[wanted(1, 2)]);
    other.client_id = UserId::from_bytes([5; 16]);
    assert!(matches!(
        first.answers(&other, NOW),
        Err(ReservationError::Conflict)
    ));
}

#[test]
fn what_has_ended_is_neither_repeated_nor_sold() {
    let lines = [wanted(1, 2)];
    for (state, expires_at) in [
        (State::Released, 2_000),
        (State::Expired, 500),
        (State::Held, 1_000),
    ] {
        let ended = reservation(state, expires_at, &lines);
        assert!(matches!(
            ended.answers(&asked(&lines), NOW),
            Err(ReservationError::Ended)
        ));
        assert!(matches!(ended.commit(NOW), Err(ReservationError::Ended)));
    }
}

#[test]
fn a_sold_reservation_stays_sold_past_its_time() {
    let sold = reservation(State::Committed, 500, &[wanted(1, 2)]);
    assert_eq!(sold.commit(NOW).unwrap(), Step::Nothing);
}

#[test]
fn what_was_sold_comes_back_and_no_more() {
    let mut sold = reservation(State::Committed, 500, &[wanted(2, 3), wanted(1, 2)]);
    let back = sold.returns(&[wanted(2, 1), wanted(1, 2)]).unwrap();
    let moved: Vec<_> = back.iter().map(|s| (s.item_id, s.on_hand)).collect();
    assert_eq!(moved, [(item(1), 2), (item(2), 1)]);
    for too_much in [wanted(2, 4), wanted(3, 1)] {
        assert_eq!(sold.returns(&[wanted(1, 1), too_much]), None);
    }
    sold.lines[0].returned = 2;
    assert_eq!(sold.returns(&[wanted(2, 2)]), None);
    for state in [State::Held, State::Released, State::Expired] {
        sold.state = state;
        assert_eq!(sold.returns(&[wanted(1, 1)]), None);
    }
}

#[test]
fn a_sale_that_is_taken_back_brings_only_what_has_not_come_back() {
    let mut sold = reservation(State::Committed, 500, &[wanted(1, 2), wanted(2, 3)]);
    sold.lines[0].returned = 2;
    sold.lines[1].returned = 1;
    let shifts = sold.shifts(sold.release(0));
    let moved: Vec<_> = shifts.iter().map(|s| (s.item_id, s.on_hand)).collect();
    assert_eq!(moved, [(item(2), 2)]);
}

#[test]
fn a_request_that_was_long_on_its_way_gives_nothing_back() {
    let mut sold = reservation(State::Committed, 500, &[wanted(1, 2)]);
    sold.order_version = 3;
    assert_eq!(sold.release(2), Step::Nothing);
    assert_eq!(sold.release(3), Step::TakeBack);
}

#[test]
fn items_are_locked_in_the_sequence_of_their_ids() {
    let lines = [wanted(3, 1), wanted(1, 2), wanted(2, 1)];
    let ids: Vec<_> = asked(&lines)
        .in_lock_order()
        .iter()
        .map(|l| l.item_id)
        .collect();
    assert_eq!(ids, [item(1), item(2), item(3)]);
    let shifts = reservation(State::Held, 2_000, &lines).shifts(Step::Sell);
    assert_eq!(shifts.iter().map(|s| s.item_id).collect::<Vec<_>>(), ids);
}

#[test]
fn an_item_that_is_not_for_sale_is_told_before_one_that_is_short() {
    let offer = |byte, available| OnOffer {
        item_id: item(byte),
        name: "Huile".into(),
        available,
    };
    let asked = asked(&[wanted(1, 2), wanted(2, 5)]);
    assert!(matches!(
        asked.refusal(vec![offer(2, 1)]),
        ReservationError::ItemsUnavailable(items) if items == [item(1)]
    ));
    let ReservationError::OutOfStock(short) = asked.refusal(vec![offer(1, 2), offer(2, 1)]) else {
        panic!("wanted a shortage");
    };
    let [shortage] = &short[..] else {
        panic!("wanted one item, got {short:?}");
    };
    assert_eq!((shortage.requested, shortage.available), (5, 1));
}

#[test]
fn states_are_stored_by_their_names() {
    for state in [
        State::Held,
        State::Committed,
        State::Released,
        State::Expired,
    ] {
        assert_eq!(state.as_str().parse::<State>().unwrap(), state);
    }
    assert!("lost".parse::<State>().is_err());
}

#[derive(Clone, Copy, Debug)]
enum Request {
    Commit,
    Release,
    Expire,
}

proptest! {
    /// However often and in whatever sequence the requests come, the stock moves once each way.
    #[test]
    fn no_piece_is_lost_or_sold_twice(
        requests in proptest::collection::vec(
            prop_oneof![Just(Request::Commit), Just(Request::Release), Just(Request::Expire)], 0..8),
        quantity in 1_i64..100,
    ) {
        let mut held = reservation(State::Held, 2_000, &[wanted(1, quantity)]);
        let (mut on_hand, mut reserved) = (100, quantity);
        for request in requests {
            let step = match request {
                Request::Commit => held.commit(NOW).unwrap_or(Step::Nothing),
                Request::Release => held.release(0),
                Request::Expire if held.state == State::Held => Step::Free,
                Request::Expire => Step::Nothing,
            };
            for shift in held.shifts(step) {
                on_hand += shift.on_hand;
                reserved += shift.reserved;
            }
            held.state = match (request, step) {
                (_, Step::Nothing) => held.state,
                (_, Step::Sell) => State::Committed,
                (Request::Expire, _) => State::Expired,
                (_, Step::Free | Step::TakeBack) => State::Released,
            };
            let expected = match held.state {
                State::Held => (100, quantity),
                State::Committed => (100 - quantity, 0),
                State::Released | State::Expired => (100, 0),
            };
            prop_assert_eq!((on_hand, reserved), expected);
        }
    }

    #[test]
    fn what_is_freed_together_is_the_sum(lines in proptest::collection::vec((0_u8..4, 1_i64..10), 0..20)) {
        let shifts = free_all(lines.iter().map(|(byte, quantity)| (item(*byte), *quantity)));
        for shift in &shifts {
            let sum: i64 = lines.iter().filter(|(byte, _)| item(*byte) == shift.item_id).map(|(_, q)| q).sum();
            prop_assert_eq!((shift.on_hand, shift.reserved), (0, -sum));
        }
        prop_assert!(shifts.is_sorted_by_key(|shift| shift.item_id));
    }
}
