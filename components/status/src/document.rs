//! What is answered from the component itself: the OpenAPI document and the page that shows it.

use std::sync::Arc;

use service::WebPage;
use service::web_page::entity_tag;

/// What `cargo xtask openapi` has written.
const OPENAPI: &str = include_str!("../../../docs/openapi.json");
/// The same, by the build script.
const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));
const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// The OpenAPI document of the whole API, as it is and compressed, each with the tag that spares a browser from
/// reading it twice.
#[derive(Clone)]
pub struct ApiDocument {
    pub plain: Representation,
    pub compressed: Representation,
}

/// The document in one coding.
#[derive(Clone)]
pub struct Representation {
    pub bytes: &'static [u8],
    pub entity_tag: Arc<str>,
}

impl ApiDocument {
    pub fn new() -> Self {
        let digest = entity_tag(OPENAPI);
        let of_gzip = format!("{}-gzip\"", digest.trim_end_matches('"'));
        Self {
            plain: Representation {
                bytes: OPENAPI.as_bytes(),
                entity_tag: digest.into(),
            },
            compressed: Representation {
                bytes: COMPRESSED,
                entity_tag: of_gzip.into(),
            },
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
        let document: serde_json::Value =
            serde_json::from_slice(ApiDocument::new().plain.bytes).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        assert!(document["paths"].is_object());
    }

    #[test]
    fn the_compressed_document_is_the_same_and_a_tenth_of_it() {
        let document = ApiDocument::new();
        let mut text = String::new();
        let mut decoder = flate2::read::GzDecoder::new(document.compressed.bytes);
        std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
        assert_eq!(text.as_bytes(), document.plain.bytes);
        assert!(document.compressed.bytes.len() * 5 < document.plain.bytes.len());
        assert_ne!(document.compressed.entity_tag, document.plain.entity_tag);
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
