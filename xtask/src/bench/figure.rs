//! One scenario's figures: taken, compared with the empty component, and written down.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::calls::{Emptying, Monitor};
use super::load::Load;
use super::report::Report;
use super::scenario::{Before, Scenario};
use super::stage::Stage;
use super::statements::{Counter, Statements};
use super::table::{align, fixed};

/// Shorter than the fastest host takes for all the items of a reading that is to miss.
const EMPTYING_PAUSE: Duration = Duration::from_millis(50);

#[derive(Clone, Debug)]
pub struct Figure {
    pub name: &'static str,
    /// Of the run that counts each status and each call of Redis, and whose speed does not count.
    pub warm_up: Report,
    /// Calls of Redis in the warm-up.
    pub calls: u64,
    /// Of the run that is measured.
    pub report: Report,
    pub statements: Statements,
    /// In KiB.
    pub peak_memory: Option<u64>,
}

/// How long, and by how many.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub connections: u32,
    pub warm_up: Duration,
    pub measured: Duration,
}

/// Measures a scenario on a stage that is ready for it.
pub async fn take(
    scenario: &Scenario,
    stage: &Stage,
    scripts: &Path,
    data: &Path,
    effort: Effort,
) -> Result<Figure> {
    let emptying = match scenario.before {
        Before::KeepRedisEmpty => Some(Emptying::start(&stage.redis, EMPTYING_PAUSE).await?),
        Before::Nothing | Before::FillCarts => None,
    };
    let mut settings = vec![("DATA", data.display().to_string())];
    let own = scenario.settings.iter();
    settings.extend(own.map(|(name, value)| (*name, (*value).to_owned())));
    let load = |run: &str, duration, watch| {
        let mut settings = settings.clone();
        settings.push(("RUN", format!("{run}-{}", scenario.name.replace(' ', "-"))));
        Load {
            script: scenario.script,
            url: &stage.host(scenario.served_by).url,
            connections: effort.connections,
            duration,
            settings,
            watch,
        }
    };
    let memory = stage.memory(scenario.served_by)?;
    memory.forget_peak();
    let monitor = Monitor::start(&stage.redis).await?;
    let warm_up = load("warm-up", effort.warm_up, true)
        .run(scripts, |_| {})
        .await?;
    let calls = monitor.stop().await?;
    let mut counter = Counter::connect(&stage.mariadb.endpoint()).await?;
    let before = counter.look().await?;
    let report = load("measured", effort.measured, false)
        .run(scripts, |_| {})
        .await?;
    let statements = counter.look().await?.since(before);
    drop(emptying);
    Ok(Figure {
        name: scenario.name,
        warm_up,
        calls,
        report,
        statements,
        peak_memory: memory.peak(),
    })
}

impl Figure {
    pub fn errors(&self) -> u64 {
        self.warm_up.errors() + self.report.errors()
    }

    /// A sentence, if there were errors.
    pub fn complaint(&self) -> Option<String> {
        let words = [
            self.warm_up.describe_errors(),
            self.report.describe_errors(),
        ]
        .concat();
        (self.errors() > 0).then(|| format!("{}: {}", self.name, words.join(", ")))
    }

    fn row(&self, empty: &Report) -> Vec<String> {
        let report = &self.report;
        let rate = report.per_thousand_seconds();
        let memory = self
            .peak_memory
            .map_or("–".to_owned(), |kib| fixed(kib, 1024, 0));
        vec![
            self.name.to_owned(),
            fixed(rate, 1000, 0),
            fixed(report.p50_us, 1000, 2),
            fixed(report.p99_us, 1000, 2),
            fixed(self.statements.run, report.requests, 2),
            fixed(self.calls, self.warm_up.requests, 2),
            fixed(self.statements.logins * 1000, report.requests, 1),
            memory,
            self.errors().to_string(),
            fixed(rate, empty.per_thousand_seconds(), 3),
        ]
    }

    fn to_json(&self, empty: &Report) -> Value {
        let report = &self.report;
        json!({
            "scenario": self.name,
            "requests": report.requests,
            "duration_us": report.duration_us,
            "p50_us": report.p50_us,
            "p99_us": report.p99_us,
            "max_us": report.max_us,
            "sql_statements": self.statements.run,
            "sql_prepared": self.statements.prepared,
            "sql_logins": self.statements.logins,
            "warm_up_requests": self.warm_up.requests,
            "warm_up_redis_calls": self.calls,
            "host_peak_kib": self.peak_memory,
            "errors": self.errors(),
            "thousandths_of_empty":
                report.per_thousand_seconds() * 1000 / empty.per_thousand_seconds().max(1),
        })
    }
}

const HEADS: [&str; 10] = [
    "scenario",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "SQL/request",
    "Redis/request",
    "logins/1000",
    "host MB",
    "errors",
    "of empty",
];

/// The first figure is that of the empty component.
pub fn table(figures: &[Figure]) -> String {
    let rows: Vec<Vec<String>> = match figures.first() {
        Some(empty) => figures
            .iter()
            .map(|figure| figure.row(&empty.report))
            .collect(),
        None => Vec::new(),
    };
    align(&HEADS, &rows)
}

pub fn to_json(figures: &[Figure]) -> Value {
    match figures.first() {
        Some(empty) => figures
            .iter()
            .map(|figure| figure.to_json(&empty.report))
            .collect(),
        None => Value::Null,
    }
}
