//! What a supplier delivers: all of it is taken or nothing, each delivery once.

use std::collections::HashMap;

use commerce::{ItemId, Label, Money, PurchaseOrderId, RestockId, Timestamp, UserId};
use serde::Serialize;

use crate::item::Item;
use crate::stock::Shift;

pub type Lot = Label<64>;

/// A delivery as it is told.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub supplier_id: UserId,
    /// The supplier's own name for it.
    pub reference: String,
    /// By which the same delivery is known again.
    pub digest: [u8; 32],
    pub purchase_order_id: Option<PurchaseOrderId>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub product: Product,
    pub quantity: i64,
    pub unit_cost: Option<Money>,
    pub lot: Option<Lot>,
}

/// How a line names its item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Product {
    Id(ItemId),
    Sku(String),
}

/// A delivery as it was taken.
#[derive(Clone, Debug, Serialize)]
pub struct Restock {
    pub id: RestockId,
    pub supplier_id: UserId,
    pub reference: String,
    pub purchase_order_id: Option<PurchaseOrderId>,
    pub lines: Vec<TakenLine>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenLine {
    pub item_id: ItemId,
    pub quantity: i64,
    pub unit_cost: Option<Money>,
    pub lot: Option<String>,
    /// Pieces of the item on hand after the whole delivery.
    pub balance: i64,
}

/// An item that would be more than there is room for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overflow {
    pub item_id: ItemId,
    pub on_hand: i64,
    pub quantity: i64,
    pub stock_maximum: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum RestockError {
    /// These lines name no item that the supplier delivers.
    #[error("lines {0:?} name nothing that the supplier delivers")]
    Unknown(Vec<usize>),
    #[error("there is no room for {} items", .0.len())]
    AboveMaximum(Vec<Overflow>),
    /// The reference is that of another delivery.
    #[error("the reference was used for another delivery")]
    ReferenceReused,
    #[error("the database failed")]
    Database(#[from] db::Error),
}

impl Delivery {
    pub fn ids(&self) -> impl Iterator<Item = ItemId> {
        self.lines.iter().filter_map(|line| match &line.product {
            Product::Id(id) => Some(*id),
            Product::Sku(_) => None,
        })
    }

    pub fn skus(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| match &line.product {
            Product::Id(_) => None,
            Product::Sku(sku) => Some(sku.as_str()),
        })
    }

    /// What becomes of these items, which are locked: of each item one shift, however many lines it has.
    pub fn take(&self, items: &[Item]) -> Result<(Vec<TakenLine>, Vec<Shift>), RestockError> {
        let mine = Named::of(items, self.supplier_id);
        let found = self.lines.iter().map(|line| mine.find(&line.product));
        let found: Vec<Option<&Item>> = found.collect();
        let unknown = found.iter().enumerate().filter(|(_, item)| item.is_none());
        let unknown: Vec<usize> = unknown.map(|(index, _)| index).collect();
        if !unknown.is_empty() {
            return Err(RestockError::Unknown(unknown));
        }
        let lines: Vec<(&Line, &Item)> =
            self.lines.iter().zip(found.into_iter().flatten()).collect();
        let mut added: HashMap<ItemId, i64> = HashMap::new();
        for (line, item) in &lines {
            let total = added.entry(item.id).or_default();
            *total = total.saturating_add(line.quantity);
        }
        let added = |item: &Item| added.get(&item.id).copied().unwrap_or_default();
        let overflows: Vec<Overflow> = items
            .iter()
            .filter_map(|item| overflow(item, added(item)))
            .collect();
        if !overflows.is_empty() {
            return Err(RestockError::AboveMaximum(overflows));
        }
        let taken = lines.iter().map(|(line, item)| TakenLine {
            item_id: item.id,
            quantity: line.quantity,
            unit_cost: line.unit_cost,
            lot: line.lot.as_ref().map(|lot| lot.as_str().to_owned()),
            balance: item.on_hand.saturating_add(added(item)),
        });
        let shifts = items.iter().map(|item| Shift {
            item_id: item.id,
            on_hand: added(item),
            reserved: 0,
        });
        let shifts = shifts.filter(|shift| shift.on_hand > 0);
        Ok((taken.collect(), shifts.collect()))
    }
}

/// What one supplier delivers, by either of its names: each line is found at once, however many items there are.
struct Named<'a> {
    by_id: HashMap<ItemId, &'a Item>,
    by_sku: HashMap<String, &'a Item>,
}

