//! What the catalogue says of the items in a cart, at the moment that it was asked.

use std::collections::BTreeMap;

use commerce::{ItemId, Price, VatRate};
use serde::Deserialize;

/// One item that is for sale.
#[derive(Clone, Debug, Deserialize)]
pub struct Offer {
    pub id: ItemId,
    pub name: String,
    /// VAT included.
    pub price: Price,
    pub vat_rate: VatRate,
    /// Pieces that could be bought now.
    pub available: i64,
}

/// The items that the catalogue was asked about; those that it does not sell are known not to be there.
#[derive(Clone, Debug, Default)]
pub struct Offers(BTreeMap<ItemId, Option<Offer>>);

impl Offers {
    /// The answer to a question about these items.
    pub fn new(asked: impl IntoIterator<Item = ItemId>, found: Vec<Offer>) -> Self {
        let mut offers: BTreeMap<_, _> = asked.into_iter().map(|id| (id, None)).collect();
        offers.extend(found.into_iter().map(|offer| (offer.id, Some(offer))));
        Self(offers)
    }

    /// The item, if it is for sale.
    pub fn get(&self, id: ItemId) -> Option<&Offer> {
        self.0.get(&id)?.as_ref()
    }

    /// Whether the catalogue was asked about this item.
    pub fn covers(&self, id: ItemId) -> bool {
        self.0.contains_key(&id)
    }

    /// Joins the answers to two questions.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}
