//! A program that stays: started in a group of its own (so that Ctrl-C in the terminal reaches
//! only us, and we stop things in order), known by its pid file, stopped by signal.
//!
//! A pid file says which process it was and when that process was born, so that a number the
//! system has given to another program since is never signalled.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::private;

/// How long a program may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Process {
    name: &'static str,
    pid: Pid,
    pid_file: PathBuf,
    exit: watch::Receiver<Option<ExitStatus>>,
    /// Sent when nobody called `stop`: a throw-away server is killed, a lasting one is asked.
    last_word: Signal,
}

impl Process {
    /// Starts it; with its standard output if the command pipes it.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        pid_file: PathBuf,
        last_word: Signal,
    ) -> Result<(Self, Option<ChildStdout>)> {
        let mut child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let output = child.stdout.take();
        let number = i32::try_from(child.id()).context("a process id is out of range")?;
        let (told, exit) = watch::channel(None);
        // A thread, not tokio's child: tests share a process between runtimes.
        std::thread::spawn(move || {
            let status = child.wait().ok();
            told.send_replace(status);
        });
        let pid = Pid::from_raw(number);
        let process = Self {
            name,
            pid,
            pid_file,
            exit,
            last_word,
        };
        private::write(
            &process.pid_file,
            &format!("{number} {}", birth(number).unwrap_or_default()),
        )?;
        Ok((process, output))
    }

    pub fn has_exited(&self) -> bool {
        self.exit.borrow().is_some() || self.exit.has_changed().is_err()
    }

    /// Waits for its end and says how it ended.
    pub async fn exited(&self) -> String {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await.map(|status| *status) {
            Ok(Some(status)) => format!("{} ended ({status})", self.name),
            _ => format!("{} ended", self.name),
        }
    }

    /// Waits for the end of a program that is to end by itself; true if it did, and well.
    pub async fn succeeded(&self, limit: Duration) -> bool {
        let mut exit = self.exit.clone();
        let ended = timeout(limit, exit.wait_for(Option::is_some)).await;
        let well = ended.is_ok_and(|status| status.is_ok_and(|s| s.is_some_and(|s| s.success())));
        if self.has_exited() {
            self.forget();
        }
        well
    }

    /// Asks it to end and waits until it has.
    pub async fn stop(&self, signal: Signal) -> Result<()> {
        self.signal(signal);
        if timeout(GRACE, self.exited()).await.is_err() {
            self.kill().await;
            bail!(
                "{} did not stop within {} s and was killed",
                self.name,
                GRACE.as_secs()
            );
        }
        self.forget();
        Ok(())
    }

    /// Ends it as a power cut would.
    pub async fn kill(&self) {
        self.signal(Signal::SIGKILL);
        self.exited().await;
        self.forget();
    }

    fn signal(&self, signal: Signal) {
        if !self.has_exited() {
            // It may have ended since we looked; that is what was wanted.
            killpg(self.pid, signal).ok();
        }
    }

    fn forget(&self) {
        std::fs::remove_file(&self.pid_file).ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(self.last_word);
    }
}

/// Ends what an earlier run left behind when it was killed.
pub async fn stop_orphan(name: &str, pid_file: &Path) -> Result<()> {
    if let Some((number, _)) = living(pid_file) {
        crate::complain!("Stopping the {name} that an interrupted run left (process {number}) …");
    }
    stop_named(name, pid_file).await
}

/// Ends the process that a pid file names, if it still lives, and waits until it has.
pub async fn stop_named(name: &str, pid_file: &Path) -> Result<()> {
    if let Some((number, born)) = living(pid_file) {
        end(name, number, &born).await?;
    }
    std::fs::remove_file(pid_file).ok();
    Ok(())
}

/// The process of a pid file and its birth, unless it has ended.
fn living(pid_file: &Path) -> Option<(i32, String)> {
    let text = std::fs::read_to_string(pid_file).ok()?;
    let (number, born) = text.split_once(' ')?;
    let number = number.parse().ok()?;
    (birth(number)? == born).then(|| (number, born.to_owned()))
}

async fn end(name: &str, number: i32, born: &str) -> Result<()> {
    let gone = async {
        while birth(number).is_some_and(|now| now == born) {
            sleep(Duration::from_millis(50)).await;
        }
    };
    killpg(Pid::from_raw(number), Signal::SIGTERM).with_context(|| {
        format!("process {number}, an orphan {name}, cannot be stopped: end it")
    })?;
    if timeout(GRACE, gone).await.is_err() {
        killpg(Pid::from_raw(number), Signal::SIGKILL).ok();
    }
    Ok(())
}

pub fn is_alive(number: i32) -> bool {
    birth(number).is_some()
}

/// When the process began, as the system says it; none if there is no such living process.
fn birth(number: i32) -> Option<String> {
    if Path::new("/proc/self/stat").exists() {
        return birth_in_stat(&std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?);
    }
    let arguments = ["-o", "lstart=", "-p", &number.to_string()];
    let output = Command::new("ps").args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Field 22 of `/proc/<pid>/stat`; a zombie (state Z) is gone, only nobody has looked yet.
fn birth_in_stat(stat: &str) -> Option<String> {
    // The program's name is in parentheses and may hold anything, even parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    (state != "Z").then(|| fields.nth(18).map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid_file() -> PathBuf {
        std::env::temp_dir().join(format!("process-{}.pid", private::random_text().unwrap()))
    }

    #[test]
    fn the_birth_is_read_behind_a_name_with_parentheses() {
        let stat = "7 (a) b)) S 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 4242 9 9";
        assert_eq!(birth_in_stat(stat).as_deref(), Some("4242"));
    }

    #[test]
    fn a_zombie_is_gone() {
        let stat = "7 (a) Z 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 4242 9 9";
        assert_eq!(birth_in_stat(stat), None);
    }

    #[tokio::test]
    async fn a_process_that_was_left_behind_is_stopped_by_its_pid_file() {
        let file = pid_file();
        let (process, _) = Process::start(
            "sleep",
            Command::new("sleep").arg("60"),
            file.clone(),
            Signal::SIGKILL,
        )
        .unwrap();
        stop_orphan("sleep", &file).await.unwrap();
        assert!(process.exited().await.contains("signal: 15"));
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn a_number_that_now_belongs_to_another_program_is_not_signalled() {
        let file = pid_file();
        let (process, _) = Process::start(
            "sleep",
            Command::new("sleep").arg("60"),
            file.clone(),
            Signal::SIGKILL,
        )
        .unwrap();
        std::fs::write(&file, format!("{} 1", process.pid)).unwrap();
        stop_orphan("sleep", &file).await.unwrap();
        assert!(!process.has_exited());
        process.kill().await;
    }
}
