//! The parameters of a query: each that an operation knows at most once, of the type that it has, and no other.
//!
//! [`Query`] reads them into a structure; which parameters an operation knows are the fields of that structure, and
//! [`crate::handler`] refuses every other one before anything is done. What is wrong is 422 with
//! `errors: [{"parameter": "limit", "detail": …}]`, as a wrong field of a body is.

mod values;

use axum::extract::FromRequestParts;
use commerce::Text;
use http::Uri;
use http::request::Parts;
use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;

use crate::problem::{Invalid, Problem};

/// The parameters of the query, read.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(&parts.uri).map(Self)
    }
}

/// The parameters of this structure that an address has.
pub(crate) fn read<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    values::read(&pairs(uri)).map_err(|wrong| {
        let mut invalid = Invalid::new();
        invalid.refuse_parameter(wrong.name, wrong.detail);
        invalid.into()
    })
}

/// The names of the parameters that are read into a structure.
pub(crate) fn names<T: DeserializeOwned>() -> &'static [&'static str] {
    values::names::<T>()
}

/// Refuses the parameters that are not among those known.
pub(crate) fn refuse_others(uri: &Uri, known: &[&'static str]) -> Result<(), Problem> {
    let mut invalid = Invalid::new();
    for (name, _) in pairs(uri) {
        if !known.contains(&&*name) {
            invalid.refuse_parameter(name, Text::new("Paramètre inconnu", "Unknown parameter"));
        }
    }
    invalid.finish()
}

/// A parameter as it was sent; no value where its bytes are no text.
type Pair = (String, Option<String>);

/// As browsers write them: percent-encoded UTF-8, with `+` for a space.
fn pairs(uri: &Uri) -> Vec<Pair> {
    let query = uri.query().unwrap_or_default();
    let decode = |text: &str| {
        let bytes: Vec<u8> = percent_decode(text.replace('+', " ").as_bytes()).collect();
        String::from_utf8(bytes)
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).unwrap_or_else(|_| name.to_owned());
            (name, decode(value).ok())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use commerce::ItemId;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Sort {
        #[default]
        Newest,
        PriceUp,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wanted {
        month: String,
        limit: Option<u32>,
        min_price: Option<i64>,
        #[serde(default)]
        in_stock: bool,
        #[serde(default)]
        sort: Sort,
        item: Option<ItemId>,
    }

    fn problem(query: &str) -> (Vec<String>, String) {
        let uri: Uri = format!("/api/items?{query}").parse().unwrap();
        let refused = refuse_others(&uri, names::<Wanted>()).err();
        let problem = refused.unwrap_or_else(|| read::<Wanted>(&uri).unwrap_err());
        let document = problem.members(commerce::Language::English);
        assert_eq!(
            (problem.status().as_u16(), problem.code()),
            (422, "invalid-fields")
        );
        let errors = document
            .get("errors")
            .and_then(|errors| errors.as_array())
            .unwrap();
        let member = |error: &serde_json::Value, name| error[name].as_str().unwrap().to_owned();
        let names = errors
            .iter()
            .map(|error| member(error, "parameter"))
            .collect();
        (names, member(&errors[0], "detail"))
    }

    #[test]
    fn parameters_are_read_into_their_types() {
        let uri = "/x?month=2026%2D11&limit=7&min_price=-1&in_stock=true&sort=price_up&&item=01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";
        let Wanted {
            month,
            limit,
            min_price,
            in_stock,
            sort,
            item,
        } = read(&uri.parse().unwrap()).unwrap();
        assert_eq!((&*month, limit, min_price), ("2026-11", Some(7), Some(-1)));
        assert!(in_stock && sort == Sort::PriceUp && item.is_some());
        let few: Wanted = read(&"/x?month=%C3%A9+a".parse().unwrap()).unwrap();
        assert_eq!(
            (&*few.month, few.limit, few.sort),
            ("é a", None, Sort::Newest)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, parameter, detail) in [
            ("", "month", "This parameter is required"),
            ("month=a&limit=", "limit", "A whole number is expected"),
            ("month=a&limit=x", "limit", "A whole number is expected"),
            ("month=a&limit=1.0", "limit", "A whole number is expected"),
            ("month=a&limit=1e3", "limit", "A whole number is expected"),
            ("month=a&limit=%2B1", "limit", "A whole number is expected"),
            (
                "month=a&limit=-1",
                "limit",
                "A number from 0 to 4294967295 is expected",
            ),
            (
                "month=a&limit=4294967296",
                "limit",
                "A number from 0 to 4294967295 is expected",
            ),
            (
                "month=a&limit=%D9%A1",
                "limit",
                "A whole number is expected",
            ),
            (
                "month=a&in_stock=1",
                "in_stock",
                "true or false is expected",
            ),
            ("month=a&in_stock", "in_stock", "true or false is expected"),
            (
                "month=a&sort=up",
                "sort",
                "One of these is expected: newest, price_up",
            ),
            (
                "month=a&month=a",
                "month",
                "This parameter is given more than once",
            ),
            ("month=%ff", "month", "The value is not UTF-8 text"),
            (
                "month=a&item=1",
                "item",
                "The value is not of the expected type: not a valid ItemId",
            ),
        ] {
            assert_eq!(
                problem(query),
                (vec![parameter.to_owned()], detail.to_owned()),
                "{query}"
            );
        }
    }

    #[test]
    fn every_parameter_that_nobody_knows_is_refused() {
        let (names, detail) = problem("month=a&limt=1&Month=b&%6Donth=c&%ff=1&month[]=1");
        assert_eq!(names, ["limt", "Month", "%ff", "month[]"]);
        assert_eq!(detail, "Unknown parameter");
    }
}
