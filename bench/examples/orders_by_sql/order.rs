//! One order: the values of its statements, as the services would bind them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};
use serde_json::json;
use uuid::Uuid;

use comptoir_bench::statements::{BEGIN, COMMIT, INSERT_OUTBOX, catalog, orders};

/// How long a reservation stands: longer than a run, so that none is closed in it.
const TTL_MS: i64 = 3_600_000;
const ADDRESS: &str = r#"{"name":"Zoé Martin","line1":"3 rue des Œillets","line2":null,"postal_code":"44000","city":"Nantes","country":"FR"}"#;

/// What an order line needs to know of an item.
pub struct Item(Uuid);

impl Item {
    pub fn parse(id: &str) -> Result<Self> {
        let id = Uuid::try_parse(id).with_context(|| format!("{id} is no item's id"))?;
        Ok(Self(id))
    }

    fn hex(&self) -> String {
        self.0.simple().to_string()
    }
}

/// Where one client orders after another, with a connection to each schema.
pub struct Desk {
    orders: Conn,
    catalog: Conn,
    chance: u64,
}

/// What the catalogue says of a line that is reserved.
struct Line {
    item: Vec<u8>,
    quantity: i64,
    name: String,
    unit_price: i64,
    vat_rate: u16,
    seller: Vec<u8>,
}

impl Desk {
    pub fn new(orders: Conn, catalog: Conn) -> Self {
        let (chance, _) = Uuid::new_v4().as_u64_pair();
        Self {
            orders,
            catalog,
            chance,
        }
    }

    /// Places an order of `lines` different items by a client of its own.
    pub async fn place(&mut self, items: &[Item], lines: usize) -> Result<()> {
        let wanted = self.choose(items, lines);
        let (client, key) = (Uuid::new_v4(), Uuid::new_v4().to_string());
        let order = Uuid::new_v5(&client, key.as_bytes());
        let now = now_ms();
        let replay = (client.as_bytes(), &key, now);
        let _: Vec<mysql_async::Row> = self.orders.exec(orders::REPLAY, replay).await?;
        let reserved = self.reserve(order, client, &wanted, now).await?;
        self.write(order, client, &key, &reserved, now).await
    }

    /// Different items, in an order by chance.
    fn choose(&mut self, items: &[Item], lines: usize) -> Vec<String> {
        let mut chosen = Vec::with_capacity(lines);
        while chosen.len() < lines.min(items.len()) {
            // Xorshift: any spread will do.
            self.chance ^= self.chance << 13;
            self.chance ^= self.chance >> 7;
            self.chance ^= self.chance << 17;
            let place = usize::try_from(self.chance % items.len() as u64).unwrap_or(0);
            let hex = items.get(place).map(Item::hex).unwrap_or_default();
            if !chosen.contains(&hex) {
                chosen.push(hex);
            }
        }
        chosen
    }

    async fn reserve(
        &mut self,
        order: Uuid,
        client: Uuid,
        wanted: &[String],
        now: i64,
    ) -> Result<Vec<Line>> {
        let rows = |items: &[String]| {
            let rows = items
                .iter()
                .map(|item| json!({"item": item, "quantity": 1}));
            serde_json::Value::from_iter(rows).to_string()
        };
        let mut in_lock_order = wanted.to_vec();
        in_lock_order.sort_unstable();
        let catalog = &mut self.catalog;
        catalog.exec_drop(BEGIN, ()).await?;
        let reservation = (
            order.as_bytes(),
            client.as_bytes(),
            "held",
            now + TTL_MS,
            0,
            now,
            now,
        );
        catalog
            .exec_drop(catalog::INSERT_RESERVATION, reservation)
            .await?;
        let event = Uuid::now_v7();
        let changed = (
            "none",
            event.as_bytes(),
            order.as_bytes(),
            rows(wanted),
            now,
            now,
        );
        catalog.exec_drop(INSERT_OUTBOX, changed).await?;
        catalog
            .exec_drop(catalog::RESERVE, (rows(&in_lock_order),))
            .await?;
        let reserved: Option<u64> = catalog.exec_first(catalog::AFFECTED, ()).await?;
        ensure!(
            reserved.and_then(|count| usize::try_from(count).ok()) == Some(wanted.len()),
            "an item is not for sale, or there is too little of it"
        );
        let lines = (order.as_bytes(), order.as_bytes(), rows(wanted));
        catalog.exec_drop(catalog::INSERT_LINES, lines).await?;
        catalog.exec_drop(COMMIT, ()).await?;
        let found: Vec<mysql_async::Row> = catalog.exec(catalog::FIND, (order.as_bytes(),)).await?;
        found.into_iter().map(read_line).collect()
    }

