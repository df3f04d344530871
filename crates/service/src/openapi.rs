//! What every service's part of the OpenAPI document shares. The document is put together by
//! `cargo xtask openapi` from the routers of the services.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

#[cfg(not(target_family = "wasm"))]
pub use crate::described::OpenApiRouter;
#[cfg(target_family = "wasm")]
pub use crate::lean::OpenApiRouter;
#[cfg(target_family = "wasm")]
pub use crate::lean_routes as routes;
#[cfg(not(target_family = "wasm"))]
pub use utoipa_axum::routes;

/// What the macro `routes` of a component names.
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod __lean {
    pub use axum::routing::MethodRouter;
    pub use utoipa_axum::{PathItemExt, paste};
}

/// A refusal (RFC 9457), of type `application/problem+json`.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// A stable URL path, such as `/problems/out-of-stock`.
    pub r#type: String,
    /// What happened, in the reader's language.
    pub title: String,
    /// The status code of the answer.
    pub status: u16,
    /// The last segment of `type`; it does not depend on the language.
    pub code: String,
    /// What is particular to this occurrence, in the reader's language.
    pub detail: Option<String>,
    /// The path that was asked for.
    pub instance: String,
    /// For whoever reads the logs.
    pub request_id: String,
    /// What is wrong with single values, in the body and in the query (422).
    pub errors: Option<Vec<FieldDocument>>,
    /// Members that only some problems have.
    #[serde(flatten)]
    pub others: BTreeMap<String, serde_json::Value>,
}

/// What is wrong with one value: it has either a `pointer` or a `parameter`.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub struct FieldDocument {
    /// An RFC 6901 pointer into the body.
    pub pointer: Option<String>,
    /// The name of a parameter of the query.
    pub parameter: Option<String>,
    /// What to change, in the reader's language.
    pub detail: String,
}

/// Every operation may refuse: `default` of its responses.
pub struct Refusals;

impl utoipa::IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
        let problem = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description("A refusal, as a problem document")
            .content("application/problem+json", problem)
            .build();
        [("default".to_owned(), response.into())].into()
    }
}
