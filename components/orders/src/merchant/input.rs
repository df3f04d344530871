//! An identity as it is typed.

use commerce::{AddressInput, BoundedText, Email, Label, Language, Money, PositiveMoney, Text};
use iban::{Iban, IbanLike};
use invoice::{Siren, Vat, VatNumber};
use serde::Deserialize;
use service::Invalid;
use utoipa::ToSchema;

use super::shipping::ShippingInput;
use super::{Identity, TRANSFER_DAYS, Wording};
use crate::destination::{Codes, DeliversTo};
use crate::domain::registration::{Prefixes, is_of_sellers};
use crate::series::{Prefix, SeriesKind};

/// The longest time that companies may be given to pay (C. com. L441-10).
const MAX_PAYMENT_DAYS: i64 = 60;
/// That time where nothing else is said (C. com. L441-10).
const PAYMENT_DAYS: i64 = 30;
/// The longest time that stock waits for a transfer.
const MAX_TRANSFER_DAYS: i64 = 30;

#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MerchantIdentityInput)]
pub struct IdentityInput {
    /// Legal name and seat.
    address: AddressInput,
    /// The name over the door, where it is not the legal one.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"\S")]
    trade_name: Option<BoundedText<100>>,
    #[schema(value_type = String, min_length = 1, max_length = 50, pattern = r"\S", example = "SAS")]
    legal_form: BoundedText<50>,
    /// The share capital, where the form has one.
    #[schema(value_type = Option<PositiveMoney>)]
    capital: Option<Money>,
    /// Nine digits, of which the last checks the others.
    #[schema(value_type = String, min_length = 9, max_length = 50, pattern = r"^(\s*[0-9]){9}\s*$", example = "732829320")]
    siren: BoundedText<50>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"\S", example = "RCS Nantes")]
    register: Option<BoundedText<100>>,
    /// As its country writes it, with its prefix. Only a merchant without VAT may have none.
    #[schema(value_type = Option<String>, min_length = 4, max_length = 50, pattern = r"^[\s.-]*[A-Z][\s.-]*[A-Z]([\s.-]*[0-9A-Z+*]){2,14}[\s.-]*$", example = "FR44732829320")]
    vat_number: Option<BoundedText<50>>,
    #[schema(value_type = String, format = "idn-email", max_length = 254, example = "contact@example.org")]
    email: BoundedText<254>,
    /// `normal` if absent, `on_debits` (CGI art. 269, 2 c) or `franchise` (art. 293 B: no VAT). A new one holds for
    /// orders that are placed from then on.
    #[serde(default)]
    vat: Vat,
    /// The article of law by which lines at 0 % bear no VAT.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300, pattern = r"\S")]
    exemption: Option<BoundedText<300>>,
    /// What the numbers of invoices begin with. A prefix belongs to one merchant and one kind of document for
    /// ever; another one begins another series.
    /// The shop says its own, which are not of the form of sellers' (`V7F-`, `V7A-`); those of a seller are given by
    /// the shop, and left out here.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20, pattern = "^[A-Za-z0-9+_-]*[A-Za-z+_-]$", example = "F-2026-")]
    invoice_prefix: Option<BoundedText<20>>,
    /// The same of credit notes, which have a series of their own.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20, pattern = "^[A-Za-z0-9+_-]*[A-Za-z+_-]$", example = "A-2026-")]
    credit_note_prefix: Option<BoundedText<20>>,
    /// How long a company that buys on terms may take to pay after delivery; 30 days if absent.
    #[schema(minimum = 0, maximum = 60)]
    payment_days: Option<i64>,
    /// How long an order that its client pays by transfer waits for the money, with its stock, from when it was
    /// placed; 7 days if absent. An order of several merchants waits for the shortest.
    #[schema(minimum = 1, maximum = 30)]
    transfer_days: Option<i64>,
    /// Where such a company pays to.
    #[schema(value_type = Option<String>, min_length = 15, max_length = 64, pattern = r"^\s*[A-Z]{2}[0-9]{2}( ?[0-9A-Za-z]){11,30}\s*$", example = "FR7630006000011234567890189")]
    iban: Option<BoundedText<64>>,
    /// The penalty for paying late; three times the legal rate of interest if absent.
    late_payment: Option<WordingInput>,
    /// The discount for paying early; none if absent.
    early_payment: Option<WordingInput>,
    /// The language of documents for buyers who asked for none; French if absent.
    #[serde(default)]
    language: Language,
    /// What an order pays for shipping; nothing if absent.
    shipping: Option<ShippingInput>,
    /// The countries to which it delivers, each without its territories outside the Union's VAT area: `FR` is
    /// metropolitan France with Corsica, and overseas France is none of it. `FR` and `MC` if absent; other member
    /// states of the European Union are for merchants whose distance sales stay below the threshold of
    /// 10 000 € a year, because their consumers are charged French VAT.
    #[schema(value_type = Option<Vec<commerce::Country>>, min_items = 1, max_items = 28, example = json!(["FR", "MC"]))]
    delivers_to: Option<Codes>,
}

