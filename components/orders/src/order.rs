//! An order: what it is made of, and what a change leaves on it. Pure; which changes are legal, its life says.

mod body;

use commerce::totals::{self, BillError, Line as TotalsLine, Reduction, Sale};
use commerce::{
    Address, ItemId, Language, MerchantId, Money, OrderId, PaymentId, Quantity, Timestamp, Totals,
    UserId, VatRate,
};
use invoice::Company;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

pub use body::OrderBody;

use crate::life::{Change, Fulfillment, Life, Stage, Step};

/// One line, as the catalogue described the item when it was reserved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    pub item_id: ItemId,
    pub name: String,
    pub seller_id: UserId,
    /// VAT included.
    pub unit_price: Money,
    pub vat_rate: VatRate,
    pub quantity: Quantity,
    /// Quantity × unit price, VAT included.
    pub line_total: Money,
}

/// Who carries an order, and by which number they know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    pub carrier: String,
    pub tracking_number: String,
}

/// A parcel that has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    pub parcel: Parcel,
    pub shipped_at: Timestamp,
    pub delivered_at: Option<Timestamp>,
}

/// What is shown of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentShown {
    pub id: PaymentId,
    /// In the words of payments; or `refunded` once all of its money is back.
    pub status: String,
    /// When that was so.
    pub at: Timestamp,
}

/// Where a dispute about the money of an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderDispute)]
pub enum DisputeStatus {
    /// The client has disputed the payment, and nobody knows yet whose the money is.
    Open,
    /// The money is the seller's.
    Won,
    /// The money went back to the client.
    Lost,
}

/// What is known of the disputes of the payment that paid an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    pub status: DisputeStatus,
    /// When that was so.
    pub at: Timestamp,
}

/// The status of a payment that has paid.
const SUCCEEDED: &str = "succeeded";
/// The status of a payment whose money is all back.
const REFUNDED: &str = "refunded";

/// An order. What is sent of it is an [`OrderBody`], by way of what a viewer sees of it.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: OrderId,
    pub order_number: u64,
    pub client_id: UserId,
    pub life: Life,
    pub lines: Vec<Line>,
    /// Who sells which of them, less what, plus what; none for one that was placed before that was kept.
    pub sales: Vec<Sale>,
    pub totals: Totals,
    pub shipping_address: Address,
    pub billing_address: Address,
    /// Where news of it go.
    pub email: String,
    /// The language of its documents.
    pub language: Language,
    /// What identifies the buyer, if a company buys. The billing address has its name.
    pub company: Option<Company>,
    /// Until when the stock of an order that is neither paid nor accepted is reserved.
    pub expires_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub paid_by: Option<PaymentId>,
    /// The payment by transfer or in cash that the customer has begun last, if any.
    pub begun_offline: Option<PaymentId>,
    /// The payment whose money is on its way at a provider, and for which the order waits.
    pub processing: Option<PaymentId>,
    pub payment: Option<PaymentShown>,
    pub dispute: Option<Dispute>,
    pub shipment: Option<Shipment>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u32,
}

impl Order {
    /// Where it stands at this moment: an unpaid order past its time has expired, whether or not anybody
    /// has written it down yet.
    pub fn life_at(&self, now: Timestamp) -> Life {
        match self.life.step(&Change::Expire) {
            Step::To(expired) if self.expires_at <= now => expired,
            _ => self.life,
        }
    }

    /// What has become of the goods, which stays when the order is cancelled.
    pub fn fulfillment(&self) -> Fulfillment {
        match &self.shipment {
            Some(shipment) if shipment.delivered_at.is_some() => Fulfillment::Delivered,
            Some(_) => Fulfillment::Shipped,
            None if self.life.stage == Stage::Preparing => Fulfillment::Preparing,
            None => Fulfillment::Unfulfilled,
        }
    }

    /// Until when it waits for its money, or waited in vain; nothing once it is paid, accepted or cancelled.
    pub fn waits_until(&self) -> Option<Timestamp> {
        let waits = matches!(self.life.stage, Stage::AwaitingPayment | Stage::Expired);
        waits.then_some(self.expires_at)
    }

    /// Makes a change that its life allows: `next` is what the step came to.
    pub fn enter(&mut self, next: Life, change: &Change, now: Timestamp) {
        self.life = next;
        match change {
            Change::Pay(payment) | Change::Revive(payment) => {
                self.paid_at = Some(now);
                self.paid_by = Some(*payment);
                self.payment = Some(shown(*payment, SUCCEEDED, now));
            }
            Change::PayNothing => self.paid_at = Some(now),
            Change::Ship(parcel) => {
                self.shipment = Some(Shipment {
                    parcel: parcel.clone(),
                    shipped_at: now,
                    delivered_at: None,
                });
            }
            Change::Deliver => {
                if let Some(shipment) = &mut self.shipment {
                    shipment.delivered_at = Some(now);
                }
            }
            Change::Refund(_) if next.is_refunded() => {
                self.payment = self.paid_by.map(|payment| shown(payment, REFUNDED, now));
            }
            Change::Refund(_)
            | Change::Accept
            | Change::Prepare
            | Change::Cancel { .. }
            | Change::Expire => {}
        }
        self.updated_at = now;
        self.version += 1;
    }

    /// Whether a change that was made before was the same: a parcel does not change on its way.
    pub fn agrees_with(&self, change: &Change) -> bool {
        match (change, &self.shipment) {
            (Change::Ship(parcel), Some(shipment)) => shipment.parcel == *parcel,
            _ => true,
        }
    }

