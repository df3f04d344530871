//! What the read model is made of: counts under names. A paper or an item adds some, and whatever is read is
//! one of these structures. Pure.

use std::fmt;
use std::str::FromStr;

use commerce::{Currency, InvalidId, UserId};
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeTuple, Serializer};

/// Whose figures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Papers in the shop's own name. Only sales are counted so.
    Shop,
    /// What a seller sells, in whoever's name.
    Seller(UserId),
}

/// Sums are kept in two fields of a hash, of which one counts by this many: so that no sum that is made of
/// amounts of 64 bits can overflow, and no script has to know a number. The field of the larger part has this
/// mark behind its entry.
const PART: i128 = 1_000_000_000_000;
const LARGE: char = '^';

/// One thing that is counted: in which structure, under which entry, how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    kind: Kind,
    structure: String,
    entry: String,
    amount: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A sum.
    Sum,
    /// A sum by which entries are ordered.
    Rank,
    /// An entry that is there or not, in the order of entries.
    Member,
}

impl Count {
    pub fn sum(structure: String, entry: String, amount: impl Into<i128>) -> Self {
        Self {
            kind: Kind::Sum,
            structure,
            entry,
            amount: amount.into(),
        }
    }

    pub fn rank(structure: String, entry: String, amount: impl Into<i128>) -> Self {
        Self {
            kind: Kind::Rank,
            ..Self::sum(structure, entry, amount)
        }
    }

    pub fn member(structure: String, entry: String) -> Self {
        Self {
            kind: Kind::Member,
            ..Self::sum(structure, entry, 1_i64)
        }
    }

    /// Nothing is not counted.
    pub fn is_something(&self) -> bool {
        self.amount != 0
    }

    #[cfg(test)]
    pub fn of(&self) -> (&str, &str, i64) {
        let amount = i64::try_from(self.amount).unwrap_or(i64::MAX);
        (&self.structure, &self.entry, amount)
    }
}

/// `["rank", structure, entry, small part, large part]`, as the scripts read it. The parts are text, because a
/// script would make floats of numbers.
impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(5)?;
        tuple.serialize_element(match self.kind {
            Kind::Sum => "sum",
            Kind::Rank => "rank",
            Kind::Member => "member",
        })?;
        tuple.serialize_element(&self.structure)?;
        tuple.serialize_element(&self.entry)?;
        tuple.serialize_element(&(self.amount % PART).to_string())?;
        tuple.serialize_element(&(self.amount / PART).to_string())?;
        tuple.end()
    }
}

/// A sum from its parts; the greatest or least that an amount can be, where it is past that.
pub fn whole(small: i64, large: i64) -> i64 {
    let sum = i128::from(large) * PART + i128::from(small);
    let limit = if sum < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(sum).unwrap_or(limit)
}

/// The entry whose large part a field is.
pub fn of_large_part(field: &str) -> Option<&str> {
    field.strip_suffix(LARGE)
}

/// Papers of a month, by day.
pub fn sales(scope: Scope, month: &str) -> String {
    format!("sales:{scope}:{month}")
}

/// Pieces of items, by how many.
pub fn sold(scope: Scope, currency: Currency) -> String {
    format!("sold:{scope}:{currency}")
}

/// What items have brought.
pub fn earned(scope: Scope, currency: Currency) -> String {
    format!("earned:{scope}:{currency}")
}

/// What clients have spent, by how much.
pub fn spent(scope: Scope, currency: Currency) -> String {
    format!("spent:{scope}:{currency}")
}

/// How many orders clients have paid.
pub fn orders(scope: Scope, currency: Currency) -> String {
    format!("orders:{scope}:{currency}")
}

/// Items by name: those below their minimum, and the others.
pub fn shelf(scope: Scope, is_low: bool) -> String {
    let part = if is_low { "low" } else { "fine" };
    format!("shelf:{scope}:{part}")
}

/// What suppliers deliver.
pub fn supply(scope: Scope) -> String {
    format!("supply:{scope}")
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::All => f.write_str("all"),
            Scope::Shop => f.write_str("shop"),
            Scope::Seller(seller) => seller.fmt(f),
        }
    }
}

/// `shop` or the id of a seller, as merchants are named.
impl FromStr for Scope {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "shop" => Ok(Scope::Shop),
            id => id.parse().map(Scope::Seller),
        }
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(amount: i128) -> (i64, i64) {
        let count = Count::sum("s".into(), "e".into(), amount);
        let json = serde_json::to_value(&count).unwrap();
        let part = |place: usize| json[place].as_str().unwrap().parse().unwrap();
        (part(3), part(4))
    }

    #[test]
    fn an_amount_that_no_float_holds_is_kept_whole() {
        let (small, large) = parts(100_000_000 * 1_001_000_000 + 1);
        assert_eq!(whole(small, large), 100_100_000_000_000_001);
        assert_eq!(whole(1, i64::MAX), i64::MAX);
        assert_eq!(whole(0, i64::MIN), i64::MIN);
    }

    #[test]
    fn the_field_of_a_large_part_names_its_entry() {
        assert_eq!(of_large_part("22:EUR:order^"), Some("22:EUR:order"));
        assert_eq!(of_large_part("22:EUR:order"), None);
    }

    proptest! {
        #[test]
        fn parts_add_up_whatever_is_added_and_taken_away(amounts in prop::collection::vec(any::<i64>(), 0..50)) {
            let sum: i128 = amounts.iter().copied().map(i128::from).sum();
            let all = amounts.iter().map(|amount| parts((*amount).into()));
            let (small, large) = all.fold((0, 0), |sums, parts| (sums.0 + parts.0, sums.1 + parts.1));
            let limit = if sum < 0 { i64::MIN } else { i64::MAX };
            prop_assert_eq!(whole(small, large), i64::try_from(sum).unwrap_or(limit));
        }

        /// However dear and however many.
        #[test]
        fn the_parts_of_any_price_times_any_stock_are_numbers_of_redis(
            price in 0..=1_000_000_000_000_i64, stock: i64,
        ) {
            let value = i128::from(price) * i128::from(stock);
            let (small, large) = parts(value);
            prop_assert_eq!(i128::from(large) * PART + i128::from(small), value);
        }
    }
}
