//! Building the read model anew, beside the one that is served: when nobody asks for it because it is missing,
//! because Redis has restarted and may have forgotten its last second, or once a day to see whether it is still
//! true; and whenever an admin asks.
//!
//! The truth is read page by page from the services that own it, while events are counted in both. At the end
//! what differs is noted, and the new one takes the place of the old. A worker goes on where the one before
//! has stopped, so that no request lasts long.

use std::time::Duration;

use cache::Cache;
use commerce::{ItemId, Timestamp};
use service::{Context, Done, Job, Problem, clock};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::orders::Orders;
use crate::store::state::{Build, Position, State};
use crate::store::{building, state, writing};

/// The job that builds the model.
pub const BUILD: &str = "build_reports";

/// Papers and items of a page.
const PAGE: usize = 250;
/// A worker begins no step with less time than this.
const LAST_STEP: Duration = Duration::from_secs(4);
/// How long events may be on their way before what they tell counts as missing.
const SETTLING_MS: i64 = 2_000;
/// How often the model is compared with the truth without anybody asking.
const DAILY_MS: i64 = 24 * 60 * 60 * 1000;

/// Why the model is built. It is shown as it is written here.
pub const ASKED: &str = "asked";
const DAILY: &str = "daily";
const MISSING: &str = "missing";
const REDIS_RESTARTED: &str = "redis_restarted";

/// Who builds.
#[derive(Clone)]
pub struct Builder {
    pub cache: Cache,
    pub orders: Orders,
    pub catalog: Catalog,
}

/// Why the model is to be built, if it is.
fn is_due(state: &State, now: Timestamp) -> Option<&'static str> {
    let last = state.last.as_ref();
    match state {
        State {
            building: Some(_), ..
        } => None,
        State {
            is_served: false, ..
        } => Some(MISSING),
        State {
            is_trusted: false, ..
        } => Some(REDIS_RESTARTED),
        _ if last.is_some_and(|last| last.at.plus_ms(DAILY_MS) <= now) => Some(DAILY),
        _ => None,
    }
}

impl Builder {
    /// Begins to build, unless that has begun; whether it had not.
    pub async fn begin(&self, why: &str) -> Result<bool, Problem> {
        let generation = service::fresh_uuid().simple().to_string();
        Ok(building::begin(&self.cache, &generation, why, clock::now()).await?)
    }

    /// The job that builds. It takes a while, and nobody waits for it.
    pub fn job(&self) -> Job {
        let builder = self.clone();
        let build = Job::new(BUILD, Duration::from_secs(1), move |turn| {
            let builder = builder.clone();
            async move { builder.tend(&turn.context).await }
        });
        build.in_background()
    }

    /// Begins to build if it is due, and goes on with what is being built.
    async fn tend(&self, context: &Context) -> Result<Done, Problem> {
        let state = state::read(&self.cache).await?;
        if let Some(why) = is_due(&state, clock::now()) {
            self.begin(why).await?;
        } else if state.building.is_none() {
            return Ok(Done::default());
        }
        let steps = self.work(context).await?;
        let left = state::read(&self.cache).await?.building.is_some();
        Ok(Done::with_left(steps, usize::from(left)))
    }

    /// Goes on as long as there is time and something to do, if nobody else does; how many steps.
    async fn work(&self, context: &Context) -> Result<usize, Problem> {
        let mut steps = 0;
        let worker = service::fresh_uuid().simple().to_string();
        while context.time_left() > LAST_STEP && building::lease(&self.cache, &worker).await? {
            let Some(build) = state::read(&self.cache).await?.building else {
                break;
            };
            self.step(context, &build).await?;
            steps += 1;
        }
        building::release(&self.cache, &worker).await?;
        Ok(steps)
    }

    async fn step(&self, context: &Context, build: &Build) -> Result<(), Problem> {
        let cache = &self.cache;
        match &build.position {
            Position::Papers(after) => {
                let papers = self.orders.papers_after(context, *after, PAGE).await?;
                let next = match papers.last() {
                    Some(last) if papers.len() == PAGE => Position::Papers(last.id),
                    _ => Position::Items(ItemId::from_uuid(Uuid::nil())),
                };
                writing::add_page(cache, build, &next, &papers, &[]).await?;
            }
            Position::Items(after) => {
                let cards = self.catalog.cards_after(context, *after, PAGE).await?;
                let next = match cards.last() {
                    Some(last) if cards.len() == PAGE => Position::Items(last.id),
                    _ => Position::Settling(clock::now().plus_ms(SETTLING_MS)),
                };
                writing::add_page(cache, build, &next, &[], &cards).await?;
            }
            Position::Settling(until) if build.compares => {
                let wait = until.unix_ms() - clock::now().unix_ms();
                let wait = Duration::from_millis(wait.clamp(0, SETTLING_MS).unsigned_abs());
                service::pause(wait).await;
                building::go_on(cache, build, &Position::Comparing(String::new())).await?;
            }
            Position::Settling(_) => {
                building::switch(cache, build, clock::now()).await?;
            }
            Position::Comparing(after) => {
                if building::compare(cache, build, after).await?.is_none() {
                    building::switch(cache, build, clock::now()).await?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::state::Finding;

    fn now() -> Timestamp {
        Timestamp::from_unix_ms(1_795_253_400_123)
    }

    fn sound() -> State {
        State {
            is_served: true,
            is_trusted: true,
            building: None,
            last: Some(Finding {
                at: now().plus_ms(-1000),
                why: ASKED.to_owned(),
                compared: true,
                differences: 0,
                examples: Vec::new(),
            }),
        }
    }

    #[test]
    fn a_sound_model_is_built_again_once_a_day() {
        assert_eq!(is_due(&sound(), now()), None);
        assert_eq!(is_due(&sound(), now().plus_ms(DAILY_MS)), Some(DAILY));
    }

    #[test]
    fn a_model_that_is_missing_or_in_doubt_is_built_at_once() {
        let missing = State::default();
        assert_eq!(is_due(&missing, now()), Some(MISSING));
        let doubted = State {
            is_trusted: false,
            ..sound()
        };
        assert_eq!(is_due(&doubted, now()), Some(REDIS_RESTARTED));
    }

    #[test]
    fn what_is_being_built_is_not_begun_again() {
        let building = State {
            building: Some(Build {
                generation: "g".to_owned(),
                why: MISSING.to_owned(),
                begun_at: now(),
                position: Position::Papers(0),
                compares: false,
            }),
            ..State::default()
        };
        assert_eq!(is_due(&building, now()), None);
    }
}
