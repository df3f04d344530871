//! What a change leaves on an order, and which payment it shows.

use super::*;
use commerce::AddressInput;

use crate::life::Stage;

const NOW: Timestamp = Timestamp::from_unix_ms(5_000);

fn at(ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(ms)
}

fn payment(byte: u8) -> PaymentId {
    PaymentId::from_bytes([byte; 16])
}

/// An unpaid order of four pens.
pub fn order() -> Order {
    let address = AddressInput {
        name: "Zoé Martin".into(),
        line1: "3 rue des Lilas".into(),
        line2: None,
        postal_code: "75011".into(),
        city: "Paris".into(),
        country: "FR".into(),
    };
    let address = address.parse().unwrap();
    let line = Line {
        item_id: ItemId::from_bytes([1; 16]),
        name: "Stylo".into(),
        seller_id: UserId::from_bytes([2; 16]),
        unit_price: Money::eur(250),
        vat_rate: VatRate::STANDARD,
        quantity: Quantity::new(4).unwrap(),
        line_total: Money::eur(1000),
    };
    let totals = total(std::slice::from_ref(&line), &[]).unwrap();
    Order {
        id: OrderId::from_bytes([3; 16]),
        order_number: 1001,
        client_id: UserId::from_bytes([4; 16]),
        life: Life::new(totals.gross),
        lines: vec![line],
        sales: Vec::new(),
        totals,
        shipping_address: address.clone(),
        billing_address: address,
        email: "zoe@example.org".into(),
        language: Language::French,
        company: None,
        expires_at: at(9_000),
        paid_at: None,
        paid_by: None,
        begun_offline: None,
        processing: None,
        payment: None,
        dispute: None,
        shipment: None,
        created_at: at(1_000),
        updated_at: at(1_000),
        version: 1,
    }
}

/// The change is legal.
fn make(order: &mut Order, change: Change) {
    let Step::To(next) = order.life.step(&change) else {
        panic!("{change:?} from {:?}", order.life);
    };
    order.enter(next, &change, NOW);
}

fn status_shown(order: &Order) -> (PaymentId, &str) {
    let payment = order.payment.as_ref().unwrap();
    (payment.id, payment.status.as_str())
}

#[test]
fn an_unpaid_order_past_its_time_is_shown_as_expired() {
    let mut order = order();
    assert_eq!(order.life_at(at(8_999)), order.life);
    assert_eq!(order.life_at(at(9_000)).stage, Stage::Expired);
    make(&mut order, Change::Pay(payment(1)));
    assert_eq!(order.life_at(at(9_000)).stage, Stage::Paid);
}

#[test]
fn the_newest_payment_is_shown_until_one_has_paid() {
    let mut order = order();
    assert!(order.note_payment(payment(1), "requires_payment", at(1)));
    assert!(order.note_payment(payment(1), "failed", at(2)));
    assert!(order.note_payment(payment(2), "requires_payment", at(3)));
    // What was on its way for longer changes nothing.
    assert!(!order.note_payment(payment(1), "cancelled", at(2)));
    assert!(!order.note_payment(payment(2), "requires_payment", at(3)));
    assert_eq!(status_shown(&order), (payment(2), "requires_payment"));
    make(&mut order, Change::Pay(payment(1)));
    assert!(!order.note_payment(payment(2), "cancelled", at(6_000)));
    assert_eq!(status_shown(&order), (payment(1), "succeeded"));
}

#[test]
fn a_payment_that_paid_in_vain_is_shown_as_refunded() {
    let mut order = order();
    make(&mut order, Change::Expire);
    assert!(order.note_payment(payment(1), "succeeded", at(1)));
    assert!(!order.note_returned(payment(2), at(2)));
    assert!(order.note_returned(payment(1), at(2)));
    assert_eq!(status_shown(&order), (payment(1), "refunded"));
}

#[test]
fn a_payment_is_refunded_when_all_of_it_is_back() {
    let mut order = order();
    make(&mut order, Change::Pay(payment(1)));
    make(&mut order, Change::Refund(Money::eur(400)));
    assert_eq!(status_shown(&order), (payment(1), "succeeded"));
    make(&mut order, Change::Refund(Money::eur(600)));
    assert_eq!(status_shown(&order), (payment(1), "refunded"));
}

#[test]
fn a_parcel_does_not_change_on_its_way() {
    let parcel = |number: &str| Parcel {
        carrier: "Colissimo".into(),
        tracking_number: number.into(),
    };
    let mut order = order();
    make(&mut order, Change::Pay(payment(1)));
    make(&mut order, Change::Ship(parcel("6A1")));
    assert!(order.agrees_with(&Change::Ship(parcel("6A1"))));
    assert!(!order.agrees_with(&Change::Ship(parcel("6A2"))));
    make(&mut order, Change::Deliver);
    let shipment = order.shipment.unwrap();
    assert_eq!(
        (shipment.shipped_at, shipment.delivered_at),
        (NOW, Some(NOW))
    );
}

#[test]
fn what_became_of_the_goods_stays_when_an_order_is_cancelled() {
    let cancel = Change::Cancel { restock: true };
    let parcel = Parcel {
        carrier: "Colissimo".into(),
        tracking_number: "6A1".into(),
    };
    let mut order = order();
    make(&mut order, Change::Accept);
    assert_eq!(order.fulfillment(), Fulfillment::Preparing);
    let mut kept = order.clone();
    make(&mut kept, cancel.clone());
    assert_eq!(kept.fulfillment(), Fulfillment::Unfulfilled);
    make(&mut order, Change::Ship(parcel));
    make(&mut order, cancel);
    assert_eq!(order.fulfillment(), Fulfillment::Shipped);
}

#[test]
fn only_an_order_that_may_expire_says_when() {
    let mut order = order();
    assert_eq!(order.waits_until(), Some(at(9_000)));
    let mut accepted = order.clone();
    make(&mut accepted, Change::Accept);
    assert_eq!(accepted.waits_until(), None);
    make(&mut order, Change::Pay(payment(1)));
    assert_eq!(order.waits_until(), None);
}

#[test]
fn the_same_key_of_the_same_client_is_the_same_order() {
    let client = |byte| UserId::from_bytes([byte; 16]);
    assert_eq!(derive_id(client(1), "a"), derive_id(client(1), "a"));
    assert_ne!(derive_id(client(1), "a"), derive_id(client(1), "b"));
    assert_ne!(derive_id(client(1), "a"), derive_id(client(2), "a"));
}
