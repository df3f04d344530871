//! What a bench runs on: private servers that keep their data as those of `up` do, the host with the
//! shop, and a second host with the empty component.

use std::path::Path;

use anyhow::{Context, Result};

use super::machine::Memory;
use super::scenario::ServedBy;
use crate::serve::{self, Host, Program};
use crate::servers::{Mariadb, Options, Redis, Scratch};
use crate::settings::{GENEROUS_LIMITS, NO_UNPAID_LIMITS, Settings};
use crate::up::SCHEMA_PREFIX;
use crate::workspace::Workspace;
use crate::{migrate, private};

#[derive(Debug)]
pub struct Stage {
    // Ended in this order when dropped: the hosts, the servers, then the folder.
    pub shop: Host,
    pub empty: Host,
    pub mariadb: Mariadb,
    pub redis: Redis,
    pub folder: Scratch,
    /// What a scheduler shows to the shop.
    pub service_token: String,
    variables: Vec<(String, String)>,
}

impl Stage {
    /// Starts everything, with these variables of `spin.toml` changed; the shop is empty.
    pub async fn open(workspace: &Workspace, changed: &[(&str, &str)]) -> Result<Self> {
        // MYSQL_URL and REDIS_URL do not count: servers that others use would be measured and emptied.
        let folder = Scratch::create_on_disk(workspace, "bench").await?;
        let settings = Settings::random()?;
        let options = |name, password| Options::lasting(folder.path().join(name), password);
        let mariadb = options("mariadb", &settings.mysql_password);
        let redis = options("redis", &settings.redis_password);
        let (mariadb, redis) = tokio::join!(Mariadb::start(&mariadb), Redis::start(&redis));
        let (mariadb, redis) = (mariadb?, redis?);
        let database = mariadb.endpoint();
        migrate::run_from(&workspace.migrations(), &database, SCHEMA_PREFIX).await?;
        let mut variables = settings.variables(&database, &redis.endpoint(), SCHEMA_PREFIX)?;
        let generous = [
            ("rate_limits", GENEROUS_LIMITS),
            ("unpaid_limits", NO_UNPAID_LIMITS),
        ];
        let changed = generous.iter().chain(changed);
        variables.extend(changed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let shop = host_options(
            workspace,
            folder.path(),
            "shop",
            "spin.toml",
            variables.clone(),
        );
        let empty = host_options(
            workspace,
            folder.path(),
            "empty",
            "bench/spin.toml",
            Vec::new(),
        );
        Ok(Self {
            shop: Host::start(&shop).await?,
            empty: Host::start(&empty)
                .await
                .context("the empty component is not served")?,
            mariadb,
            redis,
            folder,
            service_token: settings.service_token,
            variables,
        })
    }

    /// A second host of the same shop, under these limits.
    pub async fn open_again(&self, workspace: &Workspace, limits: &str) -> Result<Host> {
        let mut variables = self.variables.clone();
        variables.push(("rate_limits".to_owned(), limits.to_owned()));
        let folder = self.folder.path();
        let options = host_options(workspace, folder, "limited", "spin.toml", variables);
        Host::start(&options).await
    }

    pub fn host(&self, served_by: ServedBy) -> &Host {
        match served_by {
            ServedBy::EmptyComponent => &self.empty,
            ServedBy::Shop => &self.shop,
        }
    }

    pub fn memory(&self, served_by: ServedBy) -> Result<Memory> {
        let name = match served_by {
            ServedBy::EmptyComponent => "empty",
            ServedBy::Shop => "shop",
        };
        Memory::of(&self.folder.path().join(name).with_extension("pid"))
    }

    /// Resolves when something that the shop needs ends.
    pub async fn failed(&self) -> String {
        tokio::select! {
            how = self.shop.exited() => how,
            how = self.empty.exited() => how,
            how = self.mariadb.exited() => how,
            how = self.redis.exited() => how,
        }
    }

    /// Stops everything, the hosts first; whatever a host had said is moved to `log`.
    pub async fn close(mut self, log: &Path) -> Result<()> {
        let hosts = self.shop.stop().await.and(self.empty.stop().await);
        if let Some(folder) = log.parent() {
            private::create_folder(folder)?;
        }
        std::fs::copy(self.folder.path().join("shop.log"), log)
            .context("the host's log cannot be kept")?;
        let servers = tokio::join!(self.mariadb.stop(), self.redis.stop());
        hosts.and(servers.0).and(servers.1)
    }
}

fn host_options(
    workspace: &Workspace,
    folder: &Path,
    name: &str,
    manifest: &str,
    variables: Vec<(String, String)>,
) -> serve::Options {
    let program = workspace.target().join("release").join("comptoir-host");
    serve::Options {
        program: Program::Local(program),
        manifest: workspace.root().join(manifest),
        listen: "127.0.0.1:0".to_owned(),
        runtime_config: Some(workspace.root().join("runtime-config.toml")),
        variables,
        log: folder.join(name).with_extension("log"),
        pid_file: folder.join(name).with_extension("pid"),
        cache: Some(workspace.target().join("bench").join("cache")),
    }
}
