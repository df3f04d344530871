//! How much somebody may ask, counted in Redis by all instances: one script, one round trip.
//!
//! A request is counted once, in its group and before anything of it is looked at, for whoever sends it: an
//! account with a good access token, and an address otherwise; at a door (signing in and up) for both. A key or
//! token that is not verified says nothing, because anybody can make one up. Services among themselves are not
//! counted. What is not known to be too much is let pass.

mod budget;
mod policy;
pub(crate) mod standing;
mod window;

use commerce::{Text, UserId};
use http::{HeaderMap, Method};

use crate::address::ClientAddress;
use crate::authority;
use crate::context::Context;
use crate::house::House;
use crate::metrics;
use crate::problem::Problem;
use crate::service::{Counted, Group};

pub use budget::{Budget, Level};
pub(crate) use policy::{Policies, Policy};
pub(crate) use standing::Standing;

/// What of a request is counted: what its route says, and for whom.
#[derive(Debug)]
pub(crate) struct Charge {
    policy: Policy,
    keys: Vec<String>,
}

/// Counts a request, or refuses it. What it is counted as is charged again where its answer is large.
pub(crate) async fn admit(
    context: &Context,
    house: &House,
    group: &Group,
    (method, headers): (&Method, &HeaderMap),
    address: ClientAddress,
) -> Result<Option<Charge>, Problem> {
    if address.is_inside() || house.service_token.is_shown(headers) {
        return Ok(None);
    }
    let verified = house.tokens.good(headers);
    let user = verified.map(|verified| verified.caller.user);
    let mut group = *group;
    match (group.counted, user) {
        (Counted::Nothing, _) => return Ok(None),
        (Counted::Points, Some(user)) => {
            // Whatever is in it, it is a request. What it costs beyond that is known when it is read.
            if let Some(budget) = Budget::of(context, group.name, &format!("user:{user}")) {
                budget.take(1).await?;
            }
            return Ok(None);
        }
        // Its points are taken when it is known who asks: until then it is a request like others.
        (Counted::Points, None) => group = Group::plain(method),
        (Counted::Requests | Counted::Apart, _) => {}
    }
    let policy = match group.counted {
        Counted::Apart => house.policies.named(group.name),
        _ => house.policies.of(group.name, method),
    };
    let Some(policy) = policy else {
        return Ok(None);
    };
    let keys = match user {
        Some(user) if group.is_door => vec![key(policy, &of(address)), key(policy, &by(user))],
        Some(user) => vec![key(policy, &by(user))],
        None => vec![key(policy, &of(address))],
    };
    count(context, house, policy, (&keys, user), group.weight).await?;
    let policy = policy.clone();
    Ok(Some(Charge { policy, keys }))
}

/// How much of an answer is in the price of a request.
const ANSWER_BYTES: u64 = 32 * 1024;

impl Charge {
    /// Counts a large answer for as many requests more as it is larger than a usual one, and refuses nothing:
    /// it is known too late.
    pub async fn for_answer(&self, context: &Context, house: &House, bytes: Option<u64>) {
        let more = bytes.unwrap_or_default() / ANSWER_BYTES;
        if more > 0 {
            let (policy, keys) = (&self.policy, &self.keys);
            window::charge(context, &house.shared, keys, policy, more).await;
        }
    }
}

/// Counts something of a network under a policy of its own, where there is one, or refuses it: 429.
pub async fn count_address(
    context: &Context,
    policy: &str,
    address: ClientAddress,
) -> Result<(), Problem> {
    let Some(house) = context.house().filter(|_| !address.is_inside()) else {
        return Ok(());
    };
    let Some(policy) = house.policies.named(policy) else {
        return Ok(());
    };
    let keys = [key(policy, &of(address))];
    count(context, house, policy, (&keys, None), 1).await
}

async fn count(
    context: &Context,
    house: &House,
    policy: &Policy,
    (keys, user): (&[String], Option<UserId>),
    weight: u64,
) -> Result<(), Problem> {
    let account = user.map(authority::key);
    let keys = (keys, account.as_deref());
    let counted = window::count(context, &house.shared, keys, policy, weight).await;
    let Some(count) = counted else {
        note(policy, "uncounted");
        return Ok(());
    };
    if account.is_some() {
        context.note_authority(count.authority);
    }
    context.tell(Standing {
        policy: policy.clone(),
        unit: None,
        remaining: policy.quota.saturating_sub(count.used),
        reset: count.reset,
    });
    if count.admitted {
        note(policy, "passed");
        Ok(())
    } else {
        Err(too_many(policy, count.reset))
    }
}

fn by(user: UserId) -> String {
    format!("user:{user}")
}

fn of(address: ClientAddress) -> String {
    format!("address:{}", address.network())
}

fn note(policy: &Policy, decision: &str) {
    let labels = [("policy", &*policy.name), ("decision", decision)];
    metrics::count("comptoir_limiter_decisions_total", &labels);
}

fn key(policy: &Policy, party: &str) -> String {
    format!("limit:{}:{party}", policy.name)
}

/// 429, with the policy that was met; `seconds` until something is let through again.
fn too_many(policy: &Policy, seconds: u64) -> Problem {
    note(policy, "refused");
    let title = Text::new(
        "Trop de requêtes : patientez",
        "Too many requests: wait a moment",
    );
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Problem::too_many_requests("rate-limited", title, seconds).with("policy", &*policy.name)
}
