//! Routes without their documentation: what a component has in the place of `utoipa_axum`. Nobody reads the
//! document there, and making it would be a tenth of the code, run by every instance.

use axum::Router;
use axum::routing::MethodRouter;

/// Routes, as `utoipa_axum::router::OpenApiRouter` takes them.
#[derive(Debug)]
pub struct OpenApiRouter<S>(Router<S>);

impl<S: Clone + Send + Sync + 'static> OpenApiRouter<S> {
    #[expect(
        clippy::new_without_default,
        reason = "it has what is used of the one that it stands for"
    )]
    pub fn new() -> Self {
        Self(Router::new())
    }

    /// The methods of a path, as [`routes`](crate::lean_routes) collects them.
    pub fn routes(self, (path, methods): (String, MethodRouter<S>)) -> Self {
        self.route(&path, methods)
    }

    pub fn route(self, path: &str, methods: MethodRouter<S>) -> Self {
        Self(self.0.route(path, methods))
    }

    pub fn merge(self, other: Self) -> Self {
        Self(self.0.merge(other.0))
    }
}

impl<S> From<OpenApiRouter<S>> for Router<S> {
    fn from(router: OpenApiRouter<S>) -> Self {
        router.0
    }
}

/// The handlers of one path, whose path and methods their `#[utoipa::path]` names.
#[doc(hidden)]
#[macro_export]
macro_rules! lean_routes {
    ($($module:ident::$handler:ident),+ $(,)?) => {{
        use utoipa::Path as _;
        use $crate::openapi::__lean::{MethodRouter, PathItemExt as _, paste};
        let mut path = String::new();
        let mut router = MethodRouter::new();
        $(
            paste! {
                path.clone_from(&$module::[<__path_ $handler>]::path());
                for method in $module::[<__path_ $handler>]::methods() {
                    let handler = $crate::handler::strict($module::$handler);
                    router = router.on(method.to_method_filter(), handler);
                }
            }
        )+
        (path, router)
    }};
}
