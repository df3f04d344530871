//! Requests within a sliding window.
//!
//! A window is counted in tenths. All of the last eleven count, so that no time of a window's length ever
//! has more than the quota, wherever it begins, and what was counted is forgotten at most a tenth late. That
//! takes one key of eleven numbers, however large the quota is. Redis tells the time: instances need not
//! agree on it.

use cache::{Reply, Script};

use super::Policy;
use crate::context::Context;
use crate::shared::Shared;

/// Answers whether the request is admitted, what is used, and the milliseconds until the oldest tenth goes.
const COUNT: Script = Script::new(
    "local time = redis.call('time')
     local now = time[1] * 1000 + math.floor(time[2] / 1000)
     local quota, width = tonumber(ARGV[1]), tonumber(ARGV[2])
     local tenth = math.floor(now / width)
     local kept, used, oldest = redis.call('hgetall', KEYS[1]), 0, tenth
     for i = 1, #kept, 2 do
       local begun = tonumber(kept[i])
       if begun < tenth - 10 then
         redis.call('hdel', KEYS[1], kept[i])
       else
         used = used + tonumber(kept[i + 1])
         oldest = math.min(oldest, begun)
       end
     end
     local admitted = used < quota and 1 or 0
     if admitted == 1 then
       redis.call('hincrby', KEYS[1], tenth, 1)
       redis.call('pexpire', KEYS[1], 11 * width)
     end
     return {admitted, used + admitted, (oldest + 11) * width - now}",
);

pub(super) struct Count {
    pub admitted: bool,
    pub used: u64,
    /// Seconds until something of it is forgotten.
    pub reset: u64,
}

/// Counts one request under a key, if there is room for it; nothing where Redis does not answer.
pub(super) async fn count(
    context: &Context,
    shared: &Shared,
    key: &str,
    policy: &Policy,
) -> Option<Count> {
    let (quota, width) = (policy.quota.to_string(), (policy.seconds * 100).to_string());
    let args = [quota.as_bytes(), width.as_bytes()];
    let replies = shared.run(context, &COUNT, &[key], &args).await?;
    let number = |place: usize| u64::try_from(replies.get(place)?.integer().ok()?).ok();
    Some(Count {
        admitted: matches!(replies.first(), Some(Reply::Integer(1))),
        used: number(1)?,
        reset: number(2)?.div_ceil(1000),
    })
}