impl<'a> Named<'a> {
    fn of(items: &'a [Item], supplier: UserId) -> Self {
        let mine = items
            .iter()
            .filter(|item| item.supplier_id == Some(supplier));
        let by_sku = mine.clone().filter_map(|item| {
            let sku = item.sku.as_deref()?;
            Some((sku.to_ascii_lowercase(), item))
        });
        Self {
            by_sku: by_sku.collect(),
            by_id: mine.map(|item| (item.id, item)).collect(),
        }
    }

    fn find(&self, product: &Product) -> Option<&'a Item> {
        match product {
            Product::Id(id) => self.by_id.get(id).copied(),
            Product::Sku(sku) => self.by_sku.get(&sku.to_ascii_lowercase()).copied(),
        }
    }
}

fn overflow(item: &Item, quantity: i64) -> Option<Overflow> {
    let most = item.most_pieces();
    let stock_maximum = item.stock_maximum.unwrap_or(most).min(most);
    (quantity > 0 && item.on_hand.saturating_add(quantity) > stock_maximum).then_some(Overflow {
        item_id: item.id,
        on_hand: item.on_hand,
        quantity,
        stock_maximum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::item;

    const SUPPLIER: UserId = UserId::from_bytes([5; 16]);

    /// Five on hand, room for nine, SKU `HUILE-75`.
    fn oil() -> Item {
        Item {
            supplier_id: Some(SUPPLIER),
            ..item(UserId::from_bytes([7; 16]))
        }
    }

    fn delivery(lines: &[(Product, i64)]) -> Delivery {
        let line = |(product, quantity): &(Product, i64)| Line {
            product: product.clone(),
            quantity: *quantity,
            unit_cost: None,
            lot: None,
        };
        Delivery {
            supplier_id: SUPPLIER,
            reference: "BL-1".into(),
            digest: [0; 32],
            purchase_order_id: None,
            lines: lines.iter().map(line).collect(),
        }
    }

    #[test]
    fn two_lots_of_an_item_are_one_shift() {
        let oil = oil();
        let lines = [
            (Product::Id(oil.id), 1),
            (Product::Sku("huile-75".into()), 3),
        ];
        let (taken, shifts) = delivery(&lines).take(std::slice::from_ref(&oil)).unwrap();
        let shift = Shift {
            item_id: oil.id,
            on_hand: 4,
            reserved: 0,
        };
        assert_eq!(shifts, [shift]);
        let balances: Vec<i64> = taken.iter().map(|line| line.balance).collect();
        assert_eq!(balances, [9, 9]);
    }

    #[test]
    fn there_is_no_room_past_the_maximum_however_the_lines_are_cut() {
        let oil = oil();
        let lines = [(Product::Id(oil.id), 2), (Product::Id(oil.id), 3)];
        let refused = delivery(&lines).take(std::slice::from_ref(&oil));
        let Err(RestockError::AboveMaximum(overflows)) = refused else {
            panic!("{refused:?}");
        };
        let overflow = Overflow {
            item_id: oil.id,
            on_hand: 5,
            quantity: 5,
            stock_maximum: 9,
        };
        assert_eq!(overflows, [overflow]);
        let endless = Item {
            stock_maximum: None,
            ..oil
        };
        assert!(delivery(&lines).take(&[endless]).is_ok());
    }

    #[test]
    fn what_somebody_else_delivers_is_unknown() {
        let other = item(UserId::from_bytes([7; 16]));
        let lines = [
            (Product::Id(other.id), 1),
            (Product::Sku("HUILE-75".into()), 1),
            (Product::Id(ItemId::from_bytes([9; 16])), 1),
        ];
        let refused = delivery(&lines).take(&[other]);
        assert!(
            matches!(&refused, Err(RestockError::Unknown(lines)) if lines == &[0, 1, 2]),
            "{refused:?}"
        );
    }
}
