//! Whatever is accepted can be written, and reads back as it was: of every type that goes over the wire, from any
//! JSON that its parser takes.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::fmt::Debug;

use comptoir_commerce::address::AddressInput;
use comptoir_commerce::{
    Address, ApiKeyId, Country, Currency, ItemId, Language, Line, MerchantId, Money, OrderId,
    Price, Quantity, Timestamp, UserId, VatRate,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether the type took this text; what it took, it has written and read back.
fn survives<T>(json: &str) -> bool
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let Ok(value) = serde_json::from_str::<T>(json) else {
        return false;
    };
    let written = serde_json::to_string(&value).expect("what was accepted can be written");
    let again = serde_json::from_str::<T>(&written).expect("what was written can be read");
    assert_eq!(again, value, "{json} was written as {written}");
    true
}

/// As many of them as take it.
fn takers(json: &str) -> usize {
    let types = [
        survives::<Address>,
        survives::<AddressInput>,
        survives::<ApiKeyId>,
        survives::<Country>,
        survives::<Currency>,
        survives::<ItemId>,
        survives::<Language>,
        survives::<Line>,
        survives::<MerchantId>,
        survives::<Money>,
        survives::<OrderId>,
        survives::<Price>,
        survives::<Quantity>,
        survives::<Timestamp>,
        survives::<UserId>,
        survives::<VatRate>,
    ];
    types.iter().filter(|takes| takes(json)).count()
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        (-10..20_000_i64).prop_map(|number| number.to_string()),
        Just(i64::MIN.to_string()),
        Just(i64::MAX.to_string()),
        Just(u64::MAX.to_string()),
        Just("1e3".to_owned()),
        Just("-0".to_owned()),
        prop::sample::select(vec!["0", "210", "550", "1000", "2000"]).prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[A-Z]{2}",
        prop::sample::select(vec!["FR", "MQ", "EUR", "fr", "en", "shop"]).prop_map(str::to_owned),
        "[0-9a-fA-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])",
        "(0000|9999)-(01-01|12-31)T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](Z|[+-][0-2][0-9]:[0-5][0-9])",
        "\\PC{0,210}",
    ]
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn money() -> impl Strategy<Value = String> {
    number().prop_map(|amount| format!(r#"{{"amount":{amount},"currency":"EUR"}}"#))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_accepted_can_be_written(number in number(), text in text(), money in money()) {
        takers(&number);
        takers(&quoted(&text));
        takers(&money);
    }

    #[test]
    fn an_address_that_is_accepted_can_be_written(lines in prop::array::uniform5(text()), country in text()) {
        let [name, line1, line2, postal_code, city] = &lines;
        let field = |name: &str, text: &str| format!("{}:{}", quoted(name), quoted(text));
        let fields = [
            field("name", name), field("line1", line1), field("line2", line2),
            field("postal_code", postal_code), field("city", city), field("country", &country),
        ];
        takers(&format!("{{{}}}", fields.join(",")));
    }

    #[test]
    fn a_line_that_is_accepted_can_be_written(price in money(), rate in number(), quantity in number()) {
        takers(&format!(r#"{{"unit_price":{price},"vat_rate":{rate},"quantity":{quantity}}}"#));
    }
}

#[test]
fn every_type_takes_something() {
    let id = "\"01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e\"";
    for (json, takers_of_it) in [
        (r#"{"amount":1,"currency":"EUR"}"#, 2),
        ("1", 1),
        ("0", 1),
        ("\"FR\"", 1),
        ("\"EUR\"", 1),
        ("\"en\"", 1),
        ("\"shop\"", 1),
        (id, 5),
        ("\"2026-11-21T09:30:00+01:00\"", 1),
        (
            r#"{"name":"Zoé","line1":"1 rue","postal_code":"75011","city":"Paris","country":"FR"}"#,
            2,
        ),
        (
            r#"{"unit_price":{"amount":1,"currency":"EUR"},"vat_rate":2000,"quantity":1}"#,
            1,
        ),
    ] {
        assert_eq!(takers(json), takers_of_it, "{json}");
    }
}

#[test]
fn the_largest_order_that_can_be_asked_for_adds_up() {
    let line = Line {
        unit_price: Price::new(Money::eur(Price::MAX_AMOUNT)).unwrap().money(),
        vat_rate: VatRate::STANDARD,
        quantity: Quantity::new(Quantity::MAX).unwrap(),
    };
    let priced = comptoir_commerce::totals::price(&vec![line; 500]).unwrap();
    let written = serde_json::to_string(&priced).unwrap();
    let read: comptoir_commerce::Priced = serde_json::from_str(&written).unwrap();
    assert_eq!(read, priced);
    // Every client of JSON reads it exactly.
    assert!(priced.totals.gross.amount() < 1 << 53);
}
