//! The wish of whoever runs a command that it stops: Ctrl-C, SIGTERM, or SIGHUP when the terminal closes.
//! All three mean the same. What a command has started is stopped in order, and a statement that a database
//! is running is waited for; somebody who asks twice waits for no statement.
//!
//! Under `nohup` the closed terminal is nobody's wish: a SIGHUP that is ignored when we start stays ignored.

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

const HANGUP: u32 = 1;

/// How often it was asked. Cheap to clone; every clone hears of it.
#[derive(Clone, Debug)]
pub struct Interruption(watch::Receiver<u32>);

impl Interruption {
    /// Receives the signals of this process from now on.
    pub fn listen() -> Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be received")?;
        let mut terminate =
            signal(SignalKind::terminate()).context("SIGTERM cannot be received")?;
        let mut hangup = hangup()?;
        let (asked, heard) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    () = next(&mut hangup) => {}
                }
                asked.send_modify(|times| *times += 1);
            }
        });
        Ok(Self(heard))
    }

    /// Whoever holds the other end asks, by counting.
    pub fn by(asked: &watch::Sender<u32>) -> Self {
        Self(asked.subscribe())
    }

    /// Nobody ever asks: for tests, and for work that others bound.
    pub fn never() -> Self {
        Self(watch::channel(0).1)
    }

    pub fn is_asked(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Resolves when somebody has asked.
    pub async fn asked(&self) {
        self.asked_times(1).await;
    }

    /// Resolves when somebody has asked a second time.
    pub async fn insisted(&self) {
        self.asked_times(2).await;
    }

    async fn asked_times(&self, times: u32) {
        let mut heard = self.0.clone();
        if heard.wait_for(|asked| *asked >= times).await.is_err() {
            // Nobody listens, so nobody will ever be heard.
            std::future::pending().await
        }
    }

    /// Does the work, unless somebody asks before it is done: what it had begun ends with its future.
    pub async fn unless_asked<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            done = work => done,
            () = self.asked() => bail!("interrupted"),
        }
    }
}

/// Whether a terminal that closes ends neither this process nor what it starts.
pub fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    is_ignored(&status, HANGUP)
}

/// None where it is ignored.
fn hangup() -> Result<Option<Signal>> {
    if ignores_hangup() {
        return Ok(None);
    }
    let hangup = signal(SignalKind::hangup()).context("SIGHUP cannot be received")?;
    Ok(Some(hangup))
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether the text of `/proc/self/status` says that this process ignores the signal.
fn is_ignored(status: &str, number: u32) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (number - 1)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_ignores_is_read_from_its_status() {
        let nohup = "Name:\txtask\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert!(is_ignored(nohup, HANGUP));
        assert!(is_ignored(nohup, 13));
        let usual = "Name:\txtask\nSigIgn:\t0000000000001000\n";
        assert!(!is_ignored(usual, HANGUP));
        assert!(!is_ignored("", HANGUP));
    }

    #[tokio::test]
    async fn work_that_nobody_interrupts_is_done() {
        let never = Interruption::never();
        let done = never.unless_asked(async { Ok(7) }).await;
        assert_eq!(done.unwrap(), 7);
        assert!(!never.is_asked());
    }

    #[tokio::test]
    async fn work_that_is_interrupted_says_so() {
        let (asked, _) = watch::channel(0);
        let interruption = Interruption::by(&asked);
        asked.send_replace(1);
        let work = std::future::pending::<Result<()>>();
        let outcome = interruption.unless_asked(work).await;
        assert_eq!(outcome.unwrap_err().to_string(), "interrupted");
        assert!(interruption.is_asked());
    }
}
