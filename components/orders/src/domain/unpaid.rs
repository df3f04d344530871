//! What one customer, or one network, may hold without paying for it. Stock that is set aside for an order which
//! nobody pays is kept from everybody else.

use std::str::FromStr;

use commerce::{OrderId, Text, Timestamp};
use serde_json::{Value, json};
use service::Problem;
use sha2::{Digest, Sha256};

/// Orders that expired unpaid count for so long.
pub const LAPSED_MS: i64 = 24 * 60 * 60 * 1000;

/// The most that may be held; nothing is counted where there is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnpaidLimits {
    /// Unpaid orders of a customer.
    pub orders: Option<u32>,
    /// Units in the unpaid orders of a customer.
    pub units: Option<u32>,
    /// Orders of a customer that expired unpaid in a day.
    pub lapsed: Option<u32>,
    /// Unpaid orders of everybody behind one network address.
    pub network: Option<u32>,
}

/// A text that says no limits.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not orders=, units=, lapsed= or network= with a number")]
pub struct NoLimits(String);

impl FromStr for UnpaidLimits {
    type Err = NoLimits;

    /// Such as `orders=5 units=200`.
    fn from_str(text: &str) -> Result<Self, NoLimits> {
        let mut limits = Self::default();
        for part in text.split_whitespace() {
            let refused = || NoLimits(part.to_owned());
            let (name, number) = part.split_once('=').ok_or_else(refused)?;
            let limit = match name {
                "orders" => &mut limits.orders,
                "units" => &mut limits.units,
                "lapsed" => &mut limits.lapsed,
                "network" => &mut limits.network,
                _ => return Err(refused()),
            };
            *limit = Some(number.parse().map_err(|_| refused())?);
        }
        Ok(limits)
    }
}

/// A network from which orders are placed, by a digest: what it is called is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network([u8; 8]);

impl Network {
    pub fn of(name: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(name).into();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        Self(bytes)
    }

    pub fn bytes(&self) -> [u8; 8] {
        self.0
    }
}

/// An order that is still to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOrder {
    pub id: OrderId,
    pub number: u64,
    pub units: i64,
}

/// What is held when another order is placed.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Of the customer.
    pub open: Vec<OpenOrder>,
    /// When the customer's orders ended that ended unpaid lately, from the oldest.
    pub lapsed: Vec<Timestamp>,
    /// How many orders from the network are still to be paid.
    pub of_network: i64,
}

/// Why no other order is placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuchHeld {
    #[error("the customer has {} unpaid orders", .0.len())]
    Orders(Vec<OpenOrder>),
    #[error("the customer would hold more than {most} units unpaid")]
    Units { open: Vec<OpenOrder>, most: u32 },
    #[error("too many orders of the customer ended unpaid")]
    Lapsed { seconds: i64 },
    #[error("too many orders from one network are unpaid")]
    Network { seconds: i64 },
}

impl UnpaidLimits {
    /// Whether it matters what a customer holds.
    pub fn count_customers(&self) -> bool {
        self.orders.or(self.units).or(self.lapsed).is_some()
    }

    /// Whether another order of so many units may be held beside what is.
    pub fn check(&self, held: &Held, units: i64, now: Timestamp) -> Result<(), TooMuchHeld> {
        let reached = |count: usize, most: Option<u32>| {
            most.is_some_and(|most| count >= usize::try_from(most).unwrap_or(usize::MAX))
        };
        if reached(held.open.len(), self.orders) {
            return Err(TooMuchHeld::Orders(held.open.clone()));
        }
        let before: i64 = held.open.iter().map(|order| order.units).sum();
        if let Some(most) = self.units
            && before.saturating_add(units) > i64::from(most)
        {
            let open = held.open.clone();
            return Err(TooMuchHeld::Units { open, most });
        }
        if reached(held.lapsed.len(), self.lapsed) {
            let oldest = held.lapsed.first().copied().unwrap_or(now);
            let left = oldest.plus_ms(LAPSED_MS).unix_ms() - now.unix_ms();
            let seconds = left / 1000 + 1;
            return Err(TooMuchHeld::Lapsed { seconds });
        }
        if self
            .network
            .is_some_and(|most| held.of_network >= i64::from(most))
        {
            return Err(TooMuchHeld::Network { seconds: 60 });
        }
        Ok(())
    }
}

