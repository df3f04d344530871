//! What papers say of an order; the invoice of it is what other tests work on.

use commerce::{AddressInput, ItemId, Language, Money, OrderId, Quantity, UserId, VatRate};
use invoice::{Vat, VatNumber};
use uuid::Uuid;

use super::*;
use crate::life::Life;
use crate::merchant::{Identity, MerchantId};
use crate::order::{self, Parcel, Shipment};
use crate::series::Prefix;

fn address(name: &str) -> commerce::Address {
    let input = AddressInput {
        name: name.into(),
        line1: "3 quai de la Fosse".into(),
        line2: None,
        postal_code: "44000".into(),
        city: "Nantes".into(),
        country: "FR".into(),
    };
    input.parse().unwrap()
}

/// A shop with this regime.
pub fn merchant(vat: Vat) -> Merchant {
    let identity = Identity {
        address: address("Œillets & Cie"),
        trade_name: None,
        legal_form: "SAS".into(),
        capital: None,
        siren: invoice::Siren::new("732829320").unwrap(),
        register: None,
        vat_number: VatNumber::parse("FR44732829320").ok(),
        email: "bonjour@oeillets.example".into(),
        vat,
        exemption: None,
        invoice_prefix: Prefix::parse("F-").unwrap(),
        credit_note_prefix: Prefix::parse("A-").unwrap(),
        payment_days: 30,
        transfer_days: 7,
        iban: Some("FR7630006000011234567890189".into()),
        late_payment: None,
        early_payment: None,
        language: Language::French,
        shipping: None,
        delivers_to: crate::destination::DeliversTo::default(),
    };
    Merchant {
        id: MerchantId::Shop,
        identity,
        logo: None,
    }
}

/// 22 November 2026, 10:00 in Paris.
const NOW: Timestamp = Timestamp::from_unix_ms(1_795_338_000_000);

fn order() -> Order {
    let line = |name: &str, amount, quantity| {
        let (unit_price, quantity) = (Money::eur(amount), Quantity::new(quantity).unwrap());
        Line {
            item_id: ItemId::from_uuid(Uuid::from_u128(9)),
            name: name.into(),
            seller_id: UserId::from_uuid(Uuid::from_u128(1)),
            unit_price,
            vat_rate: VatRate::STANDARD,
            quantity,
            line_total: unit_price.checked_mul(quantity).unwrap(),
        }
    };
    let lines = vec![line("Thé", 1_200, 2), line("Théière", 4_990, 1)];
    let sales = vec![Sale::of(MerchantId::Shop, vec![0, 1])];
    let totals = order::total(&lines, &sales).unwrap();
    Order {
        id: OrderId::from_uuid(Uuid::from_u128(2)),
        order_number: 1001,
        client_id: UserId::from_uuid(Uuid::from_u128(3)),
        life: Life::new(totals.gross),
        lines,
        sales,
        totals,
        shipping_address: address("Zoé Lefèvre"),
        billing_address: address("Zoé Lefèvre"),
        email: "zoe@example.org".into(),
        language: Language::French,
        company: None,
        expires_at: NOW,
        paid_at: None,
        paid_by: None,
        begun_offline: None,
        processing: None,
        payment: None,
        dispute: None,
        shipment: None,
        created_at: NOW.plus_ms(-90_000_000),
        updated_at: NOW,
        version: 1,
    }
}

fn number(text: &str) -> Number {
    Number::new(text).unwrap()
}

/// The invoice of an order that was paid with a card.
pub fn invoice() -> Invoice {
    let (order, merchant) = (order(), merchant(Vat::Normal));
    let share = Share {
        order: &order,
        merchant: &merchant,
        sales: &order.sales,
    };
    let bill = share.bill().unwrap();
    let settlement = Settlement::Paid(Means::Card);
    let invoice = share.invoice(&bill, number("F-000001"), NOW, &settlement);
    invoice.unwrap()
}

#[test]
fn an_invoice_of_a_paid_order_asks_for_nothing() {
    let invoice = invoice();
    assert_eq!(invoice.items.totals, order().totals);
    assert_eq!(invoice.due(), Money::eur(0));
    assert_eq!(invoice.issued_on().to_string(), "2026-11-22");
    assert_eq!(invoice.order.placed_on.to_string(), "2026-11-21");
    assert_eq!(invoice.delivery, None);
    assert!(invoice::xml(&invoice).is_ok());
}

