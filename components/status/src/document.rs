//! What is answered from the component itself: the OpenAPI document and the page that shows it. Both are
//! put together once an instance, with the tags that spare a browser from reading them twice.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// What `cargo xtask openapi` has written.
const OPENAPI: &str = include_str!("../../../docs/openapi.json");
const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// The OpenAPI document of the whole API.
#[derive(Clone)]
pub struct ApiDocument {
    pub json: &'static str,
    pub entity_tag: Arc<str>,
}

/// A page with its style and its script inside, and the policy that lets a browser run these and nothing
/// else.
#[derive(Clone)]
pub struct Page {
    pub html: Arc<str>,
    pub policy: Arc<str>,
    pub entity_tag: Arc<str>,
}

impl ApiDocument {
    pub fn new() -> Self {
        Self {
            json: OPENAPI,
            entity_tag: entity_tag(OPENAPI),
        }
    }
}

impl Page {
    pub fn new() -> Self {
        let html = PAGE
            .replace("/*style*/", STYLE)
            .replace("/*script*/", SCRIPT);
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; img-src data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            source_hash(STYLE),
            source_hash(SCRIPT)
        );
        Self {
            entity_tag: entity_tag(&html),
            html: html.into(),
            policy: policy.into(),
        }
    }
}

/// As CSP Level 3 §2.3.1 writes the hash of an inline source.
fn source_hash(source: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(source))
}

fn entity_tag(text: &str) -> Arc<str> {
    let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text));
    format!("\"{digest}\"").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_openapi_3_1() {
        let document: serde_json::Value = serde_json::from_str(ApiDocument::new().json).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        assert!(document["paths"].is_object());
    }

    #[test]
    fn the_page_allows_its_own_style_and_script_and_loads_nothing_else() {
        let page = Page::new();
        assert!(page.html.contains(&format!("<style>{STYLE}</style>")));
        assert!(page.html.contains(&format!("<script>{SCRIPT}</script>")));
        for outside in ["//fonts", "http://", "https://", " src=", "@import", "url("] {
            assert!(!page.html.contains(outside), "{outside}");
        }
        // Inline attributes would need a policy that allows any.
        for inline in [" style=", " onclick=", "unsafe-inline"] {
            assert!(!page.html.contains(inline) && !page.policy.contains(inline));
        }
    }
}
