//! Who sells, as papers say it: the shop itself, or a seller of the marketplace in their own name. Pure.

mod input;
mod shipping;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use commerce::MerchantId;
use commerce::totals::{Charge, Sale};
use commerce::{Address, Language, Money, Text, UserId, VatRate};
use invoice::{Means, Seller, Siren, Terms, Vat, VatNumber};
use serde::{Deserialize, Serialize};
use service::Problem;
use utoipa::ToSchema;

pub use input::{IdentityInput, no_siren, no_vat_number};
pub use shipping::Shipping;

use crate::destination::DeliversTo;
use crate::order::Line;
use crate::series::{Prefix, SeriesKind};

/// What papers say of a merchant, and how their numbers begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = MerchantIdentity)]
pub struct Identity {
    /// Legal name and seat.
    pub address: Address,
    /// The name over the door, where it is not the legal one.
    pub trade_name: Option<String>,
    #[schema(example = "SAS")]
    pub legal_form: String,
    /// The share capital, where the form has one.
    pub capital: Option<Money>,
    #[schema(value_type = String, pattern = "^[0-9]{9}$", example = "732829320")]
    pub siren: Siren,
    #[schema(example = "RCS Nantes")]
    pub register: Option<String>,
    #[schema(value_type = Option<String>, pattern = "^[A-Z]{2}[0-9A-Z+*]{2,14}$", example = "FR44732829320")]
    pub vat_number: Option<VatNumber>,
    /// For questions about papers.
    #[schema(format = "email")]
    pub email: String,
    /// `normal`, `on_debits` (CGI art. 269, 2 c) or `franchise` (art. 293 B: no VAT). An order keeps the one that it
    /// was placed under.
    pub vat: Vat,
    /// The article of law by which lines at 0 % bear no VAT; without it they are zero-rated.
    pub exemption: Option<String>,
    #[schema(value_type = String, max_length = 20, example = "F-2026-")]
    pub invoice_prefix: Prefix,
    #[schema(value_type = String, max_length = 20, example = "A-2026-")]
    pub credit_note_prefix: Prefix,
    /// How long a company that buys on terms may take to pay after delivery.
    #[schema(minimum = 0, maximum = 60)]
    pub payment_days: u8,
    /// How long an order that its client pays by transfer waits for the money, with its stock, from when it was
    /// placed.
    #[serde(default = "transfer_days")]
    #[schema(minimum = 1, maximum = 30)]
    pub transfer_days: u8,
    /// Where buyers pay to by transfer: such a company, and whoever pays before delivery.
    #[schema(
        pattern = "^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$",
        example = "FR7630006000011234567890189"
    )]
    pub iban: Option<String>,
    /// The penalty for paying late, if it is not the least that the law wants.
    pub late_payment: Option<Wording>,
    /// The discount for paying early, if there is one.
    pub early_payment: Option<Wording>,
    /// The language of documents for buyers who asked for none.
    pub language: Language,
    /// What an order pays for shipping; nothing if absent.
    #[serde(default)]
    pub shipping: Option<Shipping>,
    /// Where it delivers.
    #[serde(default)]
    pub delivers_to: DeliversTo,
}

/// A sentence in both languages of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    #[schema(max_length = 300)]
    pub fr: String,
    #[schema(max_length = 300)]
    pub en: String,
}

/// A merchant who was approved: who sells, as papers say it.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub id: MerchantId,
    pub identity: Identity,
    /// The digest of the logo's file.
    pub logo: Option<[u8; 32]>,
}

/// The merchants that sell the lines of an order.
#[derive(Clone, Debug)]
pub struct Merchants(HashMap<MerchantId, Merchant>);

/// How long an order that is paid by transfer waits for it, where the merchant says nothing else, in days.
pub const TRANSFER_DAYS: u8 = 7;

/// As identities are read that were kept before this was asked for.
fn transfer_days() -> u8 {
    TRANSFER_DAYS
}

/// Somebody sells, and nobody has said who that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shop has not said yet who sells")]
pub struct NotSetUp;

impl Merchants {
    pub fn new(merchants: Vec<Merchant>) -> Self {
        Self(merchants.into_iter().map(|one| (one.id, one)).collect())
    }

