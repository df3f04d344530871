//! Answers that operations of some form share, in `components/responses`.

use serde_json::{Value, json};

use super::form::Form;
use super::response::{add_header, add_problem, set};

/// An answer that operations of some form share.
pub struct Shared {
    pub status: &'static str,
    /// In `components/responses`.
    pub name: &'static str,
    description: &'static str,
    /// In `components/headers`, each of them on every such answer.
    headers: &'static [&'static str],
    pub applies: fn(&Form) -> bool,
}

pub const SHARED: [Shared; 17] = [
    Shared {
        status: "304",
        name: "NotModified",
        description: "The answer is still the one with the `ETag` in `If-None-Match`",
        headers: &["ETag"],
        applies: |form| form.is_read && form.is_tagged,
    },
    Shared {
        status: "400",
        name: "Malformed",
        description: "`malformed-request`: not of the form that HTTP, JSON or the query ask for",
        headers: &[],
        applies: |form| !form.needs_key,
    },
    Shared {
        status: "400",
        name: "MalformedOrWithoutKey",
        description: "`malformed-request`: not of the form that HTTP, JSON or the query ask for; \
            `idempotency-key-missing`: the header `Idempotency-Key` is missing",
        headers: &[],
        applies: |form| form.needs_key,
    },
    Shared {
        status: "401",
        name: "Unauthenticated",
        description: "`unauthenticated`: nobody is signed in; `invalid-token`: the access token is expired, forged, \
            or of somebody who is no longer what it says",
        headers: &["WWW-Authenticate"],
        applies: |form| form.takes_token,
    },
    Shared {
        status: "403",
        name: "Forbidden",
        description: "`forbidden`: signed in, in a role that may not do this",
        headers: &[],
        applies: |form| form.needs_token,
    },
    Shared {
        status: "404",
        name: "NotFound",
        description: "`not-found`: there is no such thing, or none that the caller may know of",
        headers: &[],
        applies: |form| form.names_something,
    },
    Shared {
        status: "406",
        name: "NotAcceptable",
        description: "`not-acceptable`: there is no representation of a type in `Accept`",
        headers: &[],
        applies: |form| form.is_read,
    },
    Shared {
        status: "408",
        name: "RequestTimeout",
        description: "`request-timeout`: the body did not arrive in time",
        headers: &[],
        applies: |form| form.has_body,
    },
    Shared {
        status: "409",
        name: "KeyInFlight",
        description: "`idempotency-key-in-flight`: the first request with this `Idempotency-Key` is still running",
        headers: &["Retry-After"],
        applies: |form| form.takes_key,
    },
    Shared {
        status: "412",
        name: "PreconditionFailed",
        description: "`precondition-failed`: what `If-Match` or `If-None-Match` ask for is not so",
        headers: &[],
        applies: |_| true,
    },
    Shared {
        status: "413",
        name: "TooLarge",
        description: "`body-too-large`: `detail` says how large a body may be",
        headers: &[],
        applies: |form| form.has_body,
    },
    Shared {
        status: "415",
        name: "UnsupportedMediaType",
        description: "`unsupported-media-type`: the body is of another type; `unsupported-content-encoding`: it is \
            compressed",
        headers: &[],
        applies: |form| form.has_body,
    },
    Shared {
        status: "422",
        name: "Invalid",
        description: "`invalid-fields`: values that cannot be taken; `errors` says which, in the body and in the query",
        headers: &[],
        applies: |form| !form.takes_key && !form.takes_cart,
    },
    Shared {
        status: "422",
        name: "InvalidOrKeyReused",
        description: "`invalid-fields`: values that cannot be taken; `errors` says which, in the body and in the query; \
            `idempotency-key-reused`: the `Idempotency-Key` came with another request before",
        headers: &[],
        applies: |form| form.takes_key,
    },
    Shared {
        status: "422",
        name: "InvalidOrNoCartToken",
        description: "`invalid-fields`: values that cannot be taken; `errors` says which, in the body and in the query; \
            `cart-token-invalid`: the header `Cart-Token` is no cart's",
        headers: &[],
        applies: |form| form.takes_cart,
    },
    Shared {
        status: "428",
        name: "PreconditionRequired",
        description: "`precondition-required`: the header `If-Match` is missing",
        headers: &[],
        applies: |form| form.needs_condition,
    },
    Shared {
        status: "429",
        name: "TooManyRequests",
        description: "`rate-limited`: the limits of this caller are reached; `policy` says which",
        headers: &["Retry-After"],
        applies: |_| true,
    },
];

impl Shared {
    pub fn response(&self) -> Value {
        let mut response = json!({ "description": self.description });
        self.complete(&mut response);
        response
    }

    pub fn reference(&self) -> Value {
        json!({ "$ref": format!("#/components/responses/{}", self.name) })
    }

    /// Adds to what an operation says itself.
    pub fn extend(&self, own: &mut Value) {
        let said = own
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let description = format!("{}; {said}", self.description);
        set(own, "description", description.into());
        self.complete(own);
    }

    fn complete(&self, response: &mut Value) {
        if self.status.starts_with('4') {
            add_problem(response);
        }
        for header in self.headers {
            add_header(response, header);
        }
    }
}
