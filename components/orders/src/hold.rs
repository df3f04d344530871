//! How long an unpaid order waits for its money, with its stock: minutes for a card, days for a transfer, and
//! until the provider knows for money that is on its way.

use std::collections::BTreeSet;

use commerce::{OrderId, PaymentId, Timestamp};
use db::Tx;
use service::{Context, Problem, clock};

use crate::catalog::CatalogError;
use crate::changing;
use crate::desk::Desk;
use crate::life::Stage;
use crate::merchant;
use crate::order::Order;
use crate::store::{merchants, orders};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long money may be on its way at a provider, which says how it ends: longer than a direct debit may take.
const PROCESSING_DAYS: i64 = 60;

/// The statuses of a payment that say how long to wait, as payments calls them.
pub const BEGUN: &str = "requires_payment";
const PROCESSING: &str = "processing";

/// The customer begins to pay by transfer: the order waits for the term of whoever sells, from when it was placed, so
/// that asking again gives no more; and a seller's word that the money has come is about this payment. Until when it
/// waits.
pub async fn hold_for_transfer(
    context: &Context,
    desk: &Desk,
    id: OrderId,
    payment: PaymentId,
) -> Result<Timestamp, Problem> {
    db::retry(|| async {
        let mut tx = desk.db.begin().await?;
        let outcome = async {
            let found = orders::lock(&mut tx, id).await?;
            let mut order = found.ok_or_else(Problem::not_found)?;
            let now = clock::now();
            let life = order.life_at(now);
            if !life.awaits_money() {
                return Err(changing::illegal(&life));
            }
            // Of several, payments takes one, and tells which.
            let is_first = order.begun_offline.is_none();
            order.begun_offline.get_or_insert(payment);
            let is_longer = match life.stage {
                Stage::AwaitingPayment => wait_for_days(context, desk, &mut tx, &mut order).await?,
                // On terms: its stock is sold.
                _ => false,
            };
            if is_first || is_longer {
                orders::update(&mut tx, &order).await?;
            }
            Ok(order.expires_at)
        }
        .await;
        tx.finish(outcome).await
    })
    .await
}

/// Has an order that was locked wait for the term of a transfer; whether that is longer than it waited.
async fn wait_for_days(
    context: &Context,
    desk: &Desk,
    tx: &mut Tx,
    order: &mut Order,
) -> Result<bool, Problem> {
    let end = transfer_end(tx, order).await?;
    let is_longer = end > order.expires_at;
    if is_longer {
        hold_until(context, desk, order, end).await?;
    }
    Ok(is_longer)
}

async fn transfer_end(tx: &mut Tx, order: &Order) -> Result<Timestamp, Problem> {
    let days = transfer_days(tx, order).await?;
    Ok(order.created_at.plus_ms(days.saturating_mul(DAY_MS)))
}

/// The shortest term of those who sell the lines: nobody's stock is held for longer than they want.
async fn transfer_days(tx: &mut Tx, order: &Order) -> Result<i64, Problem> {
    let sellers = order.lines.iter().map(|line| line.seller_id);
    let merchants = merchants::list_in(tx, &merchant::candidates(sellers)).await?;
    let sellers: BTreeSet<_> = order.lines.iter().map(|line| line.seller_id).collect();
    let mut shortest = None::<u8>;
    for seller in sellers {
        let days = merchants.of(seller)?.identity.transfer_days;
        shortest = Some(shortest.map_or(days, |known| known.min(days)));
    }
    Ok(shortest.unwrap_or(merchant::TRANSFER_DAYS).into())
}

/// What is told of a payment of an order that was locked says how long the order waits: until the provider knows,
/// once the money is on its way, and then as long as for a card or a transfer. Whether that is another end than
/// until now; the caller writes it down.
pub async fn follow_payment(
    context: &Context,
    desk: &Desk,
    tx: &mut Tx,
    order: &mut Order,
    payment: PaymentId,
    status: &str,
) -> Result<bool, Problem> {
    let now = clock::now();
    let end = if status == PROCESSING {
        order.processing = Some(payment);
        now.plus_ms(PROCESSING_DAYS * DAY_MS)
    } else if order
        .processing
        .is_some_and(|on_its_way| on_its_way == payment || status == BEGUN)
    {
        // An order has one payment at a time: another is begun after this one has ended.
        order.processing = None;
        let card = desk.ttl.end();
        match order.begun_offline {
            Some(_) => card.max(transfer_end(tx, order).await?),
            None => card,
        }
    } else {
        return Ok(false);
    };
    if order.life_at(now).stage != Stage::AwaitingPayment {
        return Ok(true);
    }
    match hold_until(context, desk, order, end).await {
        // Its stock is gone. If the money comes all the same, it pays the order or goes back.
        Ok(()) | Err(CatalogError::ReservationOver) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Moves the end of an order that was locked, together with that of its reservation. The caller writes it down.
async fn hold_until(
    context: &Context,
    desk: &Desk,
    order: &mut Order,
    end: Timestamp,
) -> Result<(), CatalogError> {
    let version = order.version + 1;
    desk.catalog
        .reschedule(context, order.id, version, end)
        .await?;
    order.hold_until(end, clock::now());
    Ok(())
}
