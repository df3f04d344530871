//! An order as payments sees it: what is to be paid, and for which lines.

use commerce::totals::Sale;
use commerce::{ItemId, Money, OrderId, Quantity, Timestamp, UserId, VatRate};
use serde::Serialize;

use crate::life::Status;
use crate::order::{Line, Order};

#[derive(Serialize)]
pub struct Payable {
    id: OrderId,
    order_number: u64,
    client_id: UserId,
    status: Status,
    expires_at: Timestamp,
    total: Money,
    lines: Vec<PayableLine>,
    sales: Vec<Sale>,
}

#[derive(Serialize)]
pub struct PayableLine {
    item_id: ItemId,
    name: String,
    seller_id: UserId,
    quantity: Quantity,
    unit_price: Money,
    vat_rate: VatRate,
    line_total: Money,
}

impl Payable {
    /// The order as it stands at this moment. On terms it is to be paid wherever its goods are.
    pub fn at(order: &Order, now: Timestamp) -> Self {
        let life = order.life_at(now);
        Self {
            id: order.id,
            order_number: order.order_number,
            client_id: order.client_id,
            status: match life.awaits_money() {
                true => Status::AwaitingPayment,
                false => life.status(),
            },
            expires_at: order.expires_at,
            total: order.totals.gross,
            lines: order.lines.iter().map(PayableLine::from).collect(),
            sales: order.sales.clone(),
        }
    }
}

impl From<&Line> for PayableLine {
    fn from(line: &Line) -> Self {
        Self {
            item_id: line.item_id,
            name: line.name.clone(),
            seller_id: line.seller_id,
            quantity: line.quantity,
            unit_price: line.unit_price,
            vat_rate: line.vat_rate,
            line_total: line.line_total,
        }
    }
}
