//! Makes a user administrator, which no endpoint of the API can do for the first one.

use anyhow::{Context, Result, bail};
use mysql_async::prelude::Queryable;

use crate::servers::MysqlEndpoint;

const PROMOTE: &str = "update {schema}.users set role = 'admin', \
     generation = generation + 1 where email = ?";

const FIND: &str = "select count(*) from {schema}.users where email = ?";

/// Sets the role; the next access token of that person carries it, and those that were given before end.
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
    connection
        .exec_drop(PROMOTE.replace("{schema}", &schema), (email,))
        .await
        .with_context(|| format!("the role of {email} cannot be changed"))?;
    connection.disconnect().await.ok();
    Ok(())
}
