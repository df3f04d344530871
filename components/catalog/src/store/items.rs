//! The table `items`: single items, and several by their ids. Deleted ones are not found here.

use commerce::{CategoryId, ItemId, Timestamp, UserId};
use db::{Db, Row, Tx, params};
use serde_json::json;

use super::{json_rows, read_price, read_vat_rate, reservations};
use crate::item::Item;
use crate::rating::AverageRating;
use crate::search;

/// A `select` of whole items: what [`read`] reads. `$from` names the table `i`; category and seller
/// are looked up and not joined, so that a lock on the item is none on them.
macro_rules! select_items {
    (from $from:literal, $rest:literal) => {
        concat!(
            "select i.id, i.seller_id, i.category_id, \
             (select c.enabled from categories c where c.id = i.category_id), \
             (select h.hidden from hidden_sellers h where h.seller_id = i.seller_id), i.name, i.description, \
             i.price, i.currency, i.vat_rate, i.on_hand, i.reserved, i.stock_minimum, \
             i.stock_maximum, i.sku, i.supplier_id, i.average_rating, i.rating_count, \
             i.version, i.created_at, i.updated_at, \
             (select l.held_until from reservation_lines l where l.item_id = i.id \
             order by l.held_until limit 1) from ",
            $from,
            " where i.deleted_at is null",
            $rest
        )
    };
}
pub(super) use select_items;

pub(super) fn read(row: &mut Row) -> db::Result<Item> {
    Ok(Item {
        id: row.next()?,
        seller_id: row.next()?,
        category_id: row.next()?,
        category_enabled: row.next()?,
        seller_hidden: row.next::<Option<bool>>()?.unwrap_or(false),
        name: row.next()?,
        description: row.next()?,
        price: read_price(row)?,
        vat_rate: read_vat_rate(row)?,
        on_hand: row.next()?,
        reserved: row.next()?,
        stock_minimum: row.next()?,
        stock_maximum: row.next()?,
        sku: row.next()?,
        supplier_id: row.next()?,
        average_rating: AverageRating::from_hundredths(row.next()?),
        review_count: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
        held_until: row.next::<Option<Timestamp>>()?,
    })
}

/// Items that were read, with what is held past its time counted as free: one statement more, where any is.
pub(super) async fn with_past_due_free(db: &Db, mut items: Vec<Item>) -> db::Result<Vec<Item>> {
    let now = service::clock::now();
    let due: Vec<ItemId> = items
        .iter()
        .filter(|item| item.holds_past_due(now))
        .map(|item| item.id)
        .collect();
    let free = reservations::past_due(db, &due, now).await?;
    for item in &mut items {
        if let Some(pieces) = free.get(&item.id) {
            item.reserved = item.reserved.saturating_sub(*pieces);
        }
    }
    Ok(items)
}

/// Adds an item without stock; [`db::Error::ForeignKey`] if there is no such category,
/// [`db::Error::Duplicate`] of `items_sku` if another item has its SKU.
pub async fn insert(tx: &mut Tx, item: &Item) -> db::Result<()> {
    const INSERT: &str = "insert into items (id, seller_id, category_id, name, description, \
         search_text, price, currency, vat_rate, stock_minimum, stock_maximum, sku, supplier_id, version, \
         created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        item.id,
        item.seller_id,
        item.category_id,
        item.name,
        item.description,
        search::indexed_text(&item.name, &item.description),
        item.price.money().amount(),
        item.price.money().currency().code(),
        item.vat_rate.basis_points(),
        item.stock_minimum,
        item.stock_maximum,
        item.sku,
        item.supplier_id,
        item.version,
        item.created_at,
        item.updated_at
    ];
    tx.execute(INSERT, &params).await
}

