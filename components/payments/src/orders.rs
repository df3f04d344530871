//! The client of the orders service: what is to be paid, and whether it still is.

use commerce::totals::Sale;
use commerce::{ItemId, Money, OrderId, Quantity, Text, UserId, VatRate};
use http::{Method, StatusCode};
use serde::Deserialize;
use service::{Context, Peer, PeerError, Problem};

use crate::payment::{Goods, Line};

#[derive(Clone)]
pub struct Orders(Peer);

/// An order, as far as it is to be paid.
#[derive(Debug, Deserialize)]
pub struct Order {
    pub client_id: UserId,
    pub status: OrderStatus,
    pub total: Money,
    #[serde(flatten)]
    pub goods: OrderGoods,
}

/// What is sold, as the orders service tells it.
#[derive(Debug, Deserialize)]
pub struct OrderGoods {
    lines: Vec<OrderLine>,
    #[serde(default)]
    sales: Vec<Sale>,
}

/// Where an order stands, as far as paying it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    AwaitingPayment,
    Cancelled,
    Expired,
    /// Paid, or further.
    #[serde(other)]
    Paid,
}

/// One line, as the orders service tells it.
#[derive(Debug, Deserialize)]
struct OrderLine {
    item_id: ItemId,
    seller_id: UserId,
    quantity: Quantity,
    unit_price: Money,
    #[serde(default = "no_vat")]
    vat_rate: VatRate,
}

/// As events say it that were written before they told the rate.
fn no_vat() -> VatRate {
    VatRate::ZERO
}

impl Orders {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    /// The order as it stands at this moment, if there is one.
    pub async fn find(&self, context: &Context, id: OrderId) -> Result<Option<Order>, PeerError> {
        let path = format!("/internal/orders/{id}");
        let answer = self
            .0
            .send(context, Method::GET, &path, None::<&()>)
            .await?;
        match answer.status {
            StatusCode::OK => answer.json().map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(answer.unexpected()),
        }
    }
}

impl Order {
    /// Refuses an order that nobody has to pay.
    pub fn check_payable(&self) -> Result<(), Problem> {
        match self.status {
            OrderStatus::AwaitingPayment if self.total.amount() > 0 => Ok(()),
            OrderStatus::AwaitingPayment => Err(Problem::conflict(
                "nothing-to-pay",
                Text::new("Il n’y a rien à payer", "There is nothing to pay"),
            )),
            OrderStatus::Paid => Err(order_paid()),
            OrderStatus::Cancelled => Err(Problem::conflict(
                "order-cancelled",
                Text::new("La commande est annulée", "The order is cancelled"),
            )),
            OrderStatus::Expired => Err(Problem::conflict(
                "order-expired",
                Text::new("La commande a expiré", "The order has expired"),
            )),
        }
    }
}

pub fn order_paid() -> Problem {
    Problem::conflict(
        "order-paid",
        Text::new("La commande est payée", "The order is paid"),
    )
}

impl From<OrderGoods> for Goods {
    fn from(goods: OrderGoods) -> Self {
        let line = |line: OrderLine| Line {
            item_id: line.item_id,
            seller_id: line.seller_id,
            unit_price: line.unit_price,
            vat_rate: line.vat_rate,
            quantity: line.quantity,
            refunded: 0,
        };
        Self {
            lines: goods.lines.into_iter().map(line).collect(),
            sales: goods.sales,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_follows_payment_is_paid() {
        let read = |text: &str| serde_json::from_value::<OrderStatus>(text.into()).unwrap();
        assert_eq!(read("awaiting_payment"), OrderStatus::AwaitingPayment);
        for status in ["paid", "shipped", "partially_refunded"] {
            assert_eq!(read(status), OrderStatus::Paid);
        }
    }
}
