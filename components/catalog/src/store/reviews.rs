//! The table `reviews`. Whether its author has bought the item is looked up in the reservations.

use commerce::{ItemId, ReviewId, UserId};
use db::{Db, Row, Tx, params};

use super::refused;
use crate::rating::Rating;
use crate::review::{Ground, Hidden, Review};

/// A `select` of reviews: what [`read`] reads. The author's reservations are looked at before the item's
/// lines, of which an item that sells well has many.
macro_rules! select_reviews {
    ($rest:literal) => {
        concat!(
            "select v.id, v.item_id, v.client_id, v.rating, v.comment, \
             cast((select count(*) from reservations r \
             straight_join reservation_lines l on l.order_id = r.order_id and l.item_id = v.item_id \
             where r.client_id = v.client_id and r.state = 'committed') as signed), \
             v.hidden_ground, v.hidden_reason, v.hidden_at, v.version, v.created_at, v.updated_at from reviews v ",
            $rest
        )
    };
}

fn read(row: &mut Row) -> db::Result<Review> {
    Ok(Review {
        id: row.next()?,
        item_id: row.next()?,
        client_id: row.next()?,
        rating: Rating::new(row.next()?).map_err(|text| refused(text.en))?,
        comment: row.next()?,
        verified_purchase: row.next::<i64>()? > 0,
        hidden: read_hidden(row)?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

fn read_hidden(row: &mut Row) -> db::Result<Option<Hidden>> {
    let ground: Option<String> = row.next()?;
    let (reason, since) = (row.next()?, row.next()?);
    let (Some(ground), Some(reason), Some(since)) = (ground, reason, since) else {
        return Ok(None);
    };
    let ground = Ground::parse(&ground).ok_or_else(|| refused("a ground that is none"))?;
    Ok(Some(Hidden {
        ground,
        reason,
        since,
    }))
}

/// Adds a review; [`db::Error::Duplicate`] of `reviews_author` if its author has written one already.
pub async fn insert(tx: &mut Tx, review: &Review) -> db::Result<()> {
    const INSERT: &str = "insert into reviews (id, item_id, client_id, rating, comment, version, \
         created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        review.id,
        review.item_id,
        review.client_id,
        i64::from(review.rating.stars()),
        review.comment,
        review.version,
        review.created_at,
        review.updated_at
    ];
    tx.execute(INSERT, &params).await
}

pub async fn find(db: &Db, item: ItemId, id: ReviewId) -> db::Result<Option<Review>> {
    const SELECT: &str = select_reviews!("where v.item_id = ? and v.id = ?");
    let row = db.query_one(SELECT, &params![item, id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The review as this transaction sees it, which may have just written it.
pub async fn find_written(tx: &mut Tx, id: ReviewId) -> db::Result<Option<Review>> {
    const SELECT: &str = select_reviews!("where v.id = ?");
    let row = tx.query_one(SELECT, &params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The review, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, item: ItemId, id: ReviewId) -> db::Result<Option<Review>> {
    const SELECT: &str = select_reviews!("where v.item_id = ? and v.id = ? for update");
    let row = tx.lock_one(SELECT, &params![item, id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The reviews of an item from the newest, past the one that `after` names: hidden ones for who sees all, and
/// for their author.
pub async fn list(
    db: &Db,
    item: ItemId,
    (author, sees_all): (Option<UserId>, bool),
    after: Option<ReviewId>,
    rows: i64,
) -> db::Result<Vec<Review>> {
    const SELECT: &str = select_reviews!(
        "where v.item_id = ? and (? is null or v.id < ?) \
         and (v.hidden_at is null or ? or v.client_id = ?) order by v.id desc limit ?"
    );
    let params = params![item, after, after, sees_all, author, rows];
    let rows = db.query(SELECT, &params).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Writes whether a review that was locked is hidden.
pub async fn update_hidden(tx: &mut Tx, review: &Review) -> db::Result<()> {
    const UPDATE: &str = "update reviews set hidden_ground = ?, hidden_reason = ?, hidden_at = ?, \
         version = ?, updated_at = ? where id = ?";
    let hidden = review.hidden.as_ref();
    let params = params![
        hidden.map(|hidden| hidden.ground.as_str()),
        hidden.map(|hidden| hidden.reason.as_str()),
        hidden.map(|hidden| hidden.since),
        review.version,
        review.updated_at,
        review.id
    ];
    tx.execute(UPDATE, &params).await
}

/// Writes what can change of a review that was locked.
pub async fn update(tx: &mut Tx, review: &Review) -> db::Result<()> {
    const UPDATE: &str =
        "update reviews set rating = ?, comment = ?, version = ?, updated_at = ? where id = ?";
    let params = params![
        i64::from(review.rating.stars()),
        review.comment,
        review.version,
        review.updated_at,
        review.id
    ];
    tx.execute(UPDATE, &params).await
}

pub async fn delete(tx: &mut Tx, id: ReviewId) -> db::Result<()> {
    const DELETE: &str = "delete from reviews where id = ?";
    tx.execute(DELETE, &params![id]).await
}
