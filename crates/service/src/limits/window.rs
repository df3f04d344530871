//! Requests within a sliding window.
//!
//! A window is counted in tenths. All of the last eleven count, so that no time of a window's length ever
//! has more than the quota, wherever it begins, and what was counted is forgotten at most a tenth late. That
//! takes one key of eleven numbers, however large the quota is. Redis tells the time: instances need not
//! agree on it.

use cache::{Reply, Script};

use super::Policy;
use crate::authority::Known;
use crate::context::Context;
use crate::shared::Shared;

/// Answers whether something of this weight is admitted, what is used of the fullest of the keys, and the
/// milliseconds until its oldest tenth goes. It is counted under all keys or under none. The last key is no count
/// where the last argument is 1, but that of the account of whoever asks: what is known of it comes fourth and
/// fifth ([`crate::authority`]).
const COUNT: Script = Script::new(
    "local time = redis.call('time')
     local now = time[1] * 1000 + math.floor(time[2] / 1000)
     local quota, width, weight = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
     local tenth = math.floor(now / width)
     local most, since = 0, tenth
     local counted = #KEYS - tonumber(ARGV[5])
     for n = 1, counted do
       local key = KEYS[n]
       local kept, used, oldest = redis.call('hgetall', key), 0, tenth
       for i = 1, #kept, 2 do
         local begun = tonumber(kept[i])
         if begun < tenth - 10 then
           redis.call('hdel', key, kept[i])
         else
           used = used + tonumber(kept[i + 1])
           oldest = math.min(oldest, begun)
         end
       end
       if used >= most then most, since = used, oldest end
     end
     local admitted = (ARGV[4] == 'always' or most + weight <= quota) and 1 or 0
     if admitted == 1 then
       for n = 1, counted do
         redis.call('hincrby', KEYS[n], tenth, weight)
         redis.call('pexpire', KEYS[n], 11 * width)
       end
     end
     local count = {admitted, most + admitted * weight, (since + 11) * width - now}
     if #KEYS > counted then
       count[4] = redis.call('get', KEYS[#KEYS])
       count[5] = redis.call('pttl', KEYS[#KEYS])
     end
     return count",
);

pub(super) struct Count {
    pub admitted: bool,
    pub used: u64,
    /// Seconds until something of it is forgotten.
    pub reset: u64,
    pub authority: Option<Known>,
}

/// Counts so much under all keys, if each has room for it; nothing where Redis does not answer. What weighs more
/// than there ever is takes everything. What is known of an account is read beside.
pub(super) async fn count(
    context: &Context,
    shared: &Shared,
    (keys, account): (&[String], Option<&str>),
    policy: &Policy,
    weight: u64,
) -> Option<Count> {
    let weight = weight.min(policy.quota);
    run(
        context,
        shared,
        (keys, account),
        policy,
        weight,
        "if-it-fits",
    )
    .await
}

/// Counts so much, whether there is room for it or not.
pub(super) async fn charge(
    context: &Context,
    shared: &Shared,
    keys: &[String],
    policy: &Policy,
    weight: u64,
) {
    let weight = weight.min(policy.quota);
    // Where Redis does not answer, nothing is counted, and what this says of the quota interests nobody.
    let _counted = run(context, shared, (keys, None), policy, weight, "always").await;
}

async fn run(
    context: &Context,
    shared: &Shared,
    (keys, account): (&[String], Option<&str>),
    policy: &Policy,
    weight: u64,
    when: &str,
) -> Option<Count> {
    let (quota, width) = (policy.quota.to_string(), (policy.seconds * 100).to_string());
    let (weight, accounts) = (weight.to_string(), u8::from(account.is_some()).to_string());
    let args = [&quota, &width, &weight, when, &accounts].map(str::as_bytes);
    let keys = keys.iter().map(String::as_str).chain(account);
    let keys: Vec<&str> = keys.collect();
    let replies = shared.run(context, &COUNT, &keys, &args).await?;
    let number = |place: usize| u64::try_from(replies.get(place)?.integer().ok()?).ok();
    Some(Count {
        admitted: matches!(replies.first(), Some(Reply::Integer(1))),
        used: number(1)?,
        reset: number(2)?.div_ceil(1000),
        authority: replies.get(3..).and_then(Known::read),
    })
}
