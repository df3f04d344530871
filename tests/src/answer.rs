//! An answer, and what tests ask of it. Whatever it refuses, it shows the request, the status and the body.

use reqwest::header::HeaderMap;
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub(crate) request: String,
}

impl Answer {
    /// The answer, if it has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert!(
            self.status == status,
            "{} should answer {status}, and does {self}",
            self.request
        );
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.bytes) {
            Ok(json) => json,
            Err(error) => panic!("{} is not answered in JSON ({error}): {self}", self.request),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The problem document, if the answer is one with this status and code and with every member that
    /// each problem has.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let answer = self.is(status);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{} answers {answer}",
            answer.request
        );
        let document = answer.json();
        let path = answer.request.split([' ', '?']).nth(1).unwrap_or_default();
        for (member, expected) in [
            ("type", Value::from(format!("/problems/{code}"))),
            ("code", code.into()),
            ("status", status.into()),
            ("instance", path.into()),
            ("request_id", answer.header("x-request-id").into()),
        ] {
            let found = document.get(member).cloned().unwrap_or_default();
            assert_eq!(
                found, expected,
                "`{member}` of {}: {answer}",
                answer.request
            );
        }
        let title = document.get("title").and_then(Value::as_str);
        assert!(title.is_some_and(|title| !title.is_empty()), "{answer}");
        document
    }

    /// The pointers and names of parameters of a 422, in alphabetical order.
    #[track_caller]
    pub fn invalid_fields(self) -> Vec<String> {
        let document = self.problem(422, "invalid-fields");
        let errors = document.get("errors").and_then(Value::as_array);
        let pointer = |error: &Value| {
            let place = error.get("pointer").or_else(|| error.get("parameter"));
            Some(place?.as_str()?.to_owned())
        };
        let mut pointers: Vec<String> = errors.into_iter().flatten().filter_map(pointer).collect();
        pointers.sort();
        pointers
    }

    /// The value of a header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        match self.headers.get(name).map(|value| value.to_str()) {
            Some(Ok(value)) => value,
            _ => panic!("{} is answered without {name}: {self}", self.request),
        }
    }

    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").to_owned()
    }

    /// The `id` of the body.
    #[track_caller]
    pub fn id(&self) -> String {
        let body = self.json();
        let id = body.get("id").and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("no id in {self}")).to_owned()
    }

    /// The page that `Link` names as the next one.
    pub fn next_page(&self) -> Option<String> {
        let link = self.headers.get("link")?.to_str().ok()?;
        let (address, rest) = link.strip_prefix('<')?.split_once('>')?;
        rest.contains("rel=\"next\"").then(|| address.to_owned())
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = self.text().chars().take(4000).collect();
        write!(f, "{}\n{:#?}\n{body}", self.status, self.headers)
    }
}
