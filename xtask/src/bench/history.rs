//! Orders that were paid long ago, written past the shop: as many as a shop of some years has, which nobody
//! wants to wait for. Only what reports count of them is there: their lines and papers.

use std::fmt::Write;

use anyhow::{Context, Result};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};

use crate::servers::MysqlEndpoint;
use crate::up::SCHEMA_PREFIX;

/// Orders that one statement writes.
const BATCH: u64 = 500;
/// Orders of which one has a credit note.
const CREDITED: u64 = 20;
const CLIENTS: u64 = 5_000;
const SELLERS: u64 = 20;
/// Over how many days they are spread.
const DAYS: u64 = 365;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The rates of an order's two lines, in basis points: one each, so that nothing is to be shared.
const RATES: [u64; 2] = [2000, 550];

/// An order of two lines.
#[derive(Clone, Copy, Debug)]
struct Order {
    number: u64,
    /// Which of the items, and how many pieces of it at which price.
    lines: [(u64, u64, u64); 2],
}

/// What one line, or several, come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    net: u64,
    gross: u64,
}

/// Writes orders until there are so many, of these items.
pub async fn write(endpoint: &MysqlEndpoint, items: &[String], orders: u64) -> Result<()> {
    let mut connection = endpoint.connect().await?;
    let table = format!("{SCHEMA_PREFIX}_orders.orders");
    let select = format!("select count(*) from {table} where email = 'bench'");
    let there: Option<u64> = connection.query_first(select).await?;
    let newest = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let newest = u64::try_from(newest.as_millis())?;
    let mut first = there.context("orders cannot be counted")?;
    while first < orders {
        let next = (first + BATCH).min(orders);
        let batch: Vec<Order> = (first..next).map(Order::draw).collect();
        write_batch(&mut connection, &batch, items, newest).await?;
        first = next;
    }
    Ok(())
}

async fn write_batch(
    connection: &mut Conn,
    batch: &[Order],
    items: &[String],
    newest: u64,
) -> Result<()> {
    let [mut orders, mut lines, mut papers] = [String::new(), String::new(), String::new()];
    for order in batch {
        let (id, at) = (order.id(), newest - order.number % DAYS * DAY_MS);
        let (client, sum) = (order.client(), order.sum());
        let gross = sum.gross;
        write!(
            orders,
            "(x'{id}',x'{client}','paid','{{}}','{{}}','{{}}',{gross},'EUR','bench',{at},{at},{at},{at}),"
        )?;
        for (position, ((item, pieces, price), rate)) in
            order.lines.into_iter().zip(RATES).enumerate()
        {
            let seller = uuid(2, item % SELLERS);
            let item = usize::try_from(item)? % items.len().max(1);
            let item = items.get(item).context("there are no items")?;
            let item = item.replace('-', "");
            write!(
                lines,
                "(x'{id}',{position},x'{item}',x'{seller}','',{price},{rate},{pieces}),"
            )?;
        }
        let number = format!("B-{}", order.number);
        let mut paper = |number: &str,
                         kind: &str,
                         subject: &str,
                         original: &str,
                         amounts: Value| {
            let Sum { net, gross } = sum;
            let vat = gross - net;
            let (merchant, digest) = ("0".repeat(32), "0".repeat(64));
            write!(
                papers,
                "('{number}','{kind}',x'{merchant}',x'{id}',x'{client}',x'{subject}',{original},{at},\
                 {net},{vat},{gross},'EUR','{{}}','{amounts}',x'{digest}',x'{digest}'),"
            )
        };
        paper(&number, "invoice", &id, "null", order.billed())?;
        if order.number % CREDITED == 0 {
            let (subject, original) = (uuid(3, order.number), format!("'{number}'"));
            let number = format!("C-{}", order.number);
            paper(&number, "credit_note", &subject, &original, order.credit())?;
        }
    }
    for (table, columns, rows) in [
        (
            "orders",
            "id, client_id, status, shipping_address, billing_address, totals, gross, currency, email, \
             expires_at, paid_at, created_at, updated_at",
            orders,
        ),
        (
            "order_lines",
            "order_id, position, item_id, seller_id, name, unit_price, vat_rate, quantity",
            lines,
        ),
        (
            "invoices",
            "number, kind, merchant_id, order_id, client_id, subject_id, original, issued_at, net, vat, \
             gross, currency, snapshot, amounts, xml_sha256, pdf_sha256",
            papers,
        ),
    ] {
        let rows = rows.trim_end_matches(',');
        let insert =
            format!("insert into {SCHEMA_PREFIX}_orders.{table} ({columns}) values {rows}");
        connection.query_drop(insert).await?;
    }
    Ok(())
}