/// A sentence in both languages of the shop.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordingInput {
    #[schema(value_type = String, min_length = 1, max_length = 300, pattern = r"\S")]
    fr: BoundedText<300>,
    #[schema(value_type = String, min_length = 1, max_length = 300, pattern = r"\S")]
    en: BoundedText<300>,
}

impl IdentityInput {
    /// The identity, if nothing is wrong with it. A seller's papers have the prefixes that were `given`.
    pub fn parse(self, given: Option<&Prefixes>, invalid: &mut Invalid) -> Option<Identity> {
        let address = invalid.check_all("/address", self.address.parse());
        let legal_form = line::<50>("/legal_form", &self.legal_form, invalid);
        let trade_name = optional::<100>("/trade_name", self.trade_name, invalid);
        let register = optional::<100>("/register", self.register, invalid);
        let exemption = optional::<300>("/exemption", self.exemption, invalid);
        let email = invalid.check("/email", Email::parse(&self.email));
        let siren = invalid.check("/siren", Siren::new(&self.siren).map_err(|_| no_siren()));
        let vat_number = self.vat_number.and_then(|number| {
            invalid.check(
                "/vat_number",
                VatNumber::parse(&number).map_err(|_| no_vat_number()),
            )
        });
        if let (Some(siren), Some(number)) = (&siren, &vat_number)
            && number.siren().as_ref() != Some(siren)
        {
            invalid.refuse("/vat_number", other_siren());
        }
        if vat_number.is_none() && self.vat != Vat::Franchise {
            invalid.refuse("/vat_number", no_vat_number());
        }
        if let Some(capital) = self.capital {
            let capital = PositiveMoney::new(capital).map_err(|error| error.text());
            invalid.check("/capital/amount", capital);
        }
        let mut prefix = |pointer, text: Option<BoundedText<20>>, kind| {
            let parsed = parse_prefix(text.as_deref(), given.map(|given| given.of(kind)));
            invalid.check(pointer, parsed)
        };
        let invoice_prefix = prefix("/invoice_prefix", self.invoice_prefix, SeriesKind::Invoice);
        let credit_note_prefix = prefix(
            "/credit_note_prefix",
            self.credit_note_prefix,
            SeriesKind::CreditNote,
        );
        if invoice_prefix.is_some() && invoice_prefix == credit_note_prefix {
            let text = Text::new(
                "Les avoirs ont une série à eux",
                "Credit notes have a series of their own",
            );
            invalid.refuse("/credit_note_prefix", text);
        }
        let payment_days = invalid.check("/payment_days", parse_days(self.payment_days));
        let transfer_days = parse_transfer_days(self.transfer_days);
        let transfer_days = invalid.check("/transfer_days", transfer_days);
        let iban = self
            .iban
            .and_then(|iban| invalid.check("/iban", parse_iban(&iban)));
        let shipping = self.shipping.map(|shipping| shipping.parse(invalid));
        let delivers_to = DeliversTo::parse(self.delivers_to, invalid);
        let late_payment = wording("/late_payment", self.late_payment, invalid);
        let early_payment = wording("/early_payment", self.early_payment, invalid);
        Some(Identity {
            address: address?,
            trade_name,
            legal_form: legal_form?,
            capital: self.capital,
            siren: siren?,
            register,
            vat_number,
            email: email?.as_str().to_owned(),
            vat: self.vat,
            exemption,
            invoice_prefix: invoice_prefix?,
            credit_note_prefix: credit_note_prefix?,
            payment_days: payment_days?,
            transfer_days: transfer_days?,
            iban,
            late_payment,
            early_payment,
            language: self.language,
            shipping: shipping.flatten(),
            delivers_to: delivers_to?,
        })
    }
}

