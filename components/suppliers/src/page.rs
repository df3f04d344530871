//! The page at `/graphql` for people: it asks this very address with the key or token that they paste, and
//! loads nothing from anywhere else. It is put together once an instance.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page with its style and its script inside, and the policy that lets a browser run these and nothing
/// else.
#[derive(Clone)]
pub struct Page {
    pub html: Arc<str>,
    pub policy: Arc<str>,
    pub entity_tag: Arc<str>,
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
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&html));
        Self {
            entity_tag: format!("\"{digest}\"").into(),
            html: html.into(),
            policy: policy.into(),
        }
    }
}

/// As CSP Level 3 §2.3.1 writes the hash of an inline source.
fn source_hash(source: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_allows_its_own_style_and_script_and_loads_nothing_else() {
        let page = Page::new();
        assert!(page.html.contains(&format!("<style>{STYLE}</style>")));
        assert!(page.html.contains(&format!("<script>{SCRIPT}</script>")));
        for outside in ["http://", "https://", " src=", "@import", "url("] {
            assert!(!page.html.contains(outside), "{outside}");
        }
        for inline in [" style=", " onclick=", "unsafe-inline", "innerHTML"] {
            assert!(!page.html.contains(inline) && !page.policy.contains(inline));
        }
    }
}
