//! A company that buys, as it is typed.

use commerce::{BoundedText, Label, Text};
use invoice::{Company, CompanyError, Siren, VatNumber};
use serde::Deserialize;
use service::Invalid;
use utoipa::ToSchema;

use crate::merchant;

/// What identifies a company that buys: a SIREN, a VAT number, or both. A French VAT number contains its SIREN; a
/// company of another country gives its VAT number alone. One that has neither buys as a consumer does, without
/// `company`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyInput {
    #[schema(value_type = Option<String>, min_length = 9, max_length = 50, pattern = r"^(\s*[0-9]){9}\s*$", example = "552100554")]
    siren: Option<BoundedText<50>>,
    #[schema(value_type = Option<String>, min_length = 4, max_length = 50, pattern = r"^[\s.-]*[A-Z][\s.-]*[A-Z]([\s.-]*[0-9A-Z+*]){2,14}[\s.-]*$", example = "FR96552100554")]
    vat_number: Option<BoundedText<50>>,
    /// Its own reference of the purchase, printed on the invoice.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, pattern = r"\S", example = "BC-7781")]
    purchase_order: Option<BoundedText<50>>,
}

impl CompanyInput {
    /// The company, if nothing is wrong with it.
    pub fn parse(self, invalid: &mut Invalid) -> Option<Company> {
        let is_named = self.siren.is_some() || self.vat_number.is_some();
        let siren = self.siren.map(|siren| {
            let siren = Siren::new(&siren).map_err(|_| merchant::no_siren());
            invalid.check("/company/siren", siren)
        });
        let vat_number = self.vat_number.map(|number| {
            let number = VatNumber::parse(&number).map_err(|_| merchant::no_vat_number());
            invalid.check("/company/vat_number", number)
        });
        let purchase_order = self.purchase_order.and_then(|reference| {
            let reference = Label::<50>::parse(&reference);
            invalid.check("/company/purchase_order", reference)
        });
        if matches!(siren, Some(None)) || matches!(vat_number, Some(None)) {
            return None;
        }
        let reference = purchase_order.map(|reference| reference.as_str().to_owned());
        match Company::identified(siren.flatten(), vat_number.flatten(), reference) {
            Ok(company) => Some(company),
            Err(error) => {
                let pointer = if is_named {
                    "/company/vat_number"
                } else {
                    "/company"
                };
                invalid.refuse(pointer, text(error));
                None
            }
        }
    }
}

fn text(error: CompanyError) -> Text {
    match error {
        CompanyError::Unidentified => Text::new(
            "Donnez le SIREN ou le numéro de TVA ; une entreprise qui n’a ni l’un ni l’autre achète comme un particulier, sans company",
            "Give the SIREN or the VAT number; a company that has neither buys as a consumer, without company",
        ),
        CompanyError::Contradicts => Text::new(
            "Ce numéro de TVA est celui d’une autre entreprise que le SIREN",
            "This VAT number is another company's than the SIREN",
        ),
        CompanyError::TwoCountries => Text::new(
            "Avec un SIREN, donnez le numéro de TVA français (FR…) ou aucun",
            "With a SIREN, give the French VAT number (FR…) or none",
        ),
    }
}
