//! What a request has cost, and what is left to whoever asks.
//!
//! Each request may cost [`COST`] points, whoever asks and however often: `throttleStatus` says so. Whoever
//! limits how often something is asked takes the actual cost from a budget here, and tells what is left of it.

use async_graphql::Value;
use serde::Serialize;

use crate::limits::COST;
use crate::limits::cost::Bill;

/// `extensions.cost` of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    requested_query_cost: u64,
    actual_query_cost: u64,
    throttle_status: ThrottleStatus,
}

/// What may be asked for now, in points, and how fast it comes back, in points a second.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ThrottleStatus {
    maximum_available: u64,
    currently_available: u64,
    restore_rate: u64,
}

pub fn report(bill: &Bill<'_>, data: &Value) -> Cost {
    Cost {
        requested_query_cost: bill.requested().unwrap_or(COST),
        actual_query_cost: bill.actual(data),
        // A budget for each request: it is whole again with the next.
        throttle_status: ThrottleStatus {
            maximum_available: COST,
            currently_available: COST,
            restore_rate: COST,
        },
    }
}
