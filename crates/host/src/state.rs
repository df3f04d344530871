//! The state of one instance: what its imports work on, and nothing shared with another
//! instance but through the application.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::allowed_hosts::AllowedHosts;
use crate::chaining::Peers;
use crate::imports::http::Outbound;
use crate::imports::mysql;
use crate::imports::redis;
use crate::limits::Limit;
use crate::log::Log;
use crate::shutdown::Alive;
use crate::variables::ComponentVariables;

/// What every instance of one component shares.
#[derive(Debug)]
pub struct Surroundings {
    pub component: String,
    pub variables: ComponentVariables,
    pub environment: Vec<(String, String)>,
    pub allowed_hosts: AllowedHosts,
    pub peers: Peers,
    pub mysql_limit: Limit,
    pub redis_limit: Limit,
}

/// The data of one store.
pub struct State {
    pub surroundings: Arc<Surroundings>,
    pub table: ResourceTable,
    pub mysql: mysql::Calls,
    pub redis: redis::Count,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    _alive: Alive,
}

impl State {
    /// The state of a new instance. Its standard output and error are the host's log, which passes
    /// each line on as it is. It has no files and no sockets.
    #[must_use]
    pub fn new(surroundings: Arc<Surroundings>, alive: Alive) -> Self {
        let wasi = WasiCtxBuilder::new()
            .stdout(Log)
            .stderr(Log)
            .envs(&surroundings.environment)
            .build();
        Self {
            outbound: Outbound::new(Arc::clone(&surroundings)),
            surroundings,
            table: ResourceTable::new(),
            mysql: mysql::Calls::default(),
            redis: redis::Count::default(),
            wasi,
            http: WasiHttpCtx::new(),
            _alive: alive,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}
