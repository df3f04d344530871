//! The SQL of one placed order, statement by statement, in the order in which the services run them.
//!
//! It is copied from the stores of `catalog` and `orders`, because a component's statements are its own;
//! the test below fails as soon as a copy is no longer what its service runs.

/// Both services: the transaction begins with its first statement.
pub const BEGIN: &str = "set session autocommit = 0, session innodb_lock_wait_timeout = 4";
/// Both services.
pub const COMMIT: &str = "set session autocommit = 1";
/// Both services.
pub const INSERT_OUTBOX: &str = "insert into outbox (consumer, event_id, aggregate_id, body, due_at, written_at) \
     values (?, ?, ?, ?, ?, ?)";
/// Both services, once a connection.
pub const READ_COMMITTED: &str = "set session transaction isolation level read committed";

pub mod orders {
    pub const REPLAY: &str = "select request_digest, status, location, etag, body \
         from idempotency_keys where scope = ? and idempotency_key = ? and expires_at > ?";
    pub const MERCHANTS: &str = "select m.id, m.identity, m.logo_sha256 \
         from json_table(?, '$[*]' columns (id char(32) path '$')) w \
         straight_join merchants m on m.id = unhex(w.id) and m.identity is not null";
    pub const INSERT_ORDER: &str = "insert into orders (id, client_id, status, shipping_address, \
         billing_address, email, language, company, sales, totals, gross, currency, version, expires_at, \
         created_at, updated_at, units, network) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    pub const LAST_NUMBER: &str = "select last_insert_id()";
    pub const INSERT_LINES: &str = "insert into order_lines \
         (order_id, position, item_id, seller_id, name, unit_price, vat_rate, quantity) \
         select ?, l.position, unhex(l.item), unhex(l.seller), l.name, l.unit_price, l.vat_rate, \
         l.quantity from json_table(?, '$[*]' columns (\
         position int path '$.position', item char(32) path '$.item', \
         seller char(32) path '$.seller', name varchar(200) path '$.name', \
         unit_price bigint path '$.unit_price', vat_rate int path '$.vat_rate', \
         quantity bigint path '$.quantity')) l";
    pub const INSERT_SELLERS: &str = "insert into order_sellers (seller_id, order_number, order_id) \
         select distinct seller_id, ?, order_id from order_lines where order_id = ?";
    pub const INSERT_EVENT: &str = "insert into order_events (id, order_id, kind, actor_id, reason, payment_id, \
         created_at) values (?, ?, ?, ?, ?, ?, ?)";
    pub const AUDIT: &str = "insert into audit_log (occurred_at, user_id, role, key_id, action, \
             subject, request_id, changes) values (?, ?, ?, ?, ?, ?, ?, ?)";
    pub const STORE_ANSWER: &str = "insert into idempotency_keys \
         (scope, idempotency_key, request_digest, status, location, etag, body, expires_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?)";
}

pub mod catalog {
    pub const INSERT_RESERVATION: &str = "insert into reservations (order_id, client_id, state, expires_at, order_version, \
         created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?)";
    pub const RESERVE: &str = "update json_table(?, '$[*]' columns (item char(32) path '$.item', \
         quantity bigint path '$.quantity')) l straight_join items i force index (primary) \
         on i.id = unhex(l.item) set i.reserved = i.reserved + l.quantity, i.revision = i.revision + 1 \
         where i.deleted_at is null \
         and (select c.enabled from categories c where c.id = i.category_id) = true \
         and not exists (select 1 from hidden_sellers h where h.seller_id = i.seller_id and h.hidden)";
    pub const AFFECTED: &str = "select row_count()";
    pub const INSERT_LINES: &str = "insert into reservation_lines (order_id, position, item_id, quantity, name, \
         unit_price, currency, vat_rate, seller_id, held_until) \
         select ?, l.position, i.id, l.quantity, i.name, i.price, i.currency, i.vat_rate, i.seller_id, \
         (select r.expires_at from reservations r where r.order_id = ?) \
         from json_table(?, '$[*]' columns (position for ordinality, item char(32) path '$.item', \
         quantity bigint path '$.quantity')) l straight_join items i on i.id = unhex(l.item)";
    pub const FIND: &str = "select r.client_id, r.state, r.expires_at, r.order_version, l.item_id, l.quantity, l.name, l.unit_price, \
         l.currency, l.vat_rate, l.seller_id, l.returned from reservations r \
         straight_join reservation_lines l on l.order_id = r.order_id \
         where r.order_id = ? order by l.position";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the services' own statements stand.
    const SOURCES: [&str; 10] = [
        include_str!("../../crates/db/src/lease.rs"),
        include_str!("../../crates/db/src/transaction.rs"),
        include_str!("../../crates/service/src/audit.rs"),
        include_str!("../../crates/service/src/idempotency.rs"),
        include_str!("../../crates/service/src/outbox.rs"),
        include_str!("../../components/orders/src/store/orders.rs"),
        include_str!("../../components/orders/src/store/events.rs"),
        include_str!("../../components/orders/src/store/merchants.rs"),
        include_str!("../../components/catalog/src/store/reservations.rs"),
        include_str!("../../components/catalog/src/store/stock.rs"),
    ];

    /// A string literal goes on in the next line behind a backslash.
    fn joined(source: &str) -> String {
        let mut joined = String::new();
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            let mut line = line;
            while let Some(begun) = line.strip_suffix('\\') {
                joined.push_str(begun);
                line = lines.next().unwrap_or_default().trim_start();
            }
            joined.push_str(line);
            joined.push('\n');
        }
        joined
    }

    #[test]
    fn every_statement_is_the_services_own() {
        let sources: Vec<String> = SOURCES.iter().map(|source| joined(source)).collect();
        for statement in [
            BEGIN,
            COMMIT,
            READ_COMMITTED,
            INSERT_OUTBOX,
            orders::REPLAY,
            orders::MERCHANTS,
            orders::INSERT_ORDER,
            orders::LAST_NUMBER,
            orders::INSERT_LINES,
            orders::INSERT_SELLERS,
            orders::INSERT_EVENT,
            orders::AUDIT,
            orders::STORE_ANSWER,
            catalog::INSERT_RESERVATION,
            catalog::RESERVE,
            catalog::AFFECTED,
            catalog::INSERT_LINES,
            catalog::FIND,
        ] {
            let own = format!("\"{statement}\"");
            // What a macro puts together ends with the quotes of its first part.
            assert!(
                sources.iter().any(|source| source.contains(&own)),
                "no service runs: {statement}"
            );
        }
    }
}
