//! The table `categories`.

use commerce::CategoryId;
use db::{Db, Row, Tx, params};

use crate::category::Category;

fn read(row: &mut Row) -> db::Result<Category> {
    Ok(Category {
        id: row.next()?,
        name: row.next()?,
        description: row.next()?,
        enabled: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

/// Adds a category; [`db::Error::Duplicate`] of `categories_name` if the name is taken.
pub async fn insert(tx: &mut Tx, category: &Category) -> db::Result<()> {
    const INSERT: &str = "insert into categories (id, name, description, enabled, version, created_at, \
         updated_at) values (?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        category.id,
        category.name,
        category.description,
        category.enabled,
        category.version,
        category.created_at,
        category.updated_at
    ];
    tx.execute(INSERT, &params).await
}

pub async fn find(db: &Db, id: CategoryId) -> db::Result<Option<Category>> {
    const SELECT: &str = "select id, name, description, enabled, version, created_at, updated_at \
         from categories where id = ?";
    let row = db.query_one(SELECT, &params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The category, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: CategoryId) -> db::Result<Option<Category>> {
    const SELECT: &str = "select id, name, description, enabled, version, created_at, updated_at \
         from categories where id = ? for update";
    let row = tx.lock_one(SELECT, &params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Categories by name, past the name that `after` is; the hidden ones among them if `hidden`.
pub async fn list(
    db: &Db,
    hidden: bool,
    after: Option<&str>,
    rows: i64,
) -> db::Result<Vec<Category>> {
    // Every name comes after the empty one, which none has.
    const SELECT: &str = "select id, name, description, enabled, version, created_at, updated_at \
         from categories where name > ? and (enabled = true or ? = true) order by name limit ?";
    let params = params![after.unwrap_or_default(), hidden, rows];
    let rows = db.query(SELECT, &params).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Writes what can change of a category that was locked; [`db::Error::Duplicate`] as for [`insert`].
pub async fn update(tx: &mut Tx, category: &Category) -> db::Result<()> {
    const UPDATE: &str = "update categories set name = ?, description = ?, enabled = ?, version = ?, \
         updated_at = ? where id = ?";
    let params = params![
        category.name,
        category.description,
        category.enabled,
        category.version,
        category.updated_at,
        category.id
    ];
    tx.execute(UPDATE, &params).await
}

/// Removes a category; [`db::Error::ForeignKey`] while items are in it.
pub async fn delete(tx: &mut Tx, id: CategoryId) -> db::Result<()> {
    const DELETE: &str = "delete from categories where id = ?";
    tx.execute(DELETE, &params![id]).await
}
