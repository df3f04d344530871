//! Other programs, run to their end: found, bounded in time, and their failure said in a sentence.
//! Programs that stay are `servers::process`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

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

/// A command that dies with the future that waits for it, so that an interruption leaves nothing.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

/// Runs the command with its output shown.
pub async fn run(command: &mut Command, limit: Duration) -> Result<()> {
    let name = name(command);
    let mut child = command
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    let status = tokio::time::timeout(limit, child.wait())
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
    let output = tokio::time::timeout(limit, command.output())
        .await
        .with_context(|| format!("{name} was still running after {} s", limit.as_secs()))?
        .with_context(|| format!("{name} cannot be started"))?;
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
    async fn a_failure_repeats_what_the_program_complained_about() {
        let outcome = read(command("ls").arg("/nowhere-at-all"), Duration::from_secs(5)).await;
        assert!(outcome.unwrap_err().to_string().contains("/nowhere-at-all"));
    }
}
