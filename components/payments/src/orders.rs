//! The client of the orders service: what is to be paid, and whether it still is.

use commerce::totals::Sale;
use commerce::{ItemId, Money, OrderId, PaymentId, Quantity, Text, UserId, VatRate};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
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

/// A refusal of the orders service, as far as it is read.
#[derive(Deserialize)]
struct Refusal {
    code: String,
}

impl Orders {
    /// Has an order wait for days, with its stock, because its client pays by transfer.
    pub async fn hold_for_transfer(
        &self,
        context: &Context,
        id: OrderId,
        payment: PaymentId,
    ) -> Result<(), Problem> {
        let path = format!("/internal/orders/{id}/hold-for-transfer");
        let body = json!({ "payment_id": payment });
        let answer = self
            .0
            .send(context, Method::POST, &path, Some(&body))
            .await?;
        match answer.status {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => Err(Problem::not_found()),
            // It has gone on since it was asked for.
            StatusCode::CONFLICT => Err(match answer.json::<Refusal>()?.code.as_str() {
                "order-expired" => order_expired(),
                "order-cancelled" => order_cancelled(),
                "order-paid" | "order-preparing" | "order-shipped" | "order-delivered"
                | "order-refunded" => order_paid(),
                _ => answer.unexpected().into(),
            }),
            _ => Err(answer.unexpected().into()),
        }
    }
}

impl Order {
    /// Refuses an order that nobody has to pay.
    pub fn check_payable(&self) -> Result<(), Problem> {
        match self.status {
            OrderStatus::AwaitingPayment | OrderStatus::Paid if self.total.amount() == 0 => {
                Err(Problem::conflict(
                    "nothing-to-pay",
                    Text::new("Il n’y a rien à payer", "There is nothing to pay"),
                ))
            }
            OrderStatus::AwaitingPayment => Ok(()),
            OrderStatus::Paid => Err(order_paid()),
            OrderStatus::Cancelled => Err(order_cancelled()),
            OrderStatus::Expired => Err(order_expired()),
        }
    }
}

fn order_cancelled() -> Problem {
    Problem::conflict(
        "order-cancelled",
        Text::new("La commande est annulée", "The order is cancelled"),
    )
}

fn order_expired() -> Problem {
    Problem::conflict(
        "order-expired",
        Text::new("La commande a expiré", "The order has expired"),
    )
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
