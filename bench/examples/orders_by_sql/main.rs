//! Places orders by SQL alone: what the database can do, so that `cargo xtask bench` can say how much of it
//! is left when services, HTTP and WebAssembly stand around. Each worker has a connection to each of the two
//! schemas, as an instance of a service has, and runs the statements of one order after another.
//!
//! Settings come from the environment (`COMPTOIR_BENCH_…`), because a password is among them; the report is
//! one line of JSON on standard output, in microseconds.

mod order;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Opts, OptsBuilder};
use serde_json::json;
use tokio::task::JoinSet;

use comptoir_bench::statements::READ_COMMITTED;
use order::{Desk, Item};

/// What the server says where it has no connection left.
const TOO_MANY_CONNECTIONS: u16 = 1040;
/// How long it is asked again, and how often.
const TIMEOUT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(250);

/// What to do, and where.
struct Plan {
    url: String,
    prefix: String,
    connections: usize,
    warm_up: Duration,
    measured: Duration,
    lines: usize,
    items: Vec<Item>,
}

impl Plan {
    fn read() -> Result<Self> {
        let seconds = |name| Ok::<_, anyhow::Error>(Duration::from_secs(number(name)?));
        Ok(Self {
            url: setting("MYSQL_URL")?,
            prefix: setting("SCHEMA_PREFIX")?,
            connections: usize::try_from(number("CONNECTIONS")?)?,
            warm_up: seconds("WARM_UP")?,
            measured: seconds("SECONDS")?,
            lines: usize::try_from(number("LINES")?)?,
            items: setting("ITEMS")?
                .split(' ')
                .map(Item::parse)
                .collect::<Result<_>>()?,
        })
    }

    /// The shop, which was measured before, still has most of the server's connections, and soon gives them back.
    async fn connect(&self, service: &str) -> Result<Conn> {
        let options = OptsBuilder::from_opts(Opts::from_url(&self.url)?)
            .db_name(Some(format!("{}_{service}", self.prefix)))
            .prefer_socket(false);
        let begun = Instant::now();
        let connected = loop {
            match Conn::new(options.clone()).await {
                Err(Error::Server(error))
                    if error.code == TOO_MANY_CONNECTIONS && begun.elapsed() < TIMEOUT =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                connected => break connected,
            }
        };
        let mut connection =
            connected.with_context(|| format!("the schema of {service} cannot be reached"))?;
        connection.query_drop(READ_COMMITTED).await?;
        Ok(connection)
    }
}

fn setting(name: &str) -> Result<String> {
    let name = format!("COMPTOIR_BENCH_{name}");
    std::env::var(&name).with_context(|| format!("{name} is not set"))
}

fn number(name: &str) -> Result<u64> {
    setting(name)?
        .parse()
        .with_context(|| format!("COMPTOIR_BENCH_{name} is no number"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let plan = Arc::new(Plan::read()?);
    let mut desks = Vec::new();
    for _ in 0..plan.connections {
        let (orders, catalog) = (
            plan.connect("orders").await?,
            plan.connect("catalog").await?,
        );
        desks.push(Desk::new(orders, catalog));
    }
    let measured_from = Instant::now() + plan.warm_up;
    let until = measured_from + plan.measured;
    let mut workers = JoinSet::new();
    for mut desk in desks {
        let plan = plan.clone();
        workers.spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                desk.place(&plan.items, plan.lines).await?;
                if begun >= measured_from {
                    took.push(u64::try_from(begun.elapsed().as_micros())?);
                }
            }
            Ok::<_, anyhow::Error>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(worker) = workers.join_next().await {
        took.extend(worker??);
    }
    took.sort_unstable();
    let duration = u64::try_from(measured_from.elapsed().as_micros())?;
    let rank = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or(0);
    let report = json!({
        "orders": took.len(),
        "duration_us": duration,
        "p50_us": rank(50),
        "p99_us": rank(99),
    });
    println!("{report}");
    Ok(())
}
