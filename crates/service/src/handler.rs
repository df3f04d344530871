//! What of a request an operation reads, known from the types of its handler's arguments; and the refusal of
//! whatever else a client sends that must not be passed over:
//!
//! - a parameter of the query that the operation does not know (422), for a misspelt filter would answer everything;
//! - a condition that it does not check (412): a request whose condition nobody looks at must not be performed
//!   (RFC 9110 §13.1.1);
//! - a body where it takes none (422), but for `{}` and `null`: whoever sends an amount means it.
//!
//! `routes!` wraps every handler of the public API so. An argument's type takes part by [`Reads`], and a type without
//! it does not compile: nobody can forget it.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::{BoxFuture, Either};
use http::HeaderMap;
use http_body_util::{BodyExt as _, Collected, Limited};
use serde::de::DeserializeOwned;

use crate::page::PageQuery;
use crate::problem::Problem;
use crate::{
    AccountEmail, Admin, Asked, Author, Caller, Client, ClientAddress, Condition, Context,
    IdempotencyKey, IfMatch, JsonBody, Page, Path, Query, RawBody, Seller, Supplier,
    TokenGeneration, conditional, query,
};

/// What an operation reads of its requests.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    parameters: Vec<&'static str>,
    conditions: bool,
    body: bool,
}

/// An argument of a handler, which says what of the request it reads beside path, body and plain headers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what of a request it reads",
    note = "implement `service::handler::Reads` beside its `FromRequestParts`; an empty one, unless it reads \
            parameters of the query or the headers of a condition"
)]
pub trait Reads {
    /// Adds what it reads.
    fn note(_reading: &mut Reading) {}
}

macro_rules! nothing_special {
    ($($extractor:ty),+ $(,)?) => {$(
        impl Reads for $extractor {}
    )+};
}

nothing_special!(
    AccountEmail,
    Admin,
    Asked,
    Author,
    Caller,
    Client,
    ClientAddress,
    Context,
    HeaderMap,
    IdempotencyKey,
    Seller,
    Supplier,
    TokenGeneration,
);

impl<T> Reads for State<T> {}
impl<T> Reads for Path<T> {}

macro_rules! a_body {
    ($($extractor:ty),+ $(,)?) => {$(
        impl Reads for $extractor {
            fn note(reading: &mut Reading) {
                reading.body = true;
            }
        }
    )+};
}

a_body!(Bytes, RawBody, Request);

impl<T> Reads for JsonBody<T> {
    fn note(reading: &mut Reading) {
        reading.body = true;
    }
}

impl<T: Reads> Reads for Option<T> {
    fn note(reading: &mut Reading) {
        T::note(reading);
    }
}

impl<T: Reads, E> Reads for Result<T, E> {
    fn note(reading: &mut Reading) {
        T::note(reading);
    }
}

impl Reads for IfMatch {
    fn note(reading: &mut Reading) {
        reading.conditions = true;
    }
}

impl Reads for Condition {
    fn note(reading: &mut Reading) {
        reading.conditions = true;
    }
}

impl<T: DeserializeOwned> Reads for Query<T> {
    fn note(reading: &mut Reading) {
        reading.note_parameters::<T>();
    }
}

impl<K> Reads for Page<K> {
    fn note(reading: &mut Reading) {
        reading.note_parameters::<PageQuery>();
    }
}

/// The arguments of a handler, as axum writes their types; the first is a mark of axum's own.
macro_rules! arguments {
    ($($argument:ident)*) => {
        impl<M, $($argument: Reads),*> Reads for (M, $($argument,)*) {
            fn note(_reading: &mut Reading) {
                $($argument::note(_reading);)*
            }
        }
    };
}

arguments!();
arguments!(A);
arguments!(A B);
arguments!(A B C);
arguments!(A B C D);
arguments!(A B C D E);
arguments!(A B C D E F);
arguments!(A B C D E F G);
arguments!(A B C D E F G H);
arguments!(A B C D E F G H I);
arguments!(A B C D E F G H I J);

/// A handler that is asked only what it reads.
pub struct Strict<H, T, S> {
    handler: H,
    reading: Reading,
    types: PhantomData<fn(T, S)>,
}

/// Wraps a handler, once an instance.
pub fn strict<H: Handler<T, S>, T: Reads, S>(handler: H) -> Strict<H, T, S> {
    let mut reading = Reading::default();
    T::note(&mut reading);
    Strict {
        handler,
        reading,
        types: PhantomData,
    }
}

impl<H: Clone, T, S> Clone for Strict<H, T, S> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            reading: self.reading.clone(),
            types: PhantomData,
        }
    }
}

