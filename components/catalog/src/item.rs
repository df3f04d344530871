//! What is sold: who may see it, who may change it, how much of it is left.

use commerce::{CategoryId, ItemId, Label, Price, Prose, Timestamp, UserId, VatRate};
use serde::{Deserialize, Serialize};
use service::{Caller, Role};

use crate::rating::AverageRating;

pub type ItemName = Label<200>;
pub type ItemDescription = Prose<5000>;

/// An item as it is stored, and as it is kept in Redis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    pub seller_id: UserId,
    pub category_id: CategoryId,
    pub category_enabled: bool,
    /// Whether its seller may not sell any more.
    #[serde(default)]
    pub seller_hidden: bool,
    pub name: String,
    pub description: String,
    pub price: Price,
    pub vat_rate: VatRate,
    pub on_hand: i64,
    pub reserved: i64,
    /// Below so many pieces on hand, the seller is told; 0 for never.
    #[serde(default)]
    pub stock_minimum: i64,
    /// Past so many pieces on hand, nothing is delivered; none for no limit.
    #[serde(default)]
    pub stock_maximum: Option<i64>,
    #[serde(default)]
    pub sku: Option<String>,
    #[serde(default)]
    pub supplier_id: Option<UserId>,
    pub average_rating: AverageRating,
    pub review_count: u32,
    pub version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Until when the reservation holds stock that ends first: what is known of `reserved` is good until then.
    /// Where nothing is held, it is later than anything.
    #[serde(default)]
    pub held_until: Option<Timestamp>,
}

/// The most pieces of an item that a shop may have.
const MAX_PIECES: i64 = 1_000_000_000;
/// The most that the pieces of an item may be worth, in minor units: ten billion euros. Sums of that over millions
/// of items are still numbers that every database and every client can write.
const MAX_WORTH: i64 = 1_000_000_000_000;

