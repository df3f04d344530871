//! Days on the calendar, and instants as PDF and XMP write them: pure arithmetic on the proleptic
//! Gregorian calendar, without a time zone database. Only Paris and UTC exist here.
//!
//! Sources: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"; summer time by directive
//! 2000/84/EC (last Sundays of March and October, 01:00 UTC), which holds since 1996.

use std::fmt;
use std::str::FromStr;

use commerce::{Language, Timestamp};
use serde::{Deserialize, Serialize};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A day of the calendar; on the wire `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day {
    year: i64,
    /// 1 to 12.
    month: i64,
    /// 1 to 31.
    day: i64,
}

/// The text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written like 2026-11-22")]
pub struct InvalidDay;

/// An instant as PDF writes it (ISO 32000-1 §7.9.4): `D:20260301120000Z`.
pub fn pdf_date(instant: Timestamp) -> String {
    let (Day { year, month, day }, [hours, minutes, seconds]) = parts(instant);
    format!("D:{year:04}{month:02}{day:02}{hours:02}{minutes:02}{seconds:02}Z")
}

/// An instant as XMP writes it (ISO 16684-1 §8.2.1.4): `2026-03-01T12:00:00Z`.
pub fn xmp_date(instant: Timestamp) -> String {
    let (day, [hours, minutes, seconds]) = parts(instant);
    format!("{day}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

const fn parts(instant: Timestamp) -> (Day, [i64; 3]) {
    let unix_ms = instant.unix_ms();
    let seconds = unix_ms.rem_euclid(DAY) / 1000;
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    (Day::of(unix_ms), clock)
}

impl Day {
    /// The day in Paris at this instant.
    #[must_use]
    pub const fn in_paris(instant: Timestamp) -> Self {
        let unix_ms = instant.unix_ms();
        Self::of(unix_ms.saturating_add(paris_offset(unix_ms)))
    }

    /// So many days later.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self::of((self.number() + days as i64).saturating_mul(DAY))
    }

    /// The instant at which it begins in Paris.
    #[must_use]
    pub const fn begins_at(self) -> Timestamp {
        let midnight = self.number() * DAY;
        // Clocks change later in the night, so that one of the two is right.
        let summer = midnight - 2 * HOUR;
        Timestamp::from_unix_ms(if paris_offset(summer) == 2 * HOUR {
            summer
        } else {
            midnight - HOUR
        })
    }

    /// As people write it: `1er mars 2026`, `1 March 2026`.
    #[must_use]
    pub fn format(self, language: Language) -> String {
        let Self { year, month, day } = self;
        match (language, day) {
            (Language::French, 1) => format!("1er {} {year}", month_name(month, language)),
            _ => format!("{day} {} {year}", month_name(month, language)),
        }
    }

    /// `20261122`, the format 102 of UNTDID 2379.
    pub fn format_102(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// The day in UTC.
    const fn of(unix_ms: i64) -> Self {
        let days = unix_ms.div_euclid(DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        Self { year, month, day }
    }

    /// Days since 1 January 1970.
    const fn number(self) -> i64 {
        let year = self.year - if self.month <= 2 { 1 } else { 0 };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted = if self.month > 2 {
            self.month - 3
        } else {
            self.month + 9
        };
        let day_of_year = (153 * shifted + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let mut parts = text.splitn(3, '-').map(|part| {
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_number)
        });
        let mut next = || parts.next().flatten().ok_or(InvalidDay);
        let day = Self {
            year: next()?,
            month: next()?,
            day: next()?,
        };
        // A day that is on no calendar, or is written otherwise, comes back as another.
        let exists = (0..=9999).contains(&day.year) && (1..=12).contains(&day.month);
        if exists && Self::of(day.number() * DAY).to_string() == text {
            Ok(day)
        } else {
            Err(InvalidDay)
        }
    }
}

impl TryFrom<String> for Day {
    type Error = InvalidDay;

    fn try_from(text: String) -> Result<Self, InvalidDay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// How far Paris is ahead of UTC, in milliseconds.
const fn paris_offset(unix_ms: i64) -> i64 {
    let year = Day::of(unix_ms).year;
    let since = last_sunday(Day {
        year,
        month: 3,
        day: 31,
    }) * 24
        + 1;
    let until = last_sunday(Day {
        year,
        month: 10,
        day: 31,
    }) * 24
        + 1;
    let hour = unix_ms.div_euclid(HOUR);
    if since <= hour && hour < until {
        2 * HOUR
    } else {
        HOUR
    }
}

/// The number of the last Sunday up to this day. Day 0 was a Thursday.
const fn last_sunday(day: Day) -> i64 {
    let number = day.number();
    number - (number + 4).rem_euclid(7)
}

const fn month_name(month: i64, language: Language) -> &'static str {
    match (month, language) {
        (1, Language::French) => "janvier",
        (2, Language::French) => "février",
        (3, Language::French) => "mars",
        (4, Language::French) => "avril",
        (5, Language::French) => "mai",
        (6, Language::French) => "juin",
        (7, Language::French) => "juillet",
        (8, Language::French) => "août",
        (9, Language::French) => "septembre",
        (10, Language::French) => "octobre",
        (11, Language::French) => "novembre",
        (_, Language::French) => "décembre",
        (1, Language::English) => "January",
        (2, Language::English) => "February",
        (3, Language::English) => "March",
        (4, Language::English) => "April",
        (5, Language::English) => "May",
        (6, Language::English) => "June",
        (7, Language::English) => "July",
        (8, Language::English) => "August",
        (9, Language::English) => "September",
        (10, Language::English) => "October",
        (11, Language::English) => "November",
        (_, Language::English) => "December",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants_fall_on_their_days() {
        for (unix_ms, french, pdf, xmp) in [
            (
                0,
                "1er janvier 1970",
                "D:19700101000000Z",
                "1970-01-01T00:00:00Z",
            ),
            (
                951_782_400_000,
                "29 février 2000",
                "D:20000229000000Z",
                "2000-02-29T00:00:00Z",
            ),
            (
                1_795_302_661_000,
                "22 novembre 2026",
                "D:20261121231101Z",
                "2026-11-21T23:11:01Z",
            ),
            (
                -1,
                "1er janvier 1970",
                "D:19691231235959Z",
                "1969-12-31T23:59:59Z",
            ),
        ] {
            let instant = Timestamp::from_unix_ms(unix_ms);
            assert_eq!(Day::in_paris(instant).format(Language::French), french);
            assert_eq!(pdf_date(instant), pdf);
            assert_eq!(xmp_date(instant), xmp);
        }
        let leap_day: Day = "2000-02-29".parse().unwrap();
        assert_eq!(leap_day.format(Language::English), "29 February 2000");
    }

    #[test]
    fn only_days_of_the_calendar_are_days() {
        let day: Day = serde_json::from_str("\"2026-02-28\"").unwrap();
        assert_eq!(day.plus_days(1).to_string(), "2026-03-01");
        assert_eq!(day.plus_days(-59).to_string(), "2025-12-31");
        assert_eq!(day.format_102(), "20260228");
        for wrong in [
            "2026-02-29",
            "2026-2-3",
            "2026-13-01",
            "2026-00-10",
            "+026-01-01",
            "",
            "2026-01",
        ] {
            assert_eq!(wrong.parse::<Day>(), Err(InvalidDay), "{wrong}");
        }
    }

    #[test]
    fn paris_changes_its_clocks_on_the_last_sundays_of_march_and_october() {
        // 29 March 2026 and 25 October 2026, 01:00 UTC.
        for (instant, before, after) in [
            (1_774_746_000_000, HOUR, 2 * HOUR),
            (1_792_890_000_000, 2 * HOUR, HOUR),
        ] {
            assert_eq!(paris_offset(instant - 1), before);
            assert_eq!(paris_offset(instant), after);
        }
    }

    #[test]
    fn every_day_has_its_number_and_the_extremes_do_not_fail() {
        for number in (-800_000..800_000).step_by(13) {
            assert_eq!(Day::of(number * DAY + 5).number(), number);
        }
        for instant in [i64::MIN, i64::MAX].map(Timestamp::from_unix_ms) {
            assert!(!Day::in_paris(instant).format(Language::French).is_empty());
            assert!(pdf_date(instant).starts_with("D:"));
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_paris_whatever_the_clocks_do() {
        for (day, instant) in [
            ("2026-11-22", "2026-11-21T23:00:00.000Z"),
            ("2026-07-14", "2026-07-13T22:00:00.000Z"),
            ("2026-03-29", "2026-03-28T23:00:00.000Z"),
            ("2026-03-30", "2026-03-29T22:00:00.000Z"),
            ("2026-10-25", "2026-10-24T22:00:00.000Z"),
            ("2026-10-26", "2026-10-25T23:00:00.000Z"),
        ] {
            let day: Day = day.parse().unwrap();
            assert_eq!(day.begins_at().to_string(), instant);
            assert_eq!(Day::in_paris(day.begins_at()), day);
            assert_eq!(
                Day::in_paris(day.begins_at().plus_ms(-1)),
                day.plus_days(-1)
            );
        }
    }
}
