//! MariaDB and Redis (and wrk, for `bench`) as packages of the machine: present, or installed from
//! Debian's packages by root. Their services are neither started nor enabled: Comptoir runs private
//! ones.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::command::{command, find, read, run};

/// 150 MB and dpkg's triggers, on a slow line.
const LIMIT: Duration = Duration::from_secs(900);

/// `policy-rc.d` forbids packages to start services; one that is there already stays as it is.
const INSTALL: &str = r#"
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
apt-get install --yes --quiet=2 --no-install-recommends "$@"
if [ -d /run/systemd/system ]; then
    for package in "$@"; do
        systemctl disable --quiet "${package%-server}" "$package" 2>/dev/null || true
    done
fi
"#;

pub async fn ensure() -> Result<()> {
    let advice =
        "with your system's packages (no service needs to run), or set MYSQL_URL and REDIS_URL";
    install(missing, advice).await
}

/// What `bench` needs beside the servers, which are its own whatever MYSQL_URL names.
pub async fn ensure_for_bench() -> Result<()> {
    let missing = || {
        let mut missing = missing_servers(|_| false);
        if find(&["wrk"]).is_none() {
            missing.push("wrk");
        }
        missing
    };
    install(missing, "with your system's packages").await
}

/// Installs the packages that `missing` names, if any; where that cannot be done, `how` says what a person can.
pub(super) async fn install(missing: impl Fn() -> Vec<&'static str>, how: &str) -> Result<()> {
    let packages = missing().join(" ");
    if packages.is_empty() {
        return Ok(());
    }
    crate::say!("Missing programs: {packages}.");
    let advice = || format!("install {packages} {how}");
    if find(&["apt-get"]).is_none() {
        bail!("this machine has no apt-get: {}", advice());
    }
    let mut install = as_root().await.with_context(advice)?;
    crate::say!("  apt-get install {packages} (their services are not started) …");
    install.args(["sh", "-c", INSTALL, "sh"]).args(missing());
    run(&mut install, LIMIT).await.with_context(advice)?;
    if !missing().is_empty() {
        bail!("apt-get installed no {}: {}", missing().join(" "), advice());
    }
    crate::say!("  They are installed.");
    Ok(())
}

fn missing() -> Vec<&'static str> {
    missing_servers(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// `given` says whether a variable names a server that takes the place of a private one.
fn missing_servers(given: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if !given("MYSQL_URL") && find(&["mariadbd", "mysqld"]).is_none() {
        missing.push("mariadb-server");
    }
    if !given("REDIS_URL") && find(&["redis-server", "valkey-server"]).is_none() {
        missing.push("redis-server");
    }
    missing
}

/// The beginning of a command that runs as root, asking nobody for a password.
async fn as_root() -> Result<Command> {
    if nix::unistd::geteuid().is_root() {
        return Ok(command("/usr/bin/env"));
    }
    let sudo = find(&["sudo"]).context("this user is not root")?;
    read(command(&sudo).args(["-n", "true"]), Duration::from_secs(10))
        .await
        .context("this user is not root, and sudo would ask for a password")?;
    let mut command = command(sudo);
    command.arg("-n");
    Ok(command)
}
