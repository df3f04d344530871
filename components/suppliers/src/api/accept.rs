//! Which media type answers are wanted in (RFC 9110 §12.5.1, GraphQL over HTTP "Accept").

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use service::Problem;
use service::accept::quality;

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
        let graphql = quality(headers, "application", "graphql-response+json");
        let json = quality(headers, "application", "json");
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
    let lines = headers.get_all(ACCEPT).iter();
    let mut lines = lines.filter_map(|line| line.to_str().ok());
    lines.any(|line| line.to_ascii_lowercase().contains("text/html"))
        && quality(headers, "text", "html") > quality(headers, "application", "json")
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
