//! The table `items`, deleted ones too, as reports reads it.

use commerce::ItemId;
use db::{Db, Row, params};

use super::items::item_rows;
use super::read_price;
use crate::card::Card;

/// A `select` of cards: what [`read`] reads.
macro_rules! select_cards {
    ($rest:literal) => {
        concat!(
            "select i.id, i.revision, i.deleted_at, i.seller_id, i.supplier_id, i.sku, i.name, i.price, \
             i.currency, i.on_hand, i.reserved, i.stock_minimum, i.stock_maximum from ",
            $rest
        )
    };
}

fn read(mut row: Row) -> db::Result<Card> {
    Ok(Card {
        id: row.next()?,
        revision: row.next()?,
        deleted: row.next::<Option<i64>>()?.is_some(),
        seller_id: row.next()?,
        supplier_id: row.next()?,
        sku: row.next()?,
        name: row.next()?,
        price: read_price(&mut row)?,
        on_hand: row.next()?,
        reserved: row.next()?,
        stock_minimum: row.next()?,
        stock_maximum: row.next()?,
    })
}

pub async fn by_ids(db: &Db, ids: &[ItemId]) -> db::Result<Vec<Card>> {
    const SELECT: &str = select_cards!(
        "json_table(?, '$[*]' columns (item char(32) path '$.item')) l \
         straight_join items i on i.id = unhex(l.item)"
    );
    let rows = db.query(SELECT, &params![item_rows(ids)]).await?;
    rows.into_iter().map(read).collect()
}

/// Cards in the order of their ids, past `after`.
pub async fn page(db: &Db, after: ItemId, rows: i64) -> db::Result<Vec<Card>> {
    const SELECT: &str = select_cards!("items i where i.id > ? order by i.id limit ?");
    let rows = db.query(SELECT, &params![after, rows]).await?;
    rows.into_iter().map(read).collect()
}
