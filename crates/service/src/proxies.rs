//! Whether the shop stands behind a proxy that it was not told of (`trusted_proxies`). Then every stranger has the
//! proxy's address, and whoever asks too much locks out all of them: whoever runs the shop must hear of it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use cache::{Reply, Script};
use http::HeaderMap;

use crate::address::ClientAddress;
use crate::context::Context;
use crate::health::Status;
use crate::house::House;
use crate::log::warn;

const KEY: &str = "proxies:unannounced";

/// How long an instance does not say it again, and how long readiness remembers it.
const SILENCE: Duration = Duration::from_secs(60);
const REMEMBERED_MS: &str = "300000";

const NOTE: Script = Script::new("redis.call('set', KEYS[1], '1', 'PX', ARGV[1])");
const READ: Script = Script::new("return redis.call('exists', KEYS[1])");

thread_local! {
    static TOLD: Cell<Option<Instant>> = const { Cell::new(None) };
}

#[derive(Debug, thiserror::Error)]
#[error("X-Forwarded-For arrives and trusted_proxies is 0")]
struct Unannounced;

/// Notes a request that a proxy has forwarded, where there should be none.
pub(crate) async fn look(
    context: &Context,
    house: &House,
    headers: &HeaderMap,
    address: ClientAddress,
) {
    let forwarded = headers.contains_key("x-forwarded-for");
    if house.proxies > 0 || !forwarded || address.is_inside() {
        return;
    }
    if TOLD.get().is_some_and(|told| told.elapsed() < SILENCE) {
        return;
    }
    TOLD.set(Some(Instant::now()));
    warn(
        context,
        "a proxy stands before the shop, or a client says so: without trusted_proxies all who have not signed \
         in are counted as one address",
        &Unannounced,
    );
    // Where Redis is away, the log has it.
    drop(
        house
            .shared
            .run(context, &NOTE, &[KEY], &[REMEMBERED_MS.as_bytes()])
            .await,
    );
}

/// For readiness: a warning while requests come from a proxy that the shop was not told of.
pub async fn check(context: &Context) -> Option<(String, Status)> {
    let house = context.house().filter(|house| house.proxies == 0)?;
    let replies = house.shared.run(context, &READ, &[KEY], &[]).await?;
    let is_noted = matches!(replies.first(), Some(Reply::Integer(1)));
    is_noted.then(|| ("proxies:unannounced".to_owned(), Status::Warn))
}