#[test]
fn on_terms_the_money_is_due_after_as_many_days_as_the_merchant_gives() {
    let (mut order, merchant) = (order(), merchant(Vat::Normal));
    order.shipping_address = address("Cuisines du Vieux Port");
    let sale = Sale::of(MerchantId::Shop, vec![1]);
    let share = Share {
        order: &order,
        merchant: &merchant,
        sales: &[sale],
    };
    let bill = share.bill().unwrap();
    let invoice = share.invoice(&bill, number("F-000001"), NOW, &Settlement::OnTerms);
    let invoice = invoice.unwrap();
    assert_eq!(invoice.due(), Money::eur(4_990));
    let Payment::Due { on, means } = &invoice.payment else {
        panic!("it is to be paid");
    };
    assert_eq!(on.to_string(), "2026-12-22");
    assert!(matches!(means, Means::Transfer { .. }));
    assert_eq!(invoice.items.lines.len(), 1);
    let delivery = invoice.delivery.map(|address| address.name);
    assert_eq!(delivery.as_deref(), Some("Cuisines du Vieux Port"));
}

#[test]
fn an_order_is_billed_under_the_vat_regime_that_it_was_placed_under() {
    let mut order = order();
    let billed = |order: &Order, regime| {
        let share = Share {
            order,
            merchant: &merchant(regime),
            sales: &order.sales,
        };
        let pro_forma = share.pro_forma(30).unwrap();
        assert_eq!(pro_forma.kind, Kind::ProForma);
        (pro_forma.vat, share.bill().unwrap().totals)
    };
    let (vat, totals) = billed(&order, Vat::Franchise);
    assert_eq!((vat, totals), (Vat::Normal, order.totals.clone()));
    let (vat, _) = billed(&order, Vat::OnDebits);
    assert_eq!(vat, Vat::OnDebits);

    order.sales = vec![merchant(Vat::Franchise).sell(vec![0, 1])];
    for line in &mut order.lines {
        line.vat_rate = VatRate::ZERO;
    }
    let (vat, totals) = billed(&order, Vat::Normal);
    assert_eq!((vat, totals.vat), (Vat::Franchise, Money::eur(0)));
}

#[test]
fn a_pro_forma_on_terms_names_days_after_delivery_and_the_account_of_its_one_seller() {
    let (mut order, merchant) = (order(), merchant(Vat::Normal));
    let payment = |order: &Order| {
        let share = Share {
            order,
            merchant: &merchant,
            sales: &order.sales,
        };
        share.pro_forma(30).unwrap().payment
    };
    let before = payment(&order);
    assert_eq!(before.day(), Some(Day::in_paris(order.expires_at)));
    assert!(matches!(before.means(), Means::Transfer { .. }));
    order.life.stage = crate::life::Stage::Preparing;
    let means = merchant.identity.transfer();
    let on_terms = Payment::AfterDelivery { days: 30, means };
    assert_eq!(payment(&order), on_terms);
    order.sales = vec![
        Sale::of(MerchantId::Shop, vec![0]),
        Sale::of(
            MerchantId::Seller(UserId::from_uuid(Uuid::from_u128(1))),
            vec![1],
        ),
    ];
    assert_eq!(*payment(&order).means(), Means::Other);
}

#[test]
fn what_was_sold_with_vat_names_a_vat_number() {
    let (mut order, mut merchant) = (order(), merchant(Vat::Normal));
    order.sales = vec![merchant.sell(vec![0, 1])];
    merchant.identity.vat = Vat::Franchise;
    merchant.identity.vat_number = None;
    let number = |order: &Order| {
        let share = Share {
            order,
            merchant: &merchant,
            sales: &order.sales,
        };
        share.pro_forma(30).unwrap().seller.vat_number
    };
    assert_eq!(number(&order), VatNumber::parse("FR44732829320").ok());
    order.sales[0].without_vat = true;
    assert_eq!(number(&order), None);
}

