//! How much somebody may ask, counted in Redis by all instances: one script, one round trip.
//!
//! A request is counted once, in its group, for whoever sends it: an account with a good access token, and
//! an address otherwise. A key or token that is not verified says nothing, because anybody can make one up.
//! Services among themselves are not counted. What is not known to be too much is let pass.

mod budget;
mod policy;
pub(crate) mod standing;
mod window;

use std::fmt::Display;

use commerce::Text;
use http::{HeaderMap, Method};

use crate::address::ClientAddress;
use crate::context::Context;
use crate::house::House;
use crate::metrics;
use crate::problem::Problem;
use crate::service::{Counted, Group, Service};

pub use budget::{Budget, Level};
pub(crate) use policy::{Policies, Policy};
pub(crate) use standing::Standing;

/// Counts a request, or refuses it.
pub(crate) async fn admit(
    context: &Context,
    house: &House,
    service: &Service,
    (method, path, headers): (&Method, &str, &HeaderMap),
    address: ClientAddress,
) -> Result<(), Problem> {
    if address.is_inside() || house.service_token.is_shown(headers) {
        return Ok(());
    }
    let mut group = service.group(method, path);
    let user = house.tokens.user(headers);
    match (group.counted, user) {
        (Counted::Nothing, _) | (Counted::Points, Some(_)) => return Ok(()),
        // Its points are taken when it is known who asks: until then it is a request like others.
        (Counted::Points, None) => group = Group::plain(method),
        (Counted::Requests, _) => {}
    }
    let Some(policy) = house.policies.of(group.name, method) else {
        return Ok(());
    };
    let key = match user {
        Some(user) => key(&policy.name, &format_args!("user:{user}")),
        None => key(&policy.name, &format_args!("address:{}", address.network())),
    };
    let Some(count) = window::count(context, &house.shared, &key, policy).await else {
        note(policy, "uncounted");
        return Ok(());
    };
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

fn note(policy: &Policy, decision: &str) {
    let labels = [("policy", &*policy.name), ("decision", decision)];
    metrics::count("comptoir_limiter_decisions_total", &labels);
}

fn key(group: &str, party: &dyn Display) -> String {
    format!("limit:{group}:{party}")
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