impl Order {
    /// The same for a number, whoever asks.
    fn draw(number: u64) -> Self {
        let mut state = number.wrapping_add(1);
        let mut below = |end: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % end
        };
        let mut line = || (below(2_000), 1 + below(3), 99 + below(5_000));
        let lines = [line(), line()];
        Self { number, lines }
    }

    fn id(&self) -> String {
        uuid(1, self.number)
    }

    fn client(&self) -> String {
        uuid(4, self.number % CLIENTS)
    }

    fn sums(&self) -> [Sum; 2] {
        let [first, second] = self.lines;
        [(first, RATES[0]), (second, RATES[1])].map(|((_, pieces, price), rate)| {
            let gross = pieces * price;
            // Half up.
            let vat = (2 * gross * rate + 10_000 + rate) / (2 * (10_000 + rate));
            Sum {
                net: gross - vat,
                gross,
            }
        })
    }

    fn sum(&self) -> Sum {
        let sums = self.sums().into_iter();
        sums.fold(Sum::default(), |all, one| Sum {
            net: all.net + one.net,
            gross: all.gross + one.gross,
        })
    }

    fn totals(&self) -> Value {
        let groups = self.sums().into_iter().zip(RATES);
        let groups = groups.map(|(Sum { net, gross }, rate)| {
            json!({
                "rate": rate, "net": euros(net), "vat": euros(gross - net), "gross": euros(gross),
            })
        });
        let Sum { net, gross } = self.sum();
        json!({
            "net": euros(net), "vat": euros(gross - net), "gross": euros(gross),
            "by_rate": groups.collect::<Value>(),
        })
    }

    /// As the orders service keeps what an invoice bills.
    fn billed(&self) -> Value {
        let lines = self.lines.into_iter().zip(self.sums()).zip(RATES);
        let lines = lines.map(|(((_, pieces, price), sum), rate)| {
            json!({
                "quantity": pieces, "unit_price": euros(price), "vat_rate": rate,
                "gross": euros(sum.gross), "net": euros(sum.net),
                "payable": euros(sum.gross), "payable_net": euros(sum.net),
            })
        });
        json!({
            "bill": {
                "lines": lines.collect::<Value>(), "allowances": [], "charges": [],
                "totals": self.totals(),
            },
            "lines": [0, 1],
        })
    }

    /// As it keeps what a credit note gives back: everything.
    fn credit(&self) -> Value {
        let lines = self
            .lines
            .into_iter()
            .zip(self.sums())
            .zip(RATES)
            .enumerate();
        let lines = lines.map(|(position, (((_, pieces, _), sum), rate))| {
            json!({
                "line": position, "quantity": pieces, "vat_rate": rate,
                "net": euros(sum.net), "gross": euros(sum.gross),
            })
        });
        json!({
            "is_amount": false, "lines": lines.collect::<Value>(), "charges": [],
            "totals": self.totals(),
        })
    }
}

fn euros(cents: u64) -> Value {
    json!({ "amount": cents, "currency": "EUR" })
}

/// An id of one sort, as `x''` takes it.
fn uuid(sort: u8, number: u64) -> String {
    format!("{sort:02x}be000000007000{number:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_is_taken_out_of_what_is_paid() {
        let order = Order {
            number: 1,
            lines: [(0, 1, 1200), (1, 2, 1055)],
        };
        let [standard, reduced] = order.sums();
        assert_eq!((standard.net, standard.gross), (1000, 1200));
        assert_eq!((reduced.net, reduced.gross), (2000, 2110));
        assert_eq!(order.billed()["bill"]["totals"]["net"], euros(3000));
    }

    #[test]
    fn ids_are_as_long_as_ids_are() {
        assert_eq!(uuid(1, u64::MAX).len(), 32);
        assert_ne!(uuid(1, 7), uuid(2, 7));
    }
}