/// How long an item with stock held past its time is shown as it was read: until that is swept, it is read once
/// in this time, and not each time.
const PAST_DUE_MS: i64 = 1_000;
/// Longer than anything is kept in Redis.
const A_DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Item {
    /// Whether some of its stock is held past its time.
    pub fn holds_past_due(&self, now: Timestamp) -> bool {
        self.held_until.is_some_and(|until| until <= now)
    }

    /// Until when its stock is known, as it was read at this moment.
    pub fn known_until(&self, read: Timestamp) -> Timestamp {
        match self.held_until {
            Some(until) if until > read => until.min(read.plus_ms(A_DAY_MS)),
            Some(_) => read.plus_ms(PAST_DUE_MS),
            None => read.plus_ms(A_DAY_MS),
        }
    }

    /// How many pieces there may be at this price. What comes back of orders is taken in any case.
    pub fn most_pieces(&self) -> i64 {
        let price = self.price.money().amount().max(1);
        (MAX_WORTH / price).min(MAX_PIECES)
    }

    /// What nobody has reserved.
    pub fn available(&self) -> i64 {
        self.on_hand.saturating_sub(self.reserved)
    }

    /// Not one of a disabled category, nor of a seller who may not sell.
    pub fn is_for_sale(&self) -> bool {
        self.category_enabled && !self.seller_hidden
    }

    /// An item that is not for sale is seen only by whoever may change it.
    pub fn is_visible_to(&self, caller: Option<Caller>) -> bool {
        self.is_for_sale() || caller.is_some_and(|caller| self.may_be_changed_by(caller))
    }

    /// Who delivers it and how much of it is kept is between those who sell it and whoever delivers it.
    pub fn shows_supply_to(&self, caller: Option<Caller>) -> bool {
        caller.is_some_and(|caller| {
            self.may_be_changed_by(caller) || self.supplier_id == Some(caller.user)
        })
    }

    /// Its seller, or an admin.
    pub fn may_be_changed_by(&self, caller: Caller) -> bool {
        caller.role == Role::Admin || caller.user == self.seller_id
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use commerce::Money;

    pub fn item(seller: UserId) -> Item {
        Item {
            id: ItemId::from_bytes([1; 16]),
            seller_id: seller,
            category_id: CategoryId::from_bytes([2; 16]),
            category_enabled: true,
            seller_hidden: false,
            name: "Huile d’olive".into(),
            description: String::new(),
            price: Price::new(Money::eur(1999)).unwrap(),
            vat_rate: VatRate::STANDARD,
            on_hand: 5,
            reserved: 2,
            stock_minimum: 1,
            stock_maximum: Some(9),
            sku: Some("HUILE-75".into()),
            supplier_id: None,
            average_rating: AverageRating::from_hundredths(433),
            review_count: 3,
            version: 1,
            created_at: Timestamp::from_unix_ms(0),
            updated_at: Timestamp::from_unix_ms(0),
            held_until: None,
        }
    }

    fn caller(user: u8, role: Role) -> Caller {
        let user = UserId::from_bytes([user; 16]);
        Caller { user, role }
    }

    #[test]
    fn only_its_seller_and_admins_change_an_item() {
        let item = item(UserId::from_bytes([7; 16]));
        assert!(item.may_be_changed_by(caller(7, Role::Seller)));
        assert!(item.may_be_changed_by(caller(8, Role::Admin)));
        assert!(!item.may_be_changed_by(caller(8, Role::Seller)));
    }

    #[test]
    fn an_item_of_a_disabled_category_is_hidden_from_others() {
        let mut item = item(UserId::from_bytes([7; 16]));
        assert!(item.is_visible_to(None));
        item.category_enabled = false;
        assert!(!item.is_visible_to(None));
        assert!(!item.is_visible_to(Some(caller(8, Role::Client))));
        assert!(item.is_visible_to(Some(caller(7, Role::Seller))));
        assert!(item.is_visible_to(Some(caller(8, Role::Admin))));
    }

    #[test]
    fn an_item_of_a_hidden_seller_is_hidden_from_others() {
        let mut item = item(UserId::from_bytes([7; 16]));
        item.seller_hidden = true;
        assert!(!item.is_for_sale());
        assert!(!item.is_visible_to(None));
        assert!(item.is_visible_to(Some(caller(7, Role::Client))));
        assert!(item.is_visible_to(Some(caller(8, Role::Admin))));
    }

    #[test]
    fn supply_is_shown_to_its_seller_to_admins_and_to_whoever_delivers() {
        let mut item = item(UserId::from_bytes([7; 16]));
        item.supplier_id = Some(UserId::from_bytes([9; 16]));
        for (caller, shown) in [
            (None, false),
            (Some(caller(6, Role::Client)), false),
            (Some(caller(6, Role::Seller)), false),
            (Some(caller(6, Role::Supplier)), false),
            (Some(caller(7, Role::Seller)), true),
            (Some(caller(9, Role::Supplier)), true),
            (Some(caller(8, Role::Admin)), true),
        ] {
            assert_eq!(item.shows_supply_to(caller), shown, "{caller:?}");
        }
    }

    #[test]
    fn what_is_reserved_is_not_available() {
        assert_eq!(item(UserId::from_bytes([7; 16])).available(), 3);
    }

    #[test]
    fn what_an_item_is_worth_stays_a_number_that_can_be_written() {
        let mut item = item(UserId::from_bytes([7; 16]));
        for (price, most) in [
            (0, MAX_PIECES),
            (1, MAX_PIECES),
            (1999, 500_250_125),
            (Price::MAX_AMOUNT, 10_000),
        ] {
            item.price = Price::new(Money::eur(price)).unwrap();
            assert_eq!(item.most_pieces(), most);
        }
    }

    #[test]
    fn stock_is_known_until_a_reservation_runs_out() {
        let at = Timestamp::from_unix_ms;
        let held = |until| Item {
            held_until: Some(at(until)),
            ..item(UserId::from_bytes([7; 16]))
        };
        assert!(held(5).holds_past_due(at(5)) && !held(5).holds_past_due(at(4)));
        assert_eq!(held(5).known_until(at(4)), at(5));
        assert_eq!(held(5).known_until(at(5)), at(5 + PAST_DUE_MS));
    }

    #[test]
    fn an_item_survives_redis() {
        let item = item(UserId::from_bytes([7; 16]));
        let json = serde_json::to_vec(&item).unwrap();
        assert_eq!(serde_json::from_slice::<Item>(&json).unwrap(), item);
    }
}
