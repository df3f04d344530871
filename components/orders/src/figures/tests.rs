//! Groups of VAT are what lines and charges add up to, on an invoice and on every credit note of it.

use std::collections::BTreeMap;

use commerce::totals::{
    Basket, Charge, Discount, Line, Outstanding, Over, Piece, Return, bill as make_bill,
};
use uuid::Uuid;

use super::*;

/// Two lines in the order's third and first place, ten cents off, and shipping.
fn billed() -> Billed {
    let line = |amount, vat_rate, quantity| Line {
        unit_price: Money::eur(amount),
        vat_rate,
        quantity: Quantity::new(quantity).unwrap(),
    };
    let basket = Basket {
        lines: vec![
            line(333, VatRate::STANDARD, 3),
            line(1055, VatRate::new(550).unwrap(), 1),
        ],
        discounts: vec![Discount {
            amount: Money::eur(10),
            over: Over::Everything,
        }],
        charges: vec![Charge {
            amount: Money::eur(490),
            vat_rate: Some(VatRate::STANDARD),
        }],
    };
    Billed {
        bill: make_bill(&basket).unwrap(),
        lines: vec![2, 0],
    }
}

fn item(number: u8) -> ItemId {
    ItemId::from_bytes([number; 16])
}

fn seller(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn figures(credit: Option<Credit>) -> Figures {
    let row = Row {
        id: 7,
        first_id: 7,
        merchant: MerchantId::Shop,
        order: OrderId::from_uuid(Uuid::nil()),
        client: seller(9),
        issued_on: "2026-11-22".parse().unwrap(),
        billed: billed(),
        credit,
    };
    let goods = Goods::from([(0, (item(1), seller(1))), (2, (item(2), seller(2)))]);
    row.figures(&goods).unwrap()
}

/// Net and gross of each rate: of the groups, and of the parts.
fn sums(figures: &Figures) -> [BTreeMap<u16, (i64, i64)>; 2] {
    let add = |groups: &mut dyn Iterator<Item = &Group>| {
        let mut sums = BTreeMap::<u16, (i64, i64)>::new();
        for group in groups {
            let sum = sums.entry(group.vat_rate.basis_points()).or_default();
            *sum = (sum.0 + group.net.amount(), sum.1 + group.gross.amount());
        }
        sums.retain(|_, sum| *sum != (0, 0));
        sums
    };
    let lines = figures.lines.iter().map(|line| &line.group);
    [
        add(&mut figures.groups.iter()),
        add(&mut lines.chain(&figures.charges)),
    ]
}

#[test]
fn an_invoice_is_the_sum_of_its_lines_and_charges() {
    let invoice = figures(None);
    let [groups, parts] = sums(&invoice);
    assert_eq!(groups, parts);
    let gross: i64 = groups.values().map(|(_, gross)| gross).sum();
    assert_eq!(gross, 3 * 333 + 1055 - 10 + 490);
    let [pens, book] = invoice.lines.as_slice() else {
        panic!("{invoice:?}");
    };
    assert_eq!((pens.item_id, pens.quantity), (item(2), 3));
    assert_eq!((book.item_id, book.seller_id), (item(1), seller(1)));
    assert!(invoice.opens_order);
}

#[test]
fn a_credit_note_is_the_sum_of_what_goes_back() {
    let bill = billed().bill;
    let piece = Piece {
        line: 0,
        quantity: Quantity::new(2).unwrap(),
    };
    for (what, pieces) in [
        (Return::Everything, 4),
        (Return::Amount(Money::eur(777)), 0),
        (
            Return::Pieces {
                lines: vec![piece],
                charges: vec![0],
            },
            2,
        ),
    ] {
        let outstanding = Outstanding::after(&bill, &[]).unwrap();
        let credit = outstanding.credit(&what).unwrap();
        let note = figures(Some(credit));
        let [groups, parts] = sums(&note);
        assert_eq!(groups, parts, "{what:?}");
        let back: i64 = note.lines.iter().map(|line| line.quantity).sum();
        assert_eq!(back, pieces, "{what:?}");
    }
}

#[test]
fn a_line_that_the_order_has_not_is_an_error() {
    let row = Row {
        id: 8,
        first_id: 7,
        merchant: MerchantId::Shop,
        order: OrderId::from_uuid(Uuid::nil()),
        client: seller(9),
        issued_on: "2026-11-22".parse().unwrap(),
        billed: billed(),
        credit: None,
    };
    assert!(row.figures(&Goods::new()).is_err());
}
