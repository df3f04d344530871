//! The tables `purchase_orders`, `purchase_order_lines` and `purchase_order_receipts`.

use std::collections::HashMap;

use commerce::{EventId, PurchaseOrderId, RestockId, Timestamp, UserId};
use db::{Db, Param, Row, ToParam, Tx, params};
use serde_json::json;

use super::{hex, json_rows, unknown};
use crate::purchase_order::{Line, PurchaseOrder, Status};

/// A `select` of orders without their lines: what [`read`] reads.
macro_rules! select_orders {
    ($rest:literal) => {
        concat!(
            "select o.id, o.number, o.supplier_id, o.status, o.carrier, o.tracking_number, o.created_at, \
             o.approved_at, o.confirmed_at, o.shipped_at, o.received_at, o.cancelled_at \
             from purchase_orders o where ",
            $rest
        )
    };
}

fn read(mut row: Row) -> db::Result<PurchaseOrder> {
    Ok(PurchaseOrder {
        id: row.next()?,
        number: row.next()?,
        supplier_id: row.next()?,
        status: read_status(&row.next::<String>()?)?,
        carrier: row.next()?,
        tracking_number: row.next()?,
        created_at: row.next()?,
        approved_at: row.next()?,
        confirmed_at: row.next()?,
        shipped_at: row.next()?,
        received_at: row.next()?,
        cancelled_at: row.next()?,
        lines: Vec::new(),
    })
}

fn read_status(text: &str) -> db::Result<Status> {
    Status::parse(text).ok_or_else(|| unknown("status of a purchase order", text))
}

const SELECT_LINES: &str = "select l.purchase_order_id, l.item_id, l.name, l.sku, l.quantity, l.received \
     from json_table(?, '$[*]' columns (id char(32) path '$')) o \
     straight_join purchase_order_lines l on l.purchase_order_id = unhex(o.id) \
     order by l.purchase_order_id, l.name, l.item_id";

/// The parameter of [`SELECT_LINES`].
fn order_ids(orders: &[PurchaseOrder]) -> Param {
    json_rows(orders.iter().map(|order| hex(order.id.as_uuid()).into())).to_param()
}

/// Gives the orders their lines.
fn join_lines(orders: &mut [PurchaseOrder], rows: Vec<Row>) -> db::Result<()> {
    let mut lines: HashMap<PurchaseOrderId, Vec<Line>> = HashMap::new();
    for mut row in rows {
        lines.entry(row.next()?).or_default().push(Line {
            item_id: row.next()?,
            name: row.next()?,
            sku: row.next()?,
            quantity: row.next()?,
            received: row.next()?,
        });
    }
    for order in orders {
        order.lines = lines.remove(&order.id).unwrap_or_default();
    }
    Ok(())
}

/// Which orders are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those of this supplier, and not its drafts.
    pub supplier: Option<UserId>,
    pub status: Option<Status>,
    pub after: Option<PurchaseOrderId>,
}

/// Orders from the newest: two statements, however many there are.
pub async fn list(db: &Db, filter: &Filter, rows: i64) -> db::Result<Vec<PurchaseOrder>> {
    let (sql, params) = build(filter, rows);
    let rows = db.query(&sql, &params).await?;
    let mut orders = rows.into_iter().map(read).collect::<db::Result<Vec<_>>>()?;
    if !orders.is_empty() {
        let rows = db.query(SELECT_LINES, &[order_ids(&orders)]).await?;
        join_lines(&mut orders, rows)?;
    }
    Ok(orders)
}

fn build(filter: &Filter, rows: i64) -> (String, Vec<Param>) {
    const SELECT: &str = select_orders!("true");
    let mut sql = SELECT.to_owned();
    let mut params = Vec::new();
    if let Some(supplier) = filter.supplier {
        // What was cancelled as a draft was never the supplier's business.
        sql.push_str(" and o.supplier_id = ? and o.approved_at is not null");
        params.push(supplier.to_param());
    }
    if let Some(status) = filter.status {
        sql.push_str(" and o.status = ?");
        params.push(status.as_str().to_param());
    }
    if let Some(after) = filter.after {
        sql.push_str(" and o.id < ?");
        params.push(after.to_param());
    }
    sql.push_str(" order by o.id desc limit ?");
    params.push(rows.to_param());
    (sql, params)
}

/// The order, to an admin (`supplier` is none) or to its supplier.
pub async fn find(
    db: &Db,
    supplier: Option<UserId>,
    id: PurchaseOrderId,
) -> db::Result<Option<PurchaseOrder>> {
    const SELECT: &str = select_orders!("o.id = ?");
    let row = db.query_one(SELECT, &params![id]).await?;
    let found = row.map(read).transpose()?;
    let Some(order) = found.filter(|order| is_visible_to(order, supplier)) else {
        return Ok(None);
    };
    let mut orders = [order];
    let rows = db.query(SELECT_LINES, &[order_ids(&orders)]).await?;
    join_lines(&mut orders, rows)?;
    let [order] = orders;
    Ok(Some(order))
}

