//! Which media types and content codings answers are wanted in (RFC 9110 §12.5.1 and §12.5.3).

use http::HeaderMap;
use http::header::{ACCEPT, ACCEPT_ENCODING};

use crate::headers::list;

/// The best quality.
const WHOLE: u16 = 1000;

/// The quality of a media type in thousandths: that of the range which names it most exactly. Where nothing is
/// asked for, everything is as good.
pub fn quality(headers: &HeaderMap, main: &str, sub: &str) -> u16 {
    let Some(accept) = list(headers, ACCEPT).filter(|accept| !accept.trim().is_empty()) else {
        return WHOLE;
    };
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some((range_main, range_sub)) = parts.next().and_then(|name| name.split_once('/'))
        else {
            continue;
        };
        let exactness = if range_main.eq_ignore_ascii_case(main) {
            if range_sub.eq_ignore_ascii_case(sub) {
                3
            } else if range_sub == "*" {
                2
            } else {
                continue;
            }
        } else if (range_main, range_sub) == ("*", "*") {
            1
        } else {
            continue;
        };
        best = best.max((exactness, weight(parts)));
    }
    best.1
}

/// Whether an answer may be compressed by gzip. Who says nothing is sent what everybody can read.
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = list(headers, ACCEPT_ENCODING).unwrap_or_default();
    let mut best = (0, 0);
    for coding in codings.split(',') {
        let mut parts = coding.split(';').map(str::trim);
        let exactness = match parts.next().unwrap_or_default() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => 2,
            "*" => 1,
            _ => continue,
        };
        best = best.max((exactness, weight(parts)));
    }
    best.1 > 0
}

/// The quality among the parameters of an entry, in thousandths; none where it cannot be read.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u16 {
    let quality = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_quality = name.trim().eq_ignore_ascii_case("q");
        is_quality.then_some(value.trim())
    });
    quality.map_or(Some(WHOLE), thousandths).unwrap_or_default()
}

/// A `qvalue`: `0` or `1` with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(WHOLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_range_that_names_a_type_most_exactly_decides() {
        let of_csv = |accept: &str| {
            let headers = [(ACCEPT, HeaderValue::from_str(accept).unwrap())];
            quality(&headers.into_iter().collect(), "text", "csv")
        };
        for (accept, expected) in [
            ("text/csv", 1000),
            ("Text/CSV; charset=utf-8", 1000),
            ("text/*;q=0.5, */*", 500),
            ("application/json, */*;q=0.25", 250),
            ("*/*, text/csv;q=0", 0),
            ("application/json", 0),
            ("text/csv;q=nonsense", 0),
        ] {
            assert_eq!(of_csv(accept), expected, "{accept}");
        }
        assert_eq!(quality(&HeaderMap::new(), "text", "csv"), WHOLE);
    }

    #[test]
    fn gzip_is_for_whoever_asks_for_it() {
        for (codings, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.1", true),
            ("*", true),
            ("*, gzip;q=0", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("", false),
        ] {
            let value = HeaderValue::from_str(codings).unwrap();
            let headers = [(ACCEPT_ENCODING, value)].into_iter().collect();
            assert_eq!(takes_gzip(&headers), expected, "{codings}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
