//! The time of day, which only the edges of the house read; rules are given it.

use std::time::{SystemTime, UNIX_EPOCH};

use commerce::Timestamp;

/// The instant that it is.
pub fn now() -> Timestamp {
    Timestamp::from_unix_ms(now_ms())
}

/// Milliseconds since 1970 in UTC.
pub fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
