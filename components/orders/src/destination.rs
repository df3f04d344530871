//! Where an order goes, and whether it can be sold there: where a merchant delivers, and where the VAT that its
//! prices include is the right one. Pure (docs/adr/0020).

use commerce::territory::can_bear_french_vat;
use commerce::{
    Address, BoundedList, BoundedText, Country, Language, MerchantId, Territory, Text,
    UnclearTerritory,
};
use invoice::Company;
use serde::{Deserialize, Serialize};
use service::{Invalid, Problem};
use utoipa::ToSchema;

/// The countries that a merchant names: at most the European Union and Monaco.
pub type Codes = BoundedList<BoundedText<64>, 28>;

/// The countries to which a merchant delivers, by code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Vec<Country>, example = json!(["FR", "MC"]))]
pub struct DeliversTo(Vec<Country>);

/// Where an order goes, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    territory: Territory,
    to_company: bool,
}

/// Why an order cannot be sold to its destination.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSoldThere {
    #[error("{merchant} does not deliver to {}", territory.code())]
    NotDelivered {
        merchant: MerchantId,
        territory: Territory,
        delivers_to: DeliversTo,
    },
    #[error("a company in {} is not charged French VAT", .0.code())]
    CompanyAbroad(Territory),
}

impl Default for DeliversTo {
    /// Metropolitan France with Corsica, and Monaco.
    fn default() -> Self {
        Self(vec![Country::FRANCE, Country::MONACO])
    }
}

impl DeliversTo {
    /// The countries that somebody names; the default if they name none.
    pub fn parse(codes: Option<Codes>, invalid: &mut Invalid) -> Option<Self> {
        let Some(codes) = codes else {
            return Some(Self::default());
        };
        if codes.is_empty() {
            let text = Text::new("Au moins un pays", "At least one country");
            invalid.refuse("/delivers_to", text);
            return None;
        }
        let parse = |(position, code): (usize, &BoundedText<64>)| {
            invalid.check(&format!("/delivers_to/{position}"), parse_country(code))
        };
        let countries: Vec<Option<Country>> = codes.iter().enumerate().map(parse).collect();
        let mut countries = countries.into_iter().collect::<Option<Vec<Country>>>()?;
        countries.sort_unstable();
        countries.dedup();
        Some(Self(countries))
    }

    fn includes(&self, territory: Territory) -> bool {
        let country = territory.country();
        country.is_some_and(|country| self.0.contains(&country))
    }

    fn names(&self, language: Language) -> String {
        let name = |country: &Country| {
            Territory::Country(*country)
                .name()
                .in_language(language)
                .to_owned()
        };
        self.0.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

fn parse_country(code: &str) -> Result<Country, Text> {
    let country: Country = code.parse().map_err(|_| {
        Text::new(
            "Un code de pays de deux lettres majuscules, comme FR",
            "A country code of two capital letters, such as FR",
        )
    })?;
    if can_bear_french_vat(country) {
        return Ok(country);
    }
    let name = Territory::Country(country).name();
    Err(Text::new(
        format!(
            "{} : la TVA française ne s’y applique pas, et ni l’exportation ni les taux d’outre-mer ne sont pris en charge",
            name.in_language(Language::French)
        ),
        format!(
            "{}: French VAT does not apply there, and neither exports nor the rates of overseas France are supported",
            name.in_language(Language::English)
        ),
    ))
}

impl Destination {
    /// Where the goods go decides, not where the bill goes.
    pub fn new(address: &Address, company: Option<&Company>) -> Result<Self, UnclearTerritory> {
        Ok(Self {
            territory: Territory::of(address)?,
            to_company: company.is_some(),
        })
    }

    /// The same for an address in a body, or nothing and a note of what was wrong.
    pub fn parse(
        pointer: &str,
        address: &Address,
        company: Option<&Company>,
        invalid: &mut Invalid,
    ) -> Option<Self> {
        let found = Self::new(address, company).map_err(|UnclearTerritory(_)| {
            Text::new(
                "Ce code postal n’est pas de ce pays, où la TVA dépend de lui",
                "This is no postal code of this country, where VAT depends on it",
            )
        });
        invalid.check(&format!("{pointer}/postal_code"), found)
    }

    /// Whether a merchant sells there.
    pub fn check(
        &self,
        merchant: MerchantId,
        delivers_to: &DeliversTo,
    ) -> Result<(), NotSoldThere> {
        let territory = self.territory;
        if !delivers_to.includes(territory) {
            return Err(NotSoldThere::NotDelivered {
                merchant,
                territory,
                delivers_to: delivers_to.clone(),
            });
        }
        if self.to_company && !territory.is_french() {
            return Err(NotSoldThere::CompanyAbroad(territory));
        }
        Ok(())
    }
}

impl From<NotSoldThere> for Problem {
    fn from(error: NotSoldThere) -> Self {
        match &error {
            NotSoldThere::NotDelivered {
                merchant,
                territory,
                delivers_to,
            } => {
                let say = |language, no: &str, possible: &str| {
                    let name = territory.name();
                    format!("{no}{}. {possible}{}.", name.in_language(language), delivers_to.names(language))
                };
                Problem::conflict(
                    "not-delivered-there",
                    Text::new(
                        "Le vendeur ne livre pas à cette adresse",
                        "The seller does not deliver to this address",
                    ),
                )
                .detail(
                    say(Language::French, "Destination non desservie : ", "Destinations possibles : "),
                    say(Language::English, "Not delivered to: ", "Delivered to: "),
                )
                .with("territory", territory.code())
                .with("delivers_to", serde_json::json!(delivers_to))
                .with("merchant", merchant.to_string())
            }
            NotSoldThere::CompanyAbroad(territory) => {
                let (fr, en) = (territory.name(), territory.name());
                Problem::conflict(
                    "company-abroad",
                    Text::new(
                        "Une entreprise n’est livrée qu’en France et à Monaco",
                        "Companies are delivered to in France and Monaco only",
                    ),
                )
                .detail(
                    format!(
                        "{} : la TVA française ne s’applique pas à cette vente, et l’autoliquidation n’est pas prise en charge.",
                        fr.in_language(Language::French)
                    ),
                    format!(
                        "{}: French VAT does not apply to this sale, and reverse charge is not supported.",
                        en.in_language(Language::English)
                    ),
                )
                .with("territory", territory.code())
            }
        }
        .caused_by(error)
    }
}

#[cfg(test)]
mod tests;
