//! Other programs, run to their end: found, bounded in time, and their failure said in a sentence.
//! Programs that stay are `servers::process`.
//!
//! Each is the head of a group of processes, which is asked to end when nobody waits for it any more: a cargo
//! that is interrupted takes its rustc with it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

/// Folders of servers and administration, often missing from the PATH of a plain user.
const MORE_FOLDERS: [&str; 5] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/sbin",
    "/opt/homebrew/bin",
    "/usr/local/bin",
];

/// The first of these programs that this machine has.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path)
        .chain(MORE_FOLDERS.iter().map(PathBuf::from))
        .collect();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    })
}

/// How long an interrupted program may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(15);

/// A command that nobody types at, whose processes are a group of their own.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.process_group(0).stdin(Stdio::null());
    command
}

/// A program that runs, and ends with whoever waits for it, its children too.
#[derive(Debug)]
pub struct Running {
    child: Child,
    ended: bool,
}

impl Running {
    /// Starts a command that [`command`] has made.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = name(command);
        let child = command
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self {
            child,
            ended: false,
        })
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub async fn output(&mut self) -> std::io::Result<Output> {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let (stdout, stderr) = tokio::try_join!(read_all(stdout), read_all(stderr))?;
        Ok(Output {
            status: self.wait().await?,
            stdout,
            stderr,
        })
    }

    pub async fn wait(&mut self) -> std::io::Result<std::process::ExitStatus> {
        let status = self.child.wait().await?;
        self.ended = true;
        Ok(status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(group) = self.child.id().and_then(|id| i32::try_from(id).ok()) else {
            return;
        };
        if self.ended {
            return;
        }
        let group = Pid::from_raw(group);
        killpg(group, Signal::SIGTERM).ok();
        let begun = Instant::now();
        while begun.elapsed() < GRACE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        killpg(group, Signal::SIGKILL).ok();
    }
}

async fn read_all(pipe: Option<impl AsyncReadExt + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// Runs the command with its output shown.
pub async fn run(command: &mut Command, limit: Duration) -> Result<()> {
    let name = name(command);
    let mut running = Running::start(command)?;
    let status = tokio::time::timeout(limit, running.wait())
        .await
        .with_context(|| format!("{name} was still running after {} s", limit.as_secs()))?
        .with_context(|| format!("{name} cannot be waited for"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs the command and returns what it printed; its complaints are part of the error.
pub async fn read(command: &mut Command, limit: Duration) -> Result<String> {
    let name = name(command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running::start(command)?;
    let output = tokio::time::timeout(limit, running.output())
        .await
        .with_context(|| format!("{name} was still running after {} s", limit.as_secs()))?
        .with_context(|| format!("{name} cannot be waited for"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{name} failed ({}): {}",
            output.status,
            last_lines(&complaint, 5)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

/// The end of a log, where its reason usually is.
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let skipped = lines.len().saturating_sub(count);
    lines
        .into_iter()
        .skip(skipped)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The program and its first argument: enough to recognise it, without its secrets.
fn name(command: &Command) -> String {
    let command = command.as_std();
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let first = command
        .get_args()
        .next()
        .map(|argument| argument.to_string_lossy());
    match first.filter(|argument| argument.len() < 40) {
        Some(argument) => format!("`{} {argument}`", program.to_string_lossy()),
        None => format!("`{}`", program.to_string_lossy()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::process;

    #[test]
    fn the_end_of_a_log_leaves_out_empty_lines() {
        assert_eq!(last_lines("one\n\ntwo\n\nthree\n", 2), "two\nthree");
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_is_given_up() {
        let outcome = run(command("sleep").arg("30"), Duration::from_millis(50)).await;
        assert!(
            outcome
                .unwrap_err()
                .to_string()
                .starts_with("`sleep 30` was still running")
        );
    }

    #[tokio::test]
    async fn the_children_of_a_program_that_is_given_up_end_with_it() {
        let file = std::env::temp_dir().join(format!("child-{}", std::process::id()));
        let mut shell = command("sh");
        shell
            .args(["-c", "sleep 60 & echo $! > \"$0\"; wait"])
            .arg(&file);
        let outcome = run(&mut shell, Duration::from_millis(500)).await;
        assert!(outcome.is_err());
        let child = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let child = child.trim().parse().unwrap();
        // Its parent is gone, so that the system's first process may take a moment to notice its end.
        let begun = Instant::now();
        while process::is_alive(child) {
            assert!(begun.elapsed() < Duration::from_secs(5), "{child} lives");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn a_failure_repeats_what_the_program_complained_about() {
        let outcome = read(command("ls").arg("/nowhere-at-all"), Duration::from_secs(5)).await;
        assert!(outcome.unwrap_err().to_string().contains("/nowhere-at-all"));
    }
}
