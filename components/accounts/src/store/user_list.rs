//! Lists of people: every filter of `GET /api/users`, put together from fixed fragments.

use commerce::UserId;
use db::{Db, Param, params};
use service::Role;

use super::users::read;
use crate::user::User;

/// As many people of one name as are looked at.
const NAMESAKES: i64 = 1000;

/// Who is listed; everybody where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub email: Option<String>,
    pub role: Option<Role>,
    /// How an address or a name begins.
    pub beginning: Option<String>,
}

/// Users from the newest, past the one that `after` names.
pub async fn list(
    db: &Db,
    filter: &Filter,
    after: Option<UserId>,
    rows: i64,
) -> db::Result<Vec<User>> {
    const SELECT: &str = "select u.id, u.email, u.first_name, u.last_name, u.role, u.disabled, u.version, \
         u.created_at, u.updated_at, u.generation from users u where true";
    let mut sql = SELECT.to_owned();
    let mut params: Vec<Param> = Vec::new();
    let mut narrow = |condition: &str, given: &[Param]| {
        sql.push_str(condition);
        params.extend_from_slice(given);
    };
    if let Some(after) = after {
        narrow(" and u.id < ?", &params![after]);
    }
    if let Some(email) = &filter.email {
        narrow(" and u.email = ?", &params![email]);
    }
    if let Some(role) = filter.role {
        narrow(" and u.role = ?", &params![role.as_str()]);
    }
    if let Some(beginning) = &filter.beginning {
        let pattern = format!("{}%", escape(beginning));
        // Addresses are ASCII, and other text compares with them in no collation.
        match beginning.is_ascii() {
            true => narrow(
                OF_ADDRESS_OR_NAME,
                &params![pattern, NAMESAKES, pattern, NAMESAKES, pattern, NAMESAKES],
            ),
            false => narrow(OF_NAME, &params![pattern, NAMESAKES, pattern, NAMESAKES]),
        }
    }
    sql.push_str(" order by u.id desc limit ?");
    params.extend(params![rows]);
    let rows = db.query(&sql, &params).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Each part is a range of an index of its own.
const OF_ADDRESS_OR_NAME: &str = " and u.id in (select m.id from (\
     (select id from users where email like ? escape '|' limit ?) union \
     (select id from users where first_name like ? escape '|' limit ?) union \
     (select id from users where last_name like ? escape '|' limit ?)) m)";
const OF_NAME: &str = " and u.id in (select m.id from (\
     (select id from users where first_name like ? escape '|' limit ?) union \
     (select id from users where last_name like ? escape '|' limit ?)) m)";

/// The text as a pattern that means itself.
fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '|') {
            pattern.push('|');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_means_itself() {
        assert_eq!(escape("100%_|a"), "100|%|_||a");
    }
}
