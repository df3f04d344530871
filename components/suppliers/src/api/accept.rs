//! Which media type answers are wanted in (RFC 9110 §12.5.1, GraphQL over HTTP "Accept").

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use service::Problem;

/// What a GraphQL answer may be sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`.
    GraphqlResponse,
    /// `application/json`, for clients from before the specification.
    Json,
}

impl Media {
    /// What the client likes best of the two; 406 if it takes neither.
    pub fn accepted(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(accept) = text(headers) else {
            return Ok(Self::GraphqlResponse);
        };
        let graphql = weight(&accept, "application", "graphql-response+json");
        let json = weight(&accept, "application", "json");
        match (graphql, json) {
            (0, 0) => Err(Problem::not_acceptable()),
            (graphql, json) if graphql >= json => Ok(Self::GraphqlResponse),
            _ => Ok(Self::Json),
        }
    }

    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// Whether a browser asks, to show a page to somebody.
pub fn wants_page(headers: &HeaderMap) -> bool {
    text(headers).is_some_and(|accept| {
        let names_it = accept.to_ascii_lowercase().contains("text/html");
        names_it && weight(&accept, "text", "html") > weight(&accept, "application", "json")
    })
}

/// The whole header, however many lines it has.
fn text(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(ACCEPT).iter();
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// The quality of a media type in thousandths: that of the range which names it most exactly.
fn weight(accept: &str, main: &str, sub: &str) -> u16 {
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
        let quality = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("q")
                .then_some(value.trim())
        });
        let quality = quality.map_or(Some(1000), thousandths).unwrap_or_default();
        best = best.max((exactness, quality));
    }
    best.1
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
        "1" if decimals == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &str) -> HeaderMap {
        [(ACCEPT, HeaderValue::from_str(accept).unwrap())]
            .into_iter()
            .collect()
    }

    #[test]
    fn the_best_of_what_is_accepted_is_chosen() {
        use Media::{GraphqlResponse, Json};
        for (accept, media) in [
            ("*/*", Some(GraphqlResponse)),
            ("application/*", Some(GraphqlResponse)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("Application/JSON; charset=utf-8", Some(Json)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json;q=0.5",
                Some(Json),
            ),
            (
                "application/json;q=0.5, */*;q=0.1, application/graphql-response+json;q=0",
                Some(Json),
            ),
            ("application/json, */*;q=0.8", Some(Json)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=nonsense", None),
        ] {
            let chosen = Media::accepted(&headers(accept)).ok();
            assert_eq!(chosen, media, "{accept}");
        }
        assert_eq!(
            Media::accepted(&HeaderMap::new()).ok(),
            Some(GraphqlResponse)
        );
    }

    #[test]
    fn only_a_browser_wants_the_page() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(wants_page(&headers(browser)));
        for accept in [
            "*/*",
            "application/json",
            "application/json, text/html;q=0.5",
        ] {
            assert!(!wants_page(&headers(accept)), "{accept}");
        }
        assert!(!wants_page(&HeaderMap::new()));
    }
}
