//! The rules of a circuit: pure.
//!
//! Closed, it lets every call pass and counts what goes wrong in points, which an answer takes away. At
//! [`LIMIT`] it opens: calls are refused, but for one probe in each [`PAUSE_MS`]. A probe that is answered
//! closes it; nothing else does, since a late answer to an old call may still come from a peer that is slow.

use std::fmt;
use std::str::FromStr;

/// Points at which a circuit opens.
pub const LIMIT: u32 = 3;
/// How long nobody asks a peer whose circuit has opened, and how long until the next one tries.
const PAUSE_MS: i64 = 2_000;
/// How long points count.
const POINTS_LAST_MS: i64 = 10_000;
/// A circuit that nobody has tried in this time is closed.
const OPEN_LASTS_MS: i64 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Closed {
        points: u32,
    },
    /// `probe_at`: from when the next call may try, in Unix milliseconds.
    Open {
        probe_at: i64,
    },
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// It passes if it is the one that puts the next state into its place.
    Probe,
    Refuse,
}

impl State {
    /// Whether a call may be made, and the state of things if it is.
    pub fn admit(self, now: i64) -> (Verdict, Self) {
        match self {
            Self::Closed { .. } => (Verdict::Pass, self),
            // A time that is farther away than a pause was told by a clock that is wrong.
            Self::Open { probe_at } if now < probe_at && probe_at <= now + PAUSE_MS => {
                (Verdict::Refuse, self)
            }
            Self::Open { .. } => (Verdict::Probe, Self::opened(now)),
        }
    }

    /// The state after a call has said so many points against the peer; none if it was answered.
    pub fn hear(self, is_probe: bool, points: u32, now: i64) -> Self {
        match self {
            Self::Closed { .. } if points == 0 => Self::default(),
            Self::Closed { points: before } if before + points < LIMIT => Self::Closed {
                points: before + points,
            },
            Self::Closed { .. } => Self::opened(now),
            Self::Open { .. } if is_probe && points == 0 => Self::default(),
            Self::Open { .. } if is_probe => Self::opened(now),
            Self::Open { .. } => self,
        }
    }

    pub fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// How long it is to be remembered.
    pub fn lasts_ms(self) -> i64 {
        match self {
            Self::Closed { .. } => POINTS_LAST_MS,
            Self::Open { .. } => OPEN_LASTS_MS,
        }
    }

    fn opened(now: i64) -> Self {
        let probe_at = now + PAUSE_MS;
        Self::Open { probe_at }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { points: 0 }
    }
}

/// As it is kept: nothing while nothing is wrong.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { points: 0 } => Ok(()),
            Self::Closed { points } => write!(f, "closed {points}"),
            Self::Open { probe_at } => write!(f, "open {probe_at}"),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct NoState;

impl FromStr for State {
    type Err = NoState;

    fn from_str(text: &str) -> Result<Self, NoState> {
        match text.split_once(' ') {
            None if text.is_empty() => Ok(Self::default()),
            Some(("closed", points)) => {
                let points = points.parse().map_err(|_| NoState)?;
                Ok(Self::Closed { points })
            }
            Some(("open", at)) => {
                let probe_at = at.parse().map_err(|_| NoState)?;
                Ok(Self::Open { probe_at })
            }
            _ => Err(NoState),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What may happen to a circuit, each some time after what was before.
    #[derive(Clone, Debug)]
    enum Step {
        Call,
        Hear { is_probe: bool, points: u32 },
    }

    fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
        let hear = (any::<bool>(), 0..=LIMIT)
            .prop_map(|(is_probe, points)| Step::Hear { is_probe, points });
        let step = prop_oneof![Just(Step::Call), hear];
        prop::collection::vec((0..PAUSE_MS, step), 1..60)
    }

    proptest! {
        #[test]
        fn an_open_circuit_lets_one_call_pass_in_each_pause(steps in steps()) {
            let (mut now, mut state) = (1_000_000, State::default());
            let mut last_probe = None;
            for (passed, step) in steps {
                now += passed;
                match step {
                    Step::Call => {
                        let (verdict, next) = state.admit(now);
                        if verdict == Verdict::Probe {
                            prop_assert!(last_probe.is_none_or(|last| now - last >= PAUSE_MS));
                            last_probe = Some(now);
                        }
                        state = next;
                    }
                    Step::Hear { is_probe, points } => {
                        state = state.hear(is_probe, points, now);
                        if state == State::default() {
                            last_probe = None;
                        }
                    }
                }
            }
        }

        #[test]
        fn whatever_happened_a_peer_that_answers_is_asked_again_within_a_pause(steps in steps()) {
            let (mut now, mut state) = (1_000_000, State::default());
            for (passed, step) in steps {
                now += passed;
                state = match step {
                    Step::Call => state.admit(now).1,
                    Step::Hear { is_probe, points } => state.hear(is_probe, points, now),
                };
            }
            now += PAUSE_MS;
            let (verdict, next) = state.admit(now);
            prop_assert_ne!(verdict, Verdict::Refuse);
            let state = next.hear(verdict == Verdict::Probe, 0, now);
            prop_assert_eq!(state, State::default());
        }

        #[test]
        fn a_state_is_read_as_it_was_written(points in 0..LIMIT, probe_at in any::<i64>()) {
            for state in [State::Closed { points }, State::Open { probe_at }] {
                prop_assert_eq!(state.to_string().parse(), Ok(state));
            }
        }
    }

    #[test]
    fn points_add_up_until_an_answer() {
        let one = State::default().hear(false, 1, 0);
        let two = one.hear(false, 1, 0);
        assert_eq!(two.admit(0).0, Verdict::Pass);
        assert_eq!(two.hear(false, 0, 0), State::default());
        assert_eq!(two.hear(false, 1, 0).admit(0).0, Verdict::Refuse);
    }

    #[test]
    fn only_a_probe_closes_or_prolongs() {
        let open = State::default().hear(false, LIMIT, 0);
        assert_eq!(open.hear(false, 0, 100), open);
        assert_eq!(open.hear(false, LIMIT, 100), open);
        assert_eq!(open.hear(true, 0, 100), State::default());
        assert_eq!(open.hear(true, 1, 100), State::opened(100));
    }

    #[test]
    fn a_wrong_clock_keeps_nobody_away() {
        let far = State::Open {
            probe_at: 1_000_000,
        };
        assert_eq!(far.admit(0), (Verdict::Probe, State::opened(0)));
    }
}
