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
            once_per_customer: false,
        },
        uses: 0,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn off(discount: &Discount, goods: i64) -> Result<i64, Refusal> {
    let reduction = discount.reduce(Money::eur(goods), OwnUses::default(), NOW)?;
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
    let reduction = five
        .reduce(Money::eur(300), OwnUses::default(), NOW)
        .unwrap();
    assert_eq!(reduction.code, "BIENVENUE");
}

#[test]
fn a_code_is_good_from_its_beginning_to_before_its_end() {
    let mut code = discount(Off::Percent(10));
    code.terms.ends_at = Some(NOW.plus_ms(10));
    let at = |ms| {
        let reduced = code.reduce(Money::eur(100), OwnUses::default(), NOW.plus_ms(ms));
        reduced.err()
    };
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
    assert_eq!(off(&code, 1_999), Err(Refusal::BelowMinimum));
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

#[test]
fn a_code_for_each_customer_once_is_refused_to_who_has_it() {
    let mut code = discount(Off::Percent(10));
    let reduce = |code: &Discount, all, unpaid| {
        let own = OwnUses { all, unpaid };
        code.reduce(Money::eur(100), own, NOW).err()
    };
    assert_eq!(reduce(&code, 3, 1), None);
    code.terms.once_per_customer = true;
    assert_eq!(reduce(&code, 0, 0), None);
    assert_eq!(reduce(&code, 1, 0), Some(Refusal::UsedByCustomer));
}

#[test]
fn unpaid_orders_of_one_customer_hold_one_use_of_a_limited_code() {
    let mut code = discount(Off::Percent(10));
    code.terms.max_uses = Some(100);
    let own = |unpaid| OwnUses { all: 5, unpaid };
    assert!(code.reduce(Money::eur(100), own(0), NOW).is_ok());
    let refused = code.reduce(Money::eur(100), own(1), NOW);
    assert_eq!(refused, Err(Refusal::HeldByCustomer));
}

#[test]
fn every_refusal_reads_alike() {
    let told = |refusal: Refusal| Problem::from(refusal).members(commerce::Language::English);
    for refusal in [
        Refusal::NotYet,
        Refusal::Ended,
        Refusal::UsedUp,
        Refusal::UsedByCustomer,
        Refusal::HeldByCustomer,
        Refusal::BelowMinimum,
    ] {
        assert_eq!(told(refusal), told(Refusal::Unknown));
    }
}
