//! Where goods go, as the law of VAT sees it, which is not always the country in the address.
//!
//! The VAT area of the European Union leaves out parts of its countries, and France has overseas departments
//! and territories that have codes of their own and French postal codes too. A [`Territory`] is found from the
//! country and the postal code, whichever way the place was written.
//!
//! Sources: Directive 2006/112/EC art. 5 to 8 (what the VAT area leaves out; Monaco counts as France, Northern
//! Ireland as a member state for goods), CGI art. 256-0 and 294 to 296 quinquies (Guadeloupe, Martinique and
//! Réunion have VAT rates of their own, Guiana and Mayotte none), La Poste for postal codes 97 and 98.

mod special;

use crate::address::Address;
use crate::country::Country;
use crate::language::Text;

/// A country, or a part of one that has VAT rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Territory {
    /// What belongs to a country without being part of its VAT area, or is in no register of countries.
    Special(&'static Special),
    /// A country, less what is special in it; metropolitan France with Corsica, for France.
    Country(Country),
}

/// A territory that has no country code of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Special {
    /// Stable, for programs.
    code: &'static str,
    fr: &'static str,
    en: &'static str,
}

/// The postal code cannot be read, and in this country taxes depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the postal code does not tell which territory of {0} this is")]
pub struct UnclearTerritory(pub Country);

impl Territory {
    /// The territory of an address.
    ///
    /// # Errors
    /// [`UnclearTerritory`] where the country has territories with other taxes and the postal code is none of
    /// that country.
    pub fn of(address: &Address) -> Result<Self, UnclearTerritory> {
        special::find(address.country, &address.postal_code)
    }

    /// The code of the country, or the territory's own.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Country(country) => country.code(),
            Self::Special(special) => special.code,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Country(Country::FRANCE) => Text::new(
                "France métropolitaine (Corse comprise)",
                "metropolitan France (with Corsica)",
            ),
            Self::Country(country) => country.name(),
            Self::Special(special) => Text::new(special.fr, special.en),
        }
    }

    /// The country, if all of the territory's goods are taxed as in that country.
    #[must_use]
    pub const fn country(self) -> Option<Country> {
        match self {
            Self::Country(country) => Some(country),
            Self::Special(_) => None,
        }
    }

    /// Whether goods that arrive here are sold in France, as VAT sees it: Monaco is France (CGI art. 256-0, 2).
    #[must_use]
    pub fn is_french(self) -> bool {
        matches!(self.country(), Some(Country::FRANCE | Country::MONACO))
    }
}

/// Member states of the European Union: with Monaco, the countries to which French VAT can be charged.
const MEMBER_STATES: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether goods from France can be sold to a consumer there with French VAT: in France and Monaco always, and
/// in the rest of the European Union while the seller stays below the threshold of distance sales (Directive
/// 2006/112/EC art. 59c, CGI art. 258 A and 259 D).
#[must_use]
pub fn can_bear_french_vat(country: Country) -> bool {
    country == Country::MONACO || MEMBER_STATES.contains(&country.code())
}

#[cfg(test)]
mod tests;
