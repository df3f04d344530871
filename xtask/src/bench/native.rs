//! The SQL of an order without the shop around it: `bench/examples/orders_by_sql`, in release, on the same
//! database, with the same items and as many connections. What the shop reaches of it is the price of
//! everything else.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::figure::{Effort, Figure};
use super::goods::Goods;
use super::scenario::Scenario;
use super::stage::Stage;
use super::table::{align, fixed};
use crate::command;
use crate::up::SCHEMA_PREFIX;

/// What a run may need beside its time.
const ALLOWANCE: Duration = Duration::from_secs(60);

/// What the program prints.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    orders: u64,
    duration_us: u64,
    p50_us: u64,
    p99_us: u64,
}

/// A scenario's orders, natively.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    name: &'static str,
    /// Of the shop, in a thousand seconds.
    shop_rate: u64,
    native: Report,
}

/// Runs a scenario's orders natively, if orders are what it places.
pub async fn compare(
    program: &PathBuf,
    stage: &Stage,
    goods: &Goods,
    scenario: &Scenario,
    figure: &Figure,
    effort: Effort,
) -> Result<Option<Comparison>> {
    let (Some(lines), Some(items)) = (scenario.setting("LINES"), scenario.setting("ITEMS")) else {
        return Ok(None);
    };
    let count = items.parse().context("ITEMS is no number")?;
    let database = stage.mariadb.endpoint();
    let url = format!(
        "mysql://{}:{}@{}/",
        database.user, database.password, database.address
    );
    let settings = [
        ("MYSQL_URL", url),
        ("SCHEMA_PREFIX", SCHEMA_PREFIX.to_owned()),
        ("CONNECTIONS", effort.connections.to_string()),
        ("WARM_UP", effort.warm_up.as_secs().to_string()),
        ("SECONDS", effort.measured.as_secs().to_string()),
        ("LINES", lines.to_owned()),
        ("ITEMS", goods.first_items(count).join(" ")),
    ];
    let mut command = command::command(program);
    for (name, value) in settings {
        command.env(format!("COMPTOIR_BENCH_{name}"), value);
    }
    command.stderr(Stdio::inherit());
    let limit = effort.warm_up + effort.measured + ALLOWANCE;
    let printed = command::read(&mut command, limit).await?;
    let native = serde_json::from_str(&printed)
        .with_context(|| format!("the native orders were reported as {printed}"))?;
    Ok(Some(Comparison {
        name: scenario.name,
        shop_rate: figure.report.per_thousand_seconds(),
        native,
    }))
}

impl Comparison {
    fn native_rate(&self) -> u64 {
        let scaled = u128::from(self.native.orders) * 1_000_000_000;
        u64::try_from(scaled / u128::from(self.native.duration_us.max(1))).unwrap_or(u64::MAX)
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.name.to_owned(),
            fixed(self.native_rate(), 1000, 0),
            fixed(self.native.p50_us, 1000, 2),
            fixed(self.native.p99_us, 1000, 2),
            fixed(self.shop_rate, self.native_rate(), 3),
        ]
    }

    fn to_json(self) -> Value {
        json!({
            "scenario": self.name,
            "native_orders": self.native.orders,
            "duration_us": self.native.duration_us,
            "p50_us": self.native.p50_us,
            "p99_us": self.native.p99_us,
            "shop_thousandths": self.shop_rate * 1000 / self.native_rate().max(1),
        })
    }
}

const HEADS: [&str; 5] = [
    "the same SQL, natively",
    "orders/s",
    "p50 ms",
    "p99 ms",
    "shop/native",
];

pub fn table(comparisons: &[Comparison]) -> String {
    let rows: Vec<Vec<String>> = comparisons.iter().map(Comparison::row).collect();
    align(&HEADS, &rows)
}

pub fn to_json(comparisons: &[Comparison]) -> Value {
    comparisons
        .iter()
        .map(|comparison| comparison.to_json())
        .collect()
}
