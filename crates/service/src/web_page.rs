//! A page that a component serves from itself, with its style and its script inside, and the policy that lets a
//! browser run these and load nothing else.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use sha2::{Digest, Sha256};

/// It changes with a release, and a browser then finds out within minutes.
pub const FIVE_MINUTES: &str = "public, max-age=300";

/// A page that is put together once an instance.
#[derive(Clone, Debug)]
pub struct WebPage {
    html: Arc<str>,
    policy: Arc<str>,
    entity_tag: Arc<str>,
}

impl WebPage {
    /// `html` says `/*style*/` and `/*script*/` where these go.
    pub fn new(html: &str, style: &str, script: &str) -> Self {
        let html = html
            .replace("/*style*/", style)
            .replace("/*script*/", script);
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; \
             img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            source_hash(style),
            source_hash(script)
        );
        Self {
            entity_tag: entity_tag(&html).into(),
            html: html.into(),
            policy: policy.into(),
        }
    }

    pub fn html(&self) -> &str {
        &self.html
    }
}

/// As CSP Level 3 §2.3.1 writes the hash of an inline source.
fn source_hash(source: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(source))
}

/// The strong tag of a text that is served as it is.
pub fn entity_tag(text: &str) -> String {
    format!(
        "\"{}\"",
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
    )
}

impl IntoResponse for &WebPage {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, FIVE_MINUTES),
            (CONTENT_SECURITY_POLICY, &self.policy),
            (ETAG, &self.entity_tag),
        ];
        (headers, self.html.to_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_sources_inside_and_may_run_nothing_else() {
        let page = WebPage::new(
            "<style>/*style*/</style><script>/*script*/</script>",
            "a{}",
            "f()",
        );
        assert_eq!(page.html(), "<style>a{}</style><script>f()</script>");
        // `printf 'f()' | openssl dgst -sha256 -binary | base64`
        let script = "script-src 'sha256-GcEEE0IkDzIP5EQ6DXZaDPORqT5RTBELX8Fyzyg9yvo='";
        assert!(page.policy.contains(script) && page.policy.contains("default-src 'none'"));
    }
}
