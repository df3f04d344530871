//! What codes take off, and when.

use super::*;

pub const NOW: Timestamp = Timestamp::from_unix_ms(1_000_000);

/// A code of the shop that is good from now on.
pub fn discount(off: Off) -> Discount {
    Discount {
        code: Code::parse("bienvenue").unwrap(),
        merchant: MerchantId::Shop,
        terms: Terms {
            off,
            minimum: Money::eur(0),
            starts_at: NOW,
            ends_at: None,
            max_uses: None,
        },
        uses: 0,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn off(discount: &Discount, goods: i64) -> Result<i64, Refusal> {
    let reduction = discount.reduce(Money::eur(goods), NOW)?;
    Ok(reduction.amount.amount())
}

#[test]
fn a_percentage_is_rounded_half_up() {
    let ten = discount(Off::Percent(10));
    assert_eq!(off(&ten, 1_000), Ok(100));
    assert_eq!(off(&ten, 1_005), Ok(101));
    assert_eq!(off(&ten, 1_004), Ok(100));
    assert_eq!(off(&discount(Off::Percent(100)), i64::MAX), Ok(i64::MAX));
}

#[test]
fn an_amount_is_never_more_than_the_goods() {
    let five = discount(Off::Amount(Money::eur(500)));
    assert_eq!(off(&five, 1_000), Ok(500));
    assert_eq!(off(&five, 300), Ok(300));
    let reduction = five.reduce(Money::eur(300), NOW).unwrap();
    assert_eq!(reduction.code, "BIENVENUE");
}

#[test]
fn a_code_is_good_from_its_beginning_to_before_its_end() {
    let mut code = discount(Off::Percent(10));
    code.terms.ends_at = Some(NOW.plus_ms(10));
    let at = |ms| code.reduce(Money::eur(100), NOW.plus_ms(ms)).err();
    assert_eq!(at(-1), Some(Refusal::NotYet));
    assert_eq!(at(0), None);
    assert_eq!(at(9), None);
    assert_eq!(at(10), Some(Refusal::Ended));
}

#[test]
fn a_code_asks_for_its_minimum_and_for_a_use_that_is_left() {
    let mut code = discount(Off::Percent(10));
    code.terms.minimum = Money::eur(2_000);
    code.terms.max_uses = Some(2);
    let minimum = Money::eur(2_000);
    assert_eq!(off(&code, 1_999), Err(Refusal::BelowMinimum { minimum }));
    code.uses = 1;
    assert_eq!(off(&code, 2_000), Ok(200));
    code.uses = 2;
    assert_eq!(off(&code, 2_000), Err(Refusal::UsedUp));
}

#[test]
fn a_code_is_typed_in_any_case_and_nothing_else_is_one() {
    assert_eq!(Code::parse("Noël").ok(), None);
    assert_eq!(Code::parse("ab").ok(), None);
    assert_eq!(Code::parse("a b c").ok(), None);
    assert_eq!(Code::parse("ete-2026").unwrap().as_str(), "ETE-2026");
}
