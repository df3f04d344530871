//! The databases of the shop, read past the shop: what the checks hold its promises against.

use mysql_async::Conn;
use mysql_async::prelude::{FromRow, Queryable};
use xtask::servers::MysqlEndpoint;

#[derive(Debug)]
pub struct Books {
    endpoint: MysqlEndpoint,
    prefix: String,
    connection: Option<Conn>,
}

impl Books {
    pub fn new(endpoint: &MysqlEndpoint, prefix: &str) -> Self {
        Self {
            endpoint: endpoint.clone(),
            prefix: prefix.to_owned(),
            connection: None,
        }
    }

    /// Every row. A schema is called `{orders}` in the text.
    pub async fn rows<T>(&mut self, text: &str) -> anyhow::Result<Vec<T>>
    where
        T: FromRow + Send + 'static,
    {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.endpoint.connect().await?,
        };
        let text = ["orders", "catalog", "payments", "webhooks"].iter().fold(
            text.to_owned(),
            |text, schema| {
                text.replace(
                    &format!("{{{schema}}}"),
                    &format!("{}_{schema}", self.prefix),
                )
            },
        );
        let rows = connection.query(text).await?;
        // One that has failed is not used again.
        self.connection = Some(connection);
        Ok(rows)
    }

    /// One number.
    pub async fn number(&mut self, text: &str) -> anyhow::Result<i64> {
        let rows = self.rows::<i64>(text).await?;
        Ok(rows.first().copied().unwrap_or_default())
    }
}
