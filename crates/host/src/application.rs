//! The application: everything a manifest says, loaded and ready to serve.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::env::VarError;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use crate::allowed_hosts::AllowedHosts;
use crate::arguments::Arguments;
use crate::cache::Cache;
use crate::chaining::Peers;
use crate::instances::Pool;
use crate::limits::Limit;
use crate::manifest::{self, Component, Manifest};
use crate::routes::Routes;
use crate::runtime_config::{self, RuntimeConfig};
use crate::shutdown::Shutdown;
use crate::state::Surroundings;
use crate::variables::{ComponentVariables, Values};
use crate::{engine, imports};

/// A loaded application.
#[derive(Debug)]
pub struct Application {
    pub name: String,
    pub version: Option<String>,
    pub routes: Routes,
    pub peers: Peers,
}

/// Loads what the arguments name. Every error names the file or the key to mend.
pub fn load(arguments: &Arguments, shutdown: &Shutdown) -> Result<Application> {
    let manifest = manifest::read(&arguments.from)?;
    let config = match &arguments.runtime_config_file {
        Some(path) => runtime_config::read(path)?,
        None => RuntimeConfig::default(),
    };
    let given = arguments.read_variables()?;
    let values = Values::settle(&manifest.variables, &given, read_environment)?;
    let surroundings = surround(&manifest, &config, &values)
        .with_context(|| arguments.from.display().to_string())?;

    let engine = engine::build()?;
    let linker = imports::link(&engine)?;
    let cache = Cache::open(arguments.cache_dir.as_deref())?;
    let directory = arguments.from.parent().unwrap_or_else(|| Path::new(""));
    let mut pools = HashMap::new();
    let mut peers = Peers::default();
    for (component, surroundings) in surroundings {
        peers = surroundings.peers.clone();
        let id = surroundings.component.clone();
        let compiled = cache.load(&engine, &directory.join(&component.source))?;
        let pool = Pool::prepare(
            &linker,
            &compiled,
            Arc::new(surroundings),
            arguments.reuse,
            shutdown.clone(),
        )
        .with_context(|| format!("the component `{id}` ({}) cannot run", component.source))?;
        pools.insert(id, pool);
    }
    peers.complete(pools);
    Ok(Application {
        routes: Routes::build(&manifest.triggers)?,
        name: manifest.name,
        version: manifest.version,
        peers,
    })
}

/// What surrounds each component that has a trigger; the others are never reached.
fn surround<'a>(
    manifest: &'a Manifest,
    config: &RuntimeConfig,
    values: &Values,
) -> Result<Vec<(&'a Component, Surroundings)>> {
    let triggered: BTreeSet<&str> = manifest
        .triggers
        .iter()
        .map(|trigger| trigger.component.as_str())
        .collect();
    let ids: BTreeSet<String> = manifest.components.keys().cloned().collect();
    let components: BTreeMap<_, _> = manifest
        .components
        .iter()
        .filter(|(id, _)| triggered.contains(id.as_str()))
        .collect();
    let peers = Peers::default();
    let mysql_limit = Limit::new(config.outbound_mysql.max_connections);
    let redis_limit = Limit::new(config.outbound_redis.max_connections);
    components
        .into_iter()
        .map(|(id, component)| {
            let allowed_hosts =
                AllowedHosts::settle(&component.allowed_outbound_hosts, values, &ids)
                    .with_context(|| format!("`component.{id}.allowed_outbound_hosts`"))?;
            let surroundings = Surroundings {
                component: id.clone(),
                variables: ComponentVariables::settle(id, component, values)?,
                environment: component.environment.clone().into_iter().collect(),
                allowed_hosts,
                peers: peers.clone(),
                mysql_limit: mysql_limit.clone(),
                redis_limit: redis_limit.clone(),
            };
            Ok((component, surroundings))
        })
        .collect()
}

fn read_environment(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("the environment variable {name} is not Unicode"),
    }
}
