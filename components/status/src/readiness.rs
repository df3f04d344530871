//! Readiness, remembered: to ask every service costs eight calls and what each of them asks, and anybody may ask
//! for it. What was found is told again for a second, by the instance and, through Redis, by the whole house; and
//! while one asks, the others tell what was found before. Without Redis each instance remembers for itself.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use cache::{Cache, Reply, Script};
use service::{Context, Health};

use crate::peers::Peers;

/// How long what was found is told again.
const FRESH: Duration = Duration::from_secs(1);
const FRESH_MS: &str = "1000";
/// How long it may be told while somebody asks anew.
const BEFORE_MS: &str = "10000";
/// How long the others wait for whoever asks.
const ASKING_MS: &str = "3000";

/// Keys: what was found, what was found before, that somebody asks. Answers what is known, or 0 for whoever is to
/// ask now, or 1 where somebody asks for the first time.
const RECALL: Script = Script::new(
    "local found = redis.call('get', KEYS[1])
     if found then return found end
     if redis.call('set', KEYS[3], '1', 'NX', 'PX', ARGV[1]) then return 0 end
     return redis.call('get', KEYS[2]) or 1",
);

const REMEMBER: Script = Script::new(
    "redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
     redis.call('set', KEYS[2], ARGV[1], 'PX', ARGV[3])
     redis.call('del', KEYS[3])",
);

const KEYS: [&str; 3] = ["readiness", "readiness:before", "readiness:asking"];

/// How long, and how often, one waits for what somebody else finds.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const LOOKS: u32 = 20;

enum Recalled {
    Found(Health),
    /// Somebody else asks at this moment.
    Asked,
}

thread_local! {
    static FOUND: RefCell<Option<(Instant, Health)>> = const { RefCell::new(None) };
}

/// How the house is, found within the last second or a moment before.
pub async fn find(context: &Context, cache: &Cache, peers: &Peers) -> Health {
    let fresh = |(found, _): &&(Instant, Health)| found.elapsed() < FRESH;
    if let Some((_, health)) = FOUND.with_borrow(|found| found.as_ref().filter(fresh).cloned()) {
        return health;
    }
    let health = match recall(cache).await {
        Some(health) => health,
        None => {
            let health = peers.health(context).await;
            remember(context, cache, &health).await;
            health
        }
    };
    FOUND.set(Some((Instant::now(), health.clone())));
    health
}

/// What the house remembers, for which one waits a moment while somebody else asks for the first time.
async fn recall(cache: &Cache) -> Option<Health> {
    for _ in 0..LOOKS {
        match look(cache).await? {
            Recalled::Found(health) => return Some(health),
            Recalled::Asked => service::pause(LOOK_AGAIN).await,
        }
    }
    None
}

/// What the house remembers; nothing where Redis is away or what it has cannot be read.
async fn look(cache: &Cache) -> Option<Recalled> {
    let args = [ASKING_MS.as_bytes()];
    let replies = cache.run_repeatable(&RECALL, &KEYS, &args).await;
    match replies.ok()?.into_iter().next()? {
        Reply::Bytes(json) => serde_json::from_slice(&json).ok().map(Recalled::Found),
        Reply::Integer(1) => Some(Recalled::Asked),
        _ => None,
    }
}

async fn remember(context: &Context, cache: &Cache, health: &Health) {
    let json = serde_json::json!(health).to_string();
    let args = [json.as_str(), FRESH_MS, BEFORE_MS].map(str::as_bytes);
    if let Err(error) = cache.run_repeatable(&REMEMBER, &KEYS, &args).await {
        service::warn(context, "readiness is not remembered", &error);
    }
}
