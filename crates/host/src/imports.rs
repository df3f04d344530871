//! What a component can import: the interfaces of Spin and WASI, linked to this host.
//!
//! One module an interface. A component that imports anything else is refused before it is
//! served, by the name of what it lacks.

pub mod http;
pub mod mysql;
pub mod redis;
pub mod variables;

use anyhow::{Result, anyhow};
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::state::State;

/// Generated from `wit/host.wit`.
pub mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "comptoir:host/imports",
        imports: { default: async | trappable },
        with: {
            "spin:mysql/mysql.connection": super::mysql::Connection,
            "spin:redis/redis.connection": super::redis::Connection,
        },
    });
}

/// Everything that this host offers to components.
pub fn link(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    link_all(&mut linker)
        .map_err(|error| anyhow!("cannot link the host's interfaces: {error:#}"))?;
    Ok(linker)
}

fn link_all(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    bindings::spin::mysql::mysql::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
    bindings::spin::redis::redis::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
    bindings::spin::variables::variables::add_to_linker::<_, HasSelf<State>>(linker, |state| state)
}
