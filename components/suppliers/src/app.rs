//! What an instance of this service is made of, from its settings.

use axum::extract::FromRef;
use db::Db;
use service::settings::SettingError;
use service::{Peer, ServiceToken, Settings, Tokens, WebPage};

use crate::catalog::Catalog;
use crate::graphql::{self, SupplierSchema};
use crate::page::page;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    pub db: Db,
    pub catalog: Catalog,
    pub schema: SupplierSchema,
    page: WebPage,
    tokens: Tokens,
    service_token: ServiceToken,
}

impl App {
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let service_token = ServiceToken::from_settings(settings).await?;
        let url = settings.text("catalog_url").await?;
        Ok(Self {
            db: Db::new(&settings.text("database_url").await?),
            catalog: Catalog::new(Peer::new("catalog", &url, service_token.clone())),
            schema: graphql::schema(),
            page: page(),
            tokens: Tokens::from_settings(settings).await?,
            service_token,
        })
    }
}
