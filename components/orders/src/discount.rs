//! Discounts: codes that a merchant gives out, which take something off the merchant's lines. Pure; how often
//! a code was used is counted by the database.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use commerce::totals::Reduction;
use commerce::{MerchantId, Money, Text, Timestamp};
use serde::{Deserialize, Serialize};
use service::Problem;
use utoipa::ToSchema;

/// The longest code.
const MAX_CODE: usize = 30;

/// What clients type: letters, digits, `-` and `_`, read as capitals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 3, max_length = 30, pattern = "^[A-Za-z0-9_-]+$", example = "BIENVENUE")]
pub struct Code(String);

/// What a code takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// From 1 to 100 % of the goods.
    Percent(u8),
    /// An amount, VAT included; less where the goods cost less.
    Amount(Money),
}

/// When a code is good, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub off: Off,
    /// What the merchant's lines must come to.
    pub minimum: Money,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    /// How many orders may have it, if that is limited.
    pub max_uses: Option<u32>,
    /// Whether each customer may have it in one order only.
    pub once_per_customer: bool,
}

/// A discount as it is kept.
#[derive(Clone, Debug)]
pub struct Discount {
    pub code: Code,
    /// Whose lines it is for.
    pub merchant: MerchantId,
    pub terms: Terms,
    /// How many orders use it, since the code was first given out.
    pub uses: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u32,
}

/// Orders of one customer that use a code already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnUses {
    /// All of them.
    pub all: i64,
    /// Those that are still to be paid.
    pub unpaid: i64,
}

/// What merchants have given out under one code, as it is for one customer.
#[derive(Clone, Debug, Default)]
pub struct Offers(pub HashMap<MerchantId, (Discount, OwnUses)>);

impl Offers {
    /// What the merchant's code takes off lines of theirs that come to so much.
    pub fn reduce(
        &self,
        merchant: MerchantId,
        goods: Money,
        now: Timestamp,
    ) -> Result<Reduction, Refusal> {
        let (discount, own) = self.0.get(&merchant).ok_or(Refusal::Unknown)?;
        discount.reduce(goods, *own, now)
    }
}

/// Why a code takes nothing off. Only the log tells: who could learn it could find out which codes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no merchant of the order has such a code")]
    Unknown,
    #[error("the code is not good yet")]
    NotYet,
    #[error("the code is not good any more")]
    Ended,
    #[error("the code was used as often as it may be")]
    UsedUp,
    #[error("the customer has used the code")]
    UsedByCustomer,
    #[error("an unpaid order of the customer has the code")]
    HeldByCustomer,
    #[error("the goods come to less than the code asks for")]
    BelowMinimum,
}

impl Code {
    pub fn parse(text: &str) -> Result<Self, Text> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (3..=MAX_CODE).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(Text::new(
                "De 3 à 30 lettres, chiffres, - ou _",
                "From 3 to 30 letters, digits, - or _",
            ))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Discount {
    /// What it takes off the merchant's lines now, which come to so much.
    pub fn reduce(&self, goods: Money, own: OwnUses, now: Timestamp) -> Result<Reduction, Refusal> {
        let terms = &self.terms;
        if now < terms.starts_at {
            return Err(Refusal::NotYet);
        }
        if terms.ends_at.is_some_and(|end| now >= end) {
            return Err(Refusal::Ended);
        }
        if terms.max_uses.is_some_and(|most| self.uses >= most) {
            return Err(Refusal::UsedUp);
        }
        if terms.once_per_customer && own.all > 0 {
            return Err(Refusal::UsedByCustomer);
        }
        // Else one customer could use a code up with orders that are never paid.
        if terms.max_uses.is_some() && own.unpaid > 0 {
            return Err(Refusal::HeldByCustomer);
        }
        if goods.amount() < terms.minimum.amount() {
            return Err(Refusal::BelowMinimum);
        }
        let amount = match terms.off {
            Off::Percent(percent) => goods.percent(percent),
            Off::Amount(amount) => Ok(amount),
        };
        // A part of what fits does fit.
        let amount = amount.map_or(goods, |amount| match amount.amount() > goods.amount() {
            true => goods,
            false => amount,
        });
        Ok(Reduction {
            code: self.code.as_str().to_owned(),
            amount,
        })
    }
}

impl FromStr for Code {
    type Err = Text;

    fn from_str(text: &str) -> Result<Self, Text> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|_| format!("no discount has the code {text}"))
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Problem::conflict(
            "discount-refused",
            Text::new(
                "Ce code ne s’applique pas à cette commande",
                "This code does not apply to this order",
            ),
        )
        .detail(
            "Vérifiez son orthographe, ses dates, son minimum d’achat, les articles concernés, et qu’il n’a pas \
             déjà servi",
            "Check its spelling, its dates, its minimum, the items that it is for, and that it was not used before",
        )
        .caused_by(refusal)
    }
}

#[cfg(test)]
pub mod tests;
