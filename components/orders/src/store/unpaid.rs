//! What is held without being paid for: read from `orders`, where those who order at once take turns by their row
//! of `order_holders`.

use commerce::{Timestamp, UserId};
use db::{Db, Param, Row, Tx, params};

use crate::domain::unpaid::{Held, LAPSED_MS, Network, OpenOrder, UnpaidLimits};
use crate::life::Stage;

/// As many rows of a kind as are looked at: more are too many under any limit that makes sense.
const MOST: i64 = 1000;

/// Open orders, and those that have ended unpaid lately: whoever cancels an order a moment before it expires has held
/// its stock for as long.
const SELECT: &str = "(select id, order_number, units, status, expires_at from orders \
     where client_id = ? and status = 'awaiting_payment' limit ?) union all \
     (select id, order_number, units, status, least(expires_at, updated_at) from orders \
     where client_id = ? and status = 'expired' and expires_at > ? limit ?) union all \
     (select id, order_number, units, status, least(expires_at, updated_at) from orders \
     where client_id = ? and status = 'cancelled' and expires_at > ? and updated_at > ? and paid_at is null limit ?)";
const COUNT: &str = "select count(*) from (select id from orders where network = ? \
     and status = 'awaiting_payment' and expires_at > ? limit ?) n";

/// What the customer and the network hold. Another order of the same customer waits until this transaction ends.
pub async fn lock_held(
    tx: &mut Tx,
    limits: &UnpaidLimits,
    customer: UserId,
    network: &Network,
    now: Timestamp,
) -> db::Result<Held> {
    const LOCK: &str = "insert into order_holders (customer_id) values (?) \
         on duplicate key update customer_id = order_holders.customer_id";
    let mut held = Held::default();
    if limits.count_customers() {
        tx.execute(LOCK, &params![customer]).await?;
        held = read(tx.query(SELECT, &of_customer(customer, now)).await?, now)?;
    }
    if let Some(most) = limits.network {
        let row = tx.query_one(COUNT, &of_network(network, most, now)).await?;
        held.of_network = row.map_or(Ok(0), |mut row| row.next())?;
    }
    Ok(held)
}

/// The same, when nobody waits.
pub async fn find_held(
    db: &Db,
    limits: &UnpaidLimits,
    customer: UserId,
    network: &Network,
    now: Timestamp,
) -> db::Result<Held> {
    let mut held = Held::default();
    if limits.count_customers() {
        held = read(db.query(SELECT, &of_customer(customer, now)).await?, now)?;
    }
    if let Some(most) = limits.network {
        let row = db.query_one(COUNT, &of_network(network, most, now)).await?;
        held.of_network = row.map_or(Ok(0), |mut row| row.next())?;
    }
    Ok(held)
}

fn of_customer(customer: UserId, now: Timestamp) -> [Param; 9] {
    let since = now.plus_ms(-LAPSED_MS);
    params![
        customer, MOST, customer, since, MOST, customer, since, since, MOST
    ]
}

fn of_network(network: &Network, most: u32, now: Timestamp) -> [Param; 3] {
    params![network.bytes(), now, i64::from(most)]
}

fn read(rows: Vec<Row>, now: Timestamp) -> db::Result<Held> {
    let mut held = Held::default();
    for mut row in rows {
        let order = OpenOrder {
            id: row.next()?,
            number: row.next()?,
            units: row.next()?,
        };
        let status: String = row.next()?;
        let end: Timestamp = row.next()?;
        // One past its time holds nothing any more, whether or not anybody has written that down.
        if status == Stage::AwaitingPayment.as_str() && end > now {
            held.open.push(order);
        } else if end > now.plus_ms(-LAPSED_MS) {
            held.lapsed.push(end);
        }
    }
    held.lapsed.sort_unstable();
    Ok(held)
}