    /// In whose name a seller's lines are sold: their own if they have one, and else the shop's.
    pub fn of(&self, seller: UserId) -> Result<&Merchant, NotSetUp> {
        let own = self.0.get(&MerchantId::Seller(seller));
        own.or_else(|| self.0.get(&MerchantId::Shop))
            .ok_or(NotSetUp)
    }

    /// The one with this id; the shop stands in for a seller who does not sell in their own name any more.
    pub fn named(&self, id: MerchantId) -> Result<&Merchant, NotSetUp> {
        let shop = || self.0.get(&MerchantId::Shop);
        self.0.get(&id).or_else(shop).ok_or(NotSetUp)
    }

    /// The merchants of these lines with the positions of theirs, in the order of their series.
    pub fn share(&self, lines: &[Line]) -> Result<Vec<(&Merchant, Vec<usize>)>, NotSetUp> {
        let mut shares: BTreeMap<&Prefix, (&Merchant, Vec<usize>)> = BTreeMap::new();
        for (position, line) in lines.iter().enumerate() {
            let merchant = self.of(line.seller_id)?;
            let prefix = merchant.prefix(SeriesKind::Invoice);
            let (_, share) = shares.entry(prefix).or_insert((merchant, Vec::new()));
            share.push(position);
        }
        Ok(shares.into_values().collect())
    }
}

impl From<NotSetUp> for Problem {
    fn from(error: NotSetUp) -> Self {
        Problem::conflict(
            "shop-not-set-up",
            Text::new(
                "La boutique n’a pas encore dit qui vend",
                "The shop has not said yet who sells",
            ),
        )
        .detail(
            "Un administrateur le dit avec PUT /api/merchants/shop",
            "An admin says so with PUT /api/merchants/shop",
        )
        .caused_by(error)
    }
}

/// The ids under which the merchants of these sellers may be kept.
pub fn candidates(sellers: impl Iterator<Item = UserId>) -> BTreeSet<MerchantId> {
    sellers
        .map(MerchantId::Seller)
        .chain([MerchantId::Shop])
        .collect()
}

impl Merchant {
    pub fn prefix(&self, kind: SeriesKind) -> &Prefix {
        match kind {
            SeriesKind::Invoice => &self.identity.invoice_prefix,
            SeriesKind::CreditNote => &self.identity.credit_note_prefix,
        }
    }

    pub fn is_without_vat(&self) -> bool {
        self.identity.vat == Vat::Franchise
    }

    /// These lines of an order, sold as this merchant sells today.
    pub fn sell(&self, lines: Vec<usize>) -> Sale {
        Sale {
            without_vat: self.is_without_vat(),
            vat_number: self.identity.vat_number.clone().map(String::from),
            ..Sale::of(self.id, lines)
        }
    }

    /// What shipping adds to lines that come to so much.
    pub fn shipping(&self, goods: Money) -> Option<Charge> {
        let charge = self.identity.shipping?.charge(goods)?;
        Some(match self.is_without_vat() {
            true => Charge {
                vat_rate: Some(VatRate::ZERO),
                ..charge
            },
            false => charge,
        })
    }
}

impl Identity {
    /// As papers name the seller.
    pub fn seller(&self) -> Seller {
        Seller {
            trade_name: self.trade_name.clone(),
            address: self.address.clone(),
            legal_form: self.legal_form.clone(),
            capital: self.capital,
            siren: self.siren.clone(),
            register: self.register.clone(),
            vat_number: self.vat_number.clone(),
            email: self.email.clone(),
        }
    }

    /// What papers say of paying late and early.
    pub fn terms(&self, language: Language) -> Terms {
        let mut terms = Terms::standard(language);
        let chosen = |wording: &Wording| wording.in_language(language).to_owned();
        if let Some(late) = &self.late_payment {
            terms.late_payment = chosen(late);
        }
        if let Some(early) = &self.early_payment {
            terms.early_payment = chosen(early);
        }
        terms
    }

    /// How a company that buys on terms pays.
    pub fn transfer(&self) -> Means {
        match &self.iban {
            Some(iban) => Means::Transfer { iban: iban.clone() },
            None => Means::Other,
        }
    }
}

impl Wording {
    fn in_language(&self, language: Language) -> &str {
        match language {
            Language::French => &self.fr,
            Language::English => &self.en,
        }
    }
}

#[cfg(test)]
mod tests;
