//! Service chaining: calls between components of this process, without a socket.
//!
//! A call reaches the callee's own pool of instances with any path, as if it had the route
//! `/...`; its trap is a 500. Nothing detects a loop of calls, and nothing times one out.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use http::{Request, Response};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::instances::Pool;
use crate::requests;
use crate::routes::Match;

/// What a chained call gives as the address of its client.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The pools of all components with a trigger, by id. Known once all are loaded, since each
/// holds this directory itself.
#[derive(Clone, Default)]
pub struct Peers(Arc<OnceLock<HashMap<String, Pool>>>);

impl Peers {
    /// Completes the directory; the first call counts.
    pub fn complete(&self, pools: HashMap<String, Pool>) {
        // Called once, by `application::load`.
        let _ = self.0.set(pools);
    }

    /// The pool of one component.
    #[must_use]
    pub fn find(&self, component: &str) -> Option<&Pool> {
        self.0.get()?.get(component)
    }

    /// Calls a component by its id.
    pub async fn call(
        &self,
        component: &str,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Error> {
        let Some(pool) = self.find(component) else {
            tracing::error!(component, "chained call to a component that has no trigger");
            return Err(Error::InternalError(Some(format!(
                "unknown routing destination '{component}'"
            ))));
        };
        let path = request.uri().path().to_owned();
        let found = Match::chained(component, &path);
        // Boxed, since a chain of calls is as long as the components make it.
        Ok(Box::pin(requests::answer(pool, &found, NOBODY, request)).await)
    }
}

impl fmt::Debug for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.get().map(HashMap::len);
        f.debug_tuple("Peers").field(&known).finish()
    }
}
