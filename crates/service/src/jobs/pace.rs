//! How much of the database a job may have: after each batch it rests in proportion to what the batch took. So
//! a database that is busy with customers, and slow for it, is left alone for longer.

use std::time::{Duration, Instant};

use super::Turn;

/// The longest rest, so that a slow batch does not end the work.
const LONGEST: Duration = Duration::from_secs(1);

/// The rhythm of one run.
#[derive(Debug)]
pub struct Pace {
    /// How many times longer than a batch its rest is.
    rest: u32,
    began: Instant,
}

impl Pace {
    /// A third of the time at most.
    pub fn beside_customers() -> Self {
        Self::resting(2)
    }

    /// Half of the time at most.
    pub fn half() -> Self {
        Self::resting(1)
    }

    fn resting(rest: u32) -> Self {
        Self {
            rest,
            began: Instant::now(),
        }
    }

    /// Rests after a batch; whether there is time for another.
    pub async fn rest(&mut self, turn: &Turn) -> bool {
        if !turn.has_time() {
            return false;
        }
        spin_sdk::time::sleep(resting_time(self.began.elapsed(), self.rest)).await;
        self.began = Instant::now();
        turn.has_time()
    }
}

fn resting_time(took: Duration, rest: u32) -> Duration {
    took.saturating_mul(rest).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_took_longer_is_followed_by_a_longer_rest() {
        let ms = Duration::from_millis;
        assert_eq!(resting_time(ms(30), 2), ms(60));
        assert_eq!(resting_time(ms(30), 1), ms(30));
        assert_eq!(resting_time(Duration::from_secs(60), 2), LONGEST);
    }
}
