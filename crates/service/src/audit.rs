//! The audit log: every write by a person or a machine with a key – who, what, each field before and after,
//! and the request that it was part of. It is written by the transaction that does the work, into the table
//! `audit_log` of the service's own schema, and only ever added to: nothing here changes or removes an entry.
//!
//! What a service does by itself, such as expiring an order, is in the histories of these things and not here.
//! Secrets are never told: an entry has what the resource shows of itself.

use axum::extract::{FromRef, FromRequestParts};
use commerce::{ApiKeyId, BoundedText, Timestamp, UserId};
use db::{Db, Param, Row, Tx, params};
use http::request::Parts;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::auth::{Caller, Role, Tokens};
use crate::clock;
use crate::context::Context;
use crate::page::{List, Page};
use crate::problem::Problem;

/// What every write changes, and nobody asks about.
const UNTOLD: [&str; 2] = ["created_at", "updated_at"];

/// Who writes, in which request.
#[derive(Clone, Debug)]
pub struct Author {
    pub user: UserId,
    role: Role,
    /// The key of the user's machine, if it was the machine.
    key: Option<ApiKeyId>,
    request_id: String,
}

/// The author for whom another service writes, as the query of its call; the request's id comes with the call.
#[derive(Debug, Deserialize)]
pub struct OnBehalfOf {
    user: UserId,
    role: Role,
    key: Option<ApiKeyId>,
}

impl OnBehalfOf {
    pub fn author(self, context: &Context) -> Author {
        let Self { user, role, key } = self;
        Author::new(Caller { user, role }, key, context)
    }
}

/// One write: its name, such as `item.changed`, where the thing is, and what became of its fields.
#[derive(Clone, Debug)]
pub struct Deed<'a> {
    action: &'a str,
    subject: &'a str,
    changes: Map<String, Value>,
}

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct Entry {
    #[serde(skip)]
    pub id: u64,
    occurred_at: Timestamp,
    /// Whose account it was; null where nobody had signed in.
    user_id: Option<UserId>,
    role: Option<Role>,
    /// The key of the user's machine, if it was the machine.
    key_id: Option<ApiKeyId>,
    #[schema(example = "item.changed")]
    action: String,
    /// Where the thing is, or was.
    #[schema(example = "/api/items/01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e")]
    subject: String,
    request_id: String,
    /// Each field that was written, with its value `before` and `after`.
    #[schema(value_type = Object, example = json!({"price": {"before": 1900, "after": 1700}}))]
    changes: Value,
}

/// Where a thing is: a path of the API, in the characters that these are made of.
#[derive(Debug)]
pub struct Subject(String);

impl std::str::FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_path = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_path && text.len() <= 200 {
            Ok(Self(text.to_owned()))
        } else {
            Err("not a path of the API, such as /api/items/…")
        }
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = BoundedText::<200>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Which entries are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Those about this thing only.
    #[param(value_type = Option<String>, min_length = 1, max_length = 200, pattern = "^/[!-~]*$",
        example = "/api/items/01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e")]
    subject: Option<Subject>,
    /// Those by this account only.
    user_id: Option<UserId>,
}

impl Author {
    pub fn new(caller: Caller, key: Option<ApiKeyId>, context: &Context) -> Self {
        Self {
            user: caller.user,
            role: caller.role,
            key,
            request_id: context.request_id.clone(),
        }
    }

    /// What [`OnBehalfOf`] is read from.
    pub fn query(&self) -> String {
        let (user, role) = (self.user, self.role.as_str());
        match self.key {
            Some(key) => format!("user={user}&role={role}&key={key}"),
            None => format!("user={user}&role={role}"),
        }
    }

    pub fn caller(&self) -> Caller {
        Caller {
            user: self.user,
            role: self.role,
        }
    }

    /// Adds an entry, in the transaction of the work.
    pub async fn record(&self, tx: &mut Tx, deed: Deed<'_>) -> db::Result<()> {
        let by = (Some(self.user), Some(self.role), self.key);
        insert(tx, by, &self.request_id, deed).await
    }
}

/// Adds an entry of what somebody tried who had not signed in. Only accounts has a table that takes it.
pub async fn record_of_nobody(tx: &mut Tx, context: &Context, deed: Deed<'_>) -> db::Result<()> {
    insert(tx, (None, None, None), &context.request_id, deed).await
}

async fn insert(
    tx: &mut Tx,
    (user, role, key): (Option<UserId>, Option<Role>, Option<ApiKeyId>),
    request_id: &str,
    deed: Deed<'_>,
) -> db::Result<()> {
    const INSERT: &str = "insert into audit_log (occurred_at, user_id, role, key_id, action, \
         subject, request_id, changes) values (?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        clock::now(),
        user,
        role.map(Role::as_str),
        key,
        deed.action,
        deed.subject,
        request_id,
        Value::Object(deed.changes).to_string()
    ];
    tx.execute(INSERT, &params).await
}

impl<S> FromRequestParts<S> for Author
where
    S: Send + Sync,
    Tokens: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let Ok(context) = Context::from_request_parts(parts, state).await;
        Ok(Self::new(caller, None, &context))
    }
}

impl<'a> Deed<'a> {
    /// Something was done that changes no field that is shown, such as a new password.
    pub fn done(action: &'a str, subject: &'a str) -> Self {
        Self {
            action,
            subject,
            changes: Map::new(),
        }
    }

