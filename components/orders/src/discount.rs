//! Discounts: codes that a merchant gives out, which take something off the merchant's lines. Pure; how often
//! a code was used is counted by the database.

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
#[schema(value_type = String, min_length = 3, max_length = 30, example = "BIENVENUE")]
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
}

/// A discount as it is kept.
#[derive(Clone, Debug)]
pub struct Discount {
    pub code: Code,
    /// Whose lines it is for.
    pub merchant: MerchantId,
    pub terms: Terms,
    /// How many orders have it that did not end unpaid.
    pub uses: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u32,
}

/// Why a code takes nothing off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such code")]
    Unknown,
    #[error("the code is not good yet")]
    NotYet,
    #[error("the code is not good any more")]
    Ended,
    #[error("the code was used as often as it may be")]
    UsedUp,
    #[error("the code is of a merchant who sells nothing of this")]
    OtherMerchant,
    #[error("the goods come to less than the code asks for")]
    BelowMinimum { minimum: Money },
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
    pub fn reduce(&self, goods: Money, now: Timestamp) -> Result<Reduction, Refusal> {
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
        if goods.amount() < terms.minimum.amount() {
            let minimum = terms.minimum;
            return Err(Refusal::BelowMinimum { minimum });
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
        let (reason, fr, en) = match refusal {
            Refusal::Unknown => ("unknown", "Ce code n’existe pas", "There is no such code"),
            Refusal::NotYet => (
                "not_yet",
                "Ce code n’est pas encore valable",
                "This code is not good yet",
            ),
            Refusal::Ended => (
                "ended",
                "Ce code n’est plus valable",
                "This code is not good any more",
            ),
            Refusal::UsedUp => (
                "used_up",
                "Ce code a déjà servi",
                "This code was used already",
            ),
            Refusal::OtherMerchant => (
                "other_merchant",
                "Ce code est celui d’un autre vendeur",
                "This code is another seller’s",
            ),
            Refusal::BelowMinimum { .. } => (
                "below_minimum",
                "La commande n’atteint pas le minimum de ce code",
                "The order is below the minimum of this code",
            ),
        };
        let problem =
            Problem::conflict("discount-refused", Text::new(fr, en)).with("reason", reason);
        match refusal {
            Refusal::BelowMinimum { minimum } => {
                problem.with("minimum", serde_json::json!(minimum))
            }
            _ => problem,
        }
    }
}

#[cfg(test)]
pub mod tests;
