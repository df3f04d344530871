//! An order on the wire.

use commerce::totals::Reduction;
use commerce::{Address, Language, Money, OrderId, PaymentId, Timestamp, Totals, UserId};
use invoice::Company;
use serde::Serialize;
use utoipa::ToSchema;

use super::{DisputeStatus, Line, PaymentShown, Shipment};
use crate::domain::order_view::OrderView;
use crate::life::{Fulfillment, Status};

/// An order as it is sent, and as the answer to its placing is kept. A seller of some of its lines sees those,
/// what they come to, and where they are to be shipped.
#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderBody {
    id: OrderId,
    /// What people say aloud.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    order_number: u64,
    client_id: UserId,
    status: Status,
    /// What has become of the goods, also where the status speaks of the money or the order is cancelled.
    fulfillment: Fulfillment,
    lines: Vec<Line>,
    /// What a code takes off these lines, VAT included.
    discount: Option<Reduction>,
    /// What shipping costs, VAT included.
    shipping: Money,
    /// Of all that is shown: lines, less discount, plus shipping.
    totals: Totals,
    /// How much of that went back.
    refunded: Money,
    /// The payment that paid it, or else the newest one.
    payment: Option<PaymentBody>,
    /// Whether the client has disputed the payment at its provider. While that is `open`, the order is neither
    /// prepared, shipped nor cancelled.
    dispute: Option<DisputeStatus>,
    shipment: Option<ShipmentBody>,
    shipping_address: Address,
    /// Null for a seller of some of the lines who does not bill them.
    billing_address: Option<Address>,
    /// Where news of it go. Null for a seller of some of the lines who does not bill them.
    #[schema(format = "email")]
    email: Option<String>,
    /// The language of its documents.
    language: Language,
    /// What identifies the buyer, if a company buys. Null for a seller of some of the lines who does not bill
    /// them.
    company: Option<CompanyBody>,
    /// Until when the order waits for its money, with its stock. Null once it is paid, accepted on terms or
    /// cancelled.
    expires_at: Option<Timestamp>,
    paid_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What an order shows of a payment.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderPayment)]
pub struct PaymentBody {
    id: PaymentId,
    /// The status of the payment, or `refunded` once all of its money is back.
    #[schema(example = "succeeded")]
    status: String,
    /// Where the payment is.
    #[schema(example = "/api/payments/01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e")]
    link: String,
}

/// What identifies a company that buys.
#[derive(Serialize, ToSchema)]
#[schema(as = Company)]
pub struct CompanyBody {
    #[schema(pattern = "^[0-9]{9}$", example = "552100554")]
    siren: Option<String>,
    #[schema(pattern = "^[A-Z]{2}[0-9A-Z+*]{2,14}$", example = "FR96552100554")]
    vat_number: Option<String>,
    /// Its own reference of the purchase.
    purchase_order: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Shipment)]
pub struct ShipmentBody {
    carrier: String,
    tracking_number: String,
    shipped_at: Timestamp,
    delivered_at: Option<Timestamp>,
}

impl OrderBody {
    /// Whether it is shown with this status.
    pub fn is(&self, status: Status) -> bool {
        self.status == status
    }
}

impl From<OrderView> for OrderBody {
    fn from(view: OrderView) -> Self {
        let order = view.order;
        let (fulfillment, expires_at) = (order.fulfillment(), order.waits_until());
        let (company, billing) = (order.company, order.billing_address);
        Self {
            id: order.id,
            order_number: order.order_number,
            client_id: order.client_id,
            status: order.life.status(),
            fulfillment,
            discount: view.discount,
            shipping: view.shipping,
            lines: order.lines,
            totals: order.totals,
            refunded: order.life.refunded,
            payment: order.payment.map(PaymentBody::from),
            dispute: order.dispute.map(|dispute| dispute.status),
            shipment: order.shipment.map(ShipmentBody::from),
            shipping_address: order.shipping_address,
            billing_address: view.shows_buyer.then_some(billing),
            email: view.shows_buyer.then_some(order.email),
            language: order.language,
            company: company.filter(|_| view.shows_buyer).map(CompanyBody::from),
            expires_at,
            paid_at: order.paid_at,
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}

impl From<Company> for CompanyBody {
    fn from(company: Company) -> Self {
        Self {
            siren: company.siren.map(String::from),
            vat_number: company.vat_number.map(String::from),
            purchase_order: company.purchase_order,
        }
    }
}

impl From<PaymentShown> for PaymentBody {
    fn from(payment: PaymentShown) -> Self {
        Self {
            id: payment.id,
            status: payment.status,
            link: format!("/api/payments/{}", payment.id),
        }
    }
}

impl From<Shipment> for ShipmentBody {
    fn from(shipment: Shipment) -> Self {
        Self {
            carrier: shipment.parcel.carrier,
            tracking_number: shipment.parcel.tracking_number,
            shipped_at: shipment.shipped_at,
            delivered_at: shipment.delivered_at,
        }
    }
}
