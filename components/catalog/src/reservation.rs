//! The stock that an order holds until it is paid: what may happen to it, and what that moves. Pure.
//!
//! ```text
//! held ── commit ──> committed ── release ──> released (the stock comes back)
//!   ├──── release ──> released
//!   └──── time ─────> expired
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};

use commerce::{ItemId, OrderId, Price, Quantity, Timestamp, UserId, VatRate};

use crate::stock::Shift;

/// Where a reservation is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Held,
    Committed,
    Released,
    Expired,
}

impl State {
    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Held => "held",
            State::Committed => "committed",
            State::Released => "released",
            State::Expired => "expired",
        }
    }
}

impl std::str::FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [
            State::Held,
            State::Committed,
            State::Released,
            State::Expired,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| format!("no state is named {text}"))
    }
}

/// How many of an item an order asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    pub item_id: ItemId,
    pub quantity: Quantity,
}

/// What an order asks for: each item once, in the order's own sequence.
#[derive(Clone, Debug)]
pub struct Asked {
    pub order_id: OrderId,
    pub client_id: UserId,
    pub lines: Vec<Wanted>,
    pub ttl_ms: i64,
    /// The version of the order that asks; 0 while there is none.
    pub order_version: u32,
}

/// A reserved line, with what the item was when it was reserved.
#[derive(Clone, Debug)]
pub struct Line {
    pub item_id: ItemId,
    pub quantity: Quantity,
    pub name: String,
    pub unit_price: Price,
    pub vat_rate: VatRate,
    pub seller_id: UserId,
    /// How many of them came back since they were sold.
    pub returned: i64,
}

#[derive(Clone, Debug)]
pub struct Reservation {
    pub order_id: OrderId,
    pub client_id: UserId,
    pub state: State,
    pub expires_at: Timestamp,
    /// The newest version of the order that has sold it or given it back.
    pub order_version: u32,
    pub lines: Vec<Line>,
}

/// An item that there is not enough of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    pub item_id: ItemId,
    pub name: String,
    pub requested: i64,
    pub available: i64,
}

/// What is for sale of an item that was asked for.
#[derive(Clone, Debug)]
pub struct OnOffer {
    pub item_id: ItemId,
    pub name: String,
    pub available: i64,
}

/// Why a reservation could not be made or committed.
#[derive(Debug, thiserror::Error)]
pub enum ReservationError {
    #[error("not enough stock")]
    OutOfStock(Vec<Shortage>),
    #[error("items are deleted, hidden, or never were")]
    ItemsUnavailable(Vec<ItemId>),
    #[error("the order has a reservation of other lines or for another client")]
    Conflict,
    #[error("the reservation was released or has expired")]
    Ended,
    #[error("there is no such reservation")]
    Unknown,
    #[error("the database failed")]
    Database(#[from] db::Error),
}

/// What a request does to a reservation and to the stock of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was done before.
    Nothing,
    /// Held stock is sold.
    Sell,
    /// Held stock is free again.
    Free,
    /// Sold stock comes back.
    TakeBack,
}

impl Reservation {
    /// Whether this answers a request made (again) now: the same client, the same lines in any sequence,
    /// and stock that is still the order's.
    pub fn answers(&self, asked: &Asked, now: Timestamp) -> Result<(), ReservationError> {
        let stored: BTreeSet<Wanted> = self.lines.iter().map(Line::wanted).collect();
        let wanted: BTreeSet<Wanted> = asked.lines.iter().copied().collect();
        if self.client_id != asked.client_id || stored != wanted {
            return Err(ReservationError::Conflict);
        }
        self.commit(now).map(drop)
    }