impl<H, T, S> Handler<T, S> for Strict<H, T, S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Send + 'static,
{
    type Future = Either<H::Future, Either<Ready<Response>, BoxFuture<'static, Response>>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        match self.reading.check(&request) {
            Ok(()) if self.reading.takes(&request) => {
                Either::Left(self.handler.call(request, state))
            }
            Ok(()) => Either::Right(Either::Right(Box::pin(async move {
                match without_body(request).await {
                    Ok(request) => self.handler.call(request, state).await,
                    Err(problem) => problem.into_response(),
                }
            }))),
            Err(problem) => Either::Right(Either::Left(ready(problem.into_response()))),
        }
    }
}

impl Reading {
    /// Adds the parameters that are read into this structure.
    pub fn note_parameters<T: DeserializeOwned>(&mut self) {
        self.parameters.extend(query::names::<T>());
    }

    /// Whether the body is for the operation, or there is none.
    fn takes(&self, request: &Request) -> bool {
        self.body || request.method().is_safe() || request.body().is_end_stream()
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        query::refuse_others(request.uri(), &self.parameters)?;
        // The conditions of reads are looked at when there is an answer.
        let is_checked = self.conditions || request.method().is_safe();
        if is_checked || !conditional::is_conditional(request.headers()) {
            return Ok(());
        }
        Err(Problem::condition_not_known())
    }
}

/// What some programs send where there is nothing to say.
const NOTHING: [&[u8]; 3] = [b"", b"{}", b"null"];

/// The request of an operation that takes no body, if it has none worth the name.
async fn without_body(request: Request) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    let read = Limited::new(body, 64).collect().await;
    let read = read
        .map(Collected::to_bytes)
        .unwrap_or_else(|_| Bytes::from_static(b"more"));
    if NOTHING.contains(&read.trim_ascii()) {
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    Err(Problem::unprocessable().detail(
        "Cette opération ne prend pas de corps",
        "This operation takes no body",
    ))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use http::Method;

    use super::*;

    async fn list(_: Page<u32>, _: Option<IdempotencyKey>) {}
    async fn plain(_: HeaderMap) {}
    async fn nothing() {}
    async fn change(_: Option<IfMatch>, _: Request) {}

    fn status<T: Reads + 'static>(
        handler: impl Handler<T, ()>,
        method: Method,
        uri: &str,
        condition: Option<&'static str>,
    ) -> u16 {
        let mut request = Request::new(Body::empty());
        (*request.method_mut(), *request.uri_mut()) = (method, uri.parse().unwrap());
        if let Some(name) = condition {
            let value = http::HeaderValue::from_static("*");
            request.headers_mut().insert(name, value);
        }
        let answered = strict(handler).call(request, ()).now_or_never();
        answered.unwrap().status().as_u16()
    }

    #[test]
    fn an_operation_is_asked_only_what_it_reads() {
        let get = Method::GET;
        assert_eq!(status(list, get.clone(), "/?limit=5&cursor=", None), 422);
        assert_eq!(status(list, get.clone(), "/?limit=5", None), 200);
        assert_eq!(status(list, get.clone(), "/?limit=5&x=", None), 422);
        assert_eq!(status(plain, get.clone(), "/?", None), 200);
        assert_eq!(status(plain, get.clone(), "/?limit=5", None), 422);
        assert_eq!(status(nothing, get.clone(), "/?a", None), 422);
        assert_eq!(status(nothing, get, "/", Some("if-match")), 200);
    }

    #[test]
    fn a_condition_that_is_not_checked_is_not_passed_over() {
        for name in ["if-match", "if-none-match"] {
            assert_eq!(status(nothing, Method::POST, "/", Some(name)), 412);
            assert_eq!(status(change, Method::POST, "/", Some(name)), 200);
        }
        assert_eq!(status(nothing, Method::POST, "/", None), 200);
    }

    #[test]
    fn a_body_that_nobody_reads_is_not_passed_over() {
        let status = |body: &'static str| {
            let mut request = Request::new(Body::from(body));
            *request.method_mut() = Method::POST;
            let answered = strict(nothing).call(request, ()).now_or_never();
            answered.unwrap().status().as_u16()
        };
        for empty in ["", "{}", " {}\n", "null"] {
            assert_eq!(status(empty), 200, "{empty:?}");
        }
        let long = &*" ".repeat(100).leak();
        for said in [r#"{"amount": 1}"#, "[]", "no JSON", long] {
            assert_eq!(status(said), 422, "{said:?}");
        }
    }
}
