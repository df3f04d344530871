//! What an invoice, a credit note or a pro forma says: the snapshot that is stored when it is
//! issued, and from which its XML and its pages are made again, byte for byte, ten years later.
//!
//! Plain values: amounts come from `commerce::totals`, texts from whoever issues it. Nothing here
//! changes after it was issued. BT and BG numbers are those of EN 16931-1; what French law wants is
//! in CGI annexe II art. 242 nonies A and C. com. L441-9.

use commerce::{Address, Language, Money, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::civil::Day;
use crate::identity::{Number, Siren};
use crate::items::Items;
use crate::vat_number::VatNumber;

/// A paper to print, and, unless it is a pro forma, to write as XML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    /// What it is, and its number if it has one.
    pub kind: Kind,
    /// When it was issued (BT-2 is the day of that in Paris).
    pub issued_at: Timestamp,
    /// When the goods arrived (BT-72), if they have.
    #[serde(default)]
    pub supplied_on: Option<Day>,
    /// The language of the pages, and of the texts in the XML.
    pub language: Language,
    /// What is sold (BT-23).
    pub nature: Nature,
    /// Who sells.
    pub seller: Seller,
    /// Who buys.
    pub buyer: Buyer,
    /// Where the goods go, if not to the buyer (BG-13).
    pub delivery: Option<Address>,
    /// How VAT is dealt with.
    pub vat: Vat,
    /// Why lines at 0 % bear no VAT outside the franchise (BT-120), as the article of law says it.
    /// Without a reason they are zero-rated.
    pub exemption: Option<String>,
    /// Lines, allowances, charges and totals.
    pub items: Items,
    /// Whether and how it is paid.
    pub payment: Payment,
    /// What the law wants said about paying late or early.
    pub terms: Terms,
    /// The order that it belongs to.
    pub order: Order,
}

/// Which paper it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An invoice (BT-3: 380).
    Invoice {
        /// BT-1.
        number: Number,
    },
    /// A credit note (BT-3: 381).
    CreditNote {
        /// BT-1.
        number: Number,
        /// The invoice that it corrects.
        of: Original,
        /// Why, in the words of whoever gave the money back.
        #[serde(default)]
        reason: Option<String>,
    },
    /// The confirmation of an order. No invoice, no number, and it says so.
    ProForma,
}

/// The invoice that a credit note corrects (BG-3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// BT-25.
    pub number: Number,
    /// BT-26.
    pub issued_on: Day,
}

/// What is sold: with the state of the payment it makes the business process (BT-23).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// B1, B2.
    #[default]
    Goods,
    /// S1, S2.
    Services,
    /// M1, M2.
    Mixed,
}

/// Who sells (BG-4). The name is that of the address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seller {
    /// The name over the door, where it is not the legal one (BT-28).
    pub trade_name: Option<String>,
    /// Legal name (BT-27) and address (BG-5).
    pub address: Address,
    /// `SAS`, `SARL`, `EI` …
    pub legal_form: String,
    /// The share capital, where the form has one.
    pub capital: Option<Money>,
    /// BT-30; also the electronic address (BT-34, scheme 0225).
    pub siren: Siren,
    /// `RCS Nantes`, or the register of trades.
    pub register: Option<String>,
    /// BT-31; a business under the franchise may have none.
    pub vat_number: Option<VatNumber>,
    /// For questions (BT-43).
    pub email: String,
}

/// Who buys (BG-7). The name is that of the address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Buyer {
    /// Name (BT-44) and address (BG-8).
    pub address: Address,
    /// The electronic address of a consumer (BT-49, scheme EM).
    pub email: String,
    /// For a business.
    pub company: Option<Company>,
}

/// What identifies a buyer that is a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// BT-47 and BT-49; a foreign business has none.
    pub siren: Option<Siren>,
    /// BT-48.
    pub vat_number: Option<VatNumber>,
    /// The buyer's own reference of the purchase (BT-13).
    pub purchase_order: Option<String>,
}

/// Why numbers do not identify a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompanyError {
    /// No SIREN, and no VAT number that tells who it is.
    #[error("a company has a SIREN or a VAT number")]
    Unidentified,
    /// The French VAT number contains another SIREN.
    #[error("the VAT number is another company's than the SIREN")]
    Contradicts,
    /// A SIREN, and a VAT number of another country: nothing says that both are one company's.
    #[error("a French company has a French VAT number")]
    TwoCountries,
}

