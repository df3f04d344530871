//! What an instance of this service is made of, from its settings.

use axum::extract::FromRef;
use cache::Cache;
use db::Db;
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Jobs, Peer, ServiceToken, Settings, Tokens, idempotency};

use crate::expiry;
use crate::store::shelf::Shelf;
use crate::warehouse::Warehouse;

/// What the handlers of this service work with.
#[derive(Clone, FromRef)]
pub struct App {
    db: Db,
    cache: Cache,
    shelf: Shelf,
    pub warehouse: Warehouse,
    pub outbox: Outbox,
    pub jobs: Jobs,
    tokens: Tokens,
    service_token: ServiceToken,
}

impl App {
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let db = Db::new(&settings.text("database_url").await?);
        let cache = Cache::new(&settings.text("redis_url").await?);
        let shelf = Shelf::new(db.clone(), cache.clone());
        let service_token = ServiceToken::from_settings(settings).await?;
        let consumer = async |name, variable| {
            let url = settings.text(variable).await?;
            Ok(Peer::new(name, &url, service_token.clone()))
        };
        let consumers = [
            consumer("webhooks", "webhooks_url").await?,
            consumer("suppliers", "suppliers_url").await?,
            consumer("reports", "reports_url").await?,
        ];
        let warehouse = Warehouse::new(db.clone(), shelf.clone());
        let outbox = Outbox::new(db.clone(), consumers);
        let [relay, watch] = outbox.jobs("catalog");
        let jobs = [
            expiry::job(&warehouse),
            idempotency::purging(&db),
            relay,
            watch,
        ];
        Ok(Self {
            tokens: Tokens::from_settings(settings).await?,
            jobs: Jobs::new("catalog", Some(db.clone()), jobs),
            warehouse,
            outbox,
            service_token,
            shelf,
            cache,
            db,
        })
    }
}