    /// Notes what is told of a payment; whether anything new is shown. The payment that paid the order stays
    /// the one that is shown, and what is older than what is shown comes too late.
    pub fn note_payment(&mut self, payment: PaymentId, status: &str, at: Timestamp) -> bool {
        let is_newer = match &self.payment {
            Some(known) if known.id == payment => known.at <= at && known.status != status,
            Some(known) => self.paid_by != Some(known.id) && known.at <= at,
            None => true,
        };
        if is_newer {
            self.payment = Some(shown(payment, status, at));
        }
        is_newer
    }

    /// Notes that a payment that did not pay the order has its money back; whether that is shown.
    pub fn note_returned(&mut self, payment: PaymentId, at: Timestamp) -> bool {
        let is_shown = matches!(&self.payment, Some(known) if known.id == payment);
        is_shown && self.note_payment(payment, REFUNDED, at)
    }

    /// Notes where disputes of its payment stand; whether that is new.
    pub fn note_dispute(&mut self, dispute: Dispute, now: Timestamp) -> bool {
        let is_newer = match &self.dispute {
            Some(known) => known.at <= dispute.at && known.status != dispute.status,
            None => true,
        };
        if is_newer {
            self.dispute = Some(dispute);
            self.updated_at = now;
            self.version += 1;
        }
        is_newer
    }

    /// Whether nobody knows yet whose its money is.
    pub fn is_disputed(&self) -> bool {
        let dispute = self.dispute.as_ref();
        dispute.is_some_and(|dispute| dispute.status == DisputeStatus::Open)
    }

    /// Has it wait for its money until then.
    pub fn hold_until(&mut self, end: Timestamp, now: Timestamp) {
        self.expires_at = end;
        self.updated_at = now;
        self.version += 1;
    }

    /// The payment by which a seller says that the money has come another way: the one that the customer has begun,
    /// so that the same money is not noted twice, or one of its own.
    pub fn offline_payment(&self) -> PaymentId {
        let own = || PaymentId::from_uuid(Uuid::new_v5(&self.id.as_uuid(), b"marked-paid"));
        self.begun_offline.unwrap_or_else(own)
    }

    /// What the audit log tells of it: the rest does not change, and is in the order itself.
    pub fn gist(&self) -> Value {
        let parcel = self.shipment.as_ref().map(|shipment| &shipment.parcel);
        json!({
            "order_number": self.order_number,
            "status": self.life.status(),
            "fulfillment": self.fulfillment(),
            "total": self.totals.gross,
            "paid_at": self.paid_at,
            "carrier": parcel.map(|parcel| &parcel.carrier),
            "tracking_number": parcel.map(|parcel| &parcel.tracking_number),
        })
    }

    /// The codes that take something off it, and the merchants who gave them out.
    pub fn used_codes(&self) -> Vec<(MerchantId, &str)> {
        let sales = self.sales.iter();
        sales
            .filter_map(|sale| Some((sale.merchant, sale.discount.as_ref()?.code.as_str())))
            .collect()
    }

    /// How many units it is of.
    pub fn units(&self) -> i64 {
        self.lines.iter().map(|line| line.quantity.get()).sum()
    }

    /// Whether everything in it is sold by this seller.
    pub fn is_all_from(&self, seller: UserId) -> bool {
        self.lines.iter().all(|line| line.seller_id == seller)
    }
}

impl DisputeStatus {
    pub const ALL: [DisputeStatus; 3] =
        [DisputeStatus::Open, DisputeStatus::Won, DisputeStatus::Lost];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            DisputeStatus::Open => "open",
            DisputeStatus::Won => "won",
            DisputeStatus::Lost => "lost",
        }
    }
}

impl std::str::FromStr for DisputeStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        DisputeStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("no dispute is {text}"))
    }
}

fn shown(id: PaymentId, status: &str, at: Timestamp) -> PaymentShown {
    PaymentShown {
        id,
        status: status.to_owned(),
        at,
    }
}

impl From<&Line> for TotalsLine {
    fn from(line: &Line) -> Self {
        Self {
            unit_price: line.unit_price,
            vat_rate: line.vat_rate,
            quantity: line.quantity,
        }
    }
}

/// What lines come to as they are sold; by themselves, if that is not known.
pub fn total(lines: &[Line], sales: &[Sale]) -> Result<Totals, BillError> {
    let lines: Vec<TotalsLine> = lines.iter().map(TotalsLine::from).collect();
    if sales.is_empty() {
        return Ok(totals::price(&lines)?.totals);
    }
    let bills = sales
        .iter()
        .map(|sale| Ok(sale.bill(&lines)?.totals))
        .collect::<Result<Vec<_>, BillError>>()?;
    Ok(totals::sum(&bills)?)
}

/// What was taken off: an order has one code at most, which several merchants may have given out.
pub fn discount(sales: &[Sale]) -> Option<Reduction> {
    let mut off = sales.iter().filter_map(|sale| sale.discount.as_ref());
    let first = off.next()?.clone();
    Some(off.fold(first, |sum, next| Reduction {
        // A part of what was added up before.
        amount: Money::new(
            sum.amount.amount() + next.amount.amount(),
            sum.amount.currency(),
        ),
        ..sum
    }))
}

/// What shipping costs, VAT included, as part of these totals.
pub fn shipping(sales: &[Sale], totals: &Totals) -> Money {
    let fees = sales.iter().filter_map(|sale| sale.shipping);
    let fees = fees.map(|fee| fee.amount.amount());
    // A part of what was added up before.
    Money::new(fees.sum(), totals.gross.currency())
}

/// The id of the order that a client asks for with a key: the same for every repetition.
pub fn derive_id(client: UserId, idempotency_key: &str) -> OrderId {
    OrderId::from_uuid(Uuid::new_v5(&client.as_uuid(), idempotency_key.as_bytes()))
}

#[cfg(test)]
pub mod tests;
