//! The papers of an order: what `crates/invoice` draws, filled from the order and from the shop's settings.

use commerce::{Language, Timestamp};
use invoice::document::{Document, Kind, Shop};
use service::Settings;
use service::settings::SettingError;

use crate::order::{Order, Status};

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
        payment: payment_state(order.status_at(now), language).to_owned(),
    }
}

fn payment_state(status: Status, language: Language) -> &'static str {
    match (status, language) {
        (Status::AwaitingPayment, Language::French) => "En attente de paiement",
        (Status::AwaitingPayment, Language::English) => "Awaiting payment",
        (Status::Paid, Language::French) => "Payée",
        (Status::Paid, Language::English) => "Paid",
        (Status::Cancelled, Language::French) => "Annulée",
        (Status::Cancelled, Language::English) => "Cancelled",
        (Status::Expired, Language::French) => "Expirée",
        (Status::Expired, Language::English) => "Expired",
    }
}
