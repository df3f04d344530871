//! Days on the calendar, out of Unix milliseconds: pure arithmetic on the proleptic Gregorian
//! calendar, without a time zone database. Only Paris and UTC exist here.
//!
//! Sources: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"; summer time by directive
//! 2000/84/EC (last Sundays of March and October, 01:00 UTC), which holds since 1996.

use commerce::Language;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    year: i64,
    /// 1 to 12.
    month: i64,
    /// 1 to 31.
    day: i64,
}

/// The day in Paris, as people write it: `1er mars 2026`, `1 March 2026`.
pub fn day_in_paris(unix_ms: i64, language: Language) -> String {
    let Day { year, month, day } = Day::of(unix_ms.saturating_add(paris_offset(unix_ms)));
    match (language, day) {
        (Language::French, 1) => format!("1er {} {year}", month_name(month, language)),
        _ => format!("{day} {} {year}", month_name(month, language)),
    }
}

/// The instant as PDF writes it (ISO 32000-1 §7.9.4): `D:20260301120000Z`.
pub fn pdf_date(unix_ms: i64) -> String {
    let Day { year, month, day } = Day::of(unix_ms);
    let seconds = unix_ms.rem_euclid(DAY) / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!(
        "D:{year:04}{month:02}{day:02}{hours:02}{minutes:02}{:02}Z",
        seconds % 60
    )
}

impl Day {
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
        for (unix_ms, french, pdf) in [
            (0, "1er janvier 1970", "D:19700101000000Z"),
            (951_782_400_000, "29 février 2000", "D:20000229000000Z"),
            (1_795_302_661_000, "22 novembre 2026", "D:20261121231101Z"),
            (-1, "1er janvier 1970", "D:19691231235959Z"),
        ] {
            assert_eq!(day_in_paris(unix_ms, Language::French), french);
            assert_eq!(pdf_date(unix_ms), pdf);
        }
        assert_eq!(
            day_in_paris(951_782_400_000, Language::English),
            "29 February 2000"
        );
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
        for unix_ms in [i64::MIN, i64::MAX] {
            assert!(!day_in_paris(unix_ms, Language::French).is_empty());
            assert!(pdf_date(unix_ms).starts_with("D:"));
        }
    }
}
