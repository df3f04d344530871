//! Orders: those that were promised, and no others.

use std::collections::HashMap;

use super::Evidence;
use crate::faults::ledger::compact;
use crate::faults::report::Rule;

struct Order {
    client: String,
    status: String,
    gross: i64,
}

pub async fn check(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const SELECT: &str =
        "select lower(hex(id)), lower(hex(client_id)), status, gross from {orders}.orders";
    let rows: Vec<(String, String, String, i64)> = evidence.books.rows(SELECT).await?;
    let orders: HashMap<String, Order> = rows
        .into_iter()
        .map(|(id, client, status, gross)| {
            let order = Order {
                client,
                status,
                gross,
            };
            (id, order)
        })
        .collect();
    evidence
        .report
        .add("orders in the books", orders.len() as u64);
    promised(evidence, &orders);
    unpromised(evidence, &orders);
    told_once(evidence).await
}

/// What was answered is there, and stands where it was said to stand or further on.
fn promised(evidence: &Evidence<'_>, orders: &HashMap<String, Order>) {
    for (id, promise) in &evidence.promised.orders {
        let Some(order) = orders.get(id) else {
            let how = format!("order {id} was answered 201 and does not exist");
            evidence.report.broken(Rule::PromisedOrdersExist, how);
            continue;
        };
        if order.client != compact(&promise.client) || order.gross != promise.total {
            let how = format!("order {id}: {promise:?}, but {} cents", order.gross);
            evidence.report.broken(Rule::PromisedOrdersExist, how);
        }
        let is_paid = evidence.promised.paid.contains(id);
        let is_cancelled = evidence.promised.cancelled.contains(id);
        let broken = match order.status.as_str() {
            "awaiting_payment" | "expired" => is_paid || is_cancelled,
            "cancelled" => false,
            _ => is_cancelled,
        };
        if broken {
            let how = format!(
                "order {id} is {}: paid {is_paid}, cancelled {is_cancelled}",
                order.status
            );
            evidence.report.broken(Rule::PromisesAreKept, how);
        }
    }
}

/// A client has no more orders than keys, whatever was lost.
fn unpromised(evidence: &Evidence<'_>, orders: &HashMap<String, Order>) {
    let mut of_client: HashMap<&str, usize> = HashMap::new();
    for order in orders.values() {
        *of_client.entry(&order.client).or_default() += 1;
    }
    for (client, keys) in &evidence.promised.keys {
        let count = of_client.remove(compact(client).as_str()).unwrap_or(0);
        if count > keys.len() {
            let how = format!("client {client}: {count} orders with {} keys", keys.len());
            evidence.report.broken(Rule::OneOrderAKey, how);
        }
    }
    for (client, count) in of_client {
        let how = format!("client {client}: {count} orders without a key");
        evidence.report.broken(Rule::OneOrderAKey, how);
    }
    let unknown = orders
        .keys()
        .filter(|id| !evidence.promised.orders.contains_key(*id));
    for id in unknown {
        // Every request was answered, so that each order was.
        let how = format!("order {id} exists and was never answered");
        evidence.report.broken(Rule::OneOrderAKey, how);
    }
}

/// Each thing that happens once to an order is in its history once.
async fn told_once(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const SELECT: &str = "select concat(lower(hex(order_id)), ': ', count(*), ' times ', kind) \
         from {orders}.order_events where kind in ('order.placed', 'order.paid', \
         'order.cancelled', 'order.expired', 'order.shipped', 'order.delivered') \
         group by order_id, kind having count(*) > 1";
    for how in evidence.books.rows::<String>(SELECT).await? {
        evidence.report.broken(Rule::EventsOnce, how);
    }
    const NO_BEGINNING: &str = "select lower(hex(id)) from {orders}.orders o where not exists \
         (select 1 from {orders}.order_events e where e.order_id = o.id and e.kind = 'order.placed')";
    for id in evidence.books.rows::<String>(NO_BEGINNING).await? {
        let how = format!("order {id} has no beginning in its history");
        evidence.report.broken(Rule::PromisedOrdersExist, how);
    }
    Ok(())
}
