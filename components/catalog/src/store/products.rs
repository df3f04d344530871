//! Items as suppliers look for them: by SKU, and page by page in the order of their ids.

use commerce::{CategoryId, ItemId, UserId};
use db::{Db, Param, ToParam, params};
use serde_json::Value;

use super::items::{read, select_items};
use crate::item::Item;

/// Which items are wanted, and past which one.
#[derive(Debug, Default)]
pub struct Filter {
    pub supplier: Option<UserId>,
    pub sku: Option<String>,
    pub category: Option<CategoryId>,
    /// Only those with fewer pieces on hand than their minimum.
    pub below_minimum: bool,
    pub after: Option<ItemId>,
}

/// The ids of the items with these SKUs; those that there are.
pub async fn ids_of_skus<'a>(
    db: &Db,
    skus: impl Iterator<Item = &'a str>,
) -> db::Result<Vec<ItemId>> {
    const SELECT: &str = "select i.id from json_table(?, '$[*]' columns (sku varchar(64) path '$')) s \
         straight_join items i on i.sku = convert(s.sku using ascii) where i.deleted_at is null";
    let skus = Value::from_iter(skus);
    if skus.as_array().is_none_or(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let rows = db.query(SELECT, &params![skus.to_string()]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// The items that pass the filter.
pub async fn list(db: &Db, filter: &Filter, rows: i64) -> db::Result<Vec<Item>> {
    let (sql, params) = build(filter, rows);
    let rows = db.query(&sql, &params).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

fn build(filter: &Filter, rows: i64) -> (String, Vec<Param>) {
    const SELECT: &str = select_items!(from "items i", "");
    let mut sql = SELECT.to_owned();
    let mut params = Vec::new();
    let mut push = |fragment: &str, value: Option<Param>| {
        if let Some(value) = value {
            sql.push_str(fragment);
            params.push(value);
        }
    };
    let Filter {
        supplier,
        sku,
        category,
        below_minimum,
        after,
    } = filter;
    push(" and i.supplier_id = ?", supplier.map(|id| id.to_param()));
    let sku = sku.as_ref().map(ToParam::to_param);
    push(" and i.sku = convert(? using ascii)", sku);
    push(" and i.category_id = ?", category.map(|id| id.to_param()));
    push(" and i.id > ?", after.map(|id| id.to_param()));
    if *below_minimum {
        sql.push_str(" and i.on_hand < i.stock_minimum");
    }
    sql.push_str(" order by i.id limit ?");
    params.push(rows.to_param());
    (sql, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_mark_has_its_parameter() {
        let full = Filter {
            supplier: Some(UserId::from_bytes([1; 16])),
            sku: Some("A".into()),
            category: Some(CategoryId::from_bytes([2; 16])),
            below_minimum: true,
            after: Some(ItemId::from_bytes([3; 16])),
        };
        for filter in [full, Filter::default()] {
            let (sql, params) = build(&filter, 21);
            assert_eq!(sql.matches('?').count(), params.len(), "{sql}");
        }
    }
}