    /// Whether the stock is the order's no more.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.commit(now).is_err()
    }

    /// Selling happens once; what has ended, or should have by now, is not sold.
    pub fn commit(&self, now: Timestamp) -> Result<Step, ReservationError> {
        match self.state {
            State::Held if now < self.expires_at => Ok(Step::Sell),
            State::Committed => Ok(Step::Nothing),
            State::Held | State::Released | State::Expired => Err(ReservationError::Ended),
        }
    }

    /// Has it last until then, if it still stands; a sale does not end. One of an order that has gone on since is
    /// as it is. Whether anything changes.
    pub fn reschedule(
        &mut self,
        end: Timestamp,
        order_version: u32,
        now: Timestamp,
    ) -> Result<bool, ReservationError> {
        match self.commit(now)? {
            Step::Sell if order_version >= self.order_version && end != self.expires_at => {
                self.expires_at = end;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Stock goes back once, whether it was held or sold; but not for a request that an order has sent before
    /// it went on, and that was long on its way.
    pub fn release(&self, order_version: u32) -> Step {
        match self.state {
            _ if order_version < self.order_version => Step::Nothing,
            State::Held => Step::Free,
            State::Committed => Step::TakeBack,
            State::Released | State::Expired => Step::Nothing,
        }
    }

    /// What a step moves, in the sequence in which items are locked. What came back before is not taken
    /// back again.
    pub fn shifts(&self, step: Step) -> Vec<Shift> {
        let (on_hand, reserved) = match step {
            Step::Nothing => return Vec::new(),
            Step::Sell => (-1, -1),
            Step::Free => (0, -1),
            Step::TakeBack => (1, 0),
        };
        let mut shifts: Vec<Shift> = self
            .lines
            .iter()
            .map(|line| (line, line.quantity.get() - line.returned))
            .filter(|(_, pieces)| *pieces > 0)
            .map(|(line, pieces)| Shift {
                item_id: line.item_id,
                on_hand: on_hand * pieces,
                reserved: reserved * pieces,
            })
            .collect();
        shifts.sort_unstable_by_key(|shift| shift.item_id);
        shifts
    }

    /// What moves when these come back, in the sequence in which items are locked; nothing if it is more
    /// than was sold and has not come back yet.
    pub fn returns(&self, back: &[Wanted]) -> Option<Vec<Shift>> {
        if self.state != State::Committed {
            return None;
        }
        let lines = self.lines.iter().map(|line| (line.item_id, line));
        let lines: HashMap<ItemId, &Line> = lines.collect();
        let mut shifts = back
            .iter()
            .map(|wanted| {
                let line = lines.get(&wanted.item_id)?;
                let pieces = wanted.quantity.get();
                let is_sold = line.returned + pieces <= line.quantity.get();
                is_sold.then_some(Shift {
                    item_id: line.item_id,
                    on_hand: pieces,
                    reserved: 0,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        shifts.sort_unstable_by_key(|shift| shift.item_id);
        Some(shifts)
    }

    pub fn item_ids(&self) -> Vec<ItemId> {
        self.lines.iter().map(|line| line.item_id).collect()
    }
}

impl Line {
    fn wanted(&self) -> Wanted {
        Wanted {
            item_id: self.item_id,
            quantity: self.quantity,
        }
    }
}

impl Asked {
    /// The lines in the sequence in which items are locked, so that two orders rarely wait for each other.
    pub fn in_lock_order(&self) -> Vec<Wanted> {
        let mut lines = self.lines.clone();
        lines.sort_unstable();
        lines
    }

    pub fn item_ids(&self) -> Vec<ItemId> {
        self.lines.iter().map(|line| line.item_id).collect()
    }

    /// Why these lines could not be reserved, given what is for sale of them. An item that is not for
    /// sale is told before one that is short: it stays so.
    pub fn refusal(&self, offers: Vec<OnOffer>) -> ReservationError {
        let mut offers: BTreeMap<_, _> = offers.into_iter().map(|one| (one.item_id, one)).collect();
        let mut missing = Vec::new();
        let mut short = Vec::new();
        for line in &self.lines {
            match offers.remove(&line.item_id) {
                None => missing.push(line.item_id),
                Some(offer) if offer.available < line.quantity.get() => short.push(Shortage {
                    item_id: line.item_id,
                    name: offer.name,
                    requested: line.quantity.get(),
                    available: offer.available,
                }),
                Some(_) => {}
            }
        }
        if missing.is_empty() {
            ReservationError::OutOfStock(short)
        } else {
            ReservationError::ItemsUnavailable(missing)
        }
    }
}

/// What several reservations free together: two of them may hold the same item.
pub fn free_all(lines: impl IntoIterator<Item = (ItemId, i64)>) -> Vec<Shift> {
    let mut sums = BTreeMap::<ItemId, i64>::new();
    for (item_id, quantity) in lines {
        *sums.entry(item_id).or_default() += quantity;
    }
    sums.into_iter()
        .map(|(item_id, quantity)| Shift {
            item_id,
            on_hand: 0,
            reserved: -quantity,
        })
        .collect()
}

#[cfg(test)]
mod tests;
