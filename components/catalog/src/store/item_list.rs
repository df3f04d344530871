//! Lists of items: every filter and every sort of `GET /api/items`, put together from fixed fragments.
//!
//! Each sort walks an index from where the page before ended. A search by words reads the full-text
//! index and sorts what it found.

use commerce::{CategoryId, ItemId, UserId};
use db::{Db, Param, ToParam, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::items::{read, select_items, with_past_due_free};
use crate::item::Item;

/// What a list is sorted by; items that are alike in it go by their age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Sort {
    #[default]
    #[serde(rename = "newest")]
    Newest,
    #[serde(rename = "price")]
    CheapestFirst,
    #[serde(rename = "-price")]
    DearestFirst,
    #[serde(rename = "rating")]
    BestRatedFirst,
}

/// Where a page ended: the sort, the value it sorts by, the item.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Position(Sort, i64, ItemId);

impl Position {
    pub fn sort(self) -> Sort {
        self.0
    }

    pub fn of(sort: Sort, item: &Item) -> Self {
        let value = match sort {
            Sort::Newest => 0,
            Sort::CheapestFirst | Sort::DearestFirst => item.price.money().amount(),
            Sort::BestRatedFirst => i64::from(item.average_rating.hundredths()),
        };
        Self(sort, value, item.id)
    }
}

/// Which items are wanted.
#[derive(Debug, Default)]
pub struct Filter {
    /// A query in boolean mode.
    pub words: Option<String>,
    pub category: Option<CategoryId>,
    pub seller: Option<UserId>,
    pub min_price: Option<i64>,
    pub max_price: Option<i64>,
    pub in_stock: bool,
    /// Whether items of disabled categories and of hidden sellers are shown too.
    pub hidden: bool,
}

/// A statement that grows by fragments, each with its parameters.
struct Statement {
    sql: String,
    params: Vec<Param>,
}

impl Statement {
    fn push(&mut self, fragment: &'static str, params: &[Param]) {
        self.sql.push_str(fragment);
        self.params.extend_from_slice(params);
    }

    fn push_if<T: ToParam>(&mut self, fragment: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.push(fragment, &params![value]);
        }
    }
}

/// The items that pass the filter, past the position that `after` is.
pub async fn list(
    db: &Db,
    filter: &Filter,
    sort: Sort,
    after: Option<Position>,
    rows: i64,
) -> db::Result<Vec<Item>> {
    let statement = build(filter, sort, after, rows);
    let rows = db.query(&statement.sql, &statement.params).await?;
    let items = rows.into_iter().map(|mut row| read(&mut row));
    with_past_due_free(db, items.collect::<db::Result<_>>()?).await
}

fn build(filter: &Filter, sort: Sort, after: Option<Position>, rows: i64) -> Statement {
    const SELECT: &str = select_items!(from "items i", "");
    let mut statement = Statement {
        sql: SELECT.to_owned(),
        params: Vec::new(),
    };
    statement.push_if(
        " and match (i.search_text) against (? in boolean mode)",
        &filter.words,
    );
    statement.push_if(" and i.category_id = ?", &filter.category);
    statement.push_if(" and i.seller_id = ?", &filter.seller);
    statement.push_if(" and i.price >= ?", &filter.min_price);
    statement.push_if(" and i.price <= ?", &filter.max_price);
    if filter.in_stock {
        // What is held past its time is free.
        statement.push(
            " and (i.on_hand > i.reserved or (i.on_hand > 0 and (select l.held_until \
             from reservation_lines l where l.item_id = i.id order by l.held_until limit 1) <= ?))",
            &params![service::clock::now()],
        );
    }
    if !filter.hidden {
        statement.push(
            " and (select c.enabled from categories c where c.id = i.category_id) = true \
             and not exists (select 1 from hidden_sellers h where h.seller_id = i.seller_id and h.hidden)",
            &[],
        );
    }
    if let Some(position) = after {
        statement.push_after(position);
    }
    statement.push(order(sort), &params![rows]);
    statement
}

impl Statement {
    /// The first comparison is the range of the index, the second what is left of it.
    fn push_after(&mut self, Position(sort, value, id): Position) {
        let (fragment, params): (_, &[Param]) = match sort {
            Sort::Newest => (" and i.id < ?", &params![id]),
            Sort::CheapestFirst => (
                " and i.price >= ? and (i.price > ? or i.id > ?)",
                &params![value, value, id],
            ),
            Sort::DearestFirst => (
                " and i.price <= ? and (i.price < ? or i.id < ?)",
                &params![value, value, id],
            ),
            Sort::BestRatedFirst => (
                " and i.average_rating <= ? and (i.average_rating < ? or i.id < ?)",
                &params![value, value, id],
            ),
        };
        self.push(fragment, params);
    }
}

/// Ids are in the order of their making, so the newest item is the one of the greatest id.
fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => " order by i.id desc limit ?",
        Sort::CheapestFirst => " order by i.price, i.id limit ?",
        Sort::DearestFirst => " order by i.price desc, i.id desc limit ?",
        Sort::BestRatedFirst => " order by i.average_rating desc, i.id desc limit ?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::tests::item;

    #[test]
    fn every_question_mark_has_its_parameter() {
        let item = item(UserId::from_bytes([7; 16]));
        let full = || Filter {
            words: Some("+__huile*".into()),
            category: Some(item.category_id),
            seller: Some(item.seller_id),
            min_price: Some(1),
            max_price: Some(2),
            in_stock: true,
            hidden: false,
        };
        for sort in [
            Sort::Newest,
            Sort::CheapestFirst,
            Sort::DearestFirst,
            Sort::BestRatedFirst,
        ] {
            for after in [None, Some(Position::of(sort, &item))] {
                for filter in [full(), Filter::default()] {
                    let statement = build(&filter, sort, after, 21);
                    let marks = statement.sql.matches('?').count();
                    assert_eq!(marks, statement.params.len(), "{}", statement.sql);
                }
            }
        }
    }

    #[test]
    fn a_position_survives_its_cursor() {
        let item = item(UserId::from_bytes([7; 16]));
        let position = Position::of(Sort::DearestFirst, &item);
        let json = serde_json::to_string(&position).unwrap();
        assert_eq!(json, format!("[\"-price\",1999,\"{}\"]", item.id));
        let Position(sort, value, id) = serde_json::from_str(&json).unwrap();
        assert_eq!((sort, value, id), (Sort::DearestFirst, 1999, item.id));
    }
}
