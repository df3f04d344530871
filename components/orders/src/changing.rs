//! Changing where an order stands, together with its stock.
//!
//! The order's row is locked while the catalogue is asked, so that paying, cancelling and expiring take
//! turns. Stock is sold before the order is paid, because the catalogue decides; and it goes back after the
//! order has ended, by an event, because whoever asks earlier cannot take it back: a request may be long on
//! its way, and arrive when the order has gone on. Each names the version of the order that it is for, so
//! that the catalogue knows an old one (ADR 5).

use commerce::{EventId, OrderId, Text, UserId};
use db::Tx;
use invoice::Means;
use serde_json::json;
use service::{Author, Context, Deed, Problem, clock};

use crate::catalog::{CatalogError, Wanted};
use crate::desk::Desk;
use crate::history::{self, Happening, Kind};
use crate::invoicing::{self, InvoicingError};
use crate::life::{Change, Life, Stage, Step};
use crate::order::Order;
use crate::paper::Settlement;
use crate::store::{discounts, events, orders};

/// A change, with who makes it (nobody where it is the service's own doing) and why.
#[derive(Clone, Debug)]
pub struct Act {
    pub change: Change,
    pub actor: Option<UserId>,
    /// The request in which somebody asks for it.
    pub author: Option<Author>,
    pub reason: Option<String>,
    /// How the money came, where the change is that it did.
    pub means: Option<Means>,
}

