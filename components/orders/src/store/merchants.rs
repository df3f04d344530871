//! The tables `merchants` and `logos`.

use std::collections::BTreeSet;

use commerce::Timestamp;
use db::{Db, Param, Row, Tx, params};

use super::{from_json, to_json, unreadable};
use crate::domain::registration::Registration;
use crate::merchant::{Merchant, MerchantId, Merchants};

/// A `select` of registrations: what [`read_registration`] reads.
macro_rules! select_registrations {
    ($rest:literal) => {
        concat!(
            "select m.id, m.number, m.identity, m.proposal, m.logo_sha256, m.version, m.created_at, \
             m.updated_at from ",
            $rest
        )
    };
}

const SELECT_SEVERAL: &str = "select m.id, m.identity, m.logo_sha256 \
     from json_table(?, '$[*]' columns (id char(32) path '$')) w \
     straight_join merchants m on m.id = unhex(w.id) and m.identity is not null";

/// Those of the merchants that were approved.
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
    })
}

pub async fn find(db: &Db, id: MerchantId) -> db::Result<Option<Registration>> {
    const SELECT: &str = select_registrations!("merchants m where m.id = ?");
    let row = db.query_one(SELECT, &params![id.into_bytes()]).await?;
    row.map(read_registration).transpose()
}

/// The registration, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: MerchantId) -> db::Result<Option<Registration>> {
    const SELECT: &str = select_registrations!("merchants m where m.id = ? for update");
    let row = tx.lock_one(SELECT, &params![id.into_bytes()]).await?;
    row.map(read_registration).transpose()
}

/// Registrations from the oldest, past one: all, or those of which something waits for approval.
pub async fn list_registrations(
    db: &Db,
    waiting: bool,
    after: Option<u64>,
    rows: i64,
) -> db::Result<Vec<Registration>> {
    const SELECT: &str = select_registrations!(
        "merchants m where m.number > ? and (? = false or m.proposal is not null) \
         order by m.number limit ?"
    );
    let params = params![after.unwrap_or(0), waiting, rows];
    let rows = db.query(SELECT, &params).await?;
    rows.into_iter().map(read_registration).collect()
}

fn read_registration(mut row: Row) -> db::Result<Registration> {
    let identity = |text: Option<String>| text.as_deref().map(from_json).transpose();
    Ok(Registration {
        id: MerchantId::from_bytes(row.next()?),
        number: row.next()?,
        approved: identity(row.next()?)?,
        proposal: identity(row.next()?)?,
        logo: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

/// Adds the registration; [`db::Error::Duplicate`] if it is there. The number that it was given.
pub async fn insert(tx: &mut Tx, registration: &Registration) -> db::Result<u64> {
    const INSERT: &str = "insert into merchants (id, identity, proposal, logo_sha256, version, \
         created_at, updated_at) values (?, ?, '{}', ?, ?, ?, ?)";
    let params = params![
        registration.id.into_bytes(),
        registration.approved.as_ref().map(to_json).transpose()?,
        registration.logo,
        registration.version,
        registration.created_at,
        registration.updated_at
    ];
    tx.execute(INSERT, &params).await?;
    let row = tx.query_one("select last_insert_id()", &[]).await?;
    row.ok_or_else(|| unreadable("last_insert_id() gave no row"))?
        .next()
}

pub async fn update(tx: &mut Tx, registration: &Registration) -> db::Result<()> {
    const UPDATE: &str = "update merchants set identity = ?, proposal = ?, logo_sha256 = ?, version = ?, \
         updated_at = ? where id = ?";
    let params = params![
        registration.approved.as_ref().map(to_json).transpose()?,
        registration.proposal.as_ref().map(to_json).transpose()?,
        registration.logo,
        registration.version,
        registration.updated_at,
        registration.id.into_bytes()
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
