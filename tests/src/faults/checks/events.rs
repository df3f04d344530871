//! What the merchant was told: everything that happened, in its order, signed.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Evidence;
use crate::faults::ledger::compact;
use crate::faults::report::Rule;
use crate::receiver::Received;

/// What happens to an order and merchants are told of.
const TOLD: &str = "('order.placed', 'order.paid', 'order.preparing', 'order.shipped', \
     'order.delivered', 'order.cancelled', 'order.expired', 'order.refunded')";

pub async fn check(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    let all = evidence.merchant.received();
    let good = evidence.merchant.good();
    evidence
        .report
        .add("deliveries to the merchant", all.len() as u64);
    evidence
        .report
        .add("events at the merchant's", good.len() as u64);
    for one in all.iter().filter(|one| !one.is_verified()) {
        let how = format!("{} {} does not verify", one.kind(), one.id());
        evidence.report.broken(Rule::EventsVerify, how);
    }
    order(evidence, &good);
    history(evidence, &good).await?;
    failures(evidence, &good).await
}

/// Of each aggregate, what happened later arrives later; an order begins by being placed.
fn order(evidence: &Evidence<'_>, good: &[Received]) {
    let mut last: HashMap<String, (String, String)> = HashMap::new();
    for one in good {
        let body = one.body();
        let kind = one.kind();
        // Without its `Z`, an instant with fewer decimals is before one with more, as it should be.
        let at = text(&body, "/timestamp").trim_end_matches('Z').to_owned();
        let aggregate = aggregate(&kind, &body);
        let before = last.insert(aggregate.clone(), (at.clone(), kind.clone()));
        let is_wrong = match &before {
            Some((before, _)) => *before > at || kind == "order.placed",
            None => kind.starts_with("order.") && kind != "order.placed",
        };
        if is_wrong {
            let how = format!("{aggregate}: {kind} of {at} after {before:?}");
            evidence.report.broken(Rule::EventsInOrder, how);
        }
    }
}

/// What it happened to: an order, a payment or an item.
fn aggregate(kind: &str, body: &Value) -> String {
    let noun = kind.split('.').next().unwrap_or_default();
    let member = match noun {
        "order" => "/data/order_id",
        "payment" => "/data/payment_id",
        _ => "/data/item_id",
    };
    format!("{noun} {}", text(body, member))
}

/// Everything in the histories of orders has arrived, and nothing else.
async fn history(evidence: &mut Evidence<'_>, good: &[Received]) -> anyhow::Result<()> {
    let select = format!(
        "select lower(hex(id)), concat(kind, ' of order ', lower(hex(order_id))) \
         from {{orders}}.order_events where kind in {TOLD}"
    );
    let happened: Vec<(String, String)> = evidence.books.rows(&select).await?;
    let happened: HashMap<String, String> = happened.into_iter().collect();
    let of_orders = good.iter().filter(|one| one.kind().starts_with("order."));
    let arrived: HashSet<String> = of_orders.map(|one| compact(one.id())).collect();
    for (id, what) in &happened {
        if !arrived.contains(id) {
            let how = format!("{what} ({id}) did not arrive");
            evidence.report.broken(Rule::EventsArrive, how);
        }
    }
    for id in arrived.iter().filter(|id| !happened.contains_key(*id)) {
        let how = format!("event {id} arrived and is in no history");
        evidence.report.broken(Rule::EventsOnce, how);
    }
    Ok(())
}

/// A payment that has failed is told of once.
async fn failures(evidence: &mut Evidence<'_>, good: &[Received]) -> anyhow::Result<()> {
    const SELECT: &str = "select lower(hex(id)) from {payments}.payments where status = 'failed'";
    let mut told: HashMap<String, usize> = HashMap::new();
    for one in good.iter().filter(|one| one.kind() == "payment.failed") {
        *told
            .entry(compact(text(&one.body(), "/data/payment_id")))
            .or_default() += 1;
    }
    for payment in evidence.books.rows::<String>(SELECT).await? {
        if !told.contains_key(&payment) {
            let how = format!("payment.failed of payment {payment} did not arrive");
            evidence.report.broken(Rule::EventsArrive, how);
        }
    }
    for (payment, times) in told.into_iter().filter(|(_, times)| *times > 1) {
        let how = format!("payment.failed of payment {payment} arrived as {times} events");
        evidence.report.broken(Rule::EventsOnce, how);
    }
    Ok(())
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}
