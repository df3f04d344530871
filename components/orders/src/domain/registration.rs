//! How somebody comes to sell in their own name: a seller proposes an identity, and an admin approves it. The shop's
//! own is an admin's word from the beginning. What waits for approval is on no paper, and keeps nothing from
//! others.

use commerce::{MerchantId, Text, Timestamp};

use crate::merchant::Identity;
use crate::series::{Prefix, SeriesKind};

/// A merchant as it is kept, approved or not.
#[derive(Clone, Debug)]
pub struct Registration {
    pub id: MerchantId,
    /// Counts those who were ever registered; the prefixes of a seller's papers are made of it.
    pub number: u64,
    /// What papers say.
    pub approved: Option<Identity>,
    /// What waits for an admin.
    pub proposal: Option<Identity>,
    /// The digest of the logo's file.
    pub logo: Option<[u8; 32]>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u32,
}

/// What the prefixes of a merchant's papers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefixes {
    pub invoices: Prefix,
    pub credit_notes: Prefix,
}

impl Registration {
    /// Notes that something of it was changed.
    pub fn changed(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }

    /// The identity that counts, or else the one that waits.
    pub fn shown(&self) -> Option<&Identity> {
        self.approved.as_ref().or(self.proposal.as_ref())
    }

    /// The prefixes that a seller's papers have: those of before, or the ones that the shop gives to newcomers.
    pub fn prefixes(&self) -> Result<Prefixes, Text> {
        match self.shown() {
            Some(known) => Ok(Prefixes {
                invoices: known.invoice_prefix.clone(),
                credit_notes: known.credit_note_prefix.clone(),
            }),
            None => Prefixes::of_seller(self.number),
        }
    }
}

impl Prefixes {
    /// Those of the seller who was registered as the `number`th.
    pub fn of_seller(number: u64) -> Result<Self, Text> {
        Ok(Self {
            invoices: Prefix::parse(&format!("V{number}F-"))?,
            credit_notes: Prefix::parse(&format!("V{number}A-"))?,
        })
    }

    pub fn of(&self, kind: SeriesKind) -> &Prefix {
        match kind {
            SeriesKind::Invoice => &self.invoices,
            SeriesKind::CreditNote => &self.credit_notes,
        }
    }
}

/// Whether a prefix looks like one that the shop gives to sellers, and so is for nobody to choose.
pub fn is_of_sellers(prefix: &Prefix) -> bool {
    let text = prefix.as_str().to_ascii_uppercase();
    let Some(rest) = text.strip_prefix('V') else {
        return false;
    };
    let number = rest.strip_suffix("F-").or(rest.strip_suffix("A-"));
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_sellers_are_theirs_alone() {
        let seven = Prefixes::of_seller(7).unwrap();
        assert_eq!(seven.of(SeriesKind::Invoice).as_str(), "V7F-");
        assert_eq!(seven.of(SeriesKind::CreditNote).as_str(), "V7A-");
        assert!(
            Prefixes::of_seller(u64::MAX).is_err(),
            "21 digits are no prefix"
        );
        for taken in ["V7F-", "v12A-", "V007f-"] {
            assert!(is_of_sellers(&Prefix::parse(taken).unwrap()), "{taken}");
        }
        for free in ["F-", "VF-", "V-", "VENTE-2026-", "V7X-", "F7F-", "V7F-A-"] {
            assert!(!is_of_sellers(&Prefix::parse(free).unwrap()), "{free}");
        }
    }
}
