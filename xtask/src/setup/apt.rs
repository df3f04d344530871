//! Debian packages that are unpacked here and installed nowhere: an apt with its own sources,
//! lists and cache in a folder of ours, so that the machine's own stay as they are. Its proxies
//! and credentials still come from the machine's configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;

use crate::command::{command, find, read};
use crate::private;

const USUAL_MIRROR: &str = "http://deb.debian.org/debian";
const KEYRINGS: [&str; 2] = [
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
];
/// Downloads of at most a few dozen megabytes.
const LIMIT: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub struct Apt {
    folder: PathBuf,
    mirror: String,
    keyring: &'static str,
}

impl Apt {
    pub async fn open(folder: &Path) -> Result<Self> {
        for program in ["apt-get", "apt-cache", "dpkg"] {
            ensure!(
                find(&[program]).is_some(),
                "this is no Debian: {program} is missing"
            );
        }
        let keyring = KEYRINGS.into_iter().find(|file| Path::new(file).is_file());
        let keyring = keyring
            .context("Debian's keys are missing: install the package debian-archive-keyring")?;
        for part in ["state/lists/partial", "cache/archives/partial"] {
            private::create_folder(&folder.join(part))?;
        }
        let mut machine = command("apt-get");
        machine.args([
            "indextargets",
            "--format",
            "$(REPO_URI)",
            "Created-By: Packages",
        ]);
        let known = read(&mut machine, LIMIT).await.unwrap_or_default();
        Ok(Self {
            folder: folder.to_owned(),
            mirror: choose_mirror(&known),
            keyring,
        })
    }

    /// Reads the lists of one suite, and only of that one.
    pub async fn use_suite(&self, suite: &str) -> Result<()> {
        let folder = self.folder.display();
        let (mirror, keyring) = (&self.mirror, self.keyring);
        let sources = format!("deb [signed-by={keyring}] {mirror} {suite} main\n");
        private::write(&self.folder.join("sources.list"), &sources)?;
        let configuration = format!(
            "Dir::State \"{folder}/state\";\nDir::Cache \"{folder}/cache\";\n\
             Dir::Etc::sourcelist \"{folder}/sources.list\";\nDir::Etc::sourceparts \"-\";\n\
             Dir::Etc::preferences \"-\";\nDir::Etc::preferencesparts \"-\";\n\
             APT::Sandbox::User \"root\";\nAPT::Default-Release \"\";\n\
             Acquire::Languages \"none\";\nAcquire::Retries \"1\";\n\
             Acquire::http::Timeout \"20\";\nAcquire::https::Timeout \"20\";\n"
        );
        private::write(&self.folder.join("apt.conf"), &configuration)?;
        // Without this, a suite that does not exist is a warning.
        let mut update = self.command("apt-get");
        update.args(["update", "--quiet=2", "-oAPT::Update::Error-Mode=any"]);
        read(&mut update, LIMIT).await?;
        Ok(())
    }

    /// The versions of a package that the suite has, the newest first.
    pub async fn versions(&self, package: &str) -> Result<Vec<String>> {
        let mut madison = self.command("apt-cache");
        Ok(parse_madison(
            &read(madison.args(["madison", package]), LIMIT).await?,
            package,
        ))
    }

    /// Downloads packages (`name` or `name=version`) and unpacks all of them into one folder.
    pub async fn unpack(&self, packages: &[&str], into: &Path) -> Result<()> {
        let downloads = self.folder.join("downloads");
        private::create_folder(&downloads)?;
        let mut download = self.command("apt-get");
        download
            .args(["download", "--quiet=2"])
            .args(packages)
            .current_dir(&downloads);
        read(&mut download, LIMIT).await?;
        let mut count = 0;
        for entry in downloads
            .read_dir()
            .context("the downloads are not readable")?
        {
            let file = entry.context("the downloads are not readable")?.path();
            let mut unpack = command("dpkg");
            read(unpack.arg("-x").arg(&file).arg(into), LIMIT).await?;
            count += 1;
        }
        if count < packages.len() {
            bail!("apt-get downloaded {count} of {} packages", packages.len());
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = command(program);
        command
            .env("APT_CONFIG", self.folder.join("apt.conf"))
            .env("LC_ALL", "C");
        command
    }
}

/// The machine's own mirror of Debian, which it can reach, or the usual one.
fn choose_mirror(known: &str) -> String {
    let mut mirrors = known.lines().map(|line| line.trim().trim_end_matches('/'));
    let mirror = mirrors.find(|mirror| mirror.ends_with("/debian"));
    mirror.unwrap_or(USUAL_MIRROR).to_owned()
}

/// Lines of ` rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://… trixie-backports/main amd64 Packages`.
fn parse_madison(output: &str, package: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let mut columns = line.split('|').map(str::trim);
        (columns.next()? == package).then(|| columns.next().map(str::to_owned))?
    };
    output.lines().filter_map(of_line).collect()
}

/// `1.95.0` of `1.95.0+dfsg1-2~bpo13+1`: without epoch, repackaging and Debian's revision.
pub fn upstream_version(version: &str) -> &str {
    let version = version
        .split_once(':')
        .map_or(version, |(_epoch, version)| version);
    version.split(['+', '-', '~']).next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADISON: &str = "\
  rust-src | 1.96.1+dfsg1-2~bpo13+1 | http://deb.debian.org/debian trixie-backports/main amd64 Packages
  rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://deb.debian.org/debian trixie-backports/main amd64 Packages
 wasi-libc | 0.0~git20260129.ec0effd-3~bpo13+1 | http://deb.debian.org/debian trixie-backports/main amd64 Packages
";

    #[test]
    fn madison_lists_the_versions_of_each_package() {
        let versions = parse_madison(MADISON, "rust-src");
        assert_eq!(
            versions,
            ["1.96.1+dfsg1-2~bpo13+1", "1.95.0+dfsg1-2~bpo13+1"]
        );
        assert_eq!(parse_madison(MADISON, "wasi-libc").len(), 1);
        assert!(parse_madison("", "rust-src").is_empty());
    }

    #[test]
    fn the_upstream_version_is_what_stands_before_debians_additions() {
        assert_eq!(upstream_version("1.95.0+dfsg1-2~bpo13+1"), "1.95.0");
        assert_eq!(upstream_version("1:1.63.0-2"), "1.63.0");
        assert_eq!(upstream_version("1.97.0~beta.1-1"), "1.97.0");
        assert_eq!(upstream_version("1.95.0"), "1.95.0");
    }

    #[test]
    fn the_machines_own_mirror_is_preferred() {
        let known = "http://mirror.example/debian-security/\nhttp://mirror.example/debian/\n";
        assert_eq!(choose_mirror(known), "http://mirror.example/debian");
        assert_eq!(
            choose_mirror("http://archive.ubuntu.com/ubuntu/"),
            USUAL_MIRROR
        );
    }
}
