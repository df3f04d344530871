//! The table `sessions`: one row a sign-in, the family of its refresh tokens.

use commerce::{SessionId, Timestamp, UserId};
use db::{Row, Tx, params};
use service::Role;

use crate::refresh_token::{LIFETIME_MS, RefreshToken};

/// What a refresh needs to know of a session and of its user, both locked.
pub struct Session {
    pub user_id: UserId,
    pub role: Role,
    pub email: String,
    pub generation: u64,
    pub user_disabled: bool,
    pub token_digest: [u8; 32],
    /// Of the token that was the newest before, and when that ended.
    pub previous_digest: Option<[u8; 32]>,
    pub rotated_at: Option<Timestamp>,
    pub expires_at: Timestamp,
    pub ended: bool,
}

pub async fn insert(
    tx: &mut Tx,
    user: UserId,
    token: &RefreshToken,
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str = "insert into sessions (id, user_id, token_digest, expires_at, created_at) \
         values (?, ?, ?, ?, ?)";
    let expires = now.plus_ms(LIFETIME_MS);
    let params = params![token.session, user, token.digest(), expires, now];
    tx.execute(INSERT, &params).await
}

pub async fn lock(tx: &mut Tx, id: SessionId) -> db::Result<Option<Session>> {
    const SELECT: &str = "select s.user_id, u.role, u.email, u.generation, u.disabled, \
         s.token_digest, s.previous_digest, s.rotated_at, s.expires_at, s.ended_at from sessions s join users u on u.id = s.user_id \
         where s.id = ? for update";
    let row = tx.lock_one(SELECT, &params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

fn read(row: &mut Row) -> db::Result<Session> {
    Ok(Session {
        user_id: row.next()?,
        role: row.next::<String>()?.parse().map_err(db::Error::Refused)?,
        email: row.next()?,
        generation: row.next()?,
        user_disabled: row.next()?,
        token_digest: row.next()?,
        previous_digest: row.next()?,
        rotated_at: row.next()?,
        expires_at: row.next()?,
        ended: row.next::<Option<Timestamp>>()?.is_some(),
    })
}

/// Puts the next token of the family in the place of the one that was shown.
pub async fn rotate(
    tx: &mut Tx,
    shown: &RefreshToken,
    next: &RefreshToken,
    now: Timestamp,
) -> db::Result<()> {
    const UPDATE: &str = "update sessions set token_digest = ?, previous_digest = ?, \
         rotated_at = ?, expires_at = ? where id = ?";
    let expires = now.plus_ms(LIFETIME_MS);
    let params = params![next.digest(), shown.digest(), now, expires, next.session];
    tx.execute(UPDATE, &params).await
}

/// Ends a family: none of its tokens is good from now on.
pub async fn end(tx: &mut Tx, id: SessionId, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update sessions set ended_at = ? where id = ? and ended_at is null";
    tx.execute(UPDATE, &params![now, id]).await
}

/// Ends every family of a user.
pub async fn end_all(tx: &mut Tx, user: UserId, now: Timestamp) -> db::Result<()> {
    const UPDATE: &str = "update sessions set ended_at = ? where user_id = ? and ended_at is null";
    tx.execute(UPDATE, &params![now, user]).await
}
