//! `cargo xtask bench --storm`: many thousand unpaid orders run out within one minute, while customers shop. They
//! keep half of their speed, nothing fails, and soon all stock is free.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::time::Instant;

use super::goods::Goods;
use super::load::Load;
use super::report::Report;
use super::stage::Stage;
use super::table::{align, fixed};
use super::write_data;
use crate::up::SCHEMA_PREFIX;

/// Variables of `spin.toml` for a storm: an order holds its stock until we say otherwise.
pub const VARIABLES: [(&str, &str); 1] = [("reservation_seconds", "86400")];

/// For so long the customers shop before the storm, and in it.
const BEFORE: Duration = Duration::from_secs(20);
const DURING: Duration = Duration::from_secs(60);
/// In which the orders run out.
const MINUTE_MS: u64 = 60_000;
/// What it takes to write when they do.
const NOTICE: Duration = Duration::from_secs(20);
/// How soon everything must be over.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long orders are placed at once, before they are counted again.
const PLACING: Duration = Duration::from_secs(20);

/// What customers met, one half of whom read products and the other half order.
struct Figures {
    reads: Report,
    orders: Report,
}

/// Loads the stage and prints what came of it; anything that customers notice too much is an error.
pub async fn run(
    stage: &Stage,
    scripts: &Path,
    goods: Goods,
    connections: u32,
    orders: u64,
) -> Result<()> {
    let mut database = stage.mariadb.endpoint().connect().await?;
    let goods = place_all(stage, scripts, goods, &mut database, connections, orders).await?;
    let data = write_data(stage, &goods)?;
    let shop = Shopping {
        stage,
        scripts,
        data: &data,
        connections,
    };
    println!("{connections} customers shop before the storm …");
    let before = shop.shop("before", BEFORE).await?;
    let first = now_ms()? + u64::try_from(NOTICE.as_millis())?;
    let last = first + MINUTE_MS;
    run_out(&mut database, first).await?;
    wait_until(first).await?;
    println!("The storm: {orders} orders run out within a minute …");
    let during = shop.shop("during", DURING).await?;
    let began = Instant::now();
    let (mut closed, mut freed) = (None, None);
    while closed.is_none() || freed.is_none() {
        let passed = began.elapsed();
        if closed.is_none() && left(&mut database, OPEN, last).await? == 0 {
            closed = Some(passed);
        }
        if freed.is_none() && left(&mut database, HELD, last).await? == 0 {
            freed = Some(passed);
        }
        if passed > PATIENCE {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("\n{}\n", table(&before, &during));
    for (what, when) in [("orders are closed", closed), ("stock is free", freed)] {
        match when {
            Some(when) => println!("All {what} {} s after the minute.", when.as_secs()),
            None => println!("Not all {what} {} s after the minute.", PATIENCE.as_secs()),
        }
    }
    judge(&before, &during, closed.is_some() && freed.is_some())
}

/// Who shops, and how.
struct Shopping<'a> {
    stage: &'a Stage,
    scripts: &'a Path,
    data: &'a Path,
    connections: u32,
}

impl Shopping<'_> {
    async fn shop(&self, run: &str, duration: Duration) -> Result<Figures> {
        let load = |script, settings: &[(&'static str, &str)]| {
            let mut all = vec![
                ("DATA", self.data.display().to_string()),
                ("RUN", format!("storm-{run}")),
            ];
            all.extend(
                settings
                    .iter()
                    .map(|(name, value)| (*name, (*value).to_owned())),
            );
            Load {
                script,
                url: &self.stage.shop.url,
                connections: self.connections / 2,
                duration,
                settings: all,
                watch: true,
            }
        };
        let reads = load("items.lua", &[("ITEMS", "100")]);
        let orders = load("order.lua", &[("LINES", "1"), ("ITEMS", "2000")]);
        let (reads, orders) = tokio::join!(
            reads.run(self.scripts, |_| {}),
            orders.run(self.scripts, |_| {})
        );
        Ok(Figures {
            reads: reads?,
            orders: orders?,
        })
    }
}

/// Places orders that nobody pays, through the API as customers do, until there are so many.
async fn place_all(
    stage: &Stage,
    scripts: &Path,
    mut goods: Goods,
    database: &mut Conn,
    connections: u32,
    orders: u64,
) -> Result<Goods> {
    println!("Placing {orders} orders that nobody pays …");
    for round in 0.. {
        let placed = left(database, OPEN, u64::MAX >> 1).await?;
        if placed >= orders {
            return Ok(goods);
        }
        eprintln!("  {placed} …");
        let url = stage.shop.url.clone();
        goods = super::blocking(move || {
            goods.refresh(&url)?;
            Ok(goods)
        })
        .await?;
        let load = Load {
            script: "order.lua",
            url: &stage.shop.url,
            connections,
            duration: PLACING,
            settings: vec![
                ("DATA", write_data(stage, &goods)?.display().to_string()),
                ("RUN", format!("storm-{round}")),
                ("LINES", "1".to_owned()),
                ("ITEMS", "2000".to_owned()),
            ],
            watch: true,
        };
        let report = load.run(scripts, |_| {}).await?;
        ensure!(
            report.errors() == 0,
            "orders cannot be placed: {}",
            report.describe_errors().join(", ")
        );
    }
    Ok(goods)
}

/// Has all orders that are open now run out within a minute from then, each with its stock.
async fn run_out(database: &mut Conn, first: u64) -> Result<()> {
    let end = |id: &str| format!("{first} + crc32({id}) % {MINUTE_MS}");
    for statement in [
        format!(
            "update {SCHEMA_PREFIX}_orders.orders set expires_at = {} where status = 'awaiting_payment'",
            end("id")
        ),
        format!(
            "update {SCHEMA_PREFIX}_catalog.reservations r \
             straight_join {SCHEMA_PREFIX}_catalog.reservation_lines l on l.order_id = r.order_id \
             set r.expires_at = {end}, l.held_until = {end} where r.state = 'held'",
            end = end("r.order_id")
        ),
    ] {
        database
            .query_drop(statement)
            .await
            .context("the orders cannot be made to run out")?;
    }
    Ok(())
}

const OPEN: &str = "select count(*) from {orders}.orders \
     where status = 'awaiting_payment' and expires_at <= ?";
const HELD: &str = "select count(*) from {catalog}.reservations \
     where state = 'held' and expires_at <= ?";

async fn left(database: &mut Conn, statement: &str, until: u64) -> Result<u64> {
    let statement = statement
        .replace('{', &format!("{SCHEMA_PREFIX}_"))
        .replace('}', "");
    let found: Option<u64> = database.exec_first(statement, (until,)).await?;
    found.context("orders cannot be counted")
}

async fn wait_until(ms: u64) -> Result<()> {
    let left = ms
        .checked_sub(now_ms()?)
        .context("the orders were made to run out too late: this machine is busy")?;
    tokio::time::sleep(Duration::from_millis(left)).await;
    Ok(())
}

fn now_ms() -> Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(u64::try_from(now.as_millis())?)
}

