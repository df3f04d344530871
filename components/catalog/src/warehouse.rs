//! The use cases that reserve, sell and free stock: each is one transaction with a number of statements
//! that does not grow with the lines, and may be asked for again.
//!
//! Whatever changes a reservation locks its row first, then its items in the order of their ids.

use std::time::Duration;

use commerce::{ItemId, OrderId, RefundId, Timestamp};
use db::{Db, Tx};
use service::{Context, clock};

use crate::reservation::{Asked, Reservation, ReservationError, State, Step, Wanted, free_all};
use crate::stock::{CANCELLATION, RETURN, SALE};
use crate::store::shelf::Shelf;
use crate::store::{movements, reservations, returns, stock};
use crate::{alert, changed};

/// How many reservations one transaction closes: it locks all their items.
const BATCH: usize = 250;
/// How often an order that finds too little stock looks again while somebody else frees what is past its time.
const LOOKS: usize = 10;
/// How long it waits in between.
const PAUSE: Duration = Duration::from_millis(30);

/// The stock of all items, and what orders hold of it.
#[derive(Clone)]
pub struct Warehouse {
    db: Db,
    shelf: Shelf,
}

/// What was found past its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    Nothing,
    Something,
    /// Somebody else is freeing it at this moment.
    BySomebodyElse,
}

/// What kept an attempt from reserving.
#[derive(Debug, thiserror::Error)]
enum Obstacle {
    /// The order has a reservation.
    #[error("the order has a reservation")]
    Taken,
    /// An item is not for sale, or there is too little of it.
    #[error("an item is missing or short")]
    Short,
    #[error("the database failed")]
    Database(#[source] db::Error),
}

/// Why goods could not come back.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    /// It is more than was sold and has not come back yet.
    #[error("so much was not sold")]
    NotSold,
    #[error("the database failed")]
    Database(#[from] db::Error),
}

impl From<db::Error> for Obstacle {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Duplicate { .. } => Self::Taken,
            short if stock::is_short(&short) => Self::Short,
            other => Self::Database(other),
        }
    }
}

impl Warehouse {
    pub fn new(db: Db, shelf: Shelf) -> Self {
        Self { db, shelf }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Reserves all lines or none; the same order again is answered with its first reservation, while that
    /// stands.
    pub async fn reserve(
        &self,
        context: &Context,
        asked: &Asked,
    ) -> Result<Reservation, ReservationError> {
        let mut made = self.try_reserve(asked).await;
        // What is past its time is free, whether or not somebody has swept it.
        for _ in 0..LOOKS {
            if !matches!(made, Err(Obstacle::Short)) {
                break;
            }
            match self.free_past_due(&asked.item_ids()).await? {
                Freed::Nothing => break,
                Freed::Something => {}
                Freed::BySomebodyElse => service::pause(PAUSE).await,
            }
            made = self.try_reserve(asked).await;
        }
        // An order that was given up may be placed again by the same request.
        if matches!(made, Err(Obstacle::Taken)) && self.clear_ended(asked.order_id).await? {
            made = self.try_reserve(asked).await;
        }
        self.shelf.forget(context, &asked.item_ids()).await;
        match made {
            Ok(()) | Err(Obstacle::Taken) => {
                let found = reservations::find(&self.db, asked.order_id).await?;
                let reservation = found.ok_or(ReservationError::Unknown)?;
                reservation.answers(asked, clock::now())?;
                Ok(reservation)
            }
            Err(Obstacle::Short) => {
                Err(asked.refusal(stock::on_offer(&self.db, &asked.item_ids()).await?))
            }
            Err(Obstacle::Database(error)) => Err(error.into()),
        }
    }

    async fn try_reserve(&self, asked: &Asked) -> Result<(), Obstacle> {
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                reservations::insert(&mut tx, asked, clock::now()).await?;
                // Before the items are locked: others wait for them.
                changed::tell(&mut tx, asked.item_ids()).await?;
                let reserved = stock::reserve(&mut tx, &asked.in_lock_order()).await?;
                if usize::try_from(reserved) != Ok(asked.lines.len()) {
                    return Err(Obstacle::Short);
                }
                Ok(reservations::insert_lines(&mut tx, asked).await?)
            }
            .await;
            tx.finish(outcome).await
        })
        .await
    }

    /// Removes the order's reservation if it has ended; whether it had.
    async fn clear_ended(&self, order: OrderId) -> Result<bool, db::Error> {
        let now = clock::now();
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let found = reservations::lock(&mut tx, order).await?;
                let Some(mut ended) = found.filter(|found| found.has_ended(now)) else {
                    return Ok(false);
                };
                // Past its time and not swept yet, it still holds stock.
                let step = ended.release(u32::MAX);
                take_step(&mut tx, &mut ended, step, now).await?;
                reservations::delete(&mut tx, order).await?;
                Ok(true)
            }
            .await;
            tx.finish(outcome).await
        })
        .await
    }

    /// Sells what an order holds; once, however often it is asked for.
    pub async fn commit(
        &self,
        context: &Context,
        order: OrderId,
        order_version: u32,
    ) -> Result<Reservation, ReservationError> {
        let commit = |reservation: &Reservation, now| reservation.commit(now);
        self.change(context, order, order_version, commit).await
    }

    /// Frees what an order holds, or takes back what it has bought; once, however often it is asked for.
    pub async fn release(
        &self,
        context: &Context,
        order: OrderId,
        order_version: u32,
    ) -> Result<Reservation, ReservationError> {
        let release = |reservation: &Reservation, _| Ok(reservation.release(order_version));
        self.change(context, order, order_version, release).await
    }

    async fn change(
        &self,
        context: &Context,
        order: OrderId,
        order_version: u32,
        decide: impl Fn(&Reservation, Timestamp) -> Result<Step, ReservationError>,
    ) -> Result<Reservation, ReservationError> {
        let now = clock::now();
        let changed = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let found = reservations::lock(&mut tx, order).await?;
                let mut reservation = found.ok_or(ReservationError::Unknown)?;
                let step = decide(&reservation, now)?;
                let is_newer = order_version > reservation.order_version;
                reservation.order_version = reservation.order_version.max(order_version);
                if step == Step::Nothing && is_newer {
                    // Sold already, and now to a newer version: the older ones have no say any more.
                    reservations::update(&mut tx, &reservation, now).await?;
                }
                take_step(&mut tx, &mut reservation, step, now).await?;
                Ok::<_, ReservationError>(reservation)
            }
            .await;
            tx.finish(outcome).await
        })
        .await?;
        self.shelf.forget(context, &changed.item_ids()).await;
        Ok(changed)
    }

    /// Takes goods of a sale back; once for each refund, however often it is asked for.
    pub async fn take_back(
        &self,
        context: &Context,
        refund: RefundId,
        order: OrderId,
        lines: &[Wanted],
    ) -> Result<(), ReturnError> {
        let taken = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let taken = take_back(&mut tx, refund, order, lines).await;
            tx.finish(taken).await
        })
        .await;
        let items: Vec<ItemId> = lines.iter().map(|line| line.item_id).collect();
        self.shelf.forget(context, &items).await;
        taken
    }

    /// Frees what reservations past their time hold of these items.
    pub async fn free_past_due(&self, items: &[ItemId]) -> Result<Freed, db::Error> {
        let due = reservations::list_due_of(&self.db, items, clock::now(), BATCH).await?;
        if due.is_empty() {
            return Ok(Freed::Nothing);
        }
        match self.expire(&due).await? {
            0 => Ok(Freed::BySomebodyElse),
            _ => Ok(Freed::Something),
        }
    }

    /// Ends those of the reservations that are past their time and that nobody else has locked; how many. Nothing is
    /// dropped from the shelf: what they held was free before.
    pub async fn expire(&self, due: &[OrderId]) -> Result<usize, db::Error> {
        if due.is_empty() {
            return Ok(0);
        }
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let expired = expire(&mut tx, due, clock::now()).await;
            tx.finish(expired).await
        })
        .await
    }
}

