//! The table `users`.

use commerce::{Email, UserId};
use db::{Db, Row, Tx, params};
use service::Role;

use crate::user::User;

/// A user and the hash that their password is checked against.
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
}

pub(super) fn read(row: &mut Row) -> db::Result<User> {
    Ok(User {
        id: row.next()?,
        email: row.next()?,
        first_name: row.next()?,
        last_name: row.next()?,
        role: read_role(row)?,
        disabled: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
        generation: row.next()?,
    })
}

fn read_role(row: &mut Row) -> db::Result<Role> {
    row.next::<String>()?.parse().map_err(db::Error::Refused)
}

/// Adds a user; [`db::Error::Duplicate`] of `users_email` if the e-mail is taken.
pub async fn insert(tx: &mut Tx, user: &User, password_hash: &str) -> db::Result<()> {
    const INSERT: &str = "insert into users (id, email, password_hash, first_name, last_name, role, \
         disabled, version, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        user.id,
        user.email,
        password_hash,
        user.first_name,
        user.last_name,
        user.role.as_str(),
        user.disabled,
        user.version,
        user.created_at,
        user.updated_at
    ];
    tx.execute(INSERT, &params).await
}

pub async fn find(db: &Db, id: UserId) -> db::Result<Option<User>> {
    const SELECT: &str = "select id, email, first_name, last_name, role, disabled, version, \
         created_at, updated_at, generation from users where id = ?";
    let row = db.query_one(SELECT, &params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The user, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: UserId) -> db::Result<Option<User>> {
    const SELECT: &str = "select id, email, first_name, last_name, role, disabled, version, \
         created_at, updated_at, generation from users where id = ? for update";
    let row = tx.lock_one(SELECT, &params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// One user or two, those that there are, locked in the order of their ids until the transaction ends.
pub async fn lock_both(tx: &mut Tx, one: UserId, other: UserId) -> db::Result<Vec<User>> {
    const SELECT: &str = "select id, email, first_name, last_name, role, disabled, version, \
         created_at, updated_at, generation from users where id in (?, ?) order by id for update";
    let rows = tx.lock(SELECT, &params![one, other]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

pub async fn find_credentials(db: &Db, email: &Email) -> db::Result<Option<Credentials>> {
    const SELECT: &str = "select id, email, first_name, last_name, role, disabled, version, \
         created_at, updated_at, generation, password_hash from users where email = ?";
    let row = db.query_one(SELECT, &params![email.as_str()]).await?;
    row.map(read_credentials).transpose()
}

pub async fn find_credentials_of(db: &Db, id: UserId) -> db::Result<Option<Credentials>> {
    const SELECT: &str = "select id, email, first_name, last_name, role, disabled, version, \
         created_at, updated_at, generation, password_hash from users where id = ?";
    let row = db.query_one(SELECT, &params![id]).await?;
    row.map(read_credentials).transpose()
}

fn read_credentials(mut row: Row) -> db::Result<Credentials> {
    Ok(Credentials {
        user: read(&mut row)?,
        password_hash: row.next()?,
    })
}

/// The hash of a user that was locked.
pub async fn password_hash(tx: &mut Tx, id: UserId) -> db::Result<Option<String>> {
    const SELECT: &str = "select password_hash from users where id = ?";
    let row = tx.query_one(SELECT, &params![id]).await?;
    row.map(|mut row| row.next()).transpose()
}

/// Writes what can change of a user that was locked, and counts the version up.
pub async fn update(tx: &mut Tx, user: &User) -> db::Result<()> {
    const UPDATE: &str = "update users set first_name = ?, last_name = ?, role = ?, disabled = ?, \
         version = ?, updated_at = ?, generation = ? where id = ?";
    let params = params![
        user.first_name,
        user.last_name,
        user.role.as_str(),
        user.disabled,
        user.version,
        user.updated_at,
        user.generation,
        user.id
    ];
    tx.execute(UPDATE, &params).await
}

/// Writes a password and the generation that begins with it.
pub async fn update_password(tx: &mut Tx, user: &User, password_hash: &str) -> db::Result<()> {
    const UPDATE: &str = "update users set password_hash = ?, generation = ? where id = ?";
    let params = params![password_hash, user.generation, user.id];
    tx.execute(UPDATE, &params).await
}
