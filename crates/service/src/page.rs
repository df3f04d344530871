//! Lists, a page at a time: `?limit=&cursor=` in, `{"data": […], "next_cursor": …}` and `Link` out.
//!
//! A cursor is the sort key of the last row, base64url of JSON: opaque to clients, an index lookup to the
//! database. There is no offset, so a page costs the same wherever it is.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commerce::{BoundedText, Text};
use http::header::LINK;
use http::request::Parts;
use http::{HeaderValue, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::json::Json;
use crate::problem::{Invalid, Problem};
use crate::query;

/// What a query may bring and a reference between `<` and `>` has not (RFC 3986 §3.4); and all that is not ASCII.
const NOT_IN_A_LINK: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

/// How the client asks for a page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many entries at most: 1 to 100, 20 if absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, min_length = 1, max_length = 1024, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<BoundedText<1024>>,
}

/// The page that is asked for; `after` is the sort key of the last entry of the page before.
#[derive(Debug)]
pub struct Page<K> {
    pub limit: u32,
    pub after: Option<K>,
    /// Whether the client asks for pages at all: some lists are whole where nobody does.
    pub is_asked_for: bool,
    uri: Uri,
}

impl<K: Serialize> Page<K> {
    /// How many rows to read: one more than the page has, to know whether there is a next one.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page, from the rows that were read and the sort key of each.
    pub fn list<T>(&self, rows: Vec<T>, key: impl Fn(&T) -> K) -> List<T> {
        self.list_of(rows, false, key)
    }

    /// The same, where fewer rows may have been read than there are because they are large: then the page is
    /// shorter than it was asked for, and not the last one.
    pub fn list_of<T>(&self, mut rows: Vec<T>, is_cut: bool, key: impl Fn(&T) -> K) -> List<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = is_cut || rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows
            .last()
            .filter(|_| more)
            .and_then(|last| serde_json::to_vec(&key(last)).ok())
            .map(|json| BASE64_URL_SAFE_NO_PAD.encode(json));
        let link = next_cursor.as_ref().map(|cursor| self.link(cursor));
        List {
            body: ListBody {
                data: rows,
                next_cursor,
            },
            link,
        }
    }

    /// The address of the next page: this request's, with the cursor changed.
    fn link(&self, cursor: &str) -> String {
        let kept = self
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let mut query: Vec<&str> = kept.collect();
        let cursor = format!("cursor={cursor}");
        query.push(&cursor);
        let query = query.join("&");
        let query = utf8_percent_encode(&query, NOT_IN_A_LINK);
        format!("<{}?{query}>; rel=\"next\"", self.uri.path())
    }
}

impl<K: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Page<K> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query: PageQuery = query::read(&parts.uri)?;
        let mut invalid = Invalid::new();
        let is_asked_for = query.limit.is_some() || query.cursor.is_some();
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            invalid.refuse_parameter("limit", Text::new("De 1 à 100", "From 1 to 100"));
        }
        let after = match query.cursor.as_deref().map(decode) {
            Some(None) => {
                let text = Text::new("Curseur inconnu", "Unknown cursor");
                invalid.refuse_parameter("cursor", text);
                None
            }
            known => known.flatten(),
        };
        invalid.finish()?;
        Ok(Self {
            limit,
            after,
            is_asked_for,
            uri: parts.uri.clone(),
        })
    }
}

fn decode<K: DeserializeOwned>(cursor: &str) -> Option<K> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    serde_json::from_slice(&json).ok()
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListBody<T> {
    pub data: Vec<T>,
    /// For `?cursor=`; null on the last page.
    #[schema(min_length = 1, max_length = 1024, pattern = "^[A-Za-z0-9_-]+$")]
    pub next_cursor: Option<String>,
}

/// The answer that carries a page.
#[derive(Debug)]
pub struct List<T> {
    body: ListBody<T>,
    link: Option<String>,
}

impl<T> List<T> {
    /// All there is, on one page.
    pub fn whole(data: Vec<T>) -> Self {
        let body = ListBody {
            data,
            next_cursor: None,
        };
        Self { body, link: None }
    }

    /// The page in another form than JSON; `Link` names the next one in any.
    pub fn respond(self, render: impl FnOnce(ListBody<T>) -> Response) -> Response {
        let link = self.link.and_then(|link| HeaderValue::from_str(&link).ok());
        let mut response = render(self.body);
        if let Some(link) = link {
            response.headers_mut().insert(LINK, link);
        }
        response
    }

    /// The same page of something made from each entry.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> List<U> {
        List {
            body: ListBody {
                data: self.body.data.into_iter().map(make).collect(),
                next_cursor: self.body.next_cursor,
            },
            link: self.link,
        }
    }

    /// The same page of something made from each entry, if it can be made of all.
    pub fn try_map<U, E>(self, make: impl FnMut(T) -> Result<U, E>) -> Result<List<U>, E> {
        Ok(List {
            body: ListBody {
                data: self
                    .body
                    .data
                    .into_iter()
                    .map(make)
                    .collect::<Result<_, E>>()?,
                next_cursor: self.body.next_cursor,
            },
            link: self.link,
        })
    }

    /// The same page, without the entries of which nothing is made; the next page begins where it did.
    pub fn filter_map<U>(self, make: impl FnMut(T) -> Option<U>) -> List<U> {
        List {
            body: ListBody {
                data: self.body.data.into_iter().filter_map(make).collect(),
                next_cursor: self.body.next_cursor,
            },
            link: self.link,
        }
    }
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        self.respond(|body| Json(body).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(uri: &'static str) -> Page<(i64, String)> {
        Page {
            limit: 2,
            after: None,
            is_asked_for: true,
            uri: Uri::from_static(uri),
        }
    }

    #[test]
    fn the_cursor_of_a_page_is_the_key_of_its_last_entry() {
        let list = page("/api/items?q=a&cursor=old").list(vec![3, 2, 1], |n| (*n, "k".into()));
        assert_eq!(list.body.data, [3, 2]);
        let cursor = list.body.next_cursor.unwrap();
        assert_eq!(decode(&cursor), Some((2_i64, "k".to_owned())));
        assert_eq!(
            list.link.unwrap(),
            format!("</api/items?q=a&cursor={cursor}>; rel=\"next\"")
        );
    }

    #[test]
    fn a_link_has_nothing_that_no_link_may_have() {
        let uri = Uri::try_from("/api/items?q=caf\u{e9}%20|&limit=2".as_bytes()).unwrap();
        let page = Page { uri, ..page("/") };
        let link = page.list(vec![3, 2, 1], |n| (*n, "k".into())).link.unwrap();
        assert!(
            link.starts_with("</api/items?q=caf%C3%A9%20%7C&limit=2&cursor="),
            "{link}"
        );
    }

    #[test]
    fn a_page_that_was_cut_is_not_the_last() {
        let list = page("/api/orders").list_of(vec![7], true, |n| (*n, "k".into()));
        assert_eq!(list.body.data, [7]);
        assert!(list.body.next_cursor.is_some() && list.link.is_some());
    }

    #[test]
    fn the_last_page_has_no_next() {
        let list = page("/api/items").list(vec![3, 2], |n| (*n, "k".into()));
        assert_eq!(list.body.next_cursor, None);
        assert_eq!(list.link, None);
    }
}
