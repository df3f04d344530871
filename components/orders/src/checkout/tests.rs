//! What is sold by whom, with which discount and shipping.

use commerce::{ItemId, Quantity, UserId};
use uuid::Uuid;

use super::*;
use crate::discount::tests::{NOW, discount};
use crate::discount::{Discount, Off, OwnUses};
use crate::merchant::{MerchantId, Shipping};
use crate::paper::tests::merchant;

fn seller(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn line(of: UserId, amount: i64, quantity: i64) -> Line {
    let (unit_price, quantity) = (Money::eur(amount), Quantity::new(quantity).unwrap());
    Line {
        item_id: ItemId::from_uuid(Uuid::from_u128(9)),
        name: "Thé".into(),
        seller_id: of,
        unit_price,
        vat_rate: VatRate::STANDARD,
        quantity,
        line_total: unit_price.checked_mul(quantity).unwrap(),
    }
}

/// A shop that ships for 4.90 and from 50.00 for nothing.
fn shop() -> Merchant {
    let mut shop = merchant(invoice::Vat::Normal);
    shop.identity.shipping = Some(Shipping {
        fee: Money::eur(490),
        vat_rate: None,
        free_from: Some(Money::eur(5_000)),
    });
    shop
}

fn code(of: MerchantId, off: Off) -> Offers {
    let discount = Discount {
        merchant: of,
        ..discount(off)
    };
    Offers([(of, (discount, OwnUses::default()))].into())
}

fn gross(lines: Vec<Line>, merchants: &Merchants, code: Option<&Offers>) -> i64 {
    let checkout = check_out(lines, merchants, None, code, NOW).unwrap();
    checkout.totals.gross.amount()
}

#[test]
fn shipping_is_free_by_what_is_left_after_the_discount() {
    let merchants = Merchants::new(vec![shop()]);
    let lines = |amount| vec![line(seller(1), amount, 1)];
    assert_eq!(gross(lines(4_999), &merchants, None), 4_999 + 490);
    assert_eq!(gross(lines(5_000), &merchants, None), 5_000);
    let ten = code(MerchantId::Shop, Off::Percent(10));
    assert_eq!(gross(lines(5_000), &merchants, Some(&ten)), 4_500 + 490);
    assert_eq!(gross(lines(6_000), &merchants, Some(&ten)), 5_400);
}

#[test]
fn a_code_is_for_the_lines_of_its_merchant() {
    let own = MerchantId::Seller(seller(2));
    let mut maker = merchant(invoice::Vat::Franchise);
    maker.id = own;
    maker.identity.invoice_prefix = crate::series::Prefix::parse("M-").unwrap();
    let merchants = Merchants::new(vec![shop(), maker]);
    let lines = vec![line(seller(1), 6_000, 1), line(seller(2), 1_000, 2)];
    let half = code(own, Off::Percent(50));
    let checkout = check_out(lines.clone(), &merchants, None, Some(&half), NOW).unwrap();
    assert_eq!(checkout.totals.gross, Money::eur(6_000 + 1_000));
    // The maker charges no VAT.
    assert_eq!(checkout.lines[1].vat_rate, VatRate::ZERO);
    assert_eq!(checkout.totals.vat, Money::eur(1_000));
    assert_eq!(
        order::discount(&checkout.sales).unwrap().amount,
        Money::eur(1_000)
    );
    let refused = check_out(lines[..1].to_vec(), &merchants, None, Some(&half), NOW);
    assert!(matches!(
        refused,
        Err(CheckoutError::Discount(Refusal::Unknown))
    ));
}

#[test]
fn a_code_of_two_merchants_takes_off_each_ones_lines_what_each_has_said() {
    let own = MerchantId::Seller(seller(2));
    let mut maker = merchant(invoice::Vat::Normal);
    maker.id = own;
    maker.identity.invoice_prefix = crate::series::Prefix::parse("M-").unwrap();
    let merchants = Merchants::new(vec![shop(), maker]);
    let lines = vec![line(seller(1), 6_000, 1), line(seller(2), 1_000, 2)];
    let mut both = code(own, Off::Percent(50));
    both.0.extend(code(MerchantId::Shop, Off::Percent(10)).0);
    let checkout = check_out(lines.clone(), &merchants, None, Some(&both), NOW).unwrap();
    let off = order::discount(&checkout.sales).unwrap();
    assert_eq!(
        (off.code.as_str(), off.amount),
        ("BIENVENUE", Money::eur(1_600))
    );
    // Where the shop's is used up, the maker's is still good.
    if let Some((shops, _)) = both.0.get_mut(&MerchantId::Shop) {
        (shops.terms.max_uses, shops.uses) = (Some(1), 1);
    }
    let checkout = check_out(lines.clone(), &merchants, None, Some(&both), NOW).unwrap();
    let off = order::discount(&checkout.sales).unwrap();
    assert_eq!(off.amount, Money::eur(1_000));
    let refused = check_out(lines[..1].to_vec(), &merchants, None, Some(&both), NOW);
    assert!(matches!(
        refused,
        Err(CheckoutError::Discount(Refusal::UsedUp))
    ));
}

#[test]
fn nothing_is_sold_while_nobody_is_known_to_sell() {
    let refused = check_out(
        vec![line(seller(1), 100, 1)],
        &Merchants::new(Vec::new()),
        None,
        None,
        NOW,
    );
    assert!(matches!(refused, Err(CheckoutError::NotSetUp(_))));
}
