//! The token that a request shows (RFC 6750 §2.1).

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::problem::Problem;

/// The text behind `Bearer` in `Authorization`. None where the request shows no token: without the header,
/// without anything behind the scheme, or with another scheme, which somebody before us may have asked for
/// (RFC 6750 §3.1 gives no error code for these). What is no text is a bad token, and two headers are malformed.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Problem::several_credentials());
    }
    let credentials = value.as_bytes().trim_ascii();
    let end = credentials.iter().position(u8::is_ascii_whitespace);
    let (scheme, token) = credentials.split_at(end.unwrap_or(credentials.len()));
    let token = token.trim_ascii();
    if !scheme.eq_ignore_ascii_case(b"bearer") || token.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(token).map_err(|_| Problem::invalid_token())?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn shown(values: &[&[u8]]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        match bearer(&headers) {
            Ok(token) => Ok(token.map(str::to_owned)),
            Err(problem) => Err(problem.code()),
        }
    }

    #[test]
    fn a_token_stands_behind_its_scheme_whose_name_has_no_case() {
        for value in [
            "Bearer a.b.c",
            "bearer a.b.c",
            " BEARER   a.b.c ",
            "Bearer\ta.b.c",
        ] {
            assert_eq!(
                shown(&[value.as_bytes()]),
                Ok(Some("a.b.c".to_owned())),
                "{value}"
            );
        }
    }

    #[test]
    fn another_scheme_or_nothing_behind_it_shows_no_token() {
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Basic em9lOnNlY3JldA==",
            "Digest username=\"zoe\"",
            "DPoP a.b.c",
            "nonsense",
            "Bearer,",
            "a.b.c",
        ] {
            assert_eq!(shown(&[value.as_bytes()]), Ok(None), "{value}");
        }
        assert_eq!(shown(&[b"Basic \xff\xfe"]), Ok(None));
        assert_eq!(shown(&[]), Ok(None));
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        assert_eq!(shown(&[b"Bearer \xff\xfe"]), Err("invalid-token"));
        assert_eq!(
            shown(&[b"Bearer a.b.c", b"Bearer a.b.c"]),
            Err("malformed-request")
        );
        assert_eq!(
            shown(&[b"Basic eA==", b"Bearer a.b.c"]),
            Err("malformed-request")
        );
    }
}
