//! Sign-in attempts in Redis, counted by e-mail and by address, so that passwords cannot be tried at will.
//!
//! An attempt is counted before its password is checked – a hundred at once are a hundred – and a success
//! takes its own back.

use cache::{Cache, Script};

/// Attempts by e-mail and by address within [`WINDOW_SECONDS`].
const MAX_BY_EMAIL: &str = "10";
const MAX_BY_ADDRESS: &str = "100";
const WINDOW_SECONDS: &str = "900";

/// Answers 0 and counts the attempt, or the seconds until one may be made.
const ATTEMPT: Script = Script::new(
    "local wait = 0
     for i, key in ipairs(KEYS) do
       if tonumber(redis.call('get', key) or '0') >= tonumber(ARGV[i]) then
         wait = math.max(wait, redis.call('ttl', key), 1)
       end
     end
     if wait == 0 then
       for _, key in ipairs(KEYS) do
         if redis.call('incr', key) == 1 then redis.call('expire', key, ARGV[3]) end
       end
     end
     return wait",
);

/// A good password shows that the e-mail's owner is there: only the address keeps a count, one less.
const SUCCEED: Script = Script::new(
    "redis.call('del', KEYS[1])
     if tonumber(redis.call('get', KEYS[2]) or '0') > 0 then redis.call('decr', KEYS[2]) end",
);

/// Counts an attempt. The seconds to wait if there were too many.
pub async fn count(cache: &Cache, email: &str, address: &str) -> cache::Result<Option<i64>> {
    let keys = keys(email, address);
    let limits = [MAX_BY_EMAIL, MAX_BY_ADDRESS, WINDOW_SECONDS].map(str::as_bytes);
    let replies = cache.run(&ATTEMPT, &[&keys[0], &keys[1]], &limits).await?;
    let wait = replies
        .first()
        .ok_or(cache::Error::Unexpected("wanted the seconds to wait"))?
        .integer()?;
    Ok((wait > 0).then_some(wait))
}

/// Takes a successful attempt back.
pub async fn succeed(cache: &Cache, email: &str, address: &str) -> cache::Result<()> {
    let keys = keys(email, address);
    cache
        .run(&SUCCEED, &[&keys[0], &keys[1]], &[])
        .await
        .map(drop)
}

fn keys(email: &str, address: &str) -> [String; 2] {
    [
        format!("accounts:attempts:email:{email}"),
        format!("accounts:attempts:address:{address}"),
    ]
}
