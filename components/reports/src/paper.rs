//! A paper as the orders service tells of it, and what it counts for: sales and VAT of its day, pieces and
//! revenue of its items, spending of its client. A credit note takes off what an invoice has added. Pure.

use std::collections::BTreeMap;

use commerce::{Currency, ItemId, Money, UserId, VatRate};
use serde::Deserialize;

use crate::count::{self, Count, Scope};
use crate::day::Day;

/// A paper: once issued, it never changes.
#[derive(Clone, Debug, Deserialize)]
pub struct Paper {
    /// Papers count up.
    pub id: u64,
    kind: Kind,
    /// In whose name it is.
    merchant: Scope,
    client_id: UserId,
    issued_on: Day,
    /// Whether its order has no paper before it.
    opens_order: bool,
    groups: Vec<Group>,
    lines: Vec<Line>,
    charges: Vec<Group>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Invoice,
    CreditNote,
}

/// An amount at one rate, VAT included, and without it.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Group {
    vat_rate: VatRate,
    net: Money,
    gross: Money,
}

#[derive(Clone, Debug, Deserialize)]
struct Line {
    item_id: ItemId,
    seller_id: UserId,
    quantity: i64,
    #[serde(flatten)]
    group: Group,
}

impl Kind {
    pub const BOTH: [Kind; 2] = [Kind::Invoice, Kind::CreditNote];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Invoice => "invoice",
            Kind::CreditNote => "credit_note",
        }
    }

    /// Which way money and pieces go.
    fn sign(self) -> i64 {
        match self {
            Kind::Invoice => 1,
            Kind::CreditNote => -1,
        }
    }
}

impl Paper {
    pub fn counts(&self) -> Vec<Count> {
        let mut counts = Vec::new();
        let is_invoice = self.kind == Kind::Invoice;
        let opens = is_invoice && self.opens_order;
        self.count_share(&mut counts, Scope::All, &self.groups, opens);
        if self.merchant == Scope::Shop {
            self.count_sales(&mut counts, Scope::Shop, &self.groups, is_invoice);
        }
        // A seller has lines in one invoice of an order.
        for (seller, groups) in self.shares() {
            self.count_share(&mut counts, Scope::Seller(seller), &groups, is_invoice);
        }
        for line in &self.lines {
            self.count_line(&mut counts, line);
        }
        counts.retain(Count::is_something);
        counts
    }

    /// What falls on each seller: their lines, and charges of papers in their own name.
    fn shares(&self) -> BTreeMap<UserId, Vec<Group>> {
        let mut shares = BTreeMap::<UserId, Vec<Group>>::new();
        for line in &self.lines {
            shares.entry(line.seller_id).or_default().push(line.group);
        }
        if let Scope::Seller(seller) = self.merchant {
            shares.entry(seller).or_default().extend(&self.charges);
        }
        shares
    }

    fn count_share(&self, counts: &mut Vec<Count>, scope: Scope, groups: &[Group], opens: bool) {
        self.count_sales(counts, scope, groups, opens);
        let amounts = groups.iter().map(|group| i128::from(group.gross.amount()));
        let gross: i128 = amounts.sum();
        let (currency, client) = (self.currency(), self.client_id.to_string());
        let (spent, orders) = (
            count::spent(scope, currency),
            count::orders(scope, currency),
        );
        let sign = i128::from(self.kind.sign());
        counts.push(Count::rank(spent, client.clone(), sign * gross));
        counts.push(Count::sum(orders, client, i64::from(opens)));
    }

    fn count_sales(&self, counts: &mut Vec<Count>, scope: Scope, groups: &[Group], opens: bool) {
        let structure = count::sales(scope, &self.issued_on.month());
        let (day, currency) = (self.issued_on.of_month(), self.currency());
        let kind = self.kind.as_str();
        let mut add = |what: String, amount: i64| {
            let entry = format!("{day:02}:{currency}:{what}");
            counts.push(Count::sum(structure.clone(), entry, amount));
        };
        add("order".to_owned(), i64::from(opens));
        add(kind.to_owned(), 1);
        for group in groups {
            let rate = group.vat_rate.basis_points();
            add(format!("{kind}:{rate}:net"), group.net.amount());
            add(format!("{kind}:{rate}:gross"), group.gross.amount());
        }
    }

    fn count_line(&self, counts: &mut Vec<Count>, line: &Line) {
        let (sign, currency, item) = (self.kind.sign(), self.currency(), line.item_id.to_string());
        for scope in [Scope::All, Scope::Seller(line.seller_id)] {
            let (sold, earned) = (count::sold(scope, currency), count::earned(scope, currency));
            let pieces = i128::from(sign) * i128::from(line.quantity);
            counts.push(Count::rank(sold, item.clone(), pieces));
            let amount = i128::from(sign) * i128::from(line.group.gross.amount());
            counts.push(Count::sum(earned, item.clone(), amount));
        }
    }

    /// Of everything on it.
    fn currency(&self) -> Currency {
        let first = self.groups.first();
        first.map_or_else(Currency::default, |group| group.gross.currency())
    }
}

#[cfg(test)]
mod tests;
