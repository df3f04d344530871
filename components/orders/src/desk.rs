//! What the use cases of orders work with.

use commerce::Timestamp;
use db::Db;
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Settings, clock};

use crate::cart::Carts;
use crate::catalog::Catalog;
use crate::domain::unpaid::UnpaidLimits;

/// How long an unpaid order holds its stock.
#[derive(Clone, Copy, Debug)]
pub struct ReservationTtl {
    seconds: i64,
}

impl ReservationTtl {
    /// Reads `reservation_seconds`: from a second to a day.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let seconds = settings.parsed("reservation_seconds").await?;
        if !(1..=86_400).contains(&seconds) {
            let reason = "it is not from 1 to 86400";
            return Err(Settings::unusable("reservation_seconds", reason));
        }
        Ok(Self { seconds })
    }

    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Until when it does, from now on.
    pub fn end(self) -> Timestamp {
        clock::now().plus_ms(self.seconds.saturating_mul(1000))
    }
}

/// What placing and changing orders works with.
#[derive(Clone)]
pub struct Desk {
    pub db: Db,
    pub catalog: Catalog,
    pub carts: Carts,
    pub ttl: ReservationTtl,
    pub unpaid: UnpaidLimits,
    pub outbox: Outbox,
}
