//! Request headers by what they are: lists, which may come in several lines and mean what one line of all of them
//! means (RFC 9110 §5.3), and single values, which mean nothing when they come twice.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::problem::Problem;

/// Values of which there is one. Whoever reads the first of two and whoever reads the last would answer two
/// different requests.
const SINGLE: [HeaderName; 7] = [
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HOST,
    ORIGIN,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("cart-token"),
    HeaderName::from_static("stripe-signature"),
];

/// The whole of a header that is a list, however many lines it has; nothing where there is none. Bytes that are
/// no text stay as signs that there was something.
pub fn list(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let lines = headers.get_all(name).iter();
    let lines: Vec<_> = lines
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Refuses what no handler could understand: a single value that is there twice (400), a body in a coding that
/// nobody here decodes (415, RFC 9110 §15.5.16).
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let is_repeated = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
    if is_repeated(&&AUTHORIZATION) {
        return Err(Problem::several_credentials());
    }
    if let Some(name) = SINGLE.iter().find(is_repeated) {
        return Err(Problem::malformed().detail(
            format!("L’en-tête {name} est envoyé plusieurs fois"),
            format!("The {name} header is sent more than once"),
        ));
    }
    let codings = list(headers, CONTENT_ENCODING).unwrap_or_default();
    let mut codings = codings.split(',').map(str::trim);
    if codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case("identity")) {
        return Ok(());
    }
    let problem = Problem::unsupported_content_encoding();
    Err(problem.header(ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT;

    use super::*;

    fn headers(lines: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn several_lines_are_one_list() {
        let map = headers(&[(ACCEPT, "text/html"), (ACCEPT, "application/json;q=0.5")]);
        let whole = list(&map, ACCEPT);
        assert_eq!(whole.as_deref(), Some("text/html, application/json;q=0.5"));
        assert_eq!(list(&map, CONTENT_TYPE), None);
    }

    #[test]
    fn a_single_value_that_comes_twice_is_no_request() {
        let twice = headers(&[
            (AUTHORIZATION, "Bearer a"),
            (AUTHORIZATION, "Bearer a"),
            (ACCEPT, "text/html"),
        ]);
        assert_eq!(check(&twice).unwrap_err().status(), 400);
        let lists = headers(&[(ACCEPT, "text/html"), (ACCEPT, "text/html")]);
        assert!(check(&lists).is_ok());
    }

    #[test]
    fn a_body_in_a_coding_is_of_an_unsupported_type() {
        for coding in ["gzip", "br", "identity, gzip", "GZIP", "nonsense"] {
            let coded = headers(&[(CONTENT_ENCODING, coding)]);
            assert_eq!(check(&coded).unwrap_err().status(), 415, "{coding}");
        }
        for coding in ["identity", " Identity ", ""] {
            let plain = headers(&[(CONTENT_ENCODING, coding)]);
            assert!(check(&plain).is_ok(), "{coding}");
        }
    }
}