fn table(before: &Figures, during: &Figures) -> String {
    let row = |name: &str, when: &str, report: &Report| {
        vec![
            name.to_owned(),
            when.to_owned(),
            fixed(report.per_thousand_seconds(), 1000, 0),
            fixed(report.p50_us, 1000, 2),
            fixed(report.p99_us, 1000, 2),
            report.errors().to_string(),
        ]
    };
    let rows = [
        row("product reads", "before", &before.reads),
        row("product reads", "during", &during.reads),
        row("orders", "before", &before.orders),
        row("orders", "during", &during.orders),
    ];
    let heads = [
        "customers",
        "the storm",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "errors",
    ];
    align(&heads, &rows)
}

fn judge(before: &Figures, during: &Figures, is_over: bool) -> Result<()> {
    let mut faults = Vec::new();
    for (what, before, during) in [
        ("product reads", &before.reads, &during.reads),
        ("orders", &before.orders, &during.orders),
    ] {
        for report in [before, during] {
            if report.errors() > 0 {
                let errors = report.describe_errors().join(", ");
                faults.push(format!("{what}: {errors}"));
            }
        }
        if during.per_thousand_seconds() * 2 < before.per_thousand_seconds() {
            faults.push(format!("{what} lost more than half of their speed"));
        }
        if during.p99_us > before.p99_us * 2 {
            faults.push(format!("the p99 of {what} is more than twice what it was"));
        }
    }
    if !is_over {
        faults.push("not everything was over in time".to_owned());
    }
    if !faults.is_empty() {
        bail!("the storm was noticed: {}", faults.join("; "));
    }
    println!("Customers have kept more than half of their speed.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn report(requests: u64, p99_us: u64) -> Report {
        Report {
            requests,
            duration_us: 1_000_000,
            p50_us: 1,
            p99_us,
            max_us: p99_us,
            refused: 0,
            connect_errors: 0,
            read_errors: 0,
            write_errors: 0,
            timeouts: 0,
            sent: requests,
            answered: requests,
            statuses: BTreeMap::from([("200".to_owned(), requests)]),
            refusal: String::new(),
        }
    }

    fn figures(requests: u64, p99_us: u64) -> Figures {
        Figures {
            reads: report(requests, p99_us),
            orders: report(requests, p99_us),
        }
    }

    #[test]
    fn customers_may_lose_half_of_their_speed_and_wait_twice_as_long() {
        let before = figures(1000, 20);
        assert!(judge(&before, &figures(500, 40), true).is_ok());
        for (during, is_over) in [
            (figures(499, 20), true),
            (figures(1000, 41), true),
            (figures(1000, 20), false),
        ] {
            assert!(judge(&before, &during, is_over).is_err());
        }
    }

    #[test]
    fn an_answer_that_is_no_success_is_noticed() {
        let mut during = figures(1000, 20);
        during.orders.statuses.insert("503".to_owned(), 1);
        assert!(judge(&figures(1000, 20), &during, true).is_err());
    }
}
