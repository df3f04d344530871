//! The papers of an order: what `crates/invoice` draws, filled from the order and from the shop's settings.

use commerce::{Language, Timestamp};
use invoice::document::{Document, Kind, Shop};
use service::Settings;
use service::settings::SettingError;

use crate::life::Status;
use crate::order::Order;

/// Who sells, for the head of every paper.
#[derive(Clone, Debug)]
pub struct Letterhead(Shop);

impl Letterhead {
    /// Reads `shop_name` and `shop_address` (lines separated by `|`).
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let address = settings.text("shop_address").await?;
        Ok(Self(Shop {
            name: settings.text("shop_name").await?,
            address: address
                .split('|')
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect(),
        }))
    }
}

/// The confirmation of an order, in the reader's language.
pub fn confirmation(
    letterhead: &Letterhead,
    order: &Order,
    language: Language,
    now: Timestamp,
) -> Document {
    Document {
        language,
        kind: Kind::Order,
        shop: letterhead.0.clone(),
        number: order.order_number.to_string(),
        placed_at: order.created_at,
        buyer: order.billing_address.name.clone(),
        shipping: order.shipping_address.clone(),
        billing: order.billing_address.clone(),
        lines: order
            .lines
            .iter()
            .map(|line| invoice::document::Line {
                name: line.name.clone(),
                quantity: line.quantity,
                unit_price: line.unit_price,
                vat_rate: line.vat_rate,
                total: line.line_total,
            })
            .collect(),
        totals: order.totals.clone(),
        payment: state(order.life_at(now).status(), language).to_owned(),
    }
}

fn state(status: Status, language: Language) -> &'static str {
    let (french, english) = match status {
        Status::AwaitingPayment => ("En attente de paiement", "Awaiting payment"),
        Status::Paid => ("Payée", "Paid"),
        Status::Preparing => ("Payée, en préparation", "Paid, being prepared"),
        Status::Shipped => ("Payée, expédiée", "Paid, shipped"),
        Status::Delivered => ("Payée, livrée", "Paid, delivered"),
        Status::Cancelled => ("Annulée", "Cancelled"),
        Status::Expired => ("Expirée", "Expired"),
        Status::PartiallyRefunded => ("Remboursée en partie", "Partially refunded"),
        Status::Refunded => ("Remboursée", "Refunded"),
    };
    match language {
        Language::French => french,
        Language::English => english,
    }
}