/// The same, locked until the transaction ends.
pub async fn lock(
    tx: &mut Tx,
    supplier: Option<UserId>,
    id: PurchaseOrderId,
) -> db::Result<Option<PurchaseOrder>> {
    const SELECT: &str = select_orders!("o.id = ? for update");
    let row = tx.lock_one(SELECT, &params![id]).await?;
    let found = row.map(read).transpose()?;
    let Some(order) = found.filter(|order| is_visible_to(order, supplier)) else {
        return Ok(None);
    };
    let mut orders = [order];
    let rows = tx.query(SELECT_LINES, &[order_ids(&orders)]).await?;
    join_lines(&mut orders, rows)?;
    let [order] = orders;
    Ok(Some(order))
}

fn is_visible_to(order: &PurchaseOrder, supplier: Option<UserId>) -> bool {
    supplier.is_none_or(|supplier| order.supplier_id == supplier && order.approved_at.is_some())
}

/// Whether the item stands on an open order, or the event was taken before.
pub async fn is_on_order(tx: &mut Tx, line: &Line, event: EventId) -> db::Result<bool> {
    const SELECT: &str = "select 1 from purchase_order_lines where open_item = ? \
         union all select 1 from purchase_order_lines where event_id = ? limit 1";
    let row = tx.query_one(SELECT, &params![line.item_id, event]).await?;
    Ok(row.is_some())
}

/// Whether a line was refused because its item stands on an open order, or its event was taken before.
pub fn is_ordered(error: &db::Error) -> bool {
    [
        "purchase_order_lines_open",
        "purchase_order_lines_event",
        "PRIMARY",
    ]
    .iter()
    .any(|key| error.is_duplicate_of(key))
}

/// The supplier's draft, locked until the transaction ends.
pub async fn lock_draft(tx: &mut Tx, supplier: UserId) -> db::Result<Option<PurchaseOrderId>> {
    const SELECT: &str = "select id from purchase_orders where draft_of = ? for update";
    let row = tx.lock_one(SELECT, &params![supplier]).await?;
    row.map(|mut row| row.next()).transpose()
}

/// Begins a draft; [`db::Error::Duplicate`] if the supplier has one.
pub async fn insert_draft(
    tx: &mut Tx,
    id: PurchaseOrderId,
    supplier: UserId,
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str = "insert into purchase_orders (id, supplier_id, status, created_at) \
         values (?, ?, 'draft', ?)";
    tx.execute(INSERT, &params![id, supplier, now]).await
}

/// Adds a line to a draft; an error that [`is_ordered`] if the item is ordered already.
pub async fn insert_line(
    tx: &mut Tx,
    order: PurchaseOrderId,
    line: &Line,
    event: EventId,
) -> db::Result<()> {
    const INSERT: &str = "insert into purchase_order_lines (purchase_order_id, item_id, open_item, event_id, \
         name, sku, quantity) values (?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        order,
        line.item_id,
        line.item_id,
        event,
        line.name,
        line.sku,
        line.quantity
    ];
    tx.execute(INSERT, &params).await
}

/// Writes how far an order that was locked is, and what of its lines has come.
pub async fn update(tx: &mut Tx, order: &PurchaseOrder) -> db::Result<()> {
    const UPDATE: &str = "update purchase_orders set status = ?, carrier = ?, tracking_number = ?, \
         approved_at = ?, confirmed_at = ?, shipped_at = ?, received_at = ?, cancelled_at = ? where id = ?";
    const UPDATE_LINES: &str = "update json_table(?, '$[*]' columns (item char(32) path '$.item', \
         received bigint path '$.received')) r \
         straight_join purchase_order_lines l force index (primary) on l.purchase_order_id = ? and l.item_id = unhex(r.item) \
         set l.received = r.received, l.open_item = if(?, l.item_id, null)";
    let params = params![
        order.status.as_str(),
        order.carrier,
        order.tracking_number,
        order.approved_at,
        order.confirmed_at,
        order.shipped_at,
        order.received_at,
        order.cancelled_at,
        order.id
    ];
    tx.execute(UPDATE, &params).await?;
    let rows = order
        .lines
        .iter()
        .map(|line| json!({"item": hex(line.item_id.as_uuid()), "received": line.received}));
    let params = params![json_rows(rows), order.id, order.status.is_open()];
    tx.execute(UPDATE_LINES, &params).await
}

/// Notes that a delivery has been counted; [`db::Error::Duplicate`] if it was.
pub async fn insert_receipt(
    tx: &mut Tx,
    order: PurchaseOrderId,
    restock: RestockId,
    reference: &str,
    now: Timestamp,
) -> db::Result<()> {
    const INSERT: &str = "insert into purchase_order_receipts (restock_id, purchase_order_id, reference, \
         created_at) values (?, ?, ?, ?)";
    tx.execute(INSERT, &params![restock, order, reference, now])
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_mark_has_its_parameter() {
        let full = Filter {
            supplier: Some(UserId::from_bytes([1; 16])),
            status: Some(Status::Draft),
            after: Some(PurchaseOrderId::from_bytes([2; 16])),
        };
        for filter in [full, Filter::default()] {
            let (sql, params) = build(&filter, 21);
            assert_eq!(sql.matches('?').count(), params.len(), "{sql}");
        }
    }
}
