//! Failed sign-ins in Redis, counted for an hour, to say which of them the audit log is told of.

use cache::{Cache, Script};

/// An hour.
const WINDOW_SECONDS: &str = "3600";
/// Entries of one account in an hour, and of all of them.
const MAX_OF_SUBJECT: &str = "20";
const MAX_OF_ALL: &str = "1000";

/// Answers how many there were from this network if that is a power of ten and the log has room, and else 0.
const COUNT: Script = Script::new(
    "local function more(key)
       local count = redis.call('incr', key)
       if count == 1 then redis.call('expire', key, ARGV[1]) end
       return count
     end
     local attempts = more(KEYS[1])
     local power = 1
     while power < attempts do power = power * 10 end
     if power ~= attempts then return 0 end
     if tonumber(redis.call('get', KEYS[2]) or '0') >= tonumber(ARGV[2]) then return 0 end
     if tonumber(redis.call('get', KEYS[3]) or '0') >= tonumber(ARGV[3]) then return 0 end
     more(KEYS[2])
     more(KEYS[3])
     return attempts",
);

/// Counts a failure. How many there were within the hour, if the log is to be told.
pub async fn count(cache: &Cache, subject: &str, network: &str) -> cache::Result<Option<i64>> {
    let by_network = format!("accounts:failures:{subject}:{network}");
    let by_subject = format!("accounts:failures:told:{subject}");
    let keys = [&*by_network, &*by_subject, "accounts:failures:told"];
    let limits = [WINDOW_SECONDS, MAX_OF_SUBJECT, MAX_OF_ALL].map(str::as_bytes);
    let replies = cache.run(&COUNT, &keys, &limits).await?;
    let attempts = replies
        .first()
        .ok_or(cache::Error::Unexpected("wanted a count"))?
        .integer()?;
    Ok((attempts > 0).then_some(attempts))
}
