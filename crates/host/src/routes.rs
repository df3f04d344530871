//! Routes: which component answers a public path, and what Spin tells it about the match.
//!
//! Exact routes come before wildcards, longer wildcards before shorter ones; `:name` takes one
//! segment. The matching itself is `routefinder`'s, which Spin uses too. A private route is in no
//! table: only service chaining finds it.

use anyhow::{Context as _, Result, anyhow};

use crate::manifest::Trigger;

/// The table of public routes.
#[derive(Debug)]
pub struct Routes(routefinder::Router<Route>);

#[derive(Debug)]
struct Route {
    component: String,
    /// As written in the manifest.
    written: String,
    /// As matched: absolute, without a trailing slash.
    matched: String,
}

/// How a request found its component.
#[derive(Debug, PartialEq, Eq)]
pub struct Match {
    pub component: String,
    pub written: String,
    pub matched: String,
    /// What the trailing wildcard stands for, with its leading slash; empty without one.
    pub path_info: String,
    /// The segments that `:name` stands for.
    pub named: Vec<(String, String)>,
}

impl Routes {
    /// Builds the table from the triggers of a manifest.
    pub fn build(triggers: &[Trigger]) -> Result<Self> {
        let mut table = routefinder::Router::new();
        for trigger in triggers {
            let Some(written) = &trigger.route else {
                continue;
            };
            let absolute = if written.starts_with('/') {
                written.clone()
            } else {
                format!("/{written}")
            };
            let matched = absolute.strip_suffix('/').unwrap_or(&absolute).to_owned();
            let pattern = match matched.strip_suffix("/...") {
                Some(prefix) => format!("{prefix}/*"),
                None => matched.clone(),
            };
            let route = Route {
                component: trigger.component.clone(),
                written: written.clone(),
                matched,
            };
            table
                .add(pattern.as_str(), route)
                .map_err(|reason| anyhow!("{reason}"))
                .with_context(|| format!("`trigger.http.route` {written:?}"))?;
        }
        Ok(Self(table))
    }

    /// The component that answers `path`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Match> {
        let best = self.0.best_match(path)?;
        let captures = best.captures();
        let path_info = captures.wildcard().map_or_else(String::new, |wildcard| {
            match (wildcard.is_empty(), path.ends_with('/')) {
                (true, false) => String::new(),
                (true, true) => "/".to_owned(),
                (false, false) => format!("/{wildcard}"),
                (false, true) => format!("/{wildcard}/"),
            }
        });
        let named = captures.iter();
        Some(Match {
            component: best.component.clone(),
            written: best.written.clone(),
            matched: best.matched.clone(),
            path_info,
            named: named.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        })
    }
}

impl Match {
    /// The match of a chained call: any path of the component, as if it had the route `/...`.
    #[must_use]
    pub fn chained(component: &str, path: &str) -> Self {
        Self {
            component: component.to_owned(),
            written: "/...".to_owned(),
            matched: "/...".to_owned(),
            path_info: path.to_owned(),
            named: Vec::new(),
        }
    }

    /// The route as written, without its wildcard.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.written.strip_suffix("/...").unwrap_or(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(list: &[(&str, &str)]) -> Routes {
        let triggers: Vec<_> = list
            .iter()
            .map(|(route, component)| Trigger {
                component: (*component).to_owned(),
                route: (*route != "private").then(|| (*route).to_owned()),
            })
            .collect();
        Routes::build(&triggers).unwrap()
    }

    fn found(routes: &Routes, path: &str) -> Option<String> {
        routes.find(path).map(|found| found.component)
    }

    #[test]
    fn exact_beats_wildcard_and_the_longest_wildcard_wins() {
        let routes = routes(&[
            ("/...", "all"),
            ("/a/...", "a"),
            ("/a/b", "exact"),
            ("/a/b/...", "ab"),
        ]);
        assert_eq!(found(&routes, "/a/b").as_deref(), Some("exact"));
        assert_eq!(found(&routes, "/a/b/c").as_deref(), Some("ab"));
        assert_eq!(found(&routes, "/a/x/y").as_deref(), Some("a"));
        assert_eq!(found(&routes, "/a").as_deref(), Some("a"));
        assert_eq!(found(&routes, "/").as_deref(), Some("all"));
        assert_eq!(found(&routes, "/ab").as_deref(), Some("all"));
    }

    #[test]
    fn a_private_component_has_no_public_path() {
        let routes = routes(&[("private", "hidden"), ("/open", "open")]);
        assert_eq!(found(&routes, "/hidden"), None);
        assert_eq!(found(&routes, "/open").as_deref(), Some("open"));
    }

    #[test]
    fn the_path_info_is_what_the_wildcard_stands_for() {
        let routes = routes(&[("/a/...", "a"), ("/exact", "e")]);
        let info = |path: &str| routes.find(path).unwrap().path_info;
        assert_eq!(info("/a"), "");
        assert_eq!(info("/a/"), "/");
        assert_eq!(info("/a/b/c"), "/b/c");
        assert_eq!(info("/a/b/"), "/b/");
        assert_eq!(info("/exact"), "");
    }

    #[test]
    fn a_named_segment_is_captured() {
        let routes = routes(&[("/users/:id", "users")]);
        let found = routes.find("/users/7").unwrap();
        assert_eq!(found.named, [("id".to_owned(), "7".to_owned())]);
        assert_eq!(routes.find("/users/7/x"), None);
    }

    #[test]
    fn a_match_knows_its_route_with_and_without_the_wildcard() {
        let routes = routes(&[("/a/...", "a")]);
        let found = routes.find("/a/b").unwrap();
        assert_eq!((found.written.as_str(), found.prefix()), ("/a/...", "/a"));
    }
}
