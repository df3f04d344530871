//! Money that has come for an order pays it, or goes back; it is never only refused.
//!
//! The catalogue decides: an order whose reservation is over is paid if the same stock can be found again, and
//! else the payment is rejected, and payments gives its money back (ADR 8).

use commerce::{Money, PaymentId, Timestamp, UserId};
use db::Tx;
use invoice::Means;
use serde_json::json;
use service::{Author, Context, Deed, clock};

use crate::catalog::CatalogError;
use crate::changing::{self, Act, ChangeError};
use crate::desk::Desk;
use crate::history::{self, Happening, Kind};
use crate::life::{Change, Stage, Step};
use crate::order::Order;
use crate::store::{events, orders};

/// Why an order that had expired became paid.
const STOCK_FOUND_AGAIN: &str = "stock_found_again";

/// Why a payment that succeeded is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("the order has expired, and its stock is not there any more")]
    OrderExpired,
    #[error("the order is cancelled")]
    OrderCancelled,
    #[error("the order is paid by another payment")]
    OrderPaid,
    #[error("the amount is not the order's")]
    AmountDiffers,
}

/// Money that has come, and who says so (nobody where it is a provider).
#[derive(Clone, Debug)]
pub struct Received {
    pub payment: PaymentId,
    pub amount: Money,
    pub means: Option<Means>,
    pub actor: Option<UserId>,
    pub author: Option<Author>,
}

/// Has the money pay its order, which was locked; or why it cannot.
pub async fn take_money(
    context: &Context,
    desk: &Desk,
    tx: &mut Tx,
    order: &mut Order,
    received: &Received,
) -> Result<Option<Rejection>, ChangeError> {
    if received.amount != order.totals.gross {
        return Ok(Some(Rejection::AmountDiffers));
    }
    let pay = received.act(Change::Pay(received.payment), None);
    match order.life.step(&pay.change) {
        Step::To(_) => match changing::apply(context, desk, tx, order, &pay).await {
            Err(ChangeError::Catalog(CatalogError::ReservationOver)) => {}
            paid => return paid.map(|_| None),
        },
        Step::Already => return Ok(Some(Rejection::OrderPaid)),
        Step::Illegal if order.life.stage == Stage::Expired => {}
        Step::Illegal => return Ok(Some(Rejection::OrderCancelled)),
    }
    // Money that was rejected goes back, even if the stock is found again by now.
    if was_rejected(tx, order, received.payment).await? {
        return Ok(Some(Rejection::OrderExpired));
    }
    let change = Change::Revive(received.payment);
    let revive = received.act(change, Some(STOCK_FOUND_AGAIN));
    match changing::apply(context, desk, tx, order, &revive).await {
        // The catalogue has answered, and not what was hoped for.
        Err(ChangeError::Catalog(error)) if !matches!(error, CatalogError::Peer(_)) => {
            let expire = Act::by_service(Change::Expire);
            changing::apply(context, desk, tx, order, &expire).await?;
            Ok(Some(Rejection::OrderExpired))
        }
        paid => paid.map(|_| None),
    }
}

/// Whether this money was rejected before.
pub async fn was_rejected(tx: &mut Tx, order: &Order, payment: PaymentId) -> db::Result<bool> {
    events::exists(tx, order.id, Kind::PaymentRejected, payment).await
}

/// Has the money go back, once; and shows the payment, unless another has paid the order.
pub async fn reject(
    context: &Context,
    tx: &mut Tx,
    order: &mut Order,
    received: &Received,
    why: Rejection,
    at: Timestamp,
) -> db::Result<()> {
    let (id, kind) = (received.payment, Kind::PaymentRejected);
    if was_rejected(tx, order, id).await? {
        return Ok(());
    }
    service::warn(context, "a payment is rejected", &why);
    order.note_payment(id, SUCCEEDED, at);
    order.updated_at = clock::now();
    orders::update(tx, order).await?;
    let happening = Happening {
        kind,
        actor: received.actor,
        reason: Some(why.as_str()),
        payment: Some(id),
    };
    history::record(tx, order, happening).await?;
    if let Some(author) = &received.author {
        let subject = format!("/api/orders/{}", order.id);
        let noted = json!({ "payment_id": id, "amount": received.amount, "reason": why.as_str() });
        let deed = Deed::created(kind.as_str(), &subject, &noted);
        author.record(tx, deed).await?;
    }
    Ok(())
}

/// The status of a payment whose money has come, as payments calls it.
const SUCCEEDED: &str = "succeeded";

impl Received {
    fn act(&self, change: Change, reason: Option<&str>) -> Act {
        Act {
            change,
            actor: self.actor,
            author: self.author.clone(),
            reason: reason.map(str::to_owned),
            means: self.means.clone(),
        }
    }
}

impl Rejection {
    /// As payments and the history are told.
    pub fn as_str(self) -> &'static str {
        match self {
            Rejection::OrderExpired => "order_expired",
            Rejection::OrderCancelled => "order_cancelled",
            Rejection::OrderPaid => "order_paid",
            Rejection::AmountDiffers => "amount_differs",
        }
    }
}
