//! The table `api_keys`.

use commerce::{ApiKeyId, Timestamp, UserId};
use db::{Db, Row, Tx, params};

use super::unknown;
use crate::key::{ApiKey, Scope, Secret};

/// A `select` of keys: what [`read`] reads.
macro_rules! select_keys {
    ($rest:literal) => {
        concat!(
            "select id, supplier_id, name, hint, scopes, created_by, created_at, last_used_at, expires_at, \
             revoked_at from api_keys ",
            $rest
        )
    };
}

fn read(mut row: Row) -> db::Result<ApiKey> {
    Ok(ApiKey {
        id: row.next()?,
        supplier_id: row.next()?,
        name: row.next()?,
        hint: row.next()?,
        scopes: read_scopes(&row.next::<String>()?)?,
        created_by: row.next()?,
        created_at: row.next()?,
        last_used_at: row.next()?,
        expires_at: row.next()?,
        revoked_at: row.next()?,
    })
}

fn read_scopes(text: &str) -> db::Result<Vec<Scope>> {
    let names = text.split_ascii_whitespace();
    names
        .map(|name| Scope::parse(name).ok_or_else(|| unknown("scope", name)))
        .collect()
}

/// Adds a key of an account that was a supplier in this generation.
pub async fn insert(
    tx: &mut Tx,
    key: &ApiKey,
    secret: &Secret,
    owner_generation: u64,
) -> db::Result<()> {
    const INSERT: &str = "insert into api_keys (id, supplier_id, name, hint, key_digest, scopes, created_by, \
         created_at, expires_at, owner_generation) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let params = params![
        key.id,
        key.supplier_id,
        key.name,
        key.hint,
        secret.digest(),
        scopes.join(" "),
        key.created_by,
        key.created_at,
        key.expires_at,
        owner_generation
    ];
    tx.execute(INSERT, &params).await
}

/// The last generation in which the account ceased to be a supplier, if it did; locked, so that whoever is about
/// to write another is waited for.
pub async fn lock_end(tx: &mut Tx, supplier: UserId) -> db::Result<Option<u64>> {
    const SELECT: &str = "select generation from ended_suppliers where user_id = ? for update";
    let row = tx.lock_one(SELECT, &params![supplier]).await?;
    row.map(|mut row| row.next()).transpose()
}

/// Notes that an account is no supplier since this generation, and ends the keys that were made before.
pub async fn end_all(
    tx: &mut Tx,
    supplier: UserId,
    generation: u64,
    now: Timestamp,
) -> db::Result<()> {
    const NOTE: &str = "insert into ended_suppliers (user_id, generation) values (?, ?) \
         on duplicate key update generation = greatest(generation, ?)";
    const REVOKE: &str = "update api_keys set revoked_at = ? \
         where supplier_id = ? and owner_generation < ? and revoked_at is null";
    tx.execute(NOTE, &params![supplier, generation, generation])
        .await?;
    tx.execute(REVOKE, &params![now, supplier, generation])
        .await
}

pub async fn find_by_digest(db: &Db, digest: [u8; 32]) -> db::Result<Option<ApiKey>> {
    const SELECT: &str = select_keys!("where key_digest = ?");
    db.query_one(SELECT, &params![digest])
        .await?
        .map(read)
        .transpose()
}

pub async fn find(db: &Db, supplier: UserId, id: ApiKeyId) -> db::Result<Option<ApiKey>> {
    const SELECT: &str = select_keys!("where supplier_id = ? and id = ?");
    db.query_one(SELECT, &params![supplier, id])
        .await?
        .map(read)
        .transpose()
}

/// The keys of a supplier, the newest first, past the one that `after` names.
pub async fn list(
    db: &Db,
    supplier: UserId,
    after: Option<ApiKeyId>,
    rows: i64,
) -> db::Result<Vec<ApiKey>> {
    const SELECT: &str =
        select_keys!("where supplier_id = ? and (? is null or id < ?) order by id desc limit ?");
    let rows = db
        .query(SELECT, &params![supplier, after, after, rows])
        .await?;
    rows.into_iter().map(read).collect()
}

pub async fn note_use(db: &Db, id: ApiKeyId, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update api_keys set last_used_at = ? where id = ?";
    let mut tx = db.begin().await?;
    let noted = tx.execute(UPDATE, &params![now, id]).await;
    tx.finish(noted).await
}

/// Ends a key; one that is revoked already stays as it is. How many keys that were: 0 or 1.
pub async fn revoke(
    tx: &mut Tx,
    supplier: UserId,
    id: ApiKeyId,
    now: Timestamp,
) -> db::Result<i64> {
    const UPDATE: &str = "update api_keys set revoked_at = coalesce(revoked_at, ?) \
         where supplier_id = ? and id = ?";
    const COUNT: &str = "select count(*) from api_keys where supplier_id = ? and id = ?";
    tx.execute(UPDATE, &params![now, supplier, id]).await?;
    let row = tx.query_one(COUNT, &params![supplier, id]).await?;
    row.map_or(Ok(0), |mut row| row.next())
}
