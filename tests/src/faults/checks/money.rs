//! Money: what the provider has taken and given back, against what orders say; cent for cent, order by
//! order.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Evidence;
use crate::faults::ledger::compact;
use crate::faults::report::Rule;

/// What the provider knows.
#[derive(Debug, Default)]
struct Provider {
    /// Of each order, what was taken and not given back, in cents.
    net: HashMap<String, i64>,
    /// By the ids of our refunds: what was given back.
    refunds: HashMap<String, i64>,
}

pub async fn check(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    let provider = ask_provider(evidence).await;
    orders(evidence, &provider).await?;
    refunds(evidence, &provider).await?;
    cancelled(evidence).await?;
    late(evidence).await?;
    notices(evidence).await
}

async fn ask_provider(evidence: &Evidence<'_>) -> Provider {
    let mut provider = Provider::default();
    let mut order_of = HashMap::new();
    let mut payments = HashSet::new();
    let (mut captured, mut refunded) = (0, 0);
    for intent in evidence.stripe.intents().await {
        let order = compact(text(&intent, "/metadata/order_id"));
        let payment = compact(text(&intent, "/metadata/payment_id"));
        order_of.insert(text(&intent, "/id").to_owned(), order.clone());
        if !payments.insert(payment.clone()) {
            let how = format!("payment {payment} of order {order} has two intents");
            evidence.report.broken(Rule::OneChargeAKey, how);
        }
        if text(&intent, "/status") == "succeeded" {
            let amount = number(&intent, "/amount");
            captured += amount;
            *provider.net.entry(order).or_default() += amount;
        }
    }
    for refund in evidence.stripe.refunds().await {
        let amount = number(&refund, "/amount");
        refunded += amount;
        let id = compact(text(&refund, "/metadata/refund_id"));
        if provider.refunds.insert(id.clone(), amount).is_some() {
            let how = format!("refund {id} was made twice at the provider");
            evidence.report.broken(Rule::RefundsExist, how);
        }
        let order = order_of.get(text(&refund, "/payment_intent"));
        *provider
            .net
            .entry(order.cloned().unwrap_or_default())
            .or_default() -= amount;
    }
    let count = |what, number: usize| evidence.report.add(what, number as u64);
    count("intents at the provider", payments.len());
    count("refunds at the provider", provider.refunds.len());
    let cents = |what, amount: i64| evidence.report.add(what, amount.unsigned_abs());
    cents("cents captured at the provider", captured);
    cents("cents refunded at the provider", refunded);
    provider
}

/// An order that was paid has been paid for once, by the provider or otherwise, less what went back; for any
/// other order nothing was taken, or all of it went back.
async fn orders(evidence: &mut Evidence<'_>, provider: &Provider) -> anyhow::Result<()> {
    const ORDERS: &str = "select lower(hex(id)), status, \
         if(paid_at is null, 0, gross - refunded) from {orders}.orders";
    const OFFLINE: &str = "select lower(hex(order_id)), cast(sum(amount - refunded) as signed) \
         from {payments}.payments where provider = 'offline' and status = 'succeeded' \
         group by order_id";
    let offline: Vec<(String, i64)> = evidence.books.rows(OFFLINE).await?;
    let offline: HashMap<String, i64> = offline.into_iter().collect();
    let mut left = provider.net.clone();
    let orders: Vec<(String, String, i64)> = evidence.books.rows(ORDERS).await?;
    for (id, status, said) in orders {
        let by_card = left.remove(&id).unwrap_or(0);
        let otherwise = offline.get(&id).copied().unwrap_or(0);
        if by_card + otherwise != said {
            let how = format!(
                "order {id} ({status}) says {said} cents, taken are {by_card} by card and \
                 {otherwise} otherwise"
            );
            evidence.report.broken(Rule::Money, how);
        }
    }
    for (order, amount) in left.into_iter().filter(|(_, amount)| *amount != 0) {
        let how = format!("{amount} cents were taken for order {order}, which does not exist");
        evidence.report.broken(Rule::Money, how);
    }
    Ok(())
}