#[test]
fn a_credit_note_names_its_invoice() {
    let invoice = invoice();
    let (order, merchant) = (order(), merchant(Vat::Normal));
    let share = Share {
        order: &order,
        merchant: &merchant,
        sales: &order.sales,
    };
    let outstanding = totals::Outstanding::after(&share.bill().unwrap(), []).unwrap();
    let credit = outstanding.credit(&totals::Return::Everything).unwrap();
    let note = credit_note(
        &invoice,
        &credit,
        number("A-000001"),
        NOW.plus_ms(1),
        Back {
            way: WayBack::Money,
            reason: Some("Théière ébréchée"),
        },
    );
    let note = note.unwrap();
    let Kind::CreditNote { number, of, reason } = &note.kind else {
        panic!("it is a credit note");
    };
    assert_eq!(
        (number.as_str(), of.number.as_str()),
        ("A-000001", "F-000001")
    );
    assert_eq!(reason.as_deref(), Some("Théière ébréchée"));
    assert_eq!(note.items.totals, invoice.items.totals);
    assert!(invoice::xml(&note).is_ok());
}

#[test]
fn goods_are_supplied_when_they_arrive_and_paid_for_when_they_were() {
    let (mut order, merchant) = (order(), merchant(Vat::Normal));
    order.paid_at = Some(NOW.plus_ms(-172_800_000));
    let parcel = Parcel {
        carrier: "Colissimo".into(),
        tracking_number: "6A1".into(),
    };
    let issue = |order: &Order| {
        let share = Share {
            order,
            merchant: &merchant,
            sales: &order.sales,
        };
        let bill = share.bill().unwrap();
        let settlement = Settlement::Paid(Means::Card);
        let invoice = share.invoice(&bill, number("F-000001"), NOW, &settlement);
        invoice.unwrap()
    };
    let Payment::Paid { on, .. } = issue(&order).payment else {
        panic!("it is paid");
    };
    assert_eq!(on.to_string(), "2026-11-20");
    assert_eq!(issue(&order).supplied_on, None);
    order.shipment = Some(Shipment {
        parcel,
        shipped_at: NOW.plus_ms(-86_400_000),
        delivered_at: None,
    });
    assert_eq!(issue(&order).supplied_on, None);
    order.shipment.as_mut().unwrap().delivered_at = Some(NOW);
    assert_eq!(issue(&order).supplied_on.unwrap().to_string(), "2026-11-22");
}

#[test]
fn discount_and_shipping_are_named_in_the_buyers_language() {
    let (mut order, merchant) = (order(), merchant(Vat::Normal));
    order.language = Language::English;
    order.sales[0].discount = Some(Reduction {
        code: "DIX".into(),
        amount: Money::eur(739),
    });
    order.sales[0].shipping = Some(totals::Charge {
        amount: Money::eur(490),
        vat_rate: Some(VatRate::STANDARD),
    });
    let share = Share {
        order: &order,
        merchant: &merchant,
        sales: &order.sales,
    };
    let bill = share.bill().unwrap();
    let settlement = Settlement::Paid(Means::Card);
    let invoice = share.invoice(&bill, number("F-000001"), NOW, &settlement);
    let invoice = invoice.unwrap();
    let items = &invoice.items;
    assert_eq!(items.allowances[0].reason, "Discount DIX");
    assert_eq!(items.charges[0].reason, "Shipping");
    assert_eq!(items.totals.gross, Money::eur(2_400 + 4_990 - 739 + 490));
    // What comes back of a discounted line is without the discount, and shipping is named as it was.
    let outstanding = totals::Outstanding::after(&bill, []).unwrap();
    let credit = outstanding.credit(&totals::Return::Everything).unwrap();
    let back = Back {
        way: WayBack::Money,
        reason: None,
    };
    let note = credit_note(&invoice, &credit, number("A-000001"), NOW.plus_ms(1), back).unwrap();
    assert!(note.items.allowances.is_empty());
    assert_eq!(note.items.charges[0].reason, "Shipping");
    assert_eq!(note.items.totals, items.totals);
    assert!(invoice::xml(&invoice).is_ok() && invoice::xml(&note).is_ok());
}
