//! The tables `merchants` and `logos`.

use std::collections::BTreeSet;

use commerce::Timestamp;
use db::{Db, Param, Row, Tx, params};

use super::{from_json, to_json};
use crate::merchant::{Merchant, MerchantId, Merchants};

/// A `select` of whole merchants: what [`read`] reads.
macro_rules! select_merchants {
    ($rest:literal) => {
        concat!(
            "select m.id, m.identity, m.logo_sha256, m.version, m.created_at, m.updated_at from ",
            $rest
        )
    };
}

const SELECT_SEVERAL: &str = "select m.id, m.identity, m.logo_sha256, m.version, m.created_at, \
     m.updated_at from json_table(?, '$[*]' columns (id char(32) path '$')) w \
     straight_join merchants m on m.id = unhex(w.id)";

/// Those of the merchants that are there.
pub async fn list(db: &Db, ids: &BTreeSet<MerchantId>) -> db::Result<Merchants> {
    collect(db.query(SELECT_SEVERAL, &hex_list(ids)).await?)
}

/// The same in a transaction.
pub async fn list_in(tx: &mut Tx, ids: &BTreeSet<MerchantId>) -> db::Result<Merchants> {
    collect(tx.query(SELECT_SEVERAL, &hex_list(ids)).await?)
}

fn hex_list(ids: &BTreeSet<MerchantId>) -> [Param; 1] {
    let hex = |id: &MerchantId| format!("{:032x}", u128::from_be_bytes(id.into_bytes()));
    let ids = serde_json::Value::from_iter(ids.iter().map(hex));
    params![ids.to_string()]
}

fn collect(rows: Vec<Row>) -> db::Result<Merchants> {
    let merchants = rows.into_iter().map(read).collect::<db::Result<_>>()?;
    Ok(Merchants::new(merchants))
}

fn read(mut row: Row) -> db::Result<Merchant> {
    Ok(Merchant {
        id: MerchantId::from_bytes(row.next()?),
        identity: from_json(&row.next::<String>()?)?,
        logo: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

pub async fn find(db: &Db, id: MerchantId) -> db::Result<Option<Merchant>> {
    const SELECT: &str = select_merchants!("merchants m where m.id = ?");
    let row = db.query_one(SELECT, &params![id.into_bytes()]).await?;
    row.map(read).transpose()
}

/// The merchant, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: MerchantId) -> db::Result<Option<Merchant>> {
    const SELECT: &str = select_merchants!("merchants m where m.id = ? for update");
    let row = tx.lock_one(SELECT, &params![id.into_bytes()]).await?;
    row.map(read).transpose()
}

/// Adds the merchant; [`db::Error::Duplicate`] if it is there.
pub async fn insert(tx: &mut Tx, merchant: &Merchant) -> db::Result<()> {
    const INSERT: &str = "insert into merchants (id, identity, logo_sha256, version, created_at, \
         updated_at) values (?, ?, ?, ?, ?, ?)";
    let params = params![
        merchant.id.into_bytes(),
        to_json(&merchant.identity)?,
        merchant.logo,
        merchant.version,
        merchant.created_at,
        merchant.updated_at
    ];
    tx.execute(INSERT, &params).await
}

pub async fn update(tx: &mut Tx, merchant: &Merchant) -> db::Result<()> {
    const UPDATE: &str = "update merchants set identity = ?, logo_sha256 = ?, version = ?, \
         updated_at = ? where id = ?";
    let params = params![
        to_json(&merchant.identity)?,
        merchant.logo,
        merchant.version,
        merchant.updated_at,
        merchant.id.into_bytes()
    ];
    tx.execute(UPDATE, &params).await
}

pub async fn delete(tx: &mut Tx, id: MerchantId) -> db::Result<()> {
    const DELETE: &str = "delete from merchants where id = ?";
    tx.execute(DELETE, &params![id.into_bytes()]).await
}

/// Keeps the file of a logo; one that is kept already stays.
pub async fn insert_logo(
    tx: &mut Tx,
    sha256: [u8; 32],
    image: &[u8],
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str = "insert into logos (sha256, image, created_at) values (?, ?, ?) \
         on duplicate key update created_at = created_at";
    tx.execute(INSERT, &params![sha256, image, now]).await
}

pub async fn find_logo(db: &Db, sha256: [u8; 32]) -> db::Result<Option<Vec<u8>>> {
    let row = db.query_one(SELECT_LOGO, &params![sha256]).await?;
    row.map(|mut row| row.next()).transpose()
}

/// The same in a transaction.
pub async fn find_logo_in(tx: &mut Tx, sha256: [u8; 32]) -> db::Result<Option<Vec<u8>>> {
    let row = tx.query_one(SELECT_LOGO, &params![sha256]).await?;
    row.map(|mut row| row.next()).transpose()
}

const SELECT_LOGO: &str = "select image from logos where sha256 = ?";
