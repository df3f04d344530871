//! What a client may ask of the list of items.

use commerce::{BoundedText, CategoryId, Price, Text, UserId};
use serde::Deserialize;
use service::{Caller, Invalid, Problem};
use utoipa::IntoParams;

use crate::category::is_admin;
use crate::search;
use crate::store::item_list::{Filter, Position, Sort};

/// The longest search that is read, in characters.
const MAX_SEARCH: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItemQuery {
    /// Words that name or description have to contain; the last one may be a beginning.
    #[param(value_type = Option<String>, max_length = 200)]
    q: Option<BoundedText<{ MAX_SEARCH }>>,
    category: Option<CategoryId>,
    seller: Option<UserId>,
    /// In minor units.
    #[param(minimum = 0, maximum = 100_000_000)]
    min_price: Option<i64>,
    /// In minor units.
    #[param(minimum = 0, maximum = 100_000_000)]
    max_price: Option<i64>,
    /// `true` leaves out what is sold out.
    #[serde(default)]
    in_stock: bool,
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
}

/// The sort and the filter of a request.
pub fn parse(query: ItemQuery, caller: Option<Caller>) -> Result<(Sort, Filter), Problem> {
    let typed = query.q.as_deref().map(str::trim).unwrap_or_default();
    for (name, price) in [
        ("min_price", query.min_price),
        ("max_price", query.max_price),
    ] {
        if price.is_some_and(|price| !(0..=Price::MAX_AMOUNT).contains(&price)) {
            return Err(refuse(name, "De 0 à 100000000", "From 0 to 100000000"));
        }
    }
    let own = caller.is_some_and(|caller| query.seller == Some(caller.user));
    let filter = Filter {
        words: (!typed.is_empty()).then(|| search::boolean_query(typed)),
        category: query.category,
        seller: query.seller,
        min_price: query.min_price,
        max_price: query.max_price,
        in_stock: query.in_stock,
        hidden: own || is_admin(caller),
    };
    Ok((query.sort, filter))
}

/// A cursor is a position in one sort and means nothing in another.
pub fn check_cursor(sort: Sort, after: Option<Position>) -> Result<(), Problem> {
    match after {
        Some(position) if position.sort() != sort => Err(refuse(
            "cursor",
            "Ce curseur vient d’une liste triée autrement",
            "This cursor comes from a list in another order",
        )),
        _ => Ok(()),
    }
}

fn refuse(parameter: &str, fr: &'static str, en: &'static str) -> Problem {
    let mut invalid = Invalid::new();
    invalid.refuse_parameter(parameter, Text::new(fr, en));
    invalid.into()
}