    pub fn created(action: &'a str, subject: &'a str, after: &impl Serialize) -> Self {
        Self::changed(action, subject, &Value::Null, after)
    }

    pub fn removed(action: &'a str, subject: &'a str, before: &impl Serialize) -> Self {
        Self::changed(action, subject, before, &Value::Null)
    }

    /// The fields of what is shown of a thing that differ.
    pub fn changed(
        action: &'a str,
        subject: &'a str,
        before: &impl Serialize,
        after: &impl Serialize,
    ) -> Self {
        Self {
            action,
            subject,
            changes: compare(fields(before), fields(after)),
        }
    }
}

/// What cannot be told is not: an entry without it is better than work that is refused.
fn fields(body: &impl Serialize) -> Map<String, Value> {
    let json = serde_json::to_vec(body).unwrap_or_default();
    match serde_json::from_slice(&json) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn compare(mut before: Map<String, Value>, after: Map<String, Value>) -> Map<String, Value> {
    let mut changes = Map::new();
    for (name, after) in after {
        let before = before.remove(&name).unwrap_or_default();
        if before != after {
            changes.insert(name, json!({ "before": before, "after": after }));
        }
    }
    for (name, before) in before.into_iter().filter(|(_, before)| !before.is_null()) {
        changes.insert(name, json!({ "before": before, "after": null }));
    }
    changes.retain(|name, _| !UNTOLD.contains(&name.as_str()));
    changes
}

/// Entries from the newest.
pub async fn list(db: &Db, query: &AuditQuery, page: &Page<u64>) -> Result<List<Entry>, Problem> {
    const FROM: &str = "select id, occurred_at, user_id, role, key_id, action, subject, request_id, \
         changes from audit_log where ";
    const REST: &str = "id < ? order by id desc limit ?";
    let (filter, mut params): (_, Vec<Param>) = match (&query.subject, query.user_id) {
        (Some(subject), Some(user)) => (
            "subject = ? and user_id = ? and ",
            params![subject.0, user].into(),
        ),
        (Some(subject), None) => ("subject = ? and ", params![subject.0].into()),
        (None, Some(user)) => ("user_id = ? and ", params![user].into()),
        (None, None) => ("", Vec::new()),
    };
    params.extend(params![page.after.unwrap_or(u64::MAX), page.rows()]);
    let sql = format!("{FROM}{filter}{REST}");
    let found = db.query(&sql, &params).await?;
    let entries = found.into_iter().map(read).collect::<db::Result<_>>()?;
    Ok(page.list(entries, |entry: &Entry| entry.id))
}

fn read(mut row: Row) -> db::Result<Entry> {
    let (id, occurred_at, user_id) = (row.next()?, row.next()?, row.next()?);
    let role = row.next::<Option<String>>()?;
    let role = role.map(|role| role.parse().map_err(db::Error::Refused));
    let role = role.transpose()?;
    let (key_id, action, subject, request_id) =
        (row.next()?, row.next()?, row.next()?, row.next()?);
    let changes = serde_json::from_slice(row.next::<String>()?.as_bytes());
    let changes = changes.map_err(|error| db::Error::Refused(error.to_string()))?;
    Ok(Entry {
        id,
        occurred_at,
        user_id,
        role,
        key_id,
        action,
        subject,
        request_id,
        changes,
    })
}

/// The handler `list` of a service's part of the log, at this path.
#[macro_export]
macro_rules! audit_log {
    ($path:literal) => {
        /// What people and keys have written here, from the newest: who, what, and each field before and
        /// after.
        #[utoipa::path(get, path = $path, tag = "audit", security(("bearer" = [])),
                    params($crate::audit::AuditQuery, $crate::page::PageQuery),
                    responses((status = 200, body = $crate::page::ListBody<$crate::audit::Entry>),
                        $crate::openapi::Refusals))]
        pub async fn list(
            _: $crate::Admin,
            $crate::Query(query): $crate::Query<$crate::audit::AuditQuery>,
            page: $crate::Page<u64>,
            axum::extract::State(db): axum::extract::State<db::Db>,
        ) -> Result<$crate::List<$crate::audit::Entry>, $crate::Problem> {
            $crate::audit::list(&db, &query, &page).await
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: Value, after: Value) -> Value {
        Value::Object(Deed::changed("x.changed", "/api/x/1", &before, &after).changes)
    }

    #[test]
    fn only_fields_that_differ_are_told() {
        let before = json!({ "name": "Thé", "price": 5, "updated_at": 1, "tags": ["a"] });
        let after = json!({ "name": "Thé", "price": 6, "updated_at": 2, "tags": ["a", "b"] });
        let expected = json!({
            "price": { "before": 5, "after": 6 },
            "tags": { "before": ["a"], "after": ["a", "b"] },
        });
        assert_eq!(told(before, after), expected);
    }

    #[test]
    fn a_new_thing_was_nothing_before_and_one_that_is_gone_is_nothing_after() {
        let thing = json!({ "name": "Thé", "note": null, "created_at": 1 });
        let new = told(Value::Null, thing.clone());
        assert_eq!(new, json!({ "name": { "before": null, "after": "Thé" } }));
        let gone = told(thing, Value::Null);
        assert_eq!(gone, json!({ "name": { "before": "Thé", "after": null } }));
    }
}