/// Those of the items that there are.
pub async fn find_many(db: &Db, ids: &[ItemId]) -> db::Result<Vec<Item>> {
    const SELECT: &str = select_items!(
        from "json_table(?, '$[*]' columns (item char(32) path '$.item')) l \
              straight_join items i on i.id = unhex(l.item)", ""
    );
    let rows = db.query(SELECT, &params![item_rows(ids)]).await?;
    let items = rows.into_iter().map(|mut row| read(&mut row));
    with_past_due_free(db, items.collect::<db::Result<_>>()?).await
}

/// The item, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: ItemId) -> db::Result<Option<Item>> {
    const SELECT: &str = select_items!(from "items i", " and i.id = ? for update");
    let row = tx.lock_one(SELECT, &params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Those of the items that there are, locked in the order in which they are named. An update that changes
/// nothing locks them, because MySQL takes no `for update` beside a `json_table` (error 3569); its index is named as in `stock`.
pub async fn lock_many(tx: &mut Tx, ids: &[ItemId]) -> db::Result<Vec<Item>> {
    const LOCK: &str = "update json_table(?, '$[*]' columns (item char(32) path '$.item')) l \
         straight_join items i force index (primary) on i.id = unhex(l.item) set i.version = i.version \
         where i.deleted_at is null";
    const SELECT: &str = select_items!(
        from "json_table(?, '$[*]' columns (item char(32) path '$.item')) l \
              straight_join items i on i.id = unhex(l.item)", ""
    );
    let ids = params![item_rows(ids)];
    tx.execute(LOCK, &ids).await?;
    let rows = tx.query(SELECT, &ids).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Writes what people change of an item that was locked; errors as for [`insert`].
pub async fn update(tx: &mut Tx, item: &Item) -> db::Result<()> {
    const UPDATE: &str = "update items set category_id = ?, name = ?, description = ?, search_text = ?, \
         price = ?, currency = ?, vat_rate = ?, stock_minimum = ?, stock_maximum = ?, sku = ?, \
         supplier_id = ?, version = ?, revision = revision + 1, updated_at = ? where id = ?";
    let params = params![
        item.category_id,
        item.name,
        item.description,
        search::indexed_text(&item.name, &item.description),
        item.price.money().amount(),
        item.price.money().currency().code(),
        item.vat_rate.basis_points(),
        item.stock_minimum,
        item.stock_maximum,
        item.sku,
        item.supplier_id,
        item.version,
        item.updated_at,
        item.id
    ];
    tx.execute(UPDATE, &params).await
}

/// Takes an item out of the shop; its row stays for the orders that name it.
pub async fn delete(tx: &mut Tx, id: ItemId, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update items set deleted_at = ?, category_id = null, search_text = '', sku = null, \
         revision = revision + 1 where id = ? and deleted_at is null";
    tx.execute(UPDATE, &params![now, id]).await
}

/// Counts ratings in (`stars` and `reviews` positive) or out. How many items that was: 0 or 1.
pub async fn count_rating(tx: &mut Tx, id: ItemId, stars: i64, reviews: i64) -> db::Result<i64> {
    const UPDATE: &str = "update items set rating_sum = rating_sum + ?, \
         rating_count = rating_count + ? where id = ? and deleted_at is null";
    tx.execute(UPDATE, &params![stars, reviews, id]).await?;
    tx.affected().await
}

/// The items of a category, for whoever has to forget them.
pub async fn list_ids(db: &Db, category: CategoryId) -> db::Result<Vec<ItemId>> {
    const SELECT: &str = "select id from items where category_id = ?";
    let rows = db.query(SELECT, &params![category]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// The items of a seller, likewise.
pub async fn list_ids_of_seller(db: &Db, seller: UserId) -> db::Result<Vec<ItemId>> {
    const SELECT: &str = "select id from items where seller_id = ?";
    let rows = db.query(SELECT, &params![seller]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// The parameter that names items.
pub(super) fn item_rows(ids: &[ItemId]) -> String {
    json_rows(ids.iter().map(|id| json!({"item": hex(*id)})))
}

/// What `unhex` takes.
pub(super) fn hex(id: ItemId) -> String {
    id.as_uuid().simple().to_string()
}