impl From<TooMuchHeld> for Problem {
    fn from(refusal: TooMuchHeld) -> Self {
        match &refusal {
            TooMuchHeld::Orders(open) => Problem::conflict(
                "too-many-unpaid-orders",
                Text::new(
                    "Payez ou annulez d’abord vos commandes en attente",
                    "Pay or cancel your open orders first",
                ),
            )
            .detail(
                format!("Commandes à payer : {}", numbers(open)),
                format!("Orders to be paid: {}", numbers(open)),
            )
            .with("unpaid_orders", named(open)),
            TooMuchHeld::Units { open, most } => Problem::conflict(
                "too-many-unpaid-units",
                Text::new(
                    format!("Au plus {most} unités peuvent attendre leur paiement"),
                    format!("At most {most} units may await payment"),
                ),
            )
            .detail(
                "Payez ou annulez d’abord vos commandes en attente, ou contactez la boutique",
                "Pay or cancel your open orders first, or ask the shop",
            )
            .with("most", *most)
            .with("unpaid_orders", named(open)),
            TooMuchHeld::Lapsed { seconds } => Problem::too_many_requests(
                "too-many-lapsed-orders",
                Text::new(
                    "Trop de vos commandes ont expiré ou ont été annulées sans paiement",
                    "Too many of your orders expired or were cancelled unpaid",
                ),
                *seconds,
            ),
            TooMuchHeld::Network { seconds } => Problem::too_many_requests(
                "too-many-unpaid-orders",
                Text::new(
                    "Trop de commandes attendent leur paiement depuis votre réseau",
                    "Too many orders from your network await payment",
                ),
                *seconds,
            ),
        }
        .caused_by(refusal)
    }
}

fn numbers(open: &[OpenOrder]) -> String {
    let numbers: Vec<String> = open.iter().map(|order| order.number.to_string()).collect();
    numbers.join(", ")
}

fn named(open: &[OpenOrder]) -> Value {
    open.iter()
        .map(|order| json!({ "id": order.id, "order_number": order.number }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_000_000_000);

    fn open(units: i64) -> OpenOrder {
        OpenOrder {
            id: OrderId::from_bytes([7; 16]),
            number: 1001,
            units,
        }
    }

    #[test]
    fn limits_are_read_from_their_names() {
        let limits: UnpaidLimits = " orders=5  units=200 lapsed=20 network=50".parse().unwrap();
        assert_eq!((limits.orders, limits.units), (Some(5), Some(200)));
        assert_eq!((limits.lapsed, limits.network), (Some(20), Some(50)));
        assert_eq!("".parse::<UnpaidLimits>().unwrap(), UnpaidLimits::default());
        for wrong in [
            "orders",
            "orders=",
            "orders=-1",
            "orders=5,units=2",
            "pieces=5",
        ] {
            assert!(wrong.parse::<UnpaidLimits>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_held_is_bounded_in_orders_and_in_units() {
        let limits: UnpaidLimits = "orders=2 units=10".parse().unwrap();
        let check = |held: &[OpenOrder], units| {
            let held = Held {
                open: held.to_vec(),
                ..Held::default()
            };
            limits.check(&held, units, NOW)
        };
        assert_eq!(check(&[], 10), Ok(()));
        assert_eq!(check(&[open(4)], 6), Ok(()));
        let open_orders = vec![open(4)];
        let refused = TooMuchHeld::Units {
            open: open_orders,
            most: 10,
        };
        assert_eq!(check(&[open(4)], 7), Err(refused));
        let both = [open(1), open(1)];
        assert_eq!(check(&both, 1), Err(TooMuchHeld::Orders(both.to_vec())));
        assert!(
            UnpaidLimits::default()
                .check(&Held::default(), i64::MAX, NOW)
                .is_ok()
        );
    }

    #[test]
    fn who_lets_orders_lapse_waits_until_the_oldest_is_a_day_old() {
        let limits: UnpaidLimits = "lapsed=1 network=3".parse().unwrap();
        let mut held = Held {
            lapsed: vec![NOW.plus_ms(-LAPSED_MS + 5_500)],
            ..Held::default()
        };
        let lapsed = Err(TooMuchHeld::Lapsed { seconds: 6 });
        assert_eq!(limits.check(&held, 1, NOW), lapsed);
        held.lapsed.clear();
        held.of_network = 2;
        assert_eq!(limits.check(&held, 1, NOW), Ok(()));
        held.of_network = 3;
        assert!(limits.check(&held, 1, NOW).is_err());
    }
}
