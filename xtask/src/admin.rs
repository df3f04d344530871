//! Makes a user administrator, which no endpoint of the API can do for the first one.

use anyhow::{Context, Result, bail};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, TxOpts};

use crate::servers::MysqlEndpoint;
use crate::servers::refusal::explain;

const PROMOTE: &str = "update {schema}.users set role = 'admin', \
     generation = generation + 1 where email = ?";

/// Whoever has a session from before signs in again.
const END_SESSIONS: &str = "update {schema}.sessions s join {schema}.users u on u.id = s.user_id \
     set s.ended_at = round(unix_timestamp(now(3)) * 1000) where u.email = ? and s.ended_at is null";

const FIND: &str = "select count(*) from {schema}.users where email = ?";

/// Sets the role. Sessions end, and the next sign-in carries it; access tokens from before stay those of a customer
/// for the minutes that they last.
pub async fn promote(database: &MysqlEndpoint, prefix: &str, email: &str) -> Result<()> {
    let schema = format!("{prefix}_accounts");
    let mut connection = database.connect().await?;
    let found: Option<i64> = connection
        .exec_first(FIND.replace("{schema}", &schema), (email,))
        .await
        .map_err(explain)
        .with_context(|| format!("the users in {schema} cannot be read"))?;
    if found != Some(1) {
        bail!("nobody has registered as {email}");
    }
    let changed = change(&mut connection, &schema, email).await;
    changed.with_context(|| format!("the role of {email} cannot be changed"))?;
    connection.disconnect().await.ok();
    Ok(())
}

async fn change(connection: &mut Conn, schema: &str, email: &str) -> Result<()> {
    let begun = connection.start_transaction(TxOpts::default()).await;
    let mut transaction = begun.map_err(explain)?;
    for statement in [PROMOTE, END_SESSIONS] {
        let statement = statement.replace("{schema}", schema);
        let changed = transaction.exec_drop(statement, (email,)).await;
        changed.map_err(explain)?;
    }
    transaction.commit().await.map_err(explain)
}
