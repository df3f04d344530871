//! Routes with their documentation, in which no name stands for two schemas: utoipa would keep one of them and say
//! nothing, and programs made from the document would fail at the first value of the other.

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::MethodRouter;
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa_axum::router::UtoipaMethodRouter;

/// Routes, and the schemas that they name.
#[expect(
    missing_debug_implementations,
    reason = "what utoipa has in it has none"
)]
pub struct OpenApiRouter<S> {
    router: utoipa_axum::router::OpenApiRouter<S>,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl<S: Clone + Send + Sync + 'static> OpenApiRouter<S> {
    #[expect(
        clippy::new_without_default,
        reason = "it has what is used of the one that it stands for"
    )]
    pub fn new() -> Self {
        Self {
            router: utoipa_axum::router::OpenApiRouter::new(),
            schemas: BTreeMap::new(),
        }
    }

    /// The methods of a path, as [`routes`](crate::openapi::routes) collects them.
    ///
    /// # Panics
    /// If a schema has the name of another one: `#[schema(as = …)]` gives it its own.
    pub fn routes(mut self, routes: UtoipaMethodRouter<S>) -> Self {
        for (name, schema) in &routes.0 {
            let known = self
                .schemas
                .entry(name.clone())
                .or_insert_with(|| schema.clone());
            assert!(known == schema, "two schemas are called {name}");
        }
        self.router = self.router.routes(routes);
        self
    }

    pub fn route(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, methods);
        self
    }

    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self
    }

    pub fn to_openapi(&self) -> OpenApi {
        self.router.get_openapi().clone()
    }
}

impl<S: Clone + Send + Sync + 'static> From<OpenApiRouter<S>> for Router<S> {
    fn from(router: OpenApiRouter<S>) -> Self {
        router.router.into()
    }
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::path::Paths;
    use utoipa::openapi::{ObjectBuilder, Schema};

    use super::*;

    fn status(description: &str) -> UtoipaMethodRouter<()> {
        let object = ObjectBuilder::new().description(Some(description));
        let schema = RefOr::T(Schema::Object(object.build()));
        let schemas = vec![("Status".to_owned(), schema)];
        (schemas, Paths::new(), MethodRouter::new())
    }

    #[test]
    fn a_schema_may_be_named_again_and_again() {
        let router = OpenApiRouter::new();
        router
            .routes(status("of orders"))
            .routes(status("of orders"));
    }

    #[test]
    #[should_panic(expected = "two schemas are called Status")]
    fn one_name_for_two_schemas_is_refused() {
        let router = OpenApiRouter::new();
        router
            .routes(status("of orders"))
            .routes(status("of payments"));
    }
}
