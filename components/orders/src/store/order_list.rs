//! Lists of orders: every filter of `GET /api/orders`, put together from fixed fragments. Each walks an index from
//! where the page before ended.

use commerce::{Timestamp, UserId};
use db::{Db, Param, params};

use super::orders::{Whose, read_all, select_orders, with_lines, within};
use crate::life::Status;
use crate::order::Order;

/// As many lines as a page of orders has, unless its first order alone has more.
const MOST_LINES: usize = 2_000;
/// How far the numbers of orders may be from the order of their instants: those of requests that ran at once.
const SLACK: i64 = 1000;

/// Which orders are listed; all where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub number: Option<u64>,
    pub status: Option<Status>,
    pub email: Option<String>,
    pub customer: Option<UserId>,
    /// Placed from this instant.
    pub from: Option<Timestamp>,
    /// Placed before this one.
    pub to: Option<Timestamp>,
}

/// Orders from the newest, with numbers below `before`; and whether there would be more of them, but for their
/// lines. What a seller of some lines sees may have another status:
/// of those, all are listed that may have the one that is asked for.
pub async fn list(
    db: &Db,
    whose: Whose,
    filter: &Filter,
    before: Option<u64>,
    (rows, now): (i64, Timestamp),
) -> db::Result<(Vec<Order>, bool)> {
    const ALL: &str = select_orders!("orders o where o.order_number < ?");
    const OF_CUSTOMER: &str =
        select_orders!("orders o where o.order_number < ? and o.client_id = ?");
    const OF_SELLER: &str = select_orders!(
        "order_sellers s join orders o on o.id = s.order_id \
         where s.order_number < ? and s.seller_id = ?"
    );
    let mut params: Vec<Param> = params![before.unwrap_or(u64::MAX)].into();
    let (mut sql, number) = match whose {
        Whose::Everybody => (ALL.to_owned(), "o.order_number"),
        Whose::Client(customer) => {
            params.extend(params![customer]);
            (OF_CUSTOMER.to_owned(), "o.order_number")
        }
        Whose::Seller(seller) => {
            params.extend(params![seller]);
            (OF_SELLER.to_owned(), "s.order_number")
        }
    };
    let mut narrow = |condition: &str, given: &[Param]| {
        sql.push_str(" and ");
        sql.push_str(&condition.replace("{number}", number));
        params.extend_from_slice(given);
    };
    if let Some(wanted) = filter.number {
        narrow("{number} = ?", &params![wanted]);
    }
    if let Some(email) = &filter.email {
        narrow("o.email = ?", &params![email]);
    }
    if let Some(customer) = filter.customer {
        narrow("o.client_id = ?", &params![customer]);
    }
    if let Some(from) = filter.from {
        narrow(FROM, &params![from, SLACK, from]);
    }
    if let Some(to) = filter.to {
        narrow(TO, &params![to, SLACK, to]);
    }
    if let Some(status) = filter.status {
        let part = matches!(whose, Whose::Seller(_));
        let condition = if part {
            of_part(status)
        } else {
            of_whole(status)
        };
        let times = condition.matches('?').count();
        narrow(condition, &vec![params![now]; times].concat());
    }
    sql.push_str(&format!(" order by {number} desc limit ?"));
    params.extend(params![rows]);
    let mut orders = read_all(db.query(&sql, &params).await?)?;
    let most = within(&orders, MOST_LINES);
    let is_cut = most < orders.len();
    orders.truncate(most);
    Ok((with_lines(db, orders).await?, is_cut))
}

/// Numbers rise with time, though not strictly: a range of numbers, which an index has, is read, and of it the orders
/// of the right time are taken.
const FROM: &str = "{number} >= coalesce((select cast(f.order_number as signed) from orders f \
     where f.created_at >= ? order by f.created_at limit 1), 9223372036854775807) - ? \
     and o.created_at >= ?";
const TO: &str = "{number} <= coalesce((select cast(t.order_number as signed) from orders t \
     where t.created_at >= ? order by t.created_at limit 1), 9223372036854770000) + ? \
     and o.created_at < ?";

/// The orders that are called so; `?` is now.
fn of_whole(status: Status) -> &'static str {
    match status {
        Status::AwaitingPayment => "o.status = 'awaiting_payment' and o.expires_at > ?",
        Status::Expired => {
            "o.status in ('awaiting_payment', 'expired') and (o.status = 'expired' or o.expires_at <= ?)"
        }
        Status::Paid => "o.status = 'paid' and o.refunded = 0",
        Status::Preparing => "o.status = 'preparing' and o.refunded = 0",
        Status::Shipped => "o.status = 'shipped' and o.refunded = 0",
        Status::Delivered => "o.status = 'delivered' and o.refunded = 0",
        Status::Cancelled => "o.status = 'cancelled' and (o.refunded = 0 or o.refunded < o.gross)",
        Status::PartiallyRefunded => {
            "o.refunded > 0 and o.refunded < o.gross and o.status <> 'cancelled'"
        }
        Status::Refunded => "o.refunded > 0 and o.refunded = o.gross",
    }
}

/// The orders of which a part may be called so.
fn of_part(status: Status) -> &'static str {
    match status {
        Status::AwaitingPayment => "o.status = 'awaiting_payment' and o.expires_at > ?",
        Status::Expired => {
            "o.status in ('awaiting_payment', 'expired') and (o.status = 'expired' or o.expires_at <= ?)"
        }
        Status::Paid => "o.status = 'paid'",
        Status::Preparing => "o.status = 'preparing'",
        Status::Shipped => "o.status = 'shipped'",
        Status::Delivered => "o.status = 'delivered'",
        Status::Cancelled => "o.status = 'cancelled'",
        Status::PartiallyRefunded | Status::Refunded => "o.refunded > 0",
    }
}
