//! What a run of wrk says: the lines of JSON that `bench/bench.lua` prints, and what of it is an error.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

/// The last line of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub requests: u64,
    pub duration_us: u64,
    pub p50_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
    /// Answers of 400 and above.
    pub refused: u64,
    pub connect_errors: u64,
    pub read_errors: u64,
    pub write_errors: u64,
    /// Requests that took longer than a request may.
    pub timeouts: u64,
    pub sent: u64,
    /// Counted only in runs that watch, as are those below.
    pub answered: u64,
    pub statuses: BTreeMap<String, u64>,
    /// The body of the first answer that was no success.
    pub refusal: String,
}

/// One thread's answers in one interval of a run that watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Interval {
    pub interval: u64,
    pub answers: u64,
}

/// A line of wrk's output that is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Interval(Interval),
    Report(Box<Report>),
}

impl Line {
    /// None for what wrk prints of its own.
    pub fn parse(line: &str) -> Result<Option<Self>> {
        let unknown = || format!("wrk printed something unknown: {line}");
        if line.starts_with("{\"interval\"") {
            let interval = serde_json::from_str(line).with_context(unknown)?;
            return Ok(Some(Self::Interval(interval)));
        }
        if line.starts_with('{') {
            let report = serde_json::from_str(line).with_context(unknown)?;
            return Ok(Some(Self::Report(report)));
        }
        Ok(None)
    }
}

impl Report {
    /// How many requests were answered in a thousand seconds: a rate without fractions.
    pub fn per_thousand_seconds(&self) -> u64 {
        let scaled = u128::from(self.requests) * 1_000_000_000;
        u64::try_from(scaled / u128::from(self.duration_us.max(1))).unwrap_or(u64::MAX)
    }

    /// How many went wrong: answers that are no success, and requests without one.
    pub fn errors(&self) -> u64 {
        let broken = self.connect_errors + self.read_errors + self.write_errors;
        self.refused.max(self.unexpected()) + broken + self.timeouts
    }

    /// The errors in words.
    pub fn describe_errors(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |count: u64, what: &str| {
            if count > 0 {
                words.push(format!("{count} {what}"));
            }
        };
        for (status, count) in self.statuses.iter().filter(|(name, _)| !is_success(name)) {
            add(*count, &format!("answers {status}"));
        }
        if self.unexpected() == 0 {
            add(self.refused, "answers of 400 and above");
        }
        add(self.connect_errors, "connections refused");
        add(self.read_errors, "connections broken while reading");
        add(self.write_errors, "connections broken while writing");
        add(self.timeouts, "requests slower than they may be");
        if !self.refusal.is_empty() {
            words.push(format!("the first: {}", self.refusal.trim()));
        }
        words
    }

    fn unexpected(&self) -> u64 {
        let failed = self.statuses.iter().filter(|(name, _)| !is_success(name));
        failed.map(|(_, count)| count).sum()
    }
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"requests":30000,"duration_us":15000000,"p50_us":2508,"p99_us":12856,"max_us":16994,"refused":3,"connect_errors":0,"read_errors":1,"write_errors":0,"timeouts":0,"sent":2143,"answered":2142,"statuses":{"201":1071,"503":3},"refusal":"{\u0022code\u0022:1}"}"#;

    fn report() -> Report {
        match Line::parse(LINE).unwrap() {
            Some(Line::Report(report)) => *report,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_report_is_read() {
        let report = report();
        assert_eq!(report.per_thousand_seconds(), 2_000_000);
        assert_eq!(report.errors(), 4);
        let words = report.describe_errors();
        let expected = [
            "3 answers 503",
            "1 connections broken while reading",
            "the first: {\"code\":1}",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn refusals_that_were_not_watched_are_errors_too() {
        let report = Report {
            statuses: BTreeMap::new(),
            refusal: String::new(),
            read_errors: 0,
            ..report()
        };
        assert_eq!(report.errors(), 3);
        assert_eq!(report.describe_errors(), ["3 answers of 400 and above"]);
    }

    #[test]
    fn an_interval_is_read() {
        let line = Line::parse(r#"{"interval":4,"answers":1001}"#).unwrap();
        let interval = Interval {
            interval: 4,
            answers: 1001,
        };
        assert_eq!(line, Some(Line::Interval(interval)));
    }

    #[test]
    fn what_wrk_prints_of_its_own_is_nothing_to_us() {
        let line = "  Thread Stats   Avg      Stdev     Max   +/- Stdev";
        assert_eq!(Line::parse(line).unwrap(), None);
    }
}
