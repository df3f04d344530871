//! Amounts that a request may name, within limits that the OpenAPI document shows. On the wire they are [`Money`].

use std::ops::RangeInclusive;

use utoipa::openapi::schema::{
    AdditionalProperties, KnownFormat, ObjectBuilder, Ref, SchemaFormat, Type,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::language::Text;
use crate::money::{Currency, Money};
use crate::price::Price;

/// The most that a request names, in minor units: the largest whole number that every reader of JSON keeps as it is
/// (RFC 8259 §6), and more than any order comes to.
const MOST: i64 = 9_007_199_254_740_991;

/// The amount is not within the limits of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is between {least} and {most} minor units")]
pub struct OutOfLimits {
    least: i64,
    most: i64,
}

impl OutOfLimits {
    /// For the person who typed the amount.
    #[must_use]
    pub fn text(self) -> Text {
        let (least, most) = (Money::eur(self.least), Money::eur(self.most));
        Text::new(
            format!("De {} à {}", least.format_fr(), most.format_fr()),
            format!("From {} to {}", least.format_en(), most.format_en()),
        )
    }
}

macro_rules! limited_money {
    ($($(#[doc = $doc:literal])+ $name:ident: $limits:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(Money);

        impl $name {
            /// The amount, if it is within the limits.
            ///
            /// # Errors
            /// [`OutOfLimits`] when it is not.
            pub fn new(money: Money) -> Result<Self, OutOfLimits> {
                let limits = $limits;
                if limits.contains(&money.amount()) {
                    Ok(Self(money))
                } else {
                    let (least, most) = limits.into_inner();
                    Err(OutOfLimits { least, most })
                }
            }

            /// The amount.
            #[must_use]
            pub const fn money(self) -> Money {
                self.0
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                schema(concat!($($doc),+).trim(), $limits)
            }
        }

        impl ToSchema for $name {
            fn schemas(found: &mut Vec<(String, RefOr<Schema>)>) {
                schemas(found);
            }
        }
    )+};
}

limited_money! {
    /// An amount of nothing or more.
    UnsignedMoney: 0..=MOST;
    /// An amount of more than nothing.
    PositiveMoney: 1..=MOST;
    /// A price of more than nothing, up to a million euros.
    PositivePrice: 1..=Price::MAX_AMOUNT;
}

/// How the document shows an amount within limits.
pub(crate) fn schema(description: &str, limits: RangeInclusive<i64>) -> RefOr<Schema> {
    let amount = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some("Whole minor units: cents."))
        .minimum(Some(*limits.start()))
        .maximum(Some(*limits.end()))
        .examples([1999]);
    ObjectBuilder::new()
        .description(Some(description))
        .property("amount", amount)
        .required("amount")
        .property("currency", Ref::from_schema_name(Currency::name()))
        .required("currency")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .into()
}

/// What [`schema`] refers to.
pub(crate) fn schemas(found: &mut Vec<(String, RefOr<Schema>)>) {
    found.push((Currency::name().into_owned(), Currency::schema()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_lies_within_the_limits_of_its_kind() {
        for (amount, unsigned, positive, price) in [
            (-1, false, false, false),
            (0, true, false, false),
            (1, true, true, true),
            (Price::MAX_AMOUNT, true, true, true),
            (Price::MAX_AMOUNT + 1, true, true, false),
            (MOST, true, true, false),
            (MOST + 1, false, false, false),
            (i64::MIN, false, false, false),
        ] {
            let money = Money::eur(amount);
            assert_eq!(UnsignedMoney::new(money).is_ok(), unsigned, "{amount}");
            assert_eq!(PositiveMoney::new(money).is_ok(), positive, "{amount}");
            assert_eq!(PositivePrice::new(money).is_ok(), price, "{amount}");
        }
    }

    #[test]
    fn people_are_told_the_limits() {
        let text = PositivePrice::new(Money::eur(0)).unwrap_err().text();
        assert_eq!(text.en, "From €0.01 to €1,000,000.00");
        assert!(text.fr.starts_with("De 0,01"), "{}", text.fr);
    }

    #[test]
    fn the_document_shows_the_limits() {
        let schema = serde_json::to_value(PositivePrice::schema()).unwrap();
        assert_eq!(
            schema["description"],
            "A price of more than nothing, up to a million euros."
        );
        let amount = &schema["properties"]["amount"];
        assert_eq!(
            (&amount["minimum"], &amount["maximum"]),
            (&1.into(), &100_000_000.into())
        );
    }
}
