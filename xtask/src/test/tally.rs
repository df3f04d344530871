//! How many tests passed and failed, read from what cargo prints while it is passed on.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::command::Running;

#[derive(Debug, Default)]
pub struct Tally {
    passed: u64,
    failed: u64,
    failed_steps: Vec<String>,
}

impl Tally {
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// Tests, and steps that failed before a test could.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    pub fn failed_steps(&self) -> &[String] {
        &self.failed_steps
    }

    /// Counts a step that is no test.
    pub fn fail(&mut self, step: &str, error: &anyhow::Error) {
        self.failed += 1;
        crate::say!("   {error:#}");
        self.failed_steps.push(step.to_owned());
    }

    /// Runs `cargo test`, passes on what it prints, and counts its tests.
    pub async fn run_tests(&mut self, command: &mut Command, limit: Duration) -> Result<()> {
        let mut running = Running::start(command.stdout(Stdio::piped()))?;
        let output = running.child().stdout.take();
        let output = output.context("cargo has no output")?;
        let mut lines = BufReader::new(output).lines();
        let (passed, failed) = (self.passed, self.failed);
        let ended = tokio::time::timeout(limit, async {
            while let Some(line) = lines.next_line().await? {
                crate::say!("{line}");
                self.count(&line);
            }
            running.wait().await
        });
        let ended = ended
            .await
            .with_context(|| format!("the tests still ran after {} s", limit.as_secs()))?;
        let status = ended.context("cargo cannot be waited for")?;
        if !status.success() && self.failed == failed {
            bail!("cargo test failed ({status}) without a failed test");
        }
        if status.success() && self.passed == passed && self.failed == failed {
            crate::say!("   no test has that in its name");
        }
        Ok(())
    }

    fn count(&mut self, line: &str) {
        if let Some((passed, failed)) = result(line) {
            self.passed += passed;
            self.failed += failed;
        }
    }
}

/// `(12, 1)` of `test result: FAILED. 12 passed; 1 failed; 0 ignored; …`.
fn result(line: &str) -> Option<(u64, u64)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| {
        let found = counts.split("; ").find_map(|part| part.strip_suffix(word));
        found?.trim().parse().ok()
    };
    Some((count("passed")?, count("failed")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_every_program_are_added_up() {
        let mut tally = Tally::default();
        for line in [
            "running 13 tests",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.10s",
            "the test result: ok. 99 passed; 0 failed",
        ] {
            tally.count(line);
        }
        assert_eq!((tally.passed(), tally.failed()), (15, 2));
    }

    #[test]
    fn a_failed_step_counts_and_is_named() {
        let mut tally = Tally::default();
        tally.fail("Formatting", &anyhow::anyhow!("not formatted"));
        assert_eq!((tally.passed(), tally.failed()), (0, 1));
        assert_eq!(tally.failed_steps(), ["Formatting"]);
    }

    #[tokio::test]
    async fn a_command_that_ends_badly_without_a_failed_test_is_an_error() {
        let mut tally = Tally::default();
        let mut command = Command::new("false");
        let outcome = tally.run_tests(&mut command, Duration::from_secs(10)).await;
        assert!(outcome.is_err());
    }
}
