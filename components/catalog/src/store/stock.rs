//! The columns `on_hand` and `reserved` of `items`: the same statement for one item and for a thousand.
//!
//! Items come in the order of their ids, so that two transactions lock them in the same order. A statement that
//! locks is told its index: where a server believes that the table is all but empty, as it may for long after a
//! crash, it would read all of it, wait for every item that others hold, and lose a deadlock to them for ever.

use commerce::ItemId;
use db::{Db, Tx, params};
use serde_json::json;

use super::items::{hex, item_rows};
use super::json_rows;
use crate::alert::LowStock;
use crate::reservation::{OnOffer, Wanted};
use crate::stock::Shift;

/// The name of the constraint that no statement gets past.
const STOCK_COVERS_RESERVED: &str = "items_stock_covers_reserved";

/// Whether a statement failed because it would have taken more than there is.
pub fn is_short(error: &db::Error) -> bool {
    matches!(error, db::Error::Check { constraint } if constraint == STOCK_COVERS_RESERVED)
}

/// Reserves what is for sale. How many items that was; an error that [`is_short`] if one has too few.
pub async fn reserve(tx: &mut Tx, lines: &[Wanted]) -> db::Result<i64> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (item char(32) path '$.item', \
         quantity bigint path '$.quantity')) l straight_join items i force index (primary) \
         on i.id = unhex(l.item) set i.reserved = i.reserved + l.quantity, i.revision = i.revision + 1 \
         where i.deleted_at is null \
         and (select c.enabled from categories c where c.id = i.category_id) = true \
         and not exists (select 1 from hidden_sellers h where h.seller_id = i.seller_id and h.hidden)";
    let rows = lines
        .iter()
        .map(|line| json!({"item": hex(line.item_id), "quantity": line.quantity}));
    tx.execute(UPDATE, &params![json_rows(rows)]).await?;
    tx.affected().await
}

/// Moves stock of items that may be deleted by now; an error that [`is_short`] if one has too few.
pub async fn shift(tx: &mut Tx, shifts: &[Shift]) -> db::Result<()> {
    const UPDATE: &str = "update json_table(?, '$[*]' columns (item char(32) path '$.item', \
         on_hand bigint path '$.on_hand', reserved bigint path '$.reserved')) l \
         straight_join items i force index (primary) on i.id = unhex(l.item) \
         set i.on_hand = i.on_hand + l.on_hand, i.reserved = i.reserved + l.reserved, \
         i.revision = i.revision + 1";
    let rows = shifts.iter().map(|shift| {
        json!({"item": hex(shift.item_id), "on_hand": shift.on_hand, "reserved": shift.reserved})
    });
    tx.execute(UPDATE, &params![json_rows(rows)]).await
}

/// The items for sale of which these shifts, made in this transaction, have left less than the minimum where
/// there was enough before.
pub async fn fallen_below_minimum(tx: &mut Tx, shifts: &[Shift]) -> db::Result<Vec<LowStock>> {
    const SELECT: &str = "select i.id, i.name, i.sku, i.seller_id, i.supplier_id, i.on_hand, \
         i.stock_minimum, i.stock_maximum from json_table(?, '$[*]' columns (item char(32) path '$.item', \
         on_hand bigint path '$.on_hand')) l straight_join items i on i.id = unhex(l.item) \
         where i.deleted_at is null and i.on_hand < i.stock_minimum \
         and i.on_hand - l.on_hand >= i.stock_minimum";
    let rows = shifts
        .iter()
        .map(|shift| json!({"item": hex(shift.item_id), "on_hand": shift.on_hand}));
    let found = tx.query(SELECT, &params![json_rows(rows)]).await?;
    found
        .into_iter()
        .map(|mut row| {
            Ok(LowStock {
                item_id: row.next()?,
                name: row.next()?,
                sku: row.next()?,
                seller_id: row.next()?,
                supplier_id: row.next()?,
                on_hand: row.next()?,
                stock_minimum: row.next()?,
                stock_maximum: row.next()?,
            })
        })
        .collect()
}

/// What is for sale of these items.
pub async fn on_offer(db: &Db, ids: &[ItemId]) -> db::Result<Vec<OnOffer>> {
    const SELECT: &str = "select i.id, i.name, i.on_hand - i.reserved \
         from json_table(?, '$[*]' columns (item char(32) path '$.item')) l \
         straight_join items i on i.id = unhex(l.item) where i.deleted_at is null \
         and (select c.enabled from categories c where c.id = i.category_id) = true \
         and not exists (select 1 from hidden_sellers h where h.seller_id = i.seller_id and h.hidden)";
    let rows = db.query(SELECT, &params![item_rows(ids)]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(OnOffer {
                item_id: row.next()?,
                name: row.next()?,
                available: row.next()?,
            })
        })
        .collect()
}
