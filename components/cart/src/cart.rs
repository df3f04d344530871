//! Carts: what may be in one, and what it comes to. Prices are the catalogue's, never the cart's.

use std::collections::BTreeSet;

use commerce::totals::{self, Line, Totals};
use commerce::{ItemId, Money, MoneyError, Quantity, Text};
use serde::{Deserialize, Serialize};
use service::Invalid;
use utoipa::ToSchema;

use crate::offer::Offers;

/// The most lines that a cart may have.
pub const MAX_LINES: usize = 100;
/// The most lines that a guest's cart may have: anybody can make one.
pub const MAX_GUEST_LINES: usize = 50;

/// How many of which item; the name is the one that it had when it was added, for the day on which the
/// catalogue no longer knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    pub item_id: ItemId,
    pub quantity: Quantity,
    pub name: String,
}

/// Lines in the order in which they were added, and the version that each write counts up. A cart that
/// nobody has written to is empty and of version 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cart {
    pub version: u32,
    pub lines: Vec<CartLine>,
}

/// An item and a quantity that were asked for, before the catalogue has been asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub item_id: ItemId,
    pub quantity: Quantity,
}

/// Notes a quantity that is none, at its pointer.
pub fn check_quantity(invalid: &mut Invalid, pointer: &str, number: i64) -> Option<Quantity> {
    invalid.check(pointer, Quantity::new(number).map_err(|error| error.text()))
}

/// The wishes for a whole cart, one for each item.
pub fn check_wishes(
    invalid: &mut Invalid,
    wishes: impl ExactSizeIterator<Item = (ItemId, i64)>,
) -> Vec<Wish> {
    let mut seen = BTreeSet::new();
    let mut checked = Vec::with_capacity(wishes.len());
    for (index, (item_id, number)) in wishes.enumerate() {
        if !seen.insert(item_id) {
            let twice = Text::new(
                "Cet article figure déjà plus haut.",
                "This item is listed above already.",
            );
            invalid.refuse(format!("/items/{index}/item_id"), twice);
        }
        let pointer = format!("/items/{index}/quantity");
        if let Some(quantity) = check_quantity(invalid, &pointer, number) {
            checked.push(Wish { item_id, quantity });
        }
    }
    checked
}

/// For people whose cart holds no more.
pub fn full_text(most: usize) -> Text {
    if most == MAX_GUEST_LINES {
        return Text::new(
            format!(
                "Sans compte, un panier contient au plus {most} articles différents : connectez-vous."
            ),
            format!("Without an account, a cart holds at most {most} different items: sign in."),
        );
    }
    Text::new(
        format!("Un panier contient au plus {most} articles différents."),
        format!("A cart holds at most {most} different items."),
    )
}

impl Wish {
    /// The line for this wish, or a note at the pointer that the item is not for sale.
    pub fn name(self, offers: &Offers, invalid: &mut Invalid, pointer: &str) -> Option<CartLine> {
        let Some(offer) = offers.get(self.item_id) else {
            let gone = Text::new(
                "Cet article n’est pas en vente.",
                "This item is not for sale.",
            );
            invalid.refuse(pointer, gone);
            return None;
        };
        Some(CartLine {
            item_id: self.item_id,
            quantity: self.quantity,
            name: offer.name.clone(),
        })
    }
}

/// A cart as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cart)]
pub struct PricedCart {
    /// In the order in which the items were added.
    pub lines: Vec<PricedLine>,
    /// Of the items that are still for sale.
    pub totals: Totals,
}

/// A line of a cart. An item that is no longer for sale keeps its line until someone removes it, with the
/// name that it had, without a price, and outside of the totals.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CartLine)]
pub struct PricedLine {
    pub item_id: ItemId,
    #[schema(example = "Carnet de notes")]
    pub name: String,
    pub quantity: Quantity,
    /// What one costs now, VAT included; `null` if the item is no longer for sale.
    pub unit_price: Option<Money>,
    /// What the line costs now, VAT included; `null` if the item is no longer for sale.
    pub line_total: Option<Money>,
    /// How many pieces could be bought now; it may be less than the quantity.
    #[schema(example = 12, minimum = 0)]
    pub available: i64,
}

impl Cart {
    pub fn item_ids(&self) -> impl Iterator<Item = ItemId> {
        self.lines.iter().map(|line| line.item_id)
    }

    /// What the cart comes to at the prices of these offers.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum does not fit, which no [`commerce::Price`] makes happen.
    pub fn price(self, offers: &Offers) -> Result<PricedCart, MoneyError> {
        let for_sale = self.lines.iter().filter_map(|line| {
            offers.get(line.item_id).map(|offer| Line {
                unit_price: offer.price.money(),
                vat_rate: offer.vat_rate,
                quantity: line.quantity,
            })
        });
        let priced = totals::price(&for_sale.collect::<Vec<_>>())?;
        let mut line_totals = priced.lines.into_iter();
        let lines = self.lines.into_iter().map(|line| {
            let offer = offers.get(line.item_id);
            PricedLine {
                item_id: line.item_id,
                name: offer.map_or(line.name, |offer| offer.name.clone()),
                quantity: line.quantity,
                unit_price: offer.map(|offer| offer.price.money()),
                line_total: offer
                    .and_then(|_| line_totals.next())
                    .map(|line| line.gross),
                available: offer.map_or(0, |offer| offer.available),
            }
        });
        Ok(PricedCart {
            lines: lines.collect(),
            totals: priced.totals,
        })
    }
}

#[cfg(test)]
mod tests;