    async fn write(
        &mut self,
        order: Uuid,
        client: Uuid,
        key: &str,
        lines: &[Line],
        now: i64,
    ) -> Result<()> {
        let gross: i64 = lines
            .iter()
            .map(|line| line.unit_price * line.quantity)
            .sum();
        let totals = json!({"net": gross, "vat": 0, "gross": gross}).to_string();
        let positions: Vec<usize> = (0..lines.len()).collect();
        let sales =
            json!([{"merchant": "shop", "lines": positions, "discount": null, "shipping": null}]);
        let sales = sales.to_string();
        let connection = &mut self.orders;
        let merchants = json!([hex(&[0; 16])]).to_string();
        connection
            .exec_drop(orders::MERCHANTS, (merchants,))
            .await?;
        connection.exec_drop(BEGIN, ()).await?;
        let head: Vec<Value> = vec![
            order.as_bytes().into(),
            client.as_bytes().into(),
            "awaiting_payment".into(),
            ADDRESS.into(),
            ADDRESS.into(),
            "client@example.org".into(),
            "fr".into(),
            Value::NULL,
            sales.into(),
            totals.into(),
            gross.into(),
            "EUR".into(),
            1.into(),
            (now + TTL_MS).into(),
            now.into(),
            now.into(),
            lines.iter().map(|line| line.quantity).sum::<i64>().into(),
            Value::NULL,
        ];
        connection.exec_drop(orders::INSERT_ORDER, head).await?;
        let number: Option<u64> = connection.exec_first(orders::LAST_NUMBER, ()).await?;
        let number = number.context("the order has no number")?;
        let rows = to_rows(lines);
        connection
            .exec_drop(orders::INSERT_LINES, (order.as_bytes(), &rows))
            .await?;
        connection
            .exec_drop(orders::INSERT_SELLERS, (number, order.as_bytes()))
            .await?;
        let event = Uuid::now_v7();
        let history = (
            event.as_bytes(),
            order.as_bytes(),
            "order.placed",
            client.as_bytes(),
            Value::NULL,
            Value::NULL,
            now,
        );
        connection.exec_drop(orders::INSERT_EVENT, history).await?;
        let outgoing = ("none", event.as_bytes(), order.as_bytes(), &rows, now, now);
        connection.exec_drop(INSERT_OUTBOX, outgoing).await?;
        let audit = (
            now,
            client.as_bytes(),
            "client",
            Value::NULL,
            "order.placed",
            format!("/api/orders/{order}"),
            event.to_string(),
            r#"{"status":{"before":null,"after":"awaiting_payment"}}"#,
        );
        connection.exec_drop(orders::AUDIT, audit).await?;
        let answer = (
            client.as_bytes(),
            key,
            [0_u8; 32],
            201,
            format!("/api/orders/{order}"),
            "\"1-0000000000000000\"",
            &rows,
            now + TTL_MS,
        );
        connection.exec_drop(orders::STORE_ANSWER, answer).await?;
        connection.exec_drop(COMMIT, ()).await?;
        Ok(())
    }
}

fn to_rows(lines: &[Line]) -> String {
    let rows = lines.iter().enumerate().map(|(position, line)| {
        json!({
            "position": position,
            "item": hex(&line.item),
            "seller": hex(&line.seller),
            "name": line.name,
            "unit_price": line.unit_price,
            "vat_rate": line.vat_rate,
            "quantity": line.quantity,
        })
    });
    serde_json::Value::from_iter(rows).to_string()
}

fn read_line(mut row: mysql_async::Row) -> Result<Line> {
    fn take<T: mysql_async::prelude::FromValue>(
        row: &mut mysql_async::Row,
        column: &str,
    ) -> Result<T> {
        row.take(column)
            .with_context(|| format!("a reserved line has no {column}"))
    }
    Ok(Line {
        item: take(&mut row, "item_id")?,
        quantity: take(&mut row, "quantity")?,
        name: take(&mut row, "name")?,
        unit_price: take(&mut row, "unit_price")?,
        vat_rate: take(&mut row, "vat_rate")?,
        seller: take(&mut row, "seller_id")?,
    })
}

fn hex(bytes: &[u8]) -> String {
    Uuid::from_slice(bytes)
        .map(|id| id.simple().to_string())
        .unwrap_or_default()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}
