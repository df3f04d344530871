//! Makes a user administrator, which no endpoint of the API can do for the first one.

use anyhow::{Context, Result, bail};
use mysql_async::prelude::Queryable;

use crate::servers::MysqlEndpoint;

const PROMOTE: &str = "update {schema}.users set role = 'admin', \
     generation = generation + 1 where email = ?";

/// Whoever has a session from before signs in again.
const END_SESSIONS: &str = "update {schema}.sessions s join {schema}.users u on u.id = s.user_id \
     set s.ended_at = round(unix_timestamp(now(3)) * 1000) where u.email = ? and s.ended_at is null";

const FIND: &str = "select count(*) from {schema}.users where email = ?";

/// Sets the role. What was given out before ends, and the next sign-in carries it.
pub async fn promote(database: &MysqlEndpoint, prefix: &str, email: &str) -> Result<()> {
    let schema = format!("{prefix}_accounts");
    let mut connection = database.connect().await?;
    let found: Option<i64> = connection
        .exec_first(FIND.replace("{schema}", &schema), (email,))
        .await
        .with_context(|| format!("the users in {schema} cannot be read"))?;
    if found != Some(1) {
        bail!("nobody has registered as {email}");
    }
    for statement in [PROMOTE, END_SESSIONS] {
        connection
            .exec_drop(statement.replace("{schema}", &schema), (email,))
            .await
            .with_context(|| format!("the role of {email} cannot be changed"))?;
    }
    connection.disconnect().await.ok();
    Ok(())
}
