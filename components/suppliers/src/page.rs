//! The page at `/graphql` for people: it asks this very address with the key or token that they paste, and
//! loads nothing from anywhere else.

use service::WebPage;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

pub fn page() -> WebPage {
    WebPage::new(PAGE, STYLE, SCRIPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_its_own_style_and_script_and_loads_nothing_else() {
        let page = page();
        let html = page.html();
        assert!(html.contains(&format!("<style>{STYLE}</style>")));
        assert!(html.contains(&format!("<script>{SCRIPT}</script>")));
        for outside in ["http://", "https://", " src=", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
        for inline in [" style=", " onclick=", "innerHTML"] {
            assert!(!html.contains(inline), "{inline}");
        }
    }
}
