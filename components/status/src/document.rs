//! What is answered from the component itself: the OpenAPI document and the page that shows it.

use std::sync::Arc;

use service::WebPage;
use service::web_page::entity_tag;

/// What `cargo xtask openapi` has written.
const OPENAPI: &str = include_str!("../../../docs/openapi.json");
const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// The OpenAPI document of the whole API, with the tag that spares a browser from reading it twice.
#[derive(Clone)]
pub struct ApiDocument {
    pub json: &'static str,
    pub entity_tag: Arc<str>,
}

impl ApiDocument {
    pub fn new() -> Self {
        Self {
            json: OPENAPI,
            entity_tag: entity_tag(OPENAPI).into(),
        }
    }
}

/// The page that shows it.
pub fn page() -> WebPage {
    WebPage::new(PAGE, STYLE, SCRIPT)
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
    fn the_page_has_its_own_style_and_script_and_loads_nothing_else() {
        let page = page();
        let html = page.html();
        assert!(html.contains(&format!("<style>{STYLE}</style>")));
        assert!(html.contains(&format!("<script>{SCRIPT}</script>")));
        for outside in ["//fonts", "http://", "https://", " src=", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
        // Inline attributes would need a policy that allows any.
        for inline in [" style=", " onclick="] {
            assert!(!html.contains(inline), "{inline}");
        }
    }
}
