//! Reports: what is read of the model that events have kept is what the books say, item by item and client by
//! client; and building it anew from the truth finds no difference.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::Evidence;
use crate::faults::ledger::compact;
use crate::faults::report::Rule;

/// Longer than building what a run has made.
const PATIENCE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(250);

/// Ids, and what is counted of them.
type Counts = BTreeMap<String, (i64, i64)>;

pub async fn check(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    // A kill of Redis makes the model doubtful, and it is built anew by itself.
    let ready = drift_when(evidence, |drift| text(drift, "/status") == "ready").await?;
    compare(evidence).await?;
    let begun = evidence.admin.post("/api/reports/rebuild", json!({})).await;
    anyhow::ensure!(begun.status == 202, "the model is not built anew: {begun}");
    let is_newer = |drift: &Value| text(drift, "/last/at") != text(&ready, "/last/at");
    let found = drift_when(evidence, is_newer).await?;
    let compared = found.pointer("/last/compared").and_then(Value::as_bool);
    let differences = found.pointer("/last/differences").and_then(Value::as_u64);
    if (compared, differences) != (Some(true), Some(0)) {
        let how = format!("a new model differs: {found}");
        evidence.report.broken(Rule::ReportsAreTrue, how);
    }
    Ok(())
}

/// What is said of the model, once nothing is being built and it passes.
async fn drift_when(
    evidence: &Evidence<'_>,
    is_so: impl Fn(&Value) -> bool,
) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let drift = evidence.admin.get("/api/reports/drift").await.json();
        if drift.get("building").is_some_and(Value::is_null) && is_so(&drift) {
            return Ok(drift);
        }
        if begun.elapsed() > PATIENCE {
            bail!("the read model is not ready: {drift}");
        }
        tokio::time::sleep(STEP).await;
    }
}

async fn compare(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const STOCK: &str = "select lower(hex(id)), on_hand, reserved from {catalog}.items \
         where deleted_at is null";
    // Lines of papers with their item, by the positions that the bill keeps of its order's lines.
    const SOLD: &str = "select lower(hex(l.item_id)), cast(sum(p.pieces) as signed), \
         cast(sum(p.gross) as signed) from (\
         select i.order_id, b.position, b.line, c.pieces, c.gross from {orders}.invoices i \
         join json_table(i.amounts, '$.lines[*]' columns (line for ordinality, position int path '$')) b \
         join json_table(i.amounts, '$.bill.lines[*]' columns (line for ordinality, \
         pieces bigint path '$.quantity', gross bigint path '$.payable.amount')) c on c.line = b.line \
         where i.kind = 'invoice' union all \
         select i.order_id, b.position, b.line, -coalesce(c.pieces, 0), -c.gross from {orders}.invoices i \
         join {orders}.invoices o on o.number = i.original \
         join json_table(o.amounts, '$.lines[*]' columns (line for ordinality, position int path '$')) b \
         join json_table(i.amounts, '$.lines[*]' columns (line int path '$.line', \
         pieces bigint path '$.quantity', gross bigint path '$.gross.amount')) c on c.line = b.line - 1 \
         where i.kind = 'credit_note') p \
         join {orders}.order_lines l on l.order_id = p.order_id and l.position = p.position \
         group by l.item_id having sum(p.pieces) <> 0";
    const SPENT: &str = "select lower(hex(client_id)), \
         cast(count(distinct order_id) as signed), \
         cast(sum(if(kind = 'invoice', gross, -gross)) as signed) from {orders}.invoices \
         group by client_id having sum(if(kind = 'invoice', gross, -gross)) <> 0";
    const NET_AND_GROSS: &str = "select 'all', \
         cast(coalesce(sum(if(kind = 'invoice', net, -net)), 0) as signed), \
         cast(coalesce(sum(if(kind = 'invoice', gross, -gross)), 0) as signed) from {orders}.invoices";
    let stock = read(
        evidence,
        "stock?limit=100",
        "item_id",
        ["on_hand", "reserved"],
    )
    .await?;
    expect(evidence, "stock", STOCK, stock).await?;
    let sold = ["quantity", "revenue"];
    let sold = read(evidence, "best-sellers?limit=100", "item_id", sold).await?;
    expect(evidence, "best-sellers", SOLD, sold).await?;
    let spent = ["orders", "spent"];
    let spent = read(evidence, "highest-spenders?limit=100", "client_id", spent).await?;
    expect(evidence, "highest-spenders", SPENT, spent).await?;
    for report in ["sales", "vat"] {
        let path = format!("{report}{}", span(evidence).await?);
        let rows = read(evidence, &path, "currency", ["net", "gross"]).await?;
        expect(evidence, report, NET_AND_GROSS, rows).await?;
    }
    Ok(())
}

/// From a year ago to a year from now.
async fn span(evidence: &mut Evidence<'_>) -> anyhow::Result<String> {
    let year = evidence.books.number("select year(now())").await?;
    Ok(format!(
        "?from={}-07-01&to={}-06-30&by=month",
        year - 1,
        year + 1
    ))
}

/// Two columns of a report, by a third; added up where that is the same, or is none.
async fn read(
    evidence: &Evidence<'_>,
    path: &str,
    key: &str,
    [first, second]: [&str; 2],
) -> anyhow::Result<Counts> {
    let mut counts = Counts::new();
    for row in evidence.admin.list(&format!("/api/reports/{path}")).await {
        let number = |column: &str| {
            let plain = row.get(column).and_then(Value::as_i64);
            let amount = row.pointer(&format!("/{column}/amount"));
            let number = plain.or_else(|| amount.and_then(Value::as_i64));
            number.with_context(|| format!("no {column} in {row}"))
        };
        let key = row.get(key).and_then(Value::as_str);
        let sum = counts
            .entry(key.map_or("all".to_owned(), compact))
            .or_default();
        *sum = (sum.0 + number(first)?, sum.1 + number(second)?);
    }
    Ok(counts)
}

async fn expect(
    evidence: &mut Evidence<'_>,
    report: &'static str,
    truth: &str,
    mut read: Counts,
) -> anyhow::Result<()> {
    let truth: Vec<(String, i64, i64)> = evidence.books.rows(truth).await?;
    evidence
        .report
        .add("rows of reports that were checked", truth.len() as u64);
    for (id, first, second) in truth {
        let found = read.remove(&id);
        if found != Some((first, second)) {
            let how = format!(
                "{report} of {id}: {found:?}, and the books say {:?}",
                (first, second)
            );
            evidence.report.broken(Rule::ReportsAreTrue, how);
        }
    }
    for (id, counts) in read {
        let how = format!("{report} has {counts:?} of {id}, and the books nothing");
        evidence.report.broken(Rule::ReportsAreTrue, how);
    }
    Ok(())
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}