async fn take_step(
    tx: &mut Tx,
    reservation: &mut Reservation,
    step: Step,
    now: Timestamp,
) -> db::Result<()> {
    let (state, reason) = match step {
        Step::Nothing => return Ok(()),
        Step::Sell => (State::Committed, Some(SALE)),
        Step::Free => (State::Released, None),
        Step::TakeBack => (State::Released, Some(CANCELLATION)),
    };
    let shifts = reservation.shifts(step);
    changed::tell_shifted(tx, &shifts).await?;
    stock::shift(tx, &shifts).await?;
    alert::tell_low(tx, &shifts).await?;
    let (order, client) = (reservation.order_id, reservation.client_id);
    if let Some(reason) = reason {
        movements::insert_of_order(tx, &shifts, reason, order, client, now).await?;
    }
    reservation.state = state;
    reservations::update(tx, reservation, now).await
}

async fn take_back(
    tx: &mut Tx,
    refund: RefundId,
    order: OrderId,
    lines: &[Wanted],
) -> Result<(), ReturnError> {
    let now = clock::now();
    let found = reservations::lock(tx, order).await?;
    let sale = found.ok_or(ReturnError::NotSold)?;
    match returns::insert(tx, refund, order, now).await {
        Err(db::Error::Duplicate { .. }) => return Ok(()),
        inserted => inserted?,
    }
    let shifts = sale.returns(lines).ok_or(ReturnError::NotSold)?;
    returns::count(tx, order, lines).await?;
    stock::shift(tx, &shifts).await?;
    changed::tell_shifted(tx, &shifts).await?;
    Ok(movements::insert_of_order(tx, &shifts, RETURN, order, sale.client_id, now).await?)
}

async fn expire(tx: &mut Tx, due: &[OrderId], now: Timestamp) -> db::Result<usize> {
    let due = reservations::lock_due(tx, due, now).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let shifts = free_all(reservations::list_held(tx, &due).await?);
    // Before the items are locked: others wait for them.
    changed::tell_shifted(tx, &shifts).await?;
    reservations::expire(tx, &due, now).await?;
    stock::shift(tx, &shifts).await?;
    Ok(due.len())
}