impl Company {
    /// The company that these numbers identify. A French VAT number contains its SIREN.
    ///
    /// # Errors
    /// [`CompanyError`] where they identify none, or two.
    pub fn identified(
        siren: Option<Siren>,
        vat_number: Option<VatNumber>,
        purchase_order: Option<String>,
    ) -> Result<Self, CompanyError> {
        let Some(number) = &vat_number else {
            siren.as_ref().ok_or(CompanyError::Unidentified)?;
            return Ok(Self {
                siren,
                vat_number,
                purchase_order,
            });
        };
        let siren = match (siren, number.siren()) {
            (Some(given), Some(contained)) if given != contained => {
                return Err(CompanyError::Contradicts);
            }
            (Some(_), None) => return Err(CompanyError::TwoCountries),
            (given, contained) => given.or(contained),
        };
        Ok(Self {
            siren,
            vat_number,
            purchase_order,
        })
    }

    /// Whether it is in no French register: its invoices are of international trade (BR-FR-20).
    #[must_use]
    pub const fn is_foreign(&self) -> bool {
        self.siren.is_none()
    }
}

/// How VAT is dealt with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VatRegime)]
pub enum Vat {
    /// Due when the law says.
    #[default]
    Normal,
    /// The seller chose to pay it when it invoices ("d'après les débits").
    OnDebits,
    /// CGI art. 293 B: none.
    Franchise,
}

/// Whether and how it is paid, or, for a credit note, paid back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// Paid in full.
    Paid {
        /// On which day (BT-9).
        on: Day,
        /// BG-16.
        means: Means,
    },
    /// To be paid.
    Due {
        /// Until which day (BT-9).
        on: Day,
        /// BG-16.
        means: Means,
    },
    /// To be paid so many days after goods that have not arrived yet: no day is known, and only a pro forma
    /// says so.
    AfterDelivery {
        /// How many days.
        days: u8,
        /// BG-16.
        means: Means,
    },
}

/// How money moves (BT-81, UNTDID 4461).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// 48.
    Card,
    /// 30, to this account (BT-84).
    Transfer {
        /// The account of whoever receives the money.
        iban: String,
    },
    /// 97: not at all; what is given back is taken off an invoice that was not paid.
    SetOff,
    /// 1: agreed upon otherwise.
    Other,
}

/// What the law wants said about paying (C. com. L441-9, L441-10, D441-5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// PMD: the rate of late-payment penalties.
    pub late_payment: String,
    /// PMT: the indemnity for recovery costs.
    pub recovery: String,
    /// AAB: the discount for paying early, or that there is none.
    pub early_payment: String,
}

/// The order that a paper belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// BT-14; for a consumer also BT-13.
    pub number: String,
    /// The day of it.
    pub placed_on: Day,
}

impl Invoice {
    /// The number, unless it is a pro forma.
    #[must_use]
    pub const fn number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Invoice { number } | Kind::CreditNote { number, .. } => Some(number),
            Kind::ProForma => None,
        }
    }

    /// The day in Paris on which it was issued (BT-2).
    #[must_use]
    pub const fn issued_on(&self) -> Day {
        Day::in_paris(self.issued_at)
    }

    /// What is still to be paid (BT-115).
    #[must_use]
    pub const fn due(&self) -> Money {
        let gross = self.items.totals.gross;
        match self.payment {
            Payment::Paid { .. } => Money::zero(gross.currency()),
            Payment::Due { .. } | Payment::AfterDelivery { .. } => gross,
        }
    }
}

impl Payment {
    /// The day of it (BT-9), if it is known.
    #[must_use]
    pub const fn day(&self) -> Option<Day> {
        match self {
            Self::Paid { on, .. } | Self::Due { on, .. } => Some(*on),
            Self::AfterDelivery { .. } => None,
        }
    }

    /// How the money moves (BG-16).
    #[must_use]
    pub const fn means(&self) -> &Means {
        match self {
            Self::Paid { means, .. }
            | Self::Due { means, .. }
            | Self::AfterDelivery { means, .. } => means,
        }
    }
}

impl Terms {
    /// What the law supplies where a seller has said nothing: three times the legal rate of interest
    /// is the least (L441-10), 40 € are fixed (D441-5).
    #[must_use]
    pub fn standard(language: Language) -> Self {
        let [late_payment, recovery, early_payment] = match language {
            Language::French => [
                "Pénalités de retard : trois fois le taux d’intérêt légal.",
                "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €.",
                "Pas d’escompte pour paiement anticipé.",
            ],
            Language::English => [
                "Late payment penalty: three times the French legal interest rate.",
                "Fixed indemnity for recovery costs in case of late payment: €40.",
                "No discount for early payment.",
            ],
        }
        .map(String::from);
        Self {
            late_payment,
            recovery,
            early_payment,
        }
    }
}