/// The shop's own word, or what it gives to a seller: naming that again is no mistake.
fn parse_prefix(text: Option<&str>, given: Option<&Prefix>) -> Result<Prefix, Text> {
    match (text, given) {
        (None, Some(given)) => Ok(given.clone()),
        (Some(text), Some(given)) if text == given.as_str() => Ok(given.clone()),
        (Some(_), Some(_)) => Err(Text::new(
            "La boutique attribue ce préfixe : ne le donnez pas",
            "The shop gives this prefix: leave it out",
        )),
        (text, None) => {
            let prefix = Prefix::parse(text.unwrap_or_default())?;
            match is_of_sellers(&prefix) {
                true => Err(Text::new(
                    "Ce préfixe est réservé aux vendeurs",
                    "This prefix is kept for sellers",
                )),
                false => Ok(prefix),
            }
        }
    }
}

fn line<const MAX: usize>(pointer: &str, text: &str, invalid: &mut Invalid) -> Option<String> {
    let label = invalid.check(pointer, Label::<MAX>::parse(text))?;
    Some(label.as_str().to_owned())
}

fn optional<const MAX: usize>(
    pointer: &str,
    text: Option<BoundedText<MAX>>,
    invalid: &mut Invalid,
) -> Option<String> {
    line::<MAX>(pointer, &text?, invalid)
}

fn wording(pointer: &str, wording: Option<WordingInput>, invalid: &mut Invalid) -> Option<Wording> {
    let WordingInput { fr, en } = wording?;
    let fr = line::<300>(&format!("{pointer}/fr"), &fr, invalid);
    let en = line::<300>(&format!("{pointer}/en"), &en, invalid);
    Some(Wording { fr: fr?, en: en? })
}

fn parse_days(days: Option<i64>) -> Result<u8, Text> {
    let days = days.unwrap_or(PAYMENT_DAYS);
    u8::try_from(days)
        .ok()
        .filter(|_| days <= MAX_PAYMENT_DAYS)
        .ok_or_else(|| Text::new("De 0 à 60 jours", "From 0 to 60 days"))
}

fn parse_transfer_days(days: Option<i64>) -> Result<u8, Text> {
    let days = days.unwrap_or(TRANSFER_DAYS.into());
    u8::try_from(days)
        .ok()
        .filter(|_| (1..=MAX_TRANSFER_DAYS).contains(&days))
        .ok_or_else(|| Text::new("De 1 à 30 jours", "From 1 to 30 days"))
}

/// Without the spaces that people write.
fn parse_iban(text: &str) -> Result<String, Text> {
    text.trim()
        .parse::<Iban>()
        .map(|iban| iban.electronic_str().to_owned())
        .map_err(|_| Text::new("Ce n’est pas un IBAN", "This is not an IBAN"))
}

pub fn no_siren() -> Text {
    Text::new(
        "Un SIREN a neuf chiffres, dont le dernier vérifie les autres",
        "A SIREN has nine digits, the last of which checks the others",
    )
}

pub fn no_vat_number() -> Text {
    Text::new(
        "Un numéro de TVA tel que son pays l’écrit, préfixe compris, comme FR44732829320",
        "A VAT number as its country writes it, with its prefix, such as FR44732829320",
    )
}

fn other_siren() -> Text {
    Text::new(
        "Ce numéro de TVA ne contient pas ce SIREN",
        "This VAT number does not contain this SIREN",
    )
}
