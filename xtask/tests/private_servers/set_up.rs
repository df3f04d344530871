//! `cargo xtask up` as a person uses it: interrupted at any moment, by any signal, in a folder of any name, the
//! next one serves.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use xtask::private;
use xtask::servers::process;
use xtask::workspace::Workspace;

use crate::{heard, interruptions, scratch};

/// A build of everything on a busy machine.
const PATIENCE: Duration = Duration::from_secs(900);
/// The short form of the test ends its interruptions after this.
const ENOUGH: Duration = Duration::from_secs(35);
const SHORT_FORM: u32 = 8;
/// Within so much time the interruptions fall: longer than a set-up takes where all is compiled.
const LENGTH: Duration = Duration::from_secs(14);

struct Up {
    child: Child,
    lines: Receiver<String>,
}

impl Up {
    fn start(state: &Path, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["up", "--host", "local", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("COMPTOIR_STATE", state)
            .env_remove("MYSQL_URL")
            .env_remove("REDIS_URL")
            .current_dir(Workspace::find()?.root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let output = child.stdout.take().context("it has no output")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The reader is dropped with the test's interest: from then on nobody reads what is printed.
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, lines })
    }

    fn signal(&self, name: &str) -> Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-s", name, &pid]).status()?;
        Ok(())
    }

    /// The first line with this in it.
    fn wait_for(&self, part: &str) -> Result<String> {
        let begun = Instant::now();
        let mut seen = Vec::new();
        while let Ok(line) = self
            .lines
            .recv_timeout(PATIENCE.saturating_sub(begun.elapsed()))
        {
            if line.contains(part) {
                return Ok(line);
            }
            seen.push(line);
        }
        anyhow::bail!("nothing said {part:?}: {seen:#?}")
    }
}

/// Where compiled components are kept between tests: compiling them is no part of what is interrupted.
fn share_cache(state: &Path) -> Result<()> {
    let cache = Workspace::find()?.target().join("e2e").join("cache");
    private::create_folder(&cache)?;
    private::create_folder(state)?;
    Ok(symlink(cache, state.join("cache"))?)
}

fn pid_files(state: &Path) -> [PathBuf; 3] {
    [
        "data/mariadb/mariadb.pid",
        "data/redis/redis.pid",
        "run/host.pid",
    ]
    .map(|file| state.join(file))
}

fn is_alive(pid_file: &Path) -> bool {
    let text = std::fs::read_to_string(pid_file).unwrap_or_default();
    let number = text
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok());
    number.is_some_and(process::is_alive)
}

fn get(url: &str) -> Result<u16> {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent = ureq::Agent::from(config.proxy(None).build());
    Ok(agent.get(url).call()?.status().as_u16())
}

#[tokio::test]
async fn a_set_up_that_is_interrupted_at_random_moments_serves_the_next_time() -> Result<()> {
    let scratch = scratch("xtask-set-up").await?;
    let state = scratch.path().join("it’s \"my shop\"");
    share_cache(&state)?;
    let begun = Instant::now();
    let times = interruptions();
    for number in 0..times {
        if times <= SHORT_FORM && begun.elapsed() > ENOUGH {
            break;
        }
        let signal = heard(["INT", "KILL", "HUP", "TERM"][number as usize % 4]);
        let up = Up::start(&state, if number % 7 == 6 { &["--fresh"] } else { &[] })?;
        let share = u32::from(private::random_bytes::<1>()?[0]);
        tokio::time::sleep(LENGTH * share / 256).await;
        up.signal(signal)?;
        let Up { mut child, lines } = up;
        let status = child.wait()?;
        let said: Vec<String> = lines.iter().collect();
        let kept = said
            .iter()
            .any(|line| line.starts_with("Stopped. Everything is kept"));
        ensure!(
            signal == "KILL" || (status.success() && kept),
            "{signal}: {status} {said:#?}"
        );
        if signal != "KILL" {
            for file in pid_files(&state) {
                ensure!(!is_alive(&file), "{} lives after {signal}", file.display());
            }
        }
    }

    let up = Up::start(&state, &[])?;
    let line = up.wait_for("Comptoir serves ")?;
    let url = line
        .split_whitespace()
        .nth(2)
        .context("it has no URL")?
        .to_owned();
    // The demo is complete behind the welcome, or says why not.
    up.wait_for("Password        comptoir-demo")?;
    assert_eq!(get(&format!("{url}/readyz"))?, 200);
    assert_eq!(get(&format!("{url}/api/items?limit=1"))?, 200);
    let alive: Vec<bool> = pid_files(&state)
        .iter()
        .map(|file| is_alive(file))
        .collect();
    assert_eq!(alive, [true; 3]);

    // The terminal closes: nobody reads what is said, and everything ends.
    let Up { mut child, lines } = up;
    drop(lines);
    let pid = child.id().to_string();
    Command::new("kill")
        .args(["-s", heard("HUP"), &pid])
        .status()?;
    let status = child.wait()?;
    assert!(status.success(), "{status}");
    for file in pid_files(&state) {
        assert!(!is_alive(&file), "{} lives", file.display());
    }
    Ok(())
}

fn refusal(state: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("up")
        .args(arguments)
        .env("COMPTOIR_STATE", state)
        .env_remove("MYSQL_URL")
        .env_remove("REDIS_URL")
        .envs(variables.iter().copied())
        .output()?;
    ensure!(!output.status.success(), "it should not have served");
    let said = String::from_utf8(output.stderr)?;
    ensure!(!said.contains("panicked"), "{said}");
    Ok(said)
}

#[tokio::test]
async fn what_hinders_a_shop_is_said_before_anything_is_done() -> Result<()> {
    let scratch = scratch("xtask-refusals").await?;
    let state = scratch.path().join("state");
    let said =
        |arguments: &[&str], variables: &[(&str, &str)]| refusal(&state, arguments, variables);
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let taken = taken.local_addr()?.to_string();
    assert!(said(&["--listen", &taken], &[])?.contains("is taken by another program"));
    assert!(said(&["--listen", "3000"], &[])?.contains("it has no port"));
    assert!(said(&["--listen", "localhost:x"], &[])?.contains("is no port"));
    assert!(said(&["--listen", "192.0.2.7:80"], &[])?.contains("no address of this machine"));
    let secret = said(&[], &[("MYSQL_URL", "mysql://shop:pa/ss@db:3306")])?;
    assert!(
        secret.contains("%2F") && !secret.contains("pa/ss"),
        "{secret}"
    );
    assert!(said(&[], &[("REDIS_URL", "rediss://cache")])?.contains("rediss:// is not supported"));
    let closed = format!("redis://{taken}");
    // Somebody listens there, and says nothing.
    assert!(
        said(&["--listen", "127.0.0.1:0"], &[("REDIS_URL", &closed)])?.contains("says nothing")
    );

    // The accounts that everybody knows are shown to no network.
    private::create_folder(&state.join("data"))?;
    std::fs::write(state.join("data").join("demo-is-loaded"), "")?;
    let shown = said(&["--listen", "0.0.0.0:0"], &[])?;
    assert!(shown.contains("whose password everybody knows"), "{shown}");
    Ok(())
}
