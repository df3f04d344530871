//! What a viewer sees of an order's history. A seller of some lines sees what happened to the whole order and
//! to their own lines: no refund of somebody else's, no staff but themselves, and no reason that a person wrote
//! about lines that are not theirs.

use std::collections::HashMap;

use commerce::{EventId, Timestamp, UserId};

use super::order_view::Sight;
use crate::history::{Entry, Kind};

/// Of refunds that are of a seller's lines, whether each is of nothing else, by the event that tells of it.
pub type OwnRefunds = HashMap<EventId, bool>;

/// One thing that happened, as far as a viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventView {
    pub id: EventId,
    pub kind: String,
    pub actor: Actor,
    pub reason: Option<String>,
    pub occurred_at: Timestamp,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    User(UserId),
    /// Somebody who sells or runs the shop: who, the viewer does not see.
    Staff,
    /// The shop itself.
    System,
}

impl Entry {
    /// The event as it is seen of an order of this customer.
    pub fn seen(self, sight: Sight, customer: UserId, own: &OwnRefunds) -> Option<EventView> {
        let Sight::Part(seller) = sight else {
            let actor = self.actor.map_or(Actor::System, Actor::User);
            return Some(self.shown(actor, true));
        };
        let is_refund = self.kind == Kind::Refunded.as_str();
        let is_all_own = match own.get(&self.id) {
            Some(is_all) => *is_all,
            None if is_refund => return None,
            None => false,
        };
        let actor = match self.actor {
            None => Actor::System,
            Some(user) if user == seller || user == customer => Actor::User(user),
            Some(_) => Actor::Staff,
        };
        // Where nobody acted, the reason is one of the shop's own words.
        let is_word = actor == Actor::System && !is_refund;
        let shows_reason = is_word || is_all_own || actor == Actor::User(seller);
        Some(self.shown(actor, shows_reason))
    }

    fn shown(self, actor: Actor, shows_reason: bool) -> EventView {
        EventView {
            id: self.id,
            kind: self.kind,
            actor,
            reason: self.reason.filter(|_| shows_reason),
            occurred_at: self.occurred_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELLER: UserId = UserId::from_bytes([2; 16]);
    const OTHER: UserId = UserId::from_bytes([5; 16]);
    const CUSTOMER: UserId = UserId::from_bytes([4; 16]);

    fn entry(kind: Kind, actor: Option<UserId>) -> Entry {
        Entry {
            id: EventId::from_bytes([9; 16]),
            kind: kind.as_str().into(),
            actor,
            reason: Some("canari".into()),
            occurred_at: Timestamp::from_unix_ms(0),
        }
    }

    fn seen(entry: Entry, own: Option<bool>) -> Option<(Actor, bool)> {
        let own = own.map(|is_all| (entry.id, is_all)).into_iter().collect();
        let view = entry.seen(Sight::Part(SELLER), CUSTOMER, &own)?;
        Some((view.actor, view.reason.is_some()))
    }

    #[test]
    fn a_refund_is_seen_by_those_whose_lines_it_is_of() {
        let refund = |actor| entry(Kind::Refunded, actor);
        assert_eq!(seen(refund(Some(OTHER)), None), None);
        assert_eq!(seen(refund(None), None), None);
        assert_eq!(
            seen(refund(Some(OTHER)), Some(false)),
            Some((Actor::Staff, false))
        );
        assert_eq!(
            seen(refund(Some(OTHER)), Some(true)),
            Some((Actor::Staff, true))
        );
        let own = Some((Actor::User(SELLER), true));
        assert_eq!(seen(refund(Some(SELLER)), Some(true)), own);
    }

    #[test]
    fn what_people_write_about_the_whole_order_is_not_for_a_seller_of_a_part() {
        let cancelled = |actor| seen(entry(Kind::Cancelled, actor), None);
        assert_eq!(cancelled(Some(OTHER)), Some((Actor::Staff, false)));
        let customer = Some((Actor::User(CUSTOMER), false));
        assert_eq!(cancelled(Some(CUSTOMER)), customer);
        assert_eq!(cancelled(None), Some((Actor::System, true)));
        let whole =
            entry(Kind::Cancelled, Some(OTHER)).seen(Sight::Whole, CUSTOMER, &OwnRefunds::new());
        assert_eq!(whole.unwrap().reason.as_deref(), Some("canari"));
    }
}
