//! What a run has counted and found wrong, and how it is printed. Each rule is a line of the report,
//! whether it was broken or not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};

/// How many examples of a broken rule are shown.
const EXAMPLES: usize = 5;

/// What must be true, in the order in which it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    NoServerError,
    CalmAnswers,
    NothingHangs,
    EveryRequestIsAnswered,
    OnlyExpectedAnswers,
    PromisedOrdersExist,
    OneOrderAKey,
    OneAnswerAKey,
    PromisesAreKept,
    StockOfOrders,
    StockWithoutOrder,
    StockOfItems,
    LedgerIsStock,
    NeverNegative,
    Money,
    LateMoney,
    OneChargeAKey,
    RefundsExist,
    NoticesAreNoted,
    NumbersWithoutGaps,
    PapersAreMoney,
    ReportsAreTrue,
    EventsArrive,
    EventsVerify,
    EventsInOrder,
    EventsOnce,
    NobodyWaitsForPoison,
    PoisonIsNoted,
    ThingsComeToRest,
}

impl Rule {
    pub const ALL: [Rule; 29] = [
        Rule::NoServerError,
        Rule::CalmAnswers,
        Rule::NothingHangs,
        Rule::EveryRequestIsAnswered,
        Rule::OnlyExpectedAnswers,
        Rule::PromisedOrdersExist,
        Rule::OneOrderAKey,
        Rule::OneAnswerAKey,
        Rule::PromisesAreKept,
        Rule::StockOfOrders,
        Rule::StockWithoutOrder,
        Rule::StockOfItems,
        Rule::LedgerIsStock,
        Rule::NeverNegative,
        Rule::Money,
        Rule::LateMoney,
        Rule::OneChargeAKey,
        Rule::RefundsExist,
        Rule::NoticesAreNoted,
        Rule::NumbersWithoutGaps,
        Rule::PapersAreMoney,
        Rule::ReportsAreTrue,
        Rule::EventsArrive,
        Rule::EventsVerify,
        Rule::EventsInOrder,
        Rule::EventsOnce,
        Rule::NobodyWaitsForPoison,
        Rule::PoisonIsNoted,
        Rule::ThingsComeToRest,
    ];

    fn text(self) -> &'static str {
        match self {
            Rule::NoServerError => "no request is answered 500",
            Rule::CalmAnswers => "no 502, 503 or 504 while everything has been up for a while",
            Rule::NothingHangs => {
                "every request ends in time, with an answer or a broken connection"
            }
            Rule::EveryRequestIsAnswered => "every request is answered in the end",
            Rule::OnlyExpectedAnswers => "no answer is one that its request cannot have",
            Rule::PromisedOrdersExist => "every order answered 201 exists, as it was answered",
            Rule::OneOrderAKey => "one order a key",
            Rule::OneAnswerAKey => "the same key, the same answer",
            Rule::PromisesAreKept => "what was answered done is done",
            Rule::StockOfOrders => "no order without its committed or reserved stock",
            Rule::StockWithoutOrder => "no stock is held or sold without an order",
            Rule::StockOfItems => "each item: initial + restocked - sold = on hand",
            Rule::LedgerIsStock => "the ledger's sum is the stock",
            Rule::NeverNegative => "no sample shows stock below zero or sold twice",
            Rule::Money => "captured - refunded at the provider is what orders say",
            Rule::LateMoney => "late money always ends as a paid order or a refund",
            Rule::OneChargeAKey => "nobody is charged twice for a key",
            Rule::RefundsExist => "every refund answered 201 is made, once",
            Rule::NoticesAreNoted => {
                "every event of the provider that was taken is noted, so that it counts once"
            }
            Rule::NumbersWithoutGaps => {
                "numbers of invoices have no gap, and their dates never go back"
            }
            Rule::PapersAreMoney => "each order is invoiced once, and credited what went back",
            Rule::ReportsAreTrue => "reports say what the books say, item by item",
            Rule::EventsArrive => "every event arrives at the merchant's",
            Rule::EventsVerify => "every event verifies with the standard's library",
            Rule::EventsInOrder => "events of an aggregate arrive in their order",
            Rule::EventsOnce => "nothing that happened once is told as two events",
            Rule::NobodyWaitsForPoison => "no event waits behind a poisonous one",
            Rule::PoisonIsNoted => "a poisonous event is set aside with its reason",
            Rule::ThingsComeToRest => "everything comes to rest",
        }
    }
}

/// What a run counts, and what it finds wrong while it goes on.
#[derive(Debug, Default)]
pub struct Report {
    figures: Mutex<BTreeMap<&'static str, u64>>,
    broken: Mutex<BTreeMap<Rule, Vec<String>>>,
}

impl Report {
    /// Counts one more of these.
    pub fn count(&self, what: &'static str) {
        self.add(what, 1);
    }

    pub fn add(&self, what: &'static str, number: u64) {
        *lock(&self.figures).entry(what).or_default() += number;
    }

    /// Notes that a rule was broken.
    pub fn broken(&self, rule: Rule, how: impl Into<String>) {
        let how = how.into();
        let mut broken = lock(&self.broken);
        let of_rule = broken.entry(rule).or_default();
        // At once, because whoever watches may want to look while it is there.
        if of_rule.len() < EXAMPLES {
            eprintln!("!! {}: {how}", rule.text());
        }
        of_rule.push(how);
    }

    pub fn passed(&self) -> bool {
        lock(&self.broken).is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, number) in lock(&self.figures).iter() {
            writeln!(f, "{number:>9}  {what}")?;
        }
        writeln!(f)?;
        let broken = lock(&self.broken);
        for rule in Rule::ALL {
            let Some(cases) = broken.get(&rule) else {
                writeln!(f, "     ok  {}", rule.text())?;
                continue;
            };
            writeln!(f, "   FAIL  {}: {} times", rule.text(), cases.len())?;
            for case in cases.iter().take(EXAMPLES) {
                writeln!(f, "           {case}")?;
            }
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_passes_until_a_rule_is_broken() {
        let report = Report::default();
        report.add("orders", 3);
        assert!(report.passed());
        report.broken(Rule::Money, "a cent is missing");
        assert!(!report.passed());
        let text = report.to_string();
        assert!(text.contains("3  orders"), "{text}");
        assert!(text.contains("FAIL  captured"), "{text}");
        assert!(text.contains("a cent is missing"), "{text}");
        assert!(text.contains("ok  one order a key"), "{text}");
    }
}
