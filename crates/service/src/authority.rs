//! What an account may do at this moment, beside what its access token remembers (ADR 18).
//!
//! Whenever that changes (a role, a disabled account, a new password), accounts counts the account's `generation`
//! up, and every token says in which it was given. Accounts tells Redis the present one, where each request with a
//! token finds it. Redis may not know it, or may have known it for too long: then accounts itself is asked, before
//! anything is written in the name of somebody who does more than buy. Without an answer nothing is written (503).
//! Who buys goes on as the token says, unless Redis knows better.

use std::time::Duration;

use commerce::UserId;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use cache::{Cache, Reply, Script};

use crate::auth::{Role, Verified};
use crate::context::Context;
use crate::patience::within;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::shared::Shared;

/// How long Redis keeps a generation, in milliseconds: longer than any token of an earlier one is good.
const KEPT_MS: i64 = 20 * 60 * 1000;
/// How long what Redis keeps is enough to write by. Should it have lost the news of a change, this is how long
/// the change takes.
const TRUSTED_MS: i64 = 60 * 1000;
/// How long whoever tells Redis waits for it.
const PUBLISHING: Duration = Duration::from_millis(500);
/// Where accounts says whether a token is what its account is at this moment.
const VALIDATE: &str = "/api/auth/validate-token";
/// The kind of the event [`AuthorityChanged`].
pub const AUTHORITY_CHANGED: &str = "user.authority_changed";

/// What an account may do, as accounts answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    pub role: Role,
    pub enabled: bool,
    /// How often the rest has changed, or the password.
    pub generation: u64,
}

impl Authority {
    /// Whether the account may be used in this role.
    pub fn is_good_for(&self, role: Role) -> bool {
        self.enabled && self.role == role
    }
}

/// What the event [`AUTHORITY_CHANGED`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityChanged {
    pub user_id: UserId,
    #[serde(flatten)]
    pub authority: Authority,
}

/// What Redis knows of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    generation: u64,
    is_trusted: bool,
}

/// What that says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    Ended,
    Unknown,
}

/// Two tellers may meet: the later generation stays.
const PUBLISH: Script = Script::new(
    "local known = redis.call('get', KEYS[1])
     if not known or tonumber(known) <= tonumber(ARGV[1]) then
       redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
     end",
);

const READ: Script =
    Script::new("return {redis.call('get', KEYS[1]), redis.call('pttl', KEYS[1])}");

/// Tells Redis the present generation of an account.
pub async fn publish(cache: &Cache, user: UserId, generation: u64) -> cache::Result<()> {
    let (generation, kept) = (generation.to_string(), KEPT_MS.to_string());
    let args = [generation.as_bytes(), kept.as_bytes()];
    let key = key(user);
    let keys = [&*key];
    let publishing = cache.run_repeatable(&PUBLISH, &keys, &args);
    match within(PUBLISHING, publishing).await {
        Some(published) => published.map(drop),
        None => Err(cache::Error::Unavailable("it took too long".to_owned())),
    }
}

/// Where Redis keeps the generation of an account.
pub(crate) fn key(user: UserId) -> String {
    format!("authority:{user}")
}

/// What accounts says of an account at this moment; none where there is no such account.
pub async fn of(context: &Context, user: UserId) -> Result<Option<Authority>, Problem> {
    let house = context.house();
    let house =
        house.ok_or_else(|| Problem::unavailable("nobody can be asked about an account"))?;
    let path = format!("/internal/users/{user}/authority");
    let answer = house
        .accounts
        .send(context, Method::GET, &path, None::<&()>);
    let answer = answer.await.map_err(Problem::unavailable)?;
    match answer.status {
        StatusCode::OK => answer.json().map(Some).map_err(Problem::unavailable),
        StatusCode::NOT_FOUND => Ok(None),
        _ => Err(Problem::unavailable(answer.unexpected())),
    }
}

