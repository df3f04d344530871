//! Instants: Unix milliseconds where they are stored, RFC 3339 in UTC where they are read.
//!
//! RFC 3339 writes the years 0000 to 9999. Every [`Timestamp`] lies in them, so that each can be written:
//! text that names another instant is refused, and a number past either end is that end.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use crate::from_text::from_text;

/// `0000-01-01T00:00:00.000Z`.
const FIRST: i64 = -62_167_219_200_000;
/// `9999-12-31T23:59:59.999Z`.
const LAST: i64 = 253_402_300_799_999;

/// The longest text that is read as an instant: no clock has so many decimals.
const MAX_LENGTH: usize = 64;

/// An instant of the years 0000 to 9999, to the millisecond, as RFC 3339 writes it. Answers have it in UTC and
/// always with three decimals of the second: `2026-11-21T09:30:00.123Z`. A request may name any offset and any
/// number of decimals, of which the first three count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = "date-time", min_length = 20, max_length = 64, example = "2026-11-21T09:30:00.123Z")]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first instant of the year 0000.
    pub const MIN: Self = Self(FIRST);
    /// The last millisecond of the year 9999.
    pub const MAX: Self = Self(LAST);

    /// The instant this many milliseconds after 1970 began; [`Self::MIN`] or [`Self::MAX`] past them.
    #[must_use]
    pub const fn from_unix_ms(ms: i64) -> Self {
        if ms < FIRST {
            Self::MIN
        } else if ms > LAST {
            Self::MAX
        } else {
            Self(ms)
        }
    }

    /// Milliseconds since 1970 began.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// The instant `ms` milliseconds later; the last one there is, past it.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(ms))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = i128::from(self.0) * 1_000_000;
        // Never the other: every instant between the two ends is a date.
        let instant = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = (instant.year(), u8::from(instant.month()), instant.day());
        let (hour, minute, second, millisecond) = instant.to_hms_milli();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"
        )
    }
}

/// The text is no instant, or none of the years 0000 to 9999 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an instant of the years 0000 to 9999 as RFC 3339 writes it")]
pub struct InvalidTimestamp;

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        // The parser takes whatever separates the day from the time.
        let has_t = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
        if text.len() > MAX_LENGTH || !has_t {
            return Err(InvalidTimestamp);
        }
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        let ms = instant.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(ms)
            .ok()
            .filter(|ms| (FIRST..=LAST).contains(ms))
            .map(Self)
            .ok_or(InvalidTimestamp)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_instant_has_three_decimals_and_is_read_back_as_it_was_written() {
        for (ms, text) in [
            (1_795_253_400_123, "2026-11-21T09:30:00.123Z"),
            (1_795_253_400_070, "2026-11-21T09:30:00.070Z"),
            (1_795_253_400_000, "2026-11-21T09:30:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (FIRST, "0000-01-01T00:00:00.000Z"),
            (LAST, "9999-12-31T23:59:59.999Z"),
        ] {
            let instant = Timestamp::from_unix_ms(ms);
            let json = serde_json::to_string(&instant).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), instant);
        }
    }

    #[test]
    fn an_offset_is_taken_into_account() {
        let read: Timestamp = serde_json::from_str("\"2026-11-21T10:30:00+01:00\"").unwrap();
        assert_eq!(read.to_string(), "2026-11-21T09:30:00.000Z");
    }

    #[test]
    fn what_utc_writes_with_another_year_is_refused() {
        for text in [
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:59.999-00:01",
            "0000-01-01T00:00:00+01:00",
            "0000-01-01T00:00:00.000+00:01",
            "10000-01-01T00:00:00Z",
            "+10000-01-01T00:00:00Z",
            "-0001-12-31T23:59:59Z",
            "2026-02-30T00:00:00Z",
            "2026-11-21",
            "2026-11-21 09:30:00Z",
            "2026-11-21!09:30:00Z",
            "",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp), "{text}");
        }
        for text in ["9999-12-31T23:59:59+23:59", "0000-01-01T23:59:59+23:59"] {
            assert!(text.parse::<Timestamp>().is_ok(), "{text}");
        }
    }

    #[test]
    fn decimals_past_the_millisecond_do_not_count_and_are_not_endless() {
        let text = |decimals: usize| format!("2026-11-21T09:30:00.{}Z", "9".repeat(decimals));
        let longest = MAX_LENGTH - text(0).len();
        let read: Timestamp = text(longest).parse().unwrap();
        assert_eq!(read.to_string(), "2026-11-21T09:30:00.999Z");
        assert!(text(longest + 1).parse::<Timestamp>().is_err());
    }

    #[test]
    fn past_either_end_is_the_end() {
        assert_eq!(Timestamp::from_unix_ms(i64::MIN), Timestamp::MIN);
        assert_eq!(Timestamp::from_unix_ms(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MAX.plus_ms(1), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.plus_ms(i64::MIN), Timestamp::MIN);
    }

    proptest! {
        #[test]
        fn every_number_is_an_instant_that_survives_its_text(ms in any::<i64>(), near in FIRST - 9..LAST + 9) {
            for ms in [ms, near] {
                let instant = Timestamp::from_unix_ms(ms);
                let text = instant.to_string();
                prop_assert_eq!(text.len(), 24);
                prop_assert_eq!(text.parse(), Ok(instant));
            }
        }

        #[test]
        fn whatever_text_is_an_instant_can_be_written(
            year in 0..=9999_u16, month in 1..=12_u8, day in 1..=31_u8, hour in 0..=24_u8,
            second in 0..=60_u8, decimals in "(\\.[0-9]{1,12})?", offset in "(Z|[+-][0-9]{2}:[0-9]{2})",
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:59:{second:02}{decimals}{offset}");
            if let Ok(instant) = text.parse::<Timestamp>() {
                prop_assert_eq!(instant.to_string().parse(), Ok(instant));
            }
        }
    }
}
