//! `cargo xtask bench --soak`: a day's mixture of requests, for minutes, without an error and without a
//! stall. Reservations run out after a minute, so that giving stock back is part of the load.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use tokio::time::{Instant, interval_at};

use super::load::{Load, SLOWEST};
use super::machine::Memory;
use super::report::{Interval, Report};
use super::scenario::ServedBy;
use super::stage::Stage;
use super::table::fixed;

/// Variables of `spin.toml` for a soak.
pub const VARIABLES: [(&str, &str); 1] = [("reservation_seconds", "60")];

/// An interval without a single answer is a stall.
const INTERVAL: u64 = 10;
/// At the end nothing new is sent for so long, so that whatever hangs is seen to hang.
const QUIET: u64 = 10;

/// The answers of each interval, of all threads together.
#[derive(Debug, Default)]
struct Pulse(BTreeMap<u64, u64>);

/// Loads the stage and prints its pulse; an error or a stall is an error.
pub async fn run(
    stage: &Stage,
    scripts: &Path,
    data: &Path,
    connections: u32,
    minutes: u64,
) -> Result<()> {
    let seconds = minutes * 60;
    let load = Load {
        script: "mixed.lua",
        url: &stage.shop.url,
        connections,
        duration: Duration::from_secs(seconds + QUIET),
        settings: vec![
            ("DATA", data.display().to_string()),
            ("RUN", "soak".to_owned()),
            ("INTERVAL", INTERVAL.to_string()),
            ("QUIET_AFTER", seconds.to_string()),
        ],
        watch: true,
    };
    let memory = stage.memory(ServedBy::Shop)?;
    memory.forget_peak();
    println!("A mixed load of {connections} connections for {minutes} min:\n");
    println!("  second  requests/s  host MB");
    let mut pulse = Pulse::default();
    let (told, mut tell) = tokio::sync::mpsc::unbounded_channel();
    let run = load.run(scripts, |interval: Interval| {
        told.send(interval).ok();
    });
    tokio::pin!(run);
    // Half an interval late: by then every thread has told the one before.
    let first = Instant::now() + Duration::from_millis(INTERVAL * 1500);
    let mut clock = interval_at(first, Duration::from_secs(INTERVAL));
    let mut shown = 0;
    let report = loop {
        tokio::select! {
            report = &mut run => break report?,
            Some(interval) = tell.recv() => pulse.count(interval),
            _ = clock.tick(), if shown + 1 < seconds / INTERVAL => {
                show(&pulse, shown, memory);
                shown += 1;
            }
        }
    };
    while let Ok(interval) = tell.try_recv() {
        pulse.count(interval);
    }
    let last = seconds / INTERVAL - 1;
    pulse.complete(last, &report);
    for interval in shown..=last {
        show(&pulse, interval, memory);
    }
    print_result(&report, seconds, memory);
    judge(&report, &pulse.stalls(last))
}

fn show(pulse: &Pulse, interval: u64, memory: Memory) {
    let answers = pulse.0.get(&interval).copied().unwrap_or(0);
    let memory = memory
        .now()
        .map_or("–".to_owned(), |kib| fixed(kib, 1024, 0));
    let second = (interval + 1) * INTERVAL;
    println!(
        "  {second:>6}  {:>10}  {memory:>7}",
        fixed(answers, INTERVAL, 0)
    );
}

fn print_result(report: &Report, seconds: u64, memory: Memory) {
    println!(
        "\n{} requests, {}/s, p50 {} ms, p99 {} ms, slowest {} ms, peak memory of the host {} MB",
        report.answered,
        fixed(report.answered, seconds, 0),
        fixed(report.p50_us, 1000, 2),
        fixed(report.p99_us, 1000, 2),
        fixed(report.max_us, 1000, 0),
        memory
            .peak()
            .map_or("–".to_owned(), |kib| fixed(kib, 1024, 0)),
    );
    let statuses = report.statuses.iter();
    let words: Vec<String> = statuses
        .map(|(status, count)| format!("{status}: {count}"))
        .collect();
    println!("Answers by status: {}", words.join(", "));
}

fn judge(report: &Report, stalls: &[u64]) -> Result<()> {
    let hanging = report.sent.saturating_sub(report.answered);
    let mut faults = Vec::new();
    if report.errors() > 0 {
        faults.push(report.describe_errors().join(", "));
    }
    if hanging > 0 {
        faults.push(format!(
            "{hanging} requests had no answer {QUIET} s after the last was sent"
        ));
    }
    if report.max_us > u64::try_from(SLOWEST.as_micros())? {
        faults.push(format!("a request took {} ms", report.max_us / 1000));
    }
    for interval in stalls {
        faults.push(format!("no answer from second {} on", interval * INTERVAL));
    }
    if !faults.is_empty() {
        bail!("the soak failed: {}", faults.join("; "));
    }
    ensure!(report.answered > 0, "the soak failed: nothing was answered");
    println!("No error and no stall.");
    Ok(())
}

impl Pulse {
    fn count(&mut self, interval: Interval) {
        *self.0.entry(interval.interval).or_default() += interval.answers;
    }

    /// A thread tells an interval with the first answer of the next: nobody tells the last one.
    fn complete(&mut self, last: u64, report: &Report) {
        self.0.remove(&last);
        let told: u64 = self.0.range(..last).map(|(_, answers)| answers).sum();
        self.0.insert(last, report.answered.saturating_sub(told));
    }

    fn stalls(&self, last: u64) -> Vec<u64> {
        let silent = |interval: &u64| self.0.get(interval).copied().unwrap_or(0) == 0;
        (0..=last).filter(silent).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(sent: u64, answered: u64) -> Report {
        Report {
            requests: answered,
            duration_us: 60_000_000,
            p50_us: 5000,
            p99_us: 20_000,
            max_us: 90_000,
            refused: 0,
            connect_errors: 0,
            read_errors: 0,
            write_errors: 0,
            timeouts: 0,
            sent,
            answered,
            statuses: BTreeMap::from([("200".to_owned(), answered)]),
            refusal: String::new(),
        }
    }

    #[test]
    fn an_interval_without_an_answer_is_a_stall() {
        let mut pulse = Pulse::default();
        for (interval, answers) in [(0, 10), (0, 20), (2, 5)] {
            pulse.count(Interval { interval, answers });
        }
        pulse.complete(3, &report(36, 36));
        assert_eq!(pulse.stalls(3), [1]);
        assert_eq!(pulse.0.get(&3), Some(&1));
        let error = judge(&report(36, 36), &pulse.stalls(3)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the soak failed: no answer from second 10 on"
        );
    }

    #[test]
    fn a_request_that_hangs_fails_the_soak() {
        assert!(judge(&report(100, 100), &[]).is_ok());
        let error = judge(&report(100, 99), &[]).unwrap_err().to_string();
        assert_eq!(
            error,
            "the soak failed: 1 requests had no answer 10 s after the last was sent"
        );
    }
}
