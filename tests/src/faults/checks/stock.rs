//! Stock: every piece is on the shelf, with a client, or was taken away by the seller.

use std::collections::HashMap;

use super::{Evidence, SOLD};
use crate::faults::report::Rule;

pub async fn check(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    reservations(evidence).await?;
    items(evidence).await?;
    ledger(evidence).await
}

/// An order and its reservation are of the same lines, and stand at the same point.
async fn reservations(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    let without_stock = format!(
        "select concat(lower(hex(o.id)), ' is ', o.status, ', its reservation ', \
         coalesce(r.state, 'missing')) from {{orders}}.orders o \
         left join {{catalog}}.reservations r on r.order_id = o.id \
         where (o.status in {SOLD} and coalesce(r.state, '') <> 'committed') \
         or (o.status = 'awaiting_payment' and coalesce(r.state, '') not in ('held', 'committed'))"
    );
    for how in evidence.books.rows::<String>(&without_stock).await? {
        evidence.report.broken(Rule::StockOfOrders, how);
    }
    let other_lines = format!(
        "select concat(lower(hex(l.order_id)), ' has ', l.quantity, ' of ', lower(hex(l.item_id)), \
         ', its reservation ', coalesce(r.quantity, 0)) from {{orders}}.orders o \
         join {{orders}}.order_lines l on l.order_id = o.id left join {{catalog}}.reservation_lines r \
         on r.order_id = l.order_id and r.item_id = l.item_id \
         where o.status in {SOLD} and coalesce(r.quantity, 0) <> l.quantity"
    );
    for how in evidence.books.rows::<String>(&other_lines).await? {
        evidence.report.broken(Rule::StockOfOrders, how);
    }
    let without_order = format!(
        "select concat('reservation ', lower(hex(r.order_id)), ' is ', r.state, ', its order ', \
         coalesce(o.status, 'missing')) from {{catalog}}.reservations r \
         left join {{orders}}.orders o on o.id = r.order_id \
         where (r.state = 'committed' and coalesce(o.status, '') not in {SOLD}) \
         or (r.state = 'held' and (o.id is null or o.status <> 'awaiting_payment'))"
    );
    for how in evidence.books.rows::<String>(&without_order).await? {
        evidence.report.broken(Rule::StockWithoutOrder, how);
    }
    Ok(())
}

/// What sellers brought, less what is with clients, is on the shelf.
async fn items(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const ITEMS: &str = "select lower(hex(id)), on_hand, reserved from {catalog}.items";
    let sold = format!(
        "select lower(hex(l.item_id)), cast(sum(l.quantity) as signed) from {{orders}}.order_lines l \
         join {{orders}}.orders o on o.id = l.order_id where o.status in {SOLD} group by l.item_id"
    );
    // A cancelled order has given everything back already.
    let returned = format!(
        "select lower(hex(l.item_id)), cast(sum(l.quantity) as signed) from {{payments}}.refunds r \
         join {{payments}}.refund_lines l on l.refund_id = r.id \
         join {{payments}}.payments p on p.id = r.payment_id \
         join {{orders}}.orders o on o.id = p.order_id \
         where r.status = 'succeeded' and r.restock and o.status in {SOLD} group by l.item_id"
    );
    let returned: Vec<(String, i64)> = evidence.books.rows(&returned).await?;
    let returned: HashMap<String, i64> = returned.into_iter().collect();
    let sold: Vec<(String, i64)> = evidence.books.rows(&sold).await?;
    let sold: HashMap<String, i64> = sold.into_iter().collect();
    let items: Vec<(String, i64, i64)> = evidence.books.rows(ITEMS).await?;
    for (item, on_hand, reserved) in items {
        let brought = evidence.promised.moved.get(&item).copied().unwrap_or(0);
        let sold = sold.get(&item).copied().unwrap_or(0);
        evidence.report.add("pieces sold", u64::try_from(sold)?);
        let back = returned.get(&item).copied().unwrap_or(0);
        evidence.report.add("pieces returned", u64::try_from(back)?);
        if brought - sold + back != on_hand {
            let how = format!(
                "item {item}: {brought} brought - {sold} sold + {back} returned, but {on_hand} on hand"
            );
            evidence.report.broken(Rule::StockOfItems, how);
        }
        if reserved != 0 {
            let how = format!("item {item}: {reserved} reserved, by nobody");
            evidence.report.broken(Rule::StockWithoutOrder, how);
        }
    }
    Ok(())
}

async fn ledger(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const DIFFERENT: &str = "select concat('item ', lower(hex(i.id)), ': ', i.on_hand, \
         ' on hand, movements of ', coalesce(m.total, 0)) from {catalog}.items i left join \
         (select item_id, cast(sum(delta) as signed) total from {catalog}.stock_movements \
         group by item_id) m on m.item_id = i.id where i.on_hand <> coalesce(m.total, 0)";
    for how in evidence.books.rows::<String>(DIFFERENT).await? {
        evidence.report.broken(Rule::LedgerIsStock, how);
    }
    Ok(())
}
