//! What an instance of this service is made of, from its settings.

use axum::extract::FromRef;
use cache::Cache;
use db::Db;
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Peer, ServiceToken, Settings, Tokens};

use crate::cart::Carts;
use crate::catalog::Catalog;
use crate::desk::{Desk, ReservationTtl};

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    pub db: Db,
    pub desk: Desk,
    pub outbox: Outbox,
    cache: Cache,
    tokens: Tokens,
    service_token: ServiceToken,
}

impl App {
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let service_token = ServiceToken::from_settings(settings).await?;
        let db = Db::new(&settings.text("database_url").await?);
        let peer = async |name, variable| {
            let url = settings.text(variable).await?;
            Ok(Peer::new(name, &url, service_token.clone()))
        };
        let consumers = [
            peer("catalog", "catalog_url").await?,
            peer("payments", "payments_url").await?,
            peer("webhooks", "webhooks_url").await?,
            peer("reports", "reports_url").await?,
        ];
        let outbox = Outbox::new(db.clone(), consumers);
        let desk = Desk {
            db: db.clone(),
            catalog: Catalog::new(peer("catalog", "catalog_url").await?),
            carts: Carts::new(peer("cart", "cart_url").await?),
            ttl: ReservationTtl::from_settings(settings).await?,
            outbox: outbox.clone(),
        };
        Ok(Self {
            cache: Cache::new(&settings.text("redis_url").await?),
            tokens: Tokens::from_settings(settings).await?,
            outbox,
            service_token,
            desk,
            db,
        })
    }
}
