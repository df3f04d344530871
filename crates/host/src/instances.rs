//! Instances of one component: made on demand, reused as Spin reuses them, dropped when idle.
//!
//! `ProxyHandler` does the work; this module gives it the rules. A trap ends the instance and
//! every request in it, and is logged here.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use http::{Request, Response};
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;
use wasmtime::component::{Component, GuestTaskId, Linker};
use wasmtime::{Engine, Store, StoreContextMut};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, ProxyHandler, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState,
    WorkerStatus,
};
use wasmtime_wasi_http::p2::bindings::ProxyPre as Pre2;
use wasmtime_wasi_http::p3::bindings::ServicePre as Pre3;
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

use crate::arguments::Reuse;
use crate::shutdown::Shutdown;
use crate::state::{State, Surroundings};

/// The instances of one component.
#[derive(Clone)]
pub struct Pool(ProxyHandler<Recipe>);

impl Pool {
    /// A pool without instances. Refuses a component that imports what this host lacks, or that
    /// answers no HTTP.
    pub fn prepare(
        linker: &Linker<State>,
        component: &Component,
        surroundings: Arc<Surroundings>,
        reuse: Reuse,
        shutdown: Shutdown,
    ) -> Result<Self> {
        let pre = linker
            .instantiate_pre(component)
            .map_err(|error| anyhow!("it imports what this host does not offer: {error:#}"))?;
        let (proxy, reuse) = match Pre3::new(pre.clone()) {
            Ok(service) => (ProxyPre::P3(service), reuse),
            Err(no_handler) => {
                let proxy = Pre2::new(pre).map_err(|_| {
                    anyhow!("it exports no wasi:http handler of version 0.3 or 0.2: {no_handler:#}")
                })?;
                let once = Reuse {
                    count: 1,
                    concurrent: 1,
                    ..reuse
                };
                (ProxyPre::P2(proxy), once)
            }
        };
        Ok(Self(ProxyHandler::new(Recipe {
            engine: linker.engine().clone(),
            proxy,
            surroundings,
            reuse,
            shutdown,
        })))
    }

    /// The id of the component.
    #[must_use]
    pub fn component(&self) -> &str {
        &self.0.state().surroundings.component
    }

    /// Hands the request to an instance.
    pub async fn handle(&self, request: Request<WasiBody>) -> wasmtime::Result<Response<WasiBody>> {
        self.0.handle((), request).await
    }
}

/// How an instance of the component is made.
struct Recipe {
    engine: Engine,
    proxy: ProxyPre<State>,
    surroundings: Arc<Surroundings>,
    reuse: Reuse,
    shutdown: Shutdown,
}

impl HandlerState for Recipe {
    type StoreData = State;
    type WorkerExpiration = Expiration;
    type WorkerState = Rules;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Expiration, Rules>> {
        let alive = self.shutdown.stay_alive();
        let state = State::new(Arc::clone(&self.surroundings), alive);
        let mut store = Store::new(&self.engine, state);
        let proxy = self.proxy.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy,
            view: State::http,
            expiration: Expiration {
                idle: self.reuse.idle,
                sleep: Box::pin(tokio::time::sleep(Duration::MAX)),
                stop: Box::pin(self.shutdown.wait()),
            },
            state: Rules {
                surroundings: Arc::clone(&self.surroundings),
                reuse: self.reuse,
            },
        })
    }
}

/// Ends an instance that was idle for long enough, or that is idle when the host stops. There is
/// no deadline for requests, and none for what goes on after an answer.
struct Expiration {
    idle: Duration,
    sleep: Pin<Box<Sleep>>,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        if self.stop.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let Some(deadline) = since.checked_add(self.idle) else {
            return Poll::Pending;
        };
        if self.sleep.deadline() != deadline.into() {
            self.sleep.as_mut().reset(deadline.into());
        }
        self.sleep.as_mut().poll(context)
    }
}

/// How many requests an instance takes.
struct Rules {
    surroundings: Arc<Surroundings>,
    reuse: Reuse,
}

impl WorkerState for Rules {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, at_once: usize, so_far: usize) -> ShouldAccept {
        if so_far >= self.reuse.count {
            ShouldAccept::Never
        } else if at_once >= self.reuse.concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, State>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<State>, result: Result<(), wasmtime::Error>) {
        if let Err(error) = result {
            tracing::error!(
                component = self.surroundings.component,
                error = %error.root_cause(),
                trace = %error,
                "instance trapped"
            );
        }
        drop(store);
    }
}
