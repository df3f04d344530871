//! An item as the catalogue tells of it, and where its stock is counted. Pure.

use commerce::{ItemId, Money, Price, UserId};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::count::{self, Count, Scope};

/// Stands between a name and an id; before anything that a name may have.
pub const SEPARATOR: char = '\t';

/// The state of an item after its `revision`th change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    pub id: ItemId,
    pub revision: u64,
    pub deleted: bool,
    pub seller_id: UserId,
    pub supplier_id: Option<UserId>,
    pub sku: Option<String>,
    pub name: String,
    pub price: Price,
    pub on_hand: i64,
    pub reserved: i64,
    pub stock_minimum: i64,
    pub stock_maximum: Option<i64>,
}

/// What is added up of a supplier's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    Items,
    BelowMinimum,
    OnHand,
    Reserved,
    Value,
}

impl Supply {
    const ALL: [Supply; 5] = [
        Supply::Items,
        Supply::BelowMinimum,
        Supply::OnHand,
        Supply::Reserved,
        Supply::Value,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Supply::Items => "items",
            Supply::BelowMinimum => "below_minimum",
            Supply::OnHand => "on_hand",
            Supply::Reserved => "reserved",
            Supply::Value => "value",
        }
    }

    fn of(self, card: &Card) -> i128 {
        match self {
            Supply::Items => 1,
            Supply::BelowMinimum => i128::from(card.is_low()),
            Supply::OnHand => card.on_hand.into(),
            Supply::Reserved => card.reserved.into(),
            Supply::Value => {
                i128::from(card.price.money().amount()).saturating_mul(card.on_hand.into())
            }
        }
    }
}

impl Card {
    /// A deleted item is counted nowhere.
    pub fn counts(&self) -> Vec<Count> {
        if self.deleted {
            return Vec::new();
        }
        let mut counts = Vec::new();
        for scope in [Scope::All, Scope::Seller(self.seller_id)] {
            counts.push(Count::member(
                count::shelf(scope, self.is_low()),
                self.place(),
            ));
            let Some(supplier) = self.supplier_id else {
                continue;
            };
            let currency = self.price.money().currency();
            counts.extend(Supply::ALL.map(|what| {
                let entry = format!("{supplier}:{currency}:{}", what.as_str());
                Count::sum(count::supply(scope), entry, what.of(self))
            }));
        }
        counts.retain(Count::is_something);
        counts
    }

    /// Where it stands among others: by its name, without accents and capitals.
    pub fn place(&self) -> String {
        let letters = self.name.nfd().filter(|letter| !is_combining_mark(*letter));
        let name: String = letters.flat_map(char::to_lowercase).collect();
        format!("{name}{SEPARATOR}{}", self.id)
    }

    /// Whether its seller wants to have more of it.
    pub fn is_low(&self) -> bool {
        self.on_hand < self.stock_minimum
    }

    /// What is on hand, at the price of now.
    pub fn value(&self) -> Money {
        let price = self.price.money();
        let amount = price.amount().saturating_mul(self.on_hand);
        Money::new(amount, price.currency())
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn card(name: &str, on_hand: i64, stock_minimum: i64) -> Card {
        Card {
            id: ItemId::from_bytes([1; 16]),
            revision: 1,
            deleted: false,
            seller_id: UserId::from_bytes([2; 16]),
            supplier_id: Some(UserId::from_bytes([3; 16])),
            sku: None,
            name: name.to_owned(),
            price: Price::new(Money::eur(250)).unwrap(),
            on_hand,
            reserved: 0,
            stock_minimum,
            stock_maximum: None,
        }
    }

    #[test]
    fn items_are_ordered_as_people_look_for_them() {
        let mut names = ["Zeste", "étui", "Éclair", "eau", "Ecru"].map(|name| card(name, 1, 0));
        names.sort_by_key(Card::place);
        let names = names.map(|card| card.name);
        assert_eq!(names, ["eau", "Éclair", "Ecru", "étui", "Zeste"]);
    }

    #[test]
    fn an_item_is_low_below_its_minimum_and_never_without_one() {
        assert!(card("a", 1, 2).is_low());
        assert!(!card("a", 2, 2).is_low());
        assert!(!card("a", 0, 0).is_low());
    }

    #[test]
    fn a_deleted_item_counts_for_nothing() {
        let gone = Card {
            deleted: true,
            ..card("a", 5, 0)
        };
        assert!(gone.counts().is_empty());
    }

    #[test]
    fn an_item_counts_for_everybody_for_its_seller_and_under_its_supplier() {
        let card = card("Stylo", 3, 5);
        let counts = card.counts();
        let found = |structure: &str, entry: &str| {
            let mut all = counts.iter().map(Count::of);
            let one = all.find(|(s, e, _)| *s == structure && e.ends_with(entry));
            one.map(|(_, _, amount)| amount)
        };
        for scope in ["all".to_owned(), card.seller_id.to_string()] {
            assert_eq!(found(&format!("shelf:{scope}:low"), &card.place()), Some(1));
            let supply = format!("supply:{scope}");
            assert_eq!(found(&supply, ":EUR:value"), Some(750));
            assert_eq!(found(&supply, ":EUR:below_minimum"), Some(1));
            assert_eq!(found(&supply, ":EUR:reserved"), None);
        }
    }
}
