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

/// One thing that is counted: in which structure, under which entry, how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    kind: Kind,
    structure: String,
    entry: String,
    amount: i64,
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
    pub fn sum(structure: String, entry: String, amount: i64) -> Self {
        Self {
            kind: Kind::Sum,
            structure,
            entry,
            amount,
        }
    }

    pub fn rank(structure: String, entry: String, amount: i64) -> Self {
        Self {
            kind: Kind::Rank,
            ..Self::sum(structure, entry, amount)
        }
    }

    pub fn member(structure: String, entry: String) -> Self {
        Self {
            kind: Kind::Member,
            ..Self::sum(structure, entry, 1)
        }
    }

    /// Nothing is not counted.
    pub fn is_something(&self) -> bool {
        self.amount != 0
    }

    #[cfg(test)]
    pub fn of(&self) -> (&str, &str, i64) {
        (&self.structure, &self.entry, self.amount)
    }
}

/// `["rank", structure, entry, amount]`, as the scripts read it.
impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(4)?;
        tuple.serialize_element(match self.kind {
            Kind::Sum => "sum",
            Kind::Rank => "rank",
            Kind::Member => "member",
        })?;
        tuple.serialize_element(&self.structure)?;
        tuple.serialize_element(&self.entry)?;
        tuple.serialize_element(&self.amount)?;
        tuple.end()
    }
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