/// What was promised is made, and the provider has made what the books say.
async fn refunds(evidence: &mut Evidence<'_>, provider: &Provider) -> anyhow::Result<()> {
    const SELECT: &str = "select lower(hex(r.id)), r.status, r.amount, p.provider \
         from {payments}.refunds r join {payments}.payments p on p.id = r.payment_id";
    let rows: Vec<(String, String, i64, String)> = evidence.books.rows(SELECT).await?;
    let mut made = HashMap::new();
    for (id, status, amount, by) in rows {
        let at_provider = provider.refunds.get(&id).copied();
        let expected = (status == "succeeded" && by == "stripe").then_some(amount);
        if at_provider != expected {
            let how = format!("refund {id} is {status}, {amount} cents; at {by} {at_provider:?}");
            evidence.report.broken(Rule::RefundsExist, how);
        }
        made.insert(id, (status, amount));
    }
    for (id, amount) in &evidence.promised.refunds {
        match made.get(id) {
            Some((status, made)) if status == "succeeded" && made == amount => {}
            found => {
                let how =
                    format!("refund {id} of {amount} cents was answered 201, and is {found:?}");
                evidence.report.broken(Rule::RefundsExist, how);
            }
        }
    }
    evidence
        .report
        .add("refunds in the books", made.len() as u64);
    Ok(())
}

/// Whoever paid for an order that was called off has the money back.
async fn cancelled(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const SELECT: &str = "select concat('order ', lower(hex(id)), ' is cancelled, ', \
         gross - refunded, ' cents are not back') from {orders}.orders \
         where status = 'cancelled' and paid_at is not null and refunded <> gross";
    for how in evidence.books.rows::<String>(SELECT).await? {
        evidence.report.broken(Rule::Money, how);
    }
    const TWICE: &str = "select concat('order ', lower(hex(order_id)), ' has ', count(*), \
         ' payments that succeeded and were not given back') from {payments}.payments \
         where status = 'succeeded' and refunded < amount group by order_id having count(*) > 1";
    for how in evidence.books.rows::<String>(TWICE).await? {
        evidence.report.broken(Rule::OneChargeAKey, how);
    }
    Ok(())
}

/// Money that has come, whenever it came, has paid an order or is back, all of it; and what somebody was told is
/// noted is.
async fn late(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const LOST: &str = "select concat('payment ', lower(hex(p.id)), ' of order ', \
         lower(hex(p.order_id)), ' has paid nothing, and ', p.amount - p.refunded, \
         ' cents are not back') from {payments}.payments p \
         left join {orders}.orders o on o.paid_by = p.id \
         where p.status = 'succeeded' and o.id is null and p.refunded <> p.amount";
    for how in evidence.books.rows::<String>(LOST).await? {
        evidence.report.broken(Rule::LateMoney, how);
    }
    const RECEIVED: &str = "select lower(hex(id)) from {payments}.payments \
         where status = 'succeeded'";
    let received: Vec<String> = evidence.books.rows(RECEIVED).await?;
    let received: HashSet<String> = received.into_iter().collect();
    for payment in evidence.promised.received.difference(&received) {
        let how = format!("payment {payment} was answered as received, and is not");
        evidence.report.broken(Rule::LateMoney, how);
    }
    Ok(())
}

/// What the provider told of payments and the shop has taken is noted: so it is known when it comes again.
async fn notices(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const SELECT: &str = "select convert(id using utf8mb4) from {payments}.provider_events";
    let noted: HashSet<String> = evidence.books.rows(SELECT).await?.into_iter().collect();
    for event in evidence.promised.notices.difference(&noted) {
        let how = format!("event {event} was answered 200 and is not noted");
        evidence.report.broken(Rule::NoticesAreNoted, how);
    }
    Ok(())
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

fn number(value: &Value, pointer: &str) -> i64 {
    let found = value.pointer(pointer).and_then(Value::as_i64);
    found.unwrap_or_default()
}
