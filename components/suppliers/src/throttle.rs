//! What a request has cost, and what is left to whoever asks.
//!
//! Everybody has a bucket of points (the policy `graphql` of `rate_limits`). What a request may cost is taken
//! before it is carried out, and what it was cheaper is put back. Without a policy or without Redis, each request
//! has the points that one request may cost.

use async_graphql::Value;
use serde::Serialize;
use service::{Budget, Context, Level, Problem};

use crate::access::Access;
use crate::limits::COST;
use crate::limits::cost::Bill;

/// `extensions.cost` of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    requested_query_cost: u64,
    actual_query_cost: u64,
    throttle_status: Level,
}

/// Takes the first point of a machine's request, before anything of it is read. A person's was taken when it came.
pub async fn enter(context: &Context, access: &Access) -> Result<(), Problem> {
    if !access.is_machine() {
        return Ok(());
    }
    match Budget::of(context, "graphql", &access.purse()) {
        Some(budget) => budget.take(1).await.map(drop),
        None => Ok(()),
    }
}

/// What was taken for one request.
pub struct Throttle {
    requested: u64,
    taken: u64,
    from: Option<(Budget, Level)>,
}

impl Throttle {
    /// Takes what a request may cost beyond the point that was taken when it came, or refuses it.
    pub async fn take(context: &Context, purse: &str, bill: &Bill<'_>) -> Result<Self, Problem> {
        let requested = bill.requested().unwrap_or(COST);
        let taken = requested.max(1);
        let from = match Budget::of(context, "graphql", purse) {
            Some(budget) => {
                let more = budget.take(taken - 1).await?;
                more.map(|level| (budget, level))
            }
            None => None,
        };
        Ok(Self {
            requested,
            taken,
            from,
        })
    }

    /// Puts back what these data did not cost, or takes what they cost more: a list may be longer than the rule.
    pub async fn settle(self, bill: &Bill<'_>, data: &Value) -> Cost {
        let actual = bill.actual(data);
        let throttle_status = match self.from {
            Some((budget, level)) => {
                let (taken, cost) = (self.taken, actual.max(1));
                budget.settle(taken, cost).await.unwrap_or(level)
            }
            None => Level {
                maximum_available: COST,
                currently_available: COST,
                restore_rate: COST,
            },
        };
        Cost {
            requested_query_cost: self.requested,
            actual_query_cost: actual,
            throttle_status,
        }
    }
}