impl Act {
    /// What the service does by itself.
    pub fn by_service(change: Change) -> Self {
        Self {
            change,
            actor: None,
            author: None,
            reason: None,
            means: None,
        }
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The order stands where the change cannot be made.
    #[error("the change is illegal")]
    Illegal(Life),
    /// The money of the order is disputed at its provider: nothing leaves until that is settled.
    #[error("the payment of the order is disputed")]
    Disputed,
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Invoicing(#[from] InvoicingError),
    #[error("the database failed")]
    Database(#[from] db::Error),
}

/// Makes the change that `choose` makes of an order that was locked, if it has nothing against it. One that
/// was made before is not made twice.
pub async fn change(
    context: &Context,
    desk: &Desk,
    id: OrderId,
    choose: impl Fn(&Order) -> Result<Act, Problem>,
) -> Result<Order, Problem> {
    let order = db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let found = orders::lock(&mut tx, id).await?;
            let mut order = found.ok_or_else(Problem::not_found)?;
            let act = choose(&order)?;
            apply(context, desk, &mut tx, &mut order, &act).await?;
            Ok::<_, Problem>(order)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    for consumer in history::looked_at_next(&order) {
        let outbox = &desk.outbox;
        outbox.deliver_now(context, consumer, id.as_uuid()).await;
    }
    Ok(order)
}

/// Makes a change to an order that was locked; the event that tells of it, unless it was made before. Where it
/// fails, the order is as it was.
pub async fn apply(
    context: &Context,
    desk: &Desk,
    tx: &mut Tx,
    order: &mut Order,
    act: &Act,
) -> Result<Option<EventId>, ChangeError> {
    let now = clock::now();
    let next = match order.life.step(&act.change) {
        Step::To(next) => next,
        Step::Already if order.agrees_with(&act.change) => {
            // They may have come back since.
            restock(tx, order, act).await?;
            return Ok(None);
        }
        Step::Already | Step::Illegal => return Err(ChangeError::Illegal(order.life_at(now))),
    };
    if order.is_disputed() && is_held_by_dispute(&act.change) {
        return Err(ChangeError::Disputed);
    }
    sell_stock(context, desk, order, &act.change).await?;
    let (before, gist) = (order.life, order.gist());
    order.enter(next, &act.change, now);
    orders::update(tx, order).await?;
    count_use(tx, order, &before, &act.change).await?;
    let happening = Happening {
        kind: Kind::of(&act.change),
        actor: act.actor,
        reason: act.reason.as_deref(),
        payment: None,
    };
    let event = history::record(tx, order, happening).await?;
    if let Some(author) = &act.author {
        let subject = format!("/api/orders/{}", order.id);
        let action = Kind::of(&act.change).as_str();
        let deed = Deed::changed(action, &subject, &gist, &order.gist());
        author.record(tx, deed).await?;
    }
    restock(tx, order, act).await?;
    // Last, because everybody who issues papers waits for the series.
    if invoicing::is_invoiced_by(&act.change, &before) {
        invoicing::invoice(tx, order, &settlement(act)).await?;
    }
    if matches!(act.change, Change::Cancel { .. }) {
        invoicing::credit_cancelled(tx, order, &before).await?;
    }
    Ok(Some(event))
}

/// Whether a change has to wait until it is known whose the money is: neither goods nor money leave twice.
fn is_held_by_dispute(change: &Change) -> bool {
    matches!(
        change,
        Change::Prepare | Change::Ship(_) | Change::Cancel { .. }
    )
}

/// Has goods that were shipped come back, once, if the change says so. Those of any other order that is cancelled
/// come back with its end.
async fn restock(tx: &mut Tx, order: &Order, act: &Act) -> db::Result<()> {
    let is_said = act.change == Change::Cancel { restock: true } && order.shipment.is_some();
    if !is_said || events::any(tx, order.id, Kind::Restocked).await? {
        return Ok(());
    }
    let happening = Happening {
        kind: Kind::Restocked,
        actor: act.actor,
        reason: None,
        payment: None,
    };
    history::record(tx, order, happening).await?;
    if let Some(author) = &act.author {
        let subject = format!("/api/orders/{}", order.id);
        let deed = Deed::created(
            Kind::Restocked.as_str(),
            &subject,
            &json!({ "restock": true }),
        );
        author.record(tx, deed).await?;
    }
    Ok(())
}

/// An order that ends unpaid gives the use of its discount code back, and so does one that is cancelled or has
/// all of its money back: the client has had nothing of it. A part of the money is not enough. One that is
/// revived keeps its discount, whether or not a use is left.
pub async fn count_use(
    tx: &mut Tx,
    order: &Order,
    before: &Life,
    change: &Change,
) -> db::Result<()> {
    if order.used_codes().is_empty() {
        return Ok(());
    }
    match change {
        Change::Cancel { .. } | Change::Expire => discounts::give_uses_back(tx, &[order.id]).await,
        // The uses of a cancelled order are back already, and go back once.
        Change::Refund(_) if order.life.is_refunded() => {
            discounts::give_uses_back(tx, &[order.id]).await
        }
        Change::Revive(_) if before.stage == Stage::Expired => {
            discounts::count_uses(tx, order).await
        }
        _ => Ok(()),
    }
}

fn settlement(act: &Act) -> Settlement {
    match &act.change {
        Change::Deliver => Settlement::OnTerms,
        _ => Settlement::Paid(act.means.clone().unwrap_or(Means::Other)),
    }
}

/// Sells the order's stock, if the change is that it is paid, or will be after it is delivered.
async fn sell_stock(
    context: &Context,
    desk: &Desk,
    order: &Order,
    change: &Change,
) -> Result<(), CatalogError> {
    let (catalog, next_version) = (&desk.catalog, order.version + 1);
    match change {
        Change::Pay(_) | Change::PayNothing | Change::Accept
            if order.life.stage == Stage::AwaitingPayment =>
        {
            catalog.commit(context, order.id, next_version).await
        }
        Change::Revive(_) => {
            let wanted: Vec<Wanted> = order.lines.iter().map(Wanted::from).collect();
            let ttl = desk.ttl.seconds();
            let (id, client) = (order.id, order.client_id);
            catalog
                .reserve(context, id, client, &wanted, ttl, next_version)
                .await?;
            catalog.commit(context, id, next_version).await
        }
        // What comes back of a refund is another call: its lines are not all of the order's.
        Change::Pay(_)
        | Change::PayNothing
        | Change::Accept
        | Change::Prepare
        | Change::Ship(_)
        | Change::Deliver
        | Change::Cancel { .. }
        | Change::Expire
        | Change::Refund(_) => Ok(()),
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Illegal(life) => illegal(&life),
            ChangeError::Disputed => Problem::conflict(
                "order-disputed",
                Text::new(
                    "Le paiement de la commande est contesté",
                    "The payment of the order is disputed",
                ),
            )
            .detail(
                "La commande attend l’issue du litige chez le prestataire de paiement",
                "The order waits for the end of the dispute at the payment provider",
            ),
            ChangeError::Catalog(error) => error.into(),
            ChangeError::Invoicing(error) => error.into(),
            ChangeError::Database(error) => error.into(),
        }
    }
}

/// 409, by where the order stands.
pub fn illegal(life: &Life) -> Problem {
    let (code, fr, en) = match life.stage {
        Stage::Cancelled => (
            "order-cancelled",
            "La commande est annulée",
            "The order is cancelled",
        ),
        _ if life.is_refunded() => (
            "order-refunded",
            "La commande est remboursée",
            "The order is refunded",
        ),
        Stage::AwaitingPayment => (
            "order-awaiting-payment",
            "La commande attend son paiement",
            "The order awaits payment",
        ),
        Stage::Paid => ("order-paid", "La commande est payée", "The order is paid"),
        Stage::Preparing => (
            "order-preparing",
            "La commande est en préparation",
            "The order is being prepared",
        ),
        Stage::Shipped => (
            "order-shipped",
            "La commande est expédiée",
            "The order is shipped",
        ),
        Stage::Delivered => (
            "order-delivered",
            "La commande est livrée",
            "The order is delivered",
        ),
        Stage::Expired => (
            "order-expired",
            "La commande a expiré",
            "The order has expired",
        ),
    };
    Problem::conflict(code, Text::new(fr, en))
}
