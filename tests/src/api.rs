//! Requests to a shop, as one person or as nobody.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::answer::Answer;
use crate::contract::{self, Exchange};

/// Longer than the shop lets any request take.
const LIMIT: Duration = Duration::from_secs(30);

/// The HTTP API, with the access token of whoever asks.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    url: String,
    token: Option<String>,
}

impl Api {
    pub(crate) fn new(url: &str) -> Self {
        let client = Client::builder()
            .no_proxy()
            .timeout(LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Self {
            client: client.expect("an HTTP client"),
            url: url.to_owned(),
            token: None,
        }
    }

    /// The same, with this access token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str, body: Value) -> Request {
        self.request(Method::POST, path).json(body)
    }

    pub fn put(&self, path: &str, body: Value) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    pub fn put_file(&self, path: &str, content_type: &str, bytes: &[u8]) -> Request {
        let request = self.request(Method::PUT, path);
        request.body(content_type, bytes.to_vec())
    }

    pub fn patch(&self, path: &str, body: Value) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    pub fn request(&self, method: Method, path: &str) -> Request {
        let builder = self
            .client
            .request(method.clone(), format!("{}{path}", self.url));
        let builder = match &self.token {
            Some(token) => builder.bearer_auth(token),
            None => builder,
        };
        Request {
            method,
            path: path.to_owned(),
            json: None,
            builder,
        }
    }

    /// The entries of every page of a list.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(page) = next {
            let answer = self.get(&page).await.is(200);
            let body = answer.json();
            let data = body.get("data").and_then(Value::as_array);
            entries.extend(
                data.unwrap_or_else(|| panic!("no data in {answer}"))
                    .clone(),
            );
            next = answer.next_page();
        }
        entries
    }
}

/// A request that is sent when it is awaited.
#[derive(Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct Request {
    method: Method,
    path: String,
    json: Option<Value>,
    builder: RequestBuilder,
}

impl Request {
    pub fn json(self, body: Value) -> Self {
        let text = body.to_string();
        Self {
            json: Some(body),
            ..self.body("application/json", text)
        }
    }

    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.header("content-type", content_type).body(body);
        self
    }

    /// Adds a header; the same one twice is sent twice.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub fn accept(self, types: &str) -> Self {
        self.header("accept", types)
    }

    pub fn in_language(self, tag: &str) -> Self {
        self.header("accept-language", tag)
    }

    pub fn if_match(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// The answer, or the sentence that says why there is none: while a shop is being killed, either may come.
    /// Whatever comes must be as the OpenAPI document says.
    pub async fn attempt(self) -> Result<Answer, String> {
        let failed = |error: reqwest::Error| format!("{error:?}");
        let response = self.builder.send().await.map_err(failed)?;
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            request: format!("{} {}", self.method, self.path),
            bytes: response.bytes().await.map_err(failed)?.to_vec(),
        };
        let faults = contract::faults(&Exchange {
            method: &self.method,
            path: &self.path,
            sent: self.json.as_ref(),
            status: answer.status,
            headers: &answer.headers,
            bytes: &answer.bytes,
        });
        assert!(
            faults.is_empty(),
            "{} is not as docs/openapi.json says: {}\n{answer}",
            answer.request,
            faults.join("; ")
        );
        Ok(answer)
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let name = format!("{} {}", self.method, self.path);
        Box::pin(async move {
            match self.attempt().await {
                Ok(answer) => answer,
                Err(error) => panic!("{name} has no answer: {error}"),
            }
        })
    }
}
