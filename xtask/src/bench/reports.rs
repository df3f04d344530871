//! `cargo xtask bench --reports`: what a report costs with few orders and with many, and how long the read
//! model takes to be built of them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::calls::{Monitor, used_memory};
use super::goods::{self, Goods};
use super::history;
use super::stage::Stage;
use super::statements::Counter;
use super::table::{align, fixed};
use crate::demo;
use crate::demo::client::{Call, Client};

/// How many orders there are, one after the other.
const ORDERS: [u64; 2] = [200, 200_000];
/// How often each report is asked for.
const TIMES: u32 = 100;
/// Longer than building takes.
const PATIENCE: Duration = Duration::from_secs(1200);
const STEP: Duration = Duration::from_millis(200);

const ADMIN: &str = "admin@example.org";

/// What a year of it is asked for.
const PATHS: [&str; 6] = [
    "stock",
    "best-sellers",
    "highest-spenders",
    "suppliers",
    "sales?by=month",
    "vat",
];

/// What one request of a report costs.
#[derive(Clone, Debug)]
struct Cost {
    report: &'static str,
    orders: u64,
    median_us: u64,
    slowest_us: u64,
    statements: u64,
    calls: u64,
    bytes: usize,
}

/// Measures and prints.
pub async fn run(stage: &Stage, goods: &Goods) -> Result<()> {
    let items = goods.first_items(goods::ITEMS);
    let mut costs = Vec::new();
    for orders in ORDERS {
        println!("Writing {orders} orders …");
        history::write(&stage.mariadb.endpoint(), items, orders).await?;
        let took = rebuild(stage).await?;
        let memory = used_memory(&stage.redis).await?;
        println!(
            "The read model of {orders} orders was built in {} s; Redis has {} MB of everything.",
            fixed(u64::try_from(took.as_millis())?, 1000, 1),
            fixed(memory, 1024 * 1024, 1)
        );
        for report in PATHS {
            costs.push(measure(stage, report, orders).await?);
        }
    }
    let heads = ["report", "orders", "ms p50", "ms max", "SQL", "Redis", "KB"];
    let rows: Vec<Vec<String>> = PATHS
        .iter()
        .flat_map(|report| costs.iter().filter(move |cost| cost.report == *report))
        .map(Cost::row)
        .collect();
    println!("\n{}\n", align(&heads, &rows));
    println!("SQL and Redis: statements and calls a request, of the whole shop meanwhile.");
    Ok(())
}

/// Has the model built anew; how long that takes.
async fn rebuild(stage: &Stage) -> Result<Duration> {
    let url = stage.shop.url.clone();
    super::blocking(move || {
        let client = Client::new(&url, 1);
        let token = goods::sign_in(&client, ADMIN, demo::PASSWORD)?;
        let drift = || ask(&client, &token, "GET", "/api/reports/drift");
        let wait = |since: Instant, is_so: &dyn Fn(&Value) -> bool| {
            loop {
                let drift = drift()?;
                let is_at_rest = drift.get("building").is_some_and(Value::is_null);
                if is_at_rest && is_so(&drift) {
                    return Ok(drift);
                }
                if since.elapsed() > PATIENCE {
                    bail!("the read model is not built: {drift}");
                }
                std::thread::sleep(STEP);
            }
        };
        let before = wait(Instant::now(), &|_| true)?;
        let begun = Instant::now();
        ask(&client, &token, "POST", "/api/reports/rebuild")?;
        wait(begun, &|drift| {
            drift.pointer("/last/at") != before.pointer("/last/at")
        })?;
        Ok(begun.elapsed())
    })
    .await
}

fn ask(client: &Client, token: &str, method: &'static str, path: &str) -> Result<Value> {
    client.send(&Call {
        method,
        path,
        token: Some(token),
        ..Call::default()
    })
}

async fn measure(stage: &Stage, report: &'static str, orders: u64) -> Result<Cost> {
    let path = path(report)?;
    let mut counter = Counter::connect(&stage.mariadb.endpoint()).await?;
    let url = stage.shop.url.clone();
    let prepared = super::blocking(move || {
        let client = Client::new(&url, 1);
        let token = goods::sign_in(&client, ADMIN, demo::PASSWORD)?;
        // The first one is not counted: it may start an instance.
        let bytes = ask(&client, &token, "GET", &path)?.to_string().len();
        Ok((client, token, path, bytes))
    });
    let (client, token, path, bytes) = prepared.await?;
    let monitor = Monitor::start(&stage.redis).await?;
    let before = counter.look().await?;
    let times = super::blocking(move || {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let begun = Instant::now();
            ask(&client, &token, "GET", &path)?;
            times.push(u64::try_from(begun.elapsed().as_micros())?);
        }
        times.sort_unstable();
        Ok(times)
    })
    .await?;
    let statements = counter.look().await?.since(before).run;
    let calls = monitor.stop().await?;
    ensure!(!times.is_empty(), "nothing was measured");
    let at = |place: usize| times.get(place).copied().context("too few were measured");
    Ok(Cost {
        report,
        orders,
        median_us: at(times.len() / 2)?,
        slowest_us: at(times.len() - 1)?,
        statements,
        calls,
        bytes,
    })
}

/// A report of the last year; one of a list, its first page of a hundred.
fn path(report: &str) -> Result<String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let days = i64::try_from(now.as_secs() / 86_400)?;
    let (name, rest) = report.split_once('?').unwrap_or((report, ""));
    let query = match name {
        "sales" | "vat" => format!("from={}&to={}&{rest}", day(days - 365), day(days)),
        _ => "limit=100".to_owned(),
    };
    Ok(format!("/api/reports/{name}?{query}"))
}

/// The day that is so many after 1 January 1970 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn day(days: i64) -> String {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (
        of_year - (153 * shifted + 2) / 5 + 1,
        if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        },
    );
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

impl Cost {
    fn row(&self) -> Vec<String> {
        let times = u64::from(TIMES);
        vec![
            self.report.to_owned(),
            self.orders.to_string(),
            fixed(self.median_us, 1000, 2),
            fixed(self.slowest_us, 1000, 2),
            fixed(self.statements, times, 2),
            fixed(self.calls, times, 2),
            fixed(u64::try_from(self.bytes).unwrap_or(0), 1024, 1),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(20_779), "2026-11-22");
        assert_eq!(day(19_782), "2024-02-29");
    }
}
