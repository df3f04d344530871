//! What an instance of this service is made of, from its settings.

use axum::extract::FromRef;
use cache::Cache;
use db::Db;
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Jobs, Peer, ServiceToken, Settings, Tokens, idempotency};

use crate::cart::Carts;
use crate::catalog::Catalog;
use crate::desk::{Desk, ReservationTtl};
use crate::expiry;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    pub db: Db,
    pub desk: Desk,
    pub outbox: Outbox,
    pub jobs: Jobs,
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
            unpaid: settings.parsed("unpaid_limits").await?,
        };
        let [relay, watch] = outbox.jobs("orders");
        let jobs = [expiry::job(&desk), idempotency::purging(&db), relay, watch];
        Ok(Self {
            cache: Cache::new(&settings.text("redis_url").await?),
            tokens: Tokens::from_settings(settings).await?,
            jobs: Jobs::new("orders", Some(db.clone()), jobs),
            outbox,
            service_token,
            desk,
            db,
        })
    }
}
