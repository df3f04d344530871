//! What the system says of the machine and of a process: whether others are at work, and memory.
//! On systems without /proc there is nothing to say.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

/// What the processors have done since the machine started, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    idle: u64,
    all: u64,
}

/// How much of the processors is used at this moment, in percent.
pub async fn busy() -> Option<u64> {
    let before = ticks(&fs::read_to_string("/proc/stat").ok()?)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = ticks(&fs::read_to_string("/proc/stat").ok()?)?;
    Some(percent_busy(before, after))
}

fn ticks(stat: &str) -> Option<Ticks> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let numbers: Vec<u64> = line
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    // user, nice, system, idle, iowait, irq, softirq, steal; guests are part of user.
    let idle = numbers.get(3)? + numbers.get(4)?;
    let all = numbers.iter().take(8).sum();
    Some(Ticks { idle, all })
}

fn percent_busy(before: Ticks, after: Ticks) -> u64 {
    let all = after.all.saturating_sub(before.all);
    let busy = all.saturating_sub(after.idle.saturating_sub(before.idle));
    busy * 100 / all.max(1)
}

/// A process, by its pid file (see `servers::process`).
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pid: u32,
}

impl Memory {
    pub fn of(pid_file: &Path) -> Result<Self> {
        let text = fs::read_to_string(pid_file).unwrap_or_default();
        let pid = text
            .split_whitespace()
            .next()
            .and_then(|pid| pid.parse().ok());
        let pid = pid.with_context(|| format!("{} names no process", pid_file.display()))?;
        Ok(Self { pid })
    }

    /// Begins the peak anew, where the system lets us.
    pub fn forget_peak(self) {
        fs::write(format!("/proc/{}/clear_refs", self.pid), "5").ok();
    }

    /// In KiB.
    pub fn peak(self) -> Option<u64> {
        self.field("VmHWM:")
    }

    /// In KiB.
    pub fn now(self) -> Option<u64> {
        self.field("VmRSS:")
    }

    fn field(self, name: &str) -> Option<u64> {
        field(
            &fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?,
            name,
        )
    }
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_kib() {
        let status =
            "Name:\thost\nVmPeak:\t  900000 kB\nVmHWM:\t  123456 kB\nVmRSS:\t   65432 kB\n";
        assert_eq!(field(status, "VmHWM:"), Some(123_456));
        assert_eq!(field(status, "VmRSS:"), Some(65_432));
        assert_eq!(field(status, "VmSwap:"), None);
    }

    #[test]
    fn what_is_not_idle_is_busy() {
        let before = ticks("cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3").unwrap();
        let after = ticks("cpu  150 0 125 850 150 0 25 0 90 0\ncpu0 1 2 3").unwrap();
        assert_eq!(
            before,
            Ticks {
                idle: 800,
                all: 1000
            }
        );
        assert_eq!(percent_busy(before, after), 33);
        assert_eq!(percent_busy(before, before), 0);
    }
}
