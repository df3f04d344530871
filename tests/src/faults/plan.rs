//! What will go wrong, and when: drawn from the seed before the run begins. The same seed gives the same
//! faults in the same order for the same times; what they hit is the system's affair.

use std::time::Duration;

use fastrand::Rng;

/// What can be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    Host,
    Mariadb,
    Redis,
}

/// What the host is connected with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Mariadb,
    Redis,
    Provider,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `kill -9`; started again when the fault is over.
    Kill(Victim),
    /// Every connection is broken at once; new ones work.
    Cut(Line),
    /// Everything takes longer.
    Slow(Line),
    /// Nothing arrives, and no connection breaks.
    Still(Line),
    /// What is asked arrives, and the answer is lost with its connection.
    Deaf(Line),
    /// The merchant's address takes no connection.
    Away,
}

/// A fault of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// How long all is well before it.
    pub calm: Duration,
    pub fault: Fault,
    pub lasts: Duration,
}

/// Each of these comes once before any comes again, so that a short run has seen most of them.
const DECK: [Fault; 18] = [
    Fault::Kill(Victim::Host),
    Fault::Kill(Victim::Host),
    Fault::Kill(Victim::Host),
    Fault::Kill(Victim::Mariadb),
    Fault::Kill(Victim::Mariadb),
    Fault::Kill(Victim::Redis),
    Fault::Cut(Line::Mariadb),
    Fault::Cut(Line::Redis),
    Fault::Slow(Line::Mariadb),
    Fault::Slow(Line::Redis),
    Fault::Still(Line::Mariadb),
    Fault::Still(Line::Redis),
    Fault::Deaf(Line::Mariadb),
    Fault::Slow(Line::Provider),
    Fault::Still(Line::Provider),
    Fault::Deaf(Line::Provider),
    Fault::Deaf(Line::Provider),
    Fault::Away,
];

/// What goes wrong in a run of this length.
pub fn draw(seed: u64, length: Duration) -> Vec<Planned> {
    let mut luck = Rng::with_seed(seed);
    let mut plan = Vec::new();
    let mut deck = Vec::new();
    let mut used = Duration::ZERO;
    loop {
        if deck.is_empty() {
            deck.extend(DECK);
            luck.shuffle(&mut deck);
        }
        let Some(fault) = deck.pop() else {
            return plan;
        };
        let calm = Duration::from_millis(luck.u64(2_000..6_000));
        let lasts = Duration::from_millis(luck.u64(length_of(fault)));
        used += calm + lasts;
        // The last seconds are calm, so that some orders are placed after the last fault.
        if used + Duration::from_secs(5) > length {
            return plan;
        }
        plan.push(Planned { calm, fault, lasts });
    }
}

/// In milliseconds. A server that says nothing may do so for longer than a request may take.
fn length_of(fault: Fault) -> std::ops::Range<u64> {
    match fault {
        Fault::Kill(_) => 100..3_000,
        Fault::Cut(_) => 1..2,
        Fault::Slow(_) => 2_000..6_000,
        Fault::Still(_) => 1_000..14_000,
        Fault::Deaf(_) => 200..1_500,
        Fault::Away => 1_000..4_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_seed_always_draws_the_same_plan() {
        assert_eq!(draw(7, 2 * MINUTE), draw(7, 2 * MINUTE));
        assert_ne!(draw(7, 2 * MINUTE), draw(8, 2 * MINUTE));
    }

    #[test]
    fn a_plan_ends_before_its_run_does() {
        for seed in 0..50 {
            let plan = draw(seed, 2 * MINUTE);
            let used: Duration = plan.iter().map(|one| one.calm + one.lasts).sum();
            assert!(used < 2 * MINUTE, "{used:?}");
        }
    }

    #[test]
    fn the_short_run_of_the_tests_kills_each_server() {
        let plan = draw(2, 2 * MINUTE);
        for victim in [Victim::Host, Victim::Mariadb, Victim::Redis] {
            let kill = Fault::Kill(victim);
            assert!(plan.iter().any(|one| one.fault == kill), "{kill:?}");
        }
    }

    #[test]
    fn twenty_minutes_have_thirty_kills_and_more() {
        for seed in 0..50 {
            let plan = draw(seed, 20 * MINUTE);
            let kills = plan
                .iter()
                .filter(|one| matches!(one.fault, Fault::Kill(_)));
            assert!(kills.count() >= 35);
        }
    }
}
