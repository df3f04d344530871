//! What every service of the house is set to, whatever it does: read once an instance.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{ServiceToken, Tokens};
use crate::cors::AllowedOrigins;
use crate::limits::Policies;
use crate::peer::Peer;
use crate::settings::{SettingError, Settings};
use crate::shared::Shared;

pub(crate) struct House {
    pub origins: AllowedOrigins,
    pub tokens: Tokens,
    pub service_token: ServiceToken,
    pub shared: Shared,
    /// Who knows what an account may do at this moment.
    pub accounts: Peer,
    pub policies: Policies,
    /// How many of our own proxies a request passes.
    pub proxies: usize,
    /// How long a request may take.
    pub deadline: Duration,
}

impl House {
    pub async fn from_settings(settings: &Settings) -> Result<Arc<Self>, SettingError> {
        let deadline = settings.parsed("request_deadline_ms").await?;
        let service_token = ServiceToken::from_settings(settings).await?;
        let accounts = settings.text("accounts_url").await?;
        Ok(Arc::new(Self {
            origins: AllowedOrigins::parse(&settings.text("cors_origins").await?),
            tokens: Tokens::from_settings(settings).await?,
            accounts: Peer::new("accounts", &accounts, service_token.clone()),
            service_token,
            shared: Shared::new(&settings.text("redis_url").await?),
            policies: settings.parsed("rate_limits").await?,
            proxies: settings.parsed("trusted_proxies").await?,
            deadline: Duration::from_millis(deadline),
        }))
    }
}

/// Nothing of it is to be printed: there are secrets among it.
impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("House")
    }
}
