//! Days of the shop, spans of them, and the days, weeks or months that a span is told by. Pure; which day an
//! instant belongs to was decided when a paper was dated.

use std::fmt;
use std::str::FromStr;

use commerce::Text;
use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use time::{Date, Duration, Month};
use utoipa::ToSchema;

/// The longest span that a report is told of, in days: three years.
const LONGEST: i64 = 1096;

/// A day of the calendar: `2026-11-22`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = "date", min_length = 10, max_length = 10, example = "2026-11-22")]
pub struct Day(Date);

/// From a day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: Day,
    to: Day,
}

/// By what a report is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    #[default]
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    Month,
}

impl Day {
    /// `2026-11`.
    pub fn month(self) -> String {
        let (year, month, _) = self.0.to_calendar_date();
        format!("{year:04}-{:02}", u8::from(month))
    }

    /// From 1 to 31.
    pub fn of_month(self) -> u8 {
        self.0.day()
    }

    /// That day of a month such as `2026-11`.
    pub fn in_month(month: &str, day: u8) -> Option<Self> {
        let (year, month) = month.split_once('-')?;
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date = Date::from_calendar_date(year.parse().ok()?, month, day);
        date.ok().map(Self)
    }

    /// The name of what it is a part of: `2026-11-22`, `2026-W47` or `2026-11`.
    pub fn period(self, by: By) -> String {
        match by {
            By::Day => self.to_string(),
            By::Week => {
                let (year, week, _) = self.0.to_iso_week_date();
                format!("{year:04}-W{week:02}")
            }
            By::Month => self.month(),
        }
    }
}

impl Span {
    /// What is wrong with a span comes in words.
    pub fn new(from: Day, to: Day) -> Result<Self, Text> {
        let days = (to.0 - from.0).whole_days() + 1;
        if (1..=LONGEST).contains(&days) {
            return Ok(Self { from, to });
        }
        Err(Text::new(
            "Pas avant le premier jour, et pas plus de trois ans après",
            "Not before the first day, and no more than three years after it",
        ))
    }

    pub fn contains(self, day: Day) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// The months that it touches.
    pub fn months(self) -> Vec<String> {
        let mut months = Vec::new();
        let mut day = self.from.0;
        while day <= self.to.0 {
            let month = Day(day).month();
            if months.last() != Some(&month) {
                months.push(month);
            }
            let Some(next) = day.checked_add(Duration::DAY) else {
                break;
            };
            day = next;
        }
        months
    }
}

impl FromStr for Day {
    type Err = Text;

    fn from_str(text: &str) -> Result<Self, Text> {
        let day = text.rsplit_once('-');
        let day = day.and_then(|(month, day)| Self::in_month(month, day.parse().ok()?));
        // Numbers may have signs and zeros in front that days do not have.
        let day = day.filter(|day| day.to_string() == text);
        day.ok_or_else(|| Text::new("Un jour, comme 2026-11-22", "A day, such as 2026-11-22"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.month(), self.of_month())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day: Result<Self, Text> = text.parse();
        day.map_err(|wrong| de::Error::custom(wrong.en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_written_as_it_is_read() {
        for text in ["2026-11-22", "2028-02-29", "2026-01-01"] {
            assert_eq!(day(text).to_string(), text);
        }
        for wrong in [
            "",
            "2026-11",
            "2026-02-29",
            "2026-13-01",
            "26-11-22",
            "2026-1-22",
            "2026-11-2x",
            "2026-11-+2",
            "2026-+1-22",
            "+026-11-22",
            "02026-11-22",
            "22/11/2026",
        ] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_week_belongs_to_the_year_of_its_thursday() {
        assert_eq!(day("2026-11-22").period(By::Week), "2026-W47");
        assert_eq!(day("2026-11-23").period(By::Week), "2026-W48");
        assert_eq!(day("2027-01-03").period(By::Week), "2026-W53");
        assert_eq!(day("2026-11-22").period(By::Month), "2026-11");
    }

    #[test]
    fn a_span_is_forwards_and_three_years_at_most() {
        let span = |from, to| Span::new(day(from), day(to));
        assert!(span("2026-11-22", "2026-11-22").is_ok());
        assert!(span("2026-11-22", "2026-11-21").is_err());
        assert!(span("2024-01-01", "2026-12-31").is_ok());
        assert!(span("2024-01-01", "2027-01-01").is_err());
        let months = span("2026-11-30", "2027-01-01").unwrap().months();
        assert_eq!(months, ["2026-11", "2026-12", "2027-01"]);
    }
}
