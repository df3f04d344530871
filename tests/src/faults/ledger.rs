//! What the shop has promised to those who asked: every answer that counts is written down here, and held
//! against the databases at the end. It believes no database.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use super::report::{Report, Rule};

/// An order that was answered 201.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    pub client: String,
    pub key: String,
    /// In cents.
    pub total: i64,
}

#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
}

/// All ids are without hyphens, as `hex()` shows them in lower case.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// By order.
    pub orders: HashMap<String, Promise>,
    /// The order of each key, of each client.
    by_key: HashMap<(String, String), String>,
    /// Keys that orders were asked for with, of each client.
    pub keys: HashMap<String, HashSet<String>>,
    /// Pieces that sellers brought or took away, of each item.
    pub moved: HashMap<String, i64>,
    /// Orders that somebody was told are paid.
    pub paid: HashSet<String>,
    /// Orders that somebody was told are cancelled.
    pub cancelled: HashSet<String>,
    /// Refunds that were answered 201, and their amounts in cents.
    pub refunds: HashMap<String, i64>,
    /// Events of the provider that were answered 200.
    pub notices: HashSet<String>,
    /// Payments that were answered 201, and their orders.
    pub payments: HashMap<String, String>,
    /// Payments whose money somebody was told is noted.
    pub received: HashSet<String>,
}

impl Ledger {
    /// Somebody is about to order with this key.
    pub fn asked(&self, client: &str, key: &str) {
        let mut book = self.lock();
        let keys = book.keys.entry(client.to_owned()).or_default();
        keys.insert(key.to_owned());
    }

    /// An order was answered 201: for the first time, or again with the same key.
    pub fn ordered(&self, report: &Report, id: &str, promise: Promise) {
        let mut book = self.lock();
        let id = compact(id);
        let name = (promise.client.clone(), promise.key.clone());
        let of_key = book.by_key.entry(name).or_insert_with(|| id.clone());
        if *of_key != id {
            let how = format!("{promise:?} is order {of_key} and order {id}");
            report.broken(Rule::OneOrderAKey, how);
        }
        let known = book.orders.entry(id.clone());
        let known = known.or_insert_with(|| promise.clone());
        if *known != promise {
            let how = format!("order {id} is {known:?} and {promise:?}");
            report.broken(Rule::OneAnswerAKey, how);
        }
    }

    pub fn moved(&self, item: &str, delta: i64) {
        *self.lock().moved.entry(compact(item)).or_default() += delta;
    }

    pub fn paid(&self, order: &str) {
        self.lock().paid.insert(compact(order));
    }

    pub fn cancelled(&self, order: &str) {
        self.lock().cancelled.insert(compact(order));
    }

    pub fn payment(&self, id: &str, order: &str) {
        self.lock().payments.insert(compact(id), compact(order));
    }

    pub fn received(&self, payment: &str) {
        self.lock().received.insert(compact(payment));
    }

    pub fn noticed(&self, event: &str) {
        self.lock().notices.insert(event.to_owned());
    }

    pub fn refunded(&self, id: &str, amount: i64) {
        self.lock().refunds.insert(compact(id), amount);
    }

    /// Everything, when nobody writes any more.
    pub fn read(&self) -> Book {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

/// A UUID as `lower(hex(id))` shows it.
pub fn compact(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(key: &str, total: i64) -> Promise {
        Promise {
            client: "c".to_owned(),
            key: key.to_owned(),
            total,
        }
    }

    #[test]
    fn two_orders_for_a_key_break_a_rule() {
        let (ledger, report) = (Ledger::default(), Report::default());
        ledger.ordered(&report, "a-1", promise("k", 5));
        ledger.ordered(&report, "A1", promise("k", 5));
        assert!(report.passed());
        ledger.ordered(&report, "b", promise("k", 5));
        assert!(!report.passed());
    }

    #[test]
    fn another_total_for_the_same_order_breaks_a_rule() {
        let (ledger, report) = (Ledger::default(), Report::default());
        ledger.ordered(&report, "a", promise("k", 5));
        ledger.ordered(&report, "a", promise("k", 6));
        assert!(!report.passed());
    }
}
