//! Sales and VAT, added up from the counts of days. Currencies and rates are never added to each other. Pure.

use std::collections::{BTreeMap, HashMap};

use commerce::{Currency, VatRate};

use crate::day::{By, Day, Span};
use crate::paper::Kind;

/// What was counted of a month, by entries such as `22:EUR:invoice:2000:net`.
pub type Month = (String, HashMap<String, i64>);

/// What papers of one kind come to, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub papers: i64,
    pub net: i64,
    pub gross: i64,
}

/// What was invoiced and what was credited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    pub orders: i64,
    pub invoiced: Sum,
    pub credited: Sum,
}

/// One thing that was counted on a day.
struct Entry {
    day: Day,
    currency: Currency,
    what: What,
}

enum What {
    Order,
    Paper(Kind),
    Net(Kind, VatRate),
    Gross(Kind, VatRate),
}

impl Balance {
    /// Net, gross: what is left of what was invoiced.
    pub fn left(&self) -> (i64, i64) {
        let Self {
            invoiced, credited, ..
        } = self;
        (
            invoiced.net.saturating_sub(credited.net),
            invoiced.gross.saturating_sub(credited.gross),
        )
    }

    fn add(&mut self, what: &What, amount: i64) {
        let (kind, field): (Kind, fn(&mut Sum) -> &mut i64) = match what {
            What::Order => {
                self.orders = self.orders.saturating_add(amount);
                return;
            }
            What::Paper(kind) => (*kind, |sum| &mut sum.papers),
            What::Net(kind, _) => (*kind, |sum| &mut sum.net),
            What::Gross(kind, _) => (*kind, |sum| &mut sum.gross),
        };
        let sum = match kind {
            Kind::Invoice => field(&mut self.invoiced),
            Kind::CreditNote => field(&mut self.credited),
        };
        *sum = sum.saturating_add(amount);
    }
}

/// By period, each with its first day in the span, and currency.
pub fn by_period(months: &[Month], span: Span, by: By) -> BTreeMap<(String, Currency), Balance> {
    let mut balances = BTreeMap::<_, Balance>::new();
    for (entry, amount) in entries(months, span) {
        let key = (entry.day.period(by), entry.currency);
        balances.entry(key).or_default().add(&entry.what, amount);
    }
    balances
}

/// By currency and rate.
pub fn by_rate(months: &[Month], span: Span) -> BTreeMap<(Currency, VatRate), Balance> {
    let mut balances = BTreeMap::<_, Balance>::new();
    for (entry, amount) in entries(months, span) {
        if let What::Net(_, rate) | What::Gross(_, rate) = entry.what {
            let balance = balances.entry((entry.currency, rate)).or_default();
            balance.add(&entry.what, amount);
        }
    }
    balances
}

/// What was counted on the days of the span. What is no count of ours is none.
fn entries(months: &[Month], span: Span) -> impl Iterator<Item = (Entry, i64)> {
    let all = months.iter().flat_map(|(month, counts)| {
        let parse = |(entry, amount): (&String, &i64)| Some((Entry::parse(month, entry)?, *amount));
        counts.iter().filter_map(parse)
    });
    all.filter(move |(entry, _)| span.contains(entry.day))
}

impl Entry {
    fn parse(month: &str, text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let day = Day::in_month(month, parts.next()?.parse().ok()?)?;
        let currency = parts.next()?.parse().ok()?;
        let name = parts.next()?;
        let kind = Kind::BOTH.into_iter().find(|kind| kind.as_str() == name);
        let mut rate = || VatRate::new(parts.next()?.parse().ok()?).ok();
        let what = match kind {
            None => (name == "order").then_some(What::Order)?,
            Some(kind) => match rate() {
                None => What::Paper(kind),
                Some(rate) => match parts.next()? {
                    "net" => What::Net(kind, rate),
                    "gross" => What::Gross(kind, rate),
                    _ => return None,
                },
            },
        };
        Some(Self {
            day,
            currency,
            what,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(name: &str, counts: &[(&str, i64)]) -> Month {
        let counts = counts.iter();
        let counts = counts.map(|(entry, amount)| ((*entry).to_owned(), *amount));
        (name.to_owned(), counts.collect())
    }

    fn months() -> Vec<Month> {
        vec![
            month(
                "2026-11",
                &[
                    ("22:EUR:order", 2),
                    ("22:EUR:invoice", 3),
                    ("22:EUR:invoice:2000:net", 1000),
                    ("22:EUR:invoice:2000:gross", 1200),
                    ("22:EUR:invoice:550:net", 100),
                    ("22:EUR:invoice:550:gross", 106),
                    ("23:EUR:credit_note", 1),
                    ("23:EUR:credit_note:2000:net", 500),
                    ("23:EUR:credit_note:2000:gross", 600),
                    ("32:EUR:order", 9),
                    ("nonsense", 9),
                ],
            ),
            month("2026-12", &[("01:EUR:order", 1)]),
        ]
    }

    fn span(from: &str, to: &str) -> Span {
        Span::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn days_of_a_span_add_up_to_weeks_and_months() {
        let span = span("2026-11-01", "2026-11-30");
        let balances = |by| by_period(&months(), span, by);
        let names = |by| {
            let periods = balances(by).into_keys().map(|(period, _)| period);
            periods.collect::<Vec<_>>()
        };
        assert_eq!(names(By::Day), ["2026-11-22", "2026-11-23"]);
        assert_eq!(names(By::Week), ["2026-W47", "2026-W48"]);
        let month = balances(By::Month)[&("2026-11".to_owned(), Currency::Eur)];
        assert_eq!((month.orders, month.left()), (2, (600, 706)));
        assert_eq!((month.invoiced.papers, month.credited.papers), (3, 1));
    }

    #[test]
    fn rates_stay_apart() {
        let rates = by_rate(&months(), span("2026-11-22", "2026-11-23"));
        let left: Vec<_> = rates
            .iter()
            .map(|((_, rate), balance)| (rate.basis_points(), balance.left()))
            .collect();
        assert_eq!(left, [(550, (100, 106)), (2000, (500, 600))]);
    }

    #[test]
    fn days_outside_the_span_count_for_nothing() {
        assert!(by_rate(&months(), span("2026-11-24", "2026-12-31")).is_empty());
        let balances = by_period(&months(), span("2026-12-01", "2026-12-01"), By::Day);
        assert_eq!(balances.len(), 1);
    }
}
