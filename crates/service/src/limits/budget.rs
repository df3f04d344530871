//! Points, for requests of which one costs a thousand times as much as another: a bucket that is full at
//! first, and fills again all the time.

use cache::{Reply, Script};
use serde::Serialize;

use super::{Policy, Standing, key, note, too_many};
use crate::context::Context;
use crate::problem::Problem;

/// Takes points if there are enough, or puts them back where they are less than none. Answers whether it did,
/// what there is now, and the milliseconds until there is enough or, if it did, until the bucket is full.
const TAKE: Script = Script::new(
    "local time = redis.call('time')
     local now = time[1] * 1000 + math.floor(time[2] / 1000)
     local full, fill = tonumber(ARGV[1]), tonumber(ARGV[2])
     local cost = tonumber(ARGV[3])
     local kept = redis.call('hmget', KEYS[1], 'level', 'at')
     local passed = math.max(0, now - tonumber(kept[2] or now))
     local level = math.min(full, tonumber(kept[1] or full) + passed * full / fill)
     if cost > level and ARGV[4] ~= 'always' then
       return {0, math.floor(level), math.ceil((cost - level) * fill / full)}
     end
     level = math.max(0, math.min(full, level - cost))
     redis.call('hset', KEYS[1], 'level', tostring(level), 'at', now)
     redis.call('pexpire', KEYS[1], fill)
     return {1, math.floor(level), math.ceil((full - level) * fill / full)}",
);

/// The points of one party, under a policy of the variable `rate_limits`.
#[derive(Clone, Debug)]
pub struct Budget {
    context: Context,
    key: String,
    policy: Policy,
}

/// What may be spent now, in points, and how many come back in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Level {
    pub maximum_available: u64,
    pub currently_available: u64,
    pub restore_rate: u64,
}

impl Budget {
    /// None where no policy has this name: then nothing is counted.
    pub fn of(context: &Context, policy: &str, party: &str) -> Option<Self> {
        let policy = context.house()?.policies.named(policy)?;
        Some(Self {
            context: context.clone(),
            key: key(policy, party),
            policy: policy.clone(),
        })
    }

    /// Takes what a request may cost before it is carried out, or refuses it: 429. What costs more than there
    /// ever is takes everything. Nothing is known of the level where Redis does not answer.
    pub async fn take(&self, points: u64) -> Result<Option<Level>, Problem> {
        let points = points.min(self.policy.quota);
        let Some(told) = self.run(&points.to_string(), "if-it-fits").await else {
            note(&self.policy, "uncounted");
            return Ok(None);
        };
        self.context.tell(Standing {
            policy: self.policy.clone(),
            unit: Some("points"),
            remaining: told.level,
            reset: told.wait,
        });
        let level = self.level(told.level);
        if told.admitted {
            note(&self.policy, "passed");
            return Ok(Some(level));
        }
        let status = serde_json::to_value(level).map_err(Problem::internal)?;
        Err(too_many(&self.policy, told.wait).with("throttleStatus", status))
    }

    /// Corrects the budget after a request by the difference between what was taken for it and what it cost. A cost
    /// that is not covered empties the budget.
    pub async fn settle(&self, taken: u64, cost: u64) -> Option<Level> {
        let points = match taken.checked_sub(cost) {
            Some(0) => return None,
            Some(saved) => format!("-{saved}"),
            None => cost.saturating_sub(taken).to_string(),
        };
        let told = self.run(&points, "always").await?;
        Some(self.level(told.level))
    }

    async fn run(&self, points: &str, when: &str) -> Option<Told> {
        let Policy { quota, seconds, .. } = self.policy;
        let (full, fill) = (quota.to_string(), (seconds * 1000).to_string());
        let args = [&*full, &*fill, points, when].map(str::as_bytes);
        let shared = &self.context.house()?.shared;
        let replies = shared
            .run(&self.context, &TAKE, &[&self.key], &args)
            .await?;
        let number = |place: usize| u64::try_from(replies.get(place)?.integer().ok()?).ok();
        Some(Told {
            admitted: matches!(replies.first(), Some(Reply::Integer(1))),
            level: number(1)?,
            wait: number(2)?.div_ceil(1000),
        })
    }

    fn level(&self, currently_available: u64) -> Level {
        Level {
            maximum_available: self.policy.quota,
            currently_available,
            restore_rate: self.policy.quota / self.policy.seconds,
        }
    }
}

struct Told {
    admitted: bool,
    level: u64,
    wait: u64,
}
