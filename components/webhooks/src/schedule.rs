//! When a delivery that failed is tried again: the schedule that Standard Webhooks recommends, over a little
//! more than three days, with quick first tries for an address that was away for a moment.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The pauses after the first, the second, … failure, in milliseconds.
const PAUSES: [i64; 12] = [
    SECOND,
    5 * SECOND,
    15 * SECOND,
    MINUTE,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

/// A receiver may ask for more time than the schedule has, but not for ever.
const LONGEST_PAUSE: i64 = 24 * HOUR;

/// How long to wait after so many attempts, in milliseconds; nothing after the last.
///
/// `chance` (0 is none, `u16::MAX` all of it) lengthens the pause by up to a fifth, so that deliveries which
/// failed together do not come back together. `asked` is what the receiver's `Retry-After` says.
pub fn pause(attempts: u32, chance: u16, asked: Option<i64>) -> Option<i64> {
    let index = usize::try_from(attempts.saturating_sub(1)).ok()?;
    let planned = *PAUSES.get(index)?;
    let jitter = planned / 5 * i64::from(chance) / i64::from(u16::MAX);
    let asked = asked.unwrap_or_default().min(LONGEST_PAUSE);
    Some((planned + jitter).max(asked))
}

/// `Retry-After` (RFC 9110 §10.2.3), seconds or a date, as milliseconds from now.
pub fn read_retry_after(header: &str, now_ms: i64) -> Option<i64> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(i64::from(seconds) * SECOND);
    }
    let date: SystemTime = httpdate::parse_http_date(header).ok()?;
    let since: Duration = date.duration_since(UNIX_EPOCH).ok()?;
    let ms = i64::try_from(since.as_millis()).ok()?;
    Some(ms.saturating_sub(now_ms).max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_that_is_away_is_tried_for_about_three_days() {
        let total: i64 = (1..).map_while(|attempts| pause(attempts, 0, None)).sum();
        assert!((3 * 24 * HOUR..4 * 24 * HOUR).contains(&total), "{total}");
        assert_eq!(pause(1, 0, None), Some(SECOND));
        assert_eq!(pause(13, 0, None), None);
        assert_eq!(pause(u32::MAX, 0, Some(SECOND)), None);
    }

    #[test]
    fn a_receiver_that_asks_for_time_is_given_it() {
        assert_eq!(read_retry_after(" 120 ", 0), Some(120 * SECOND));
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert_eq!(read_retry_after(date, 1_445_412_479_000), Some(SECOND));
        assert_eq!(read_retry_after(date, 1_545_412_479_000), Some(0));
        for header in ["", "-1", "soon", "1.5"] {
            assert_eq!(read_retry_after(header, 0), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_pause_is_the_planned_one_or_a_little_longer(attempts in 1_u32..13, chance: u16) {
            let planned = pause(attempts, 0, None).unwrap();
            let pause = pause(attempts, chance, None).unwrap();
            prop_assert!((planned..=planned + planned / 5).contains(&pause));
        }

        #[test]
        fn no_receiver_makes_a_pause_shorter_or_endless(attempts in 1_u32..13, asked: i64) {
            let planned = pause(attempts, 0, None).unwrap();
            let pause = pause(attempts, 0, Some(asked)).unwrap();
            prop_assert!((planned..=LONGEST_PAUSE).contains(&pause));
            prop_assert!(pause >= asked.min(LONGEST_PAUSE));
        }
    }
}
