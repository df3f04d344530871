//! What carts hold and come to.

use commerce::{Price, VatRate};
use http::StatusCode;
use service::Problem;

use super::*;
use crate::offer::Offer;

fn id(number: u8) -> ItemId {
    ItemId::from_bytes([number; 16])
}

fn line(number: u8, quantity: i64) -> CartLine {
    CartLine {
        item_id: id(number),
        quantity: Quantity::new(quantity).unwrap(),
        name: format!("old name {number}"),
    }
}

fn offer(number: u8, cents: i64, rate: u16) -> Offer {
    Offer {
        id: id(number),
        name: format!("item {number}"),
        price: Price::new(Money::eur(cents)).unwrap(),
        vat_rate: VatRate::new(rate).unwrap(),
        available: 3,
    }
}

fn cart(lines: Vec<CartLine>) -> Cart {
    Cart { version: 1, lines }
}

#[test]
fn lines_keep_their_order_and_cost_what_the_catalogue_says_now() {
    let offers = Offers::new(
        [id(1), id(2)],
        vec![offer(1, 1000, 2000), offer(2, 550, 550)],
    );
    let shown = cart(vec![line(2, 2), line(1, 3)]).price(&offers).unwrap();
    let lines: Vec<_> = shown
        .lines
        .iter()
        .map(|line| (line.name.as_str(), line.unit_price, line.line_total))
        .collect();
    assert_eq!(
        lines,
        [
            ("item 2", Some(Money::eur(550)), Some(Money::eur(1100))),
            ("item 1", Some(Money::eur(1000)), Some(Money::eur(3000))),
        ]
    );
    assert_eq!(shown.totals.gross, Money::eur(4100));
    assert_eq!(shown.totals.vat, Money::eur(557));
    assert_eq!(shown.totals.by_rate.len(), 2);
}

#[test]
fn an_item_that_is_gone_keeps_its_line_and_its_name_outside_of_the_totals() {
    let offers = Offers::new([id(1), id(2)], vec![offer(2, 550, 2000)]);
    let shown = cart(vec![line(1, 2), line(2, 1)]).price(&offers).unwrap();
    assert_eq!(
        shown.lines[0],
        PricedLine {
            item_id: id(1),
            name: "old name 1".into(),
            quantity: Quantity::new(2).unwrap(),
            unit_price: None,
            line_total: None,
            available: 0,
        }
    );
    assert_eq!(shown.lines[1].line_total, Some(Money::eur(550)));
    assert_eq!(shown.totals.gross, Money::eur(550));
}

#[test]
fn an_empty_cart_comes_to_nothing() {
    let shown = Cart::default().price(&Offers::default()).unwrap();
    assert_eq!(shown.totals.gross, Money::eur(0));
    assert!(shown.lines.is_empty() && shown.totals.by_rate.is_empty());
}

#[test]
fn the_largest_cart_has_a_total() {
    let lines: Vec<_> = (0..100).map(|number| line(number, Quantity::MAX)).collect();
    let asked: Vec<_> = lines.iter().map(|line| line.item_id).collect();
    let found = (0..100).map(|number| offer(number, Price::MAX_AMOUNT, 2000));
    let shown = cart(lines)
        .price(&Offers::new(asked, found.collect()))
        .unwrap();
    let most = 100 * Quantity::MAX * Price::MAX_AMOUNT;
    assert_eq!(shown.totals.gross, Money::eur(most));
}

#[test]
fn a_whole_cart_has_each_item_once() {
    let refused = |wishes: Vec<(ItemId, i64)>| {
        let mut invalid = Invalid::new();
        let checked = check_wishes(&mut invalid, wishes.into_iter());
        invalid.finish().map(|()| checked.len())
    };
    let status = |refusal: Result<usize, Problem>| refusal.unwrap_err().status();
    let hundred: Vec<_> = (0..100).map(|number| (id(number), 1)).collect();
    assert_eq!(refused(hundred).unwrap(), 100);
    assert_eq!(refused(vec![]).unwrap(), 0);
    for wishes in [
        vec![(id(1), 1), (id(1), 2)],
        vec![(id(1), 0)],
        vec![(id(1), 10_000)],
    ] {
        assert_eq!(status(refused(wishes)), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[test]
fn only_what_is_for_sale_becomes_a_line() {
    let offers = Offers::new([id(1), id(2)], vec![offer(1, 100, 2000)]);
    let wish = |number| Wish {
        item_id: id(number),
        quantity: Quantity::new(1).unwrap(),
    };
    let mut invalid = Invalid::new();
    assert_eq!(
        wish(1)
            .name(&offers, &mut invalid, "/item_id")
            .unwrap()
            .name,
        "item 1"
    );
    assert!(wish(2).name(&offers, &mut invalid, "/item_id").is_none());
    assert!(invalid.finish().is_err());
}