/// Refuses a token that says what is not true any more. Of what only reads, and of who only buys, no more is asked
/// than what Redis says.
pub(crate) async fn check(
    context: Option<&Context>,
    verified: &Verified,
    token: &str,
    only_reads: bool,
) -> Result<(), Problem> {
    let caller = verified.caller;
    let house = context.and_then(|context| Some((context, context.house()?)));
    let Some((context, house)) = house else {
        return match only_reads {
            true => Ok(()),
            false => Err(Problem::unavailable("nobody can be asked about an account")),
        };
    };
    let is_strict = caller.role.is_staff() && !only_reads;
    let known = match context.authority() {
        Some(learned) => learned,
        // It was not counted, or is counted by what is in it.
        None => read(context, &house.shared, caller.user).await,
    };
    match Known::judge(known, verified.generation) {
        Verdict::Ended => Err(Problem::invalid_token()),
        Verdict::Unknown if is_strict => validate(context, &house.accounts, token).await,
        Verdict::Good | Verdict::Unknown => Ok(()),
    }
}

/// Has accounts look at a token, which is all that a service needs to show for it: one of them has no secret.
async fn validate(context: &Context, accounts: &Peer, token: &str) -> Result<(), Problem> {
    let answer = accounts.get_as(context, VALIDATE, token).await;
    let answer = answer.map_err(Problem::unavailable)?;
    match answer.status {
        StatusCode::OK => Ok(()),
        StatusCode::UNAUTHORIZED => Err(Problem::invalid_token()),
        _ => Err(Problem::unavailable(answer.unexpected())),
    }
}

async fn read(context: &Context, shared: &Shared, user: UserId) -> Option<Known> {
    let replies = shared.run(context, &READ, &[&key(user)], &[]).await?;
    Known::read(&replies)
}

impl Known {
    /// A generation as text, and for how long Redis goes on keeping it.
    pub(crate) fn read(replies: &[Reply]) -> Option<Self> {
        let [Reply::Bytes(generation), Reply::Integer(left_ms)] = replies else {
            return None;
        };
        Some(Self {
            generation: std::str::from_utf8(generation).ok()?.parse().ok()?,
            is_trusted: *left_ms > KEPT_MS - TRUSTED_MS,
        })
    }

    fn judge(known: Option<Self>, generation: u64) -> Verdict {
        match known {
            Some(known) if known.generation > generation => Verdict::Ended,
            Some(known) if known.generation == generation && known.is_trusted => Verdict::Good,
            _ => Verdict::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(generation: &str, left_ms: i64) -> Option<Known> {
        let generation = Reply::Bytes(generation.as_bytes().to_vec());
        Known::read(&[generation, Reply::Integer(left_ms)])
    }

    #[test]
    fn a_token_of_an_earlier_generation_has_ended_however_old_the_news_is() {
        for left in [KEPT_MS, 1] {
            assert_eq!(Known::judge(known("4", left), 3), Verdict::Ended);
        }
    }

    #[test]
    fn a_token_is_good_by_fresh_news_alone() {
        assert_eq!(Known::judge(known("3", KEPT_MS), 3), Verdict::Good);
        let old = KEPT_MS - TRUSTED_MS;
        assert_eq!(Known::judge(known("3", old), 3), Verdict::Unknown);
        assert_eq!(Known::judge(None, 3), Verdict::Unknown);
    }

    #[test]
    fn news_that_is_older_than_the_token_says_nothing() {
        assert_eq!(Known::judge(known("2", KEPT_MS), 3), Verdict::Unknown);
    }

    #[test]
    fn what_is_no_generation_is_no_news() {
        assert_eq!(Known::read(&[Reply::Nil, Reply::Integer(-2)]), None);
        assert_eq!(known("many", KEPT_MS), None);
        assert_eq!(Known::read(&[]), None);
    }

    #[test]
    fn an_account_that_is_disabled_or_in_another_role_is_good_for_nothing() {
        let authority = |role, enabled| Authority {
            role,
            enabled,
            generation: 1,
        };
        assert!(authority(Role::Supplier, true).is_good_for(Role::Supplier));
        assert!(!authority(Role::Supplier, false).is_good_for(Role::Supplier));
        assert!(!authority(Role::Client, true).is_good_for(Role::Supplier));
    }

    #[test]
    fn the_event_tells_all_of_it_at_one_level() {
        let event = AuthorityChanged {
            user_id: UserId::from_bytes([7; 16]),
            authority: Authority {
                role: Role::Seller,
                enabled: false,
                generation: 2,
            },
        };
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(json["generation"], 2);
        assert_eq!(
            serde_json::from_value::<AuthorityChanged>(json).unwrap(),
            event
        );
    }
}
