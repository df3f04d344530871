//! What the model is like: what is served, what is being built, and what the last building has found.

use std::collections::HashMap;
use std::str::FromStr;

use cache::{Cache, Reply, Script};
use commerce::{ItemId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::script;

/// The model at this moment.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Whether anything can be read.
    pub is_served: bool,
    /// Whether what is read is known to miss nothing.
    pub is_trusted: bool,
    pub building: Option<Build>,
    pub last: Option<Finding>,
}

/// A generation that is being built.
#[derive(Clone, Debug)]
pub struct Build {
    pub generation: String,
    pub why: String,
    pub begun_at: Timestamp,
    pub position: Position,
    /// Whether it is to be compared with what is served.
    pub compares: bool,
}

/// What the last building has found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Finding {
    pub at: Timestamp,
    /// Why it was built: `asked`, `daily`, `missing`, or `redis_restarted`.
    #[schema(pattern = "^(asked|daily|missing|redis_restarted)$", example = "daily")]
    pub why: String,
    /// Whether it was compared with what had been served; there was nothing to trust otherwise.
    pub compared: bool,
    /// Entries that differed.
    pub differences: u64,
    /// Some of them.
    pub examples: Vec<Difference>,
}

/// An entry of the read model that was not what the truth says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The structure that it is in.
    pub structure: String,
    pub entry: String,
    /// What was served, where it is short.
    pub served: Option<String>,
    /// What is true, where it is short.
    pub truth: Option<String>,
}

/// How far a building is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Past the paper with this id.
    Papers(u64),
    /// Past this item.
    Items(ItemId),
    /// Waiting until what was on its way has arrived.
    Settling(Timestamp),
    /// Past the structure of this name.
    Comparing(String),
}

impl Position {
    /// As it is stored.
    pub fn to_text(&self) -> String {
        match self {
            Position::Papers(after) => format!("papers:{after}"),
            Position::Items(after) => format!("items:{after}"),
            Position::Settling(until) => format!("settling:{}", until.unix_ms()),
            Position::Comparing(after) => format!("comparing:{after}"),
        }
    }
}

impl FromStr for Position {
    type Err = cache::Error;

    fn from_str(text: &str) -> Result<Self, cache::Error> {
        let known = text.split_once(':').and_then(|(stage, after)| match stage {
            "papers" => after.parse().ok().map(Position::Papers),
            "items" => after.parse().ok().map(Position::Items),
            "settling" => after.parse().ok().map(instant).map(Position::Settling),
            "comparing" => Some(Position::Comparing(after.to_owned())),
            _ => None,
        });
        known.ok_or(cache::Error::Unexpected(
            "wanted the position of a building",
        ))
    }
}

pub async fn read(cache: &Cache) -> cache::Result<State> {
    const READ: Script = script!(
        "local all = redis.call('hgetall', model)
         table.insert(all, 1, building and 1 or 0)
         table.insert(all, 1, trusted and 1 or 0)
         return all"
    );
    parse(super::run(cache, &READ, &[]).await?)
}

fn parse(replies: Vec<Reply>) -> cache::Result<State> {
    let mut replies = replies.into_iter();
    let mut next = || {
        let missing = cache::Error::Unexpected("wanted a state");
        replies.next().ok_or(missing)
    };
    let is_trusted = next()?.integer()? == 1;
    let is_building = next()?.integer()? == 1;
    let mut texts = replies.map(Reply::text);
    let mut fields = HashMap::new();
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        fields.insert(name?, value?);
    }
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let number = |name: &str| text(name).parse::<i64>().unwrap_or_default();
    let building = is_building.then(|| {
        Ok::<_, cache::Error>(Build {
            generation: text("building"),
            why: text("why"),
            begun_at: instant(number("begun_at")),
            position: text("position").parse()?,
            compares: number("compares") == 1,
        })
    });
    let last = fields.contains_key("found_at").then(|| {
        let examples = serde_json::from_str(&text("found_examples")).unwrap_or_default();
        Finding {
            at: instant(number("found_at")),
            why: text("found_why"),
            compared: number("found_compared") == 1,
            differences: number("found_differences").unsigned_abs(),
            examples,
        }
    });
    Ok(State {
        is_served: fields.contains_key("current"),
        is_trusted,
        building: building.transpose()?,
        last,
    })
}

fn instant(unix_ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(unix_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written() {
        for position in [
            Position::Papers(41),
            Position::Items(ItemId::from_bytes([7; 16])),
            Position::Settling(instant(1_795_253_400_123)),
            Position::Comparing("sales:all:2026-11".to_owned()),
            Position::Comparing(String::new()),
        ] {
            let read: Position = position.to_text().parse().unwrap();
            assert_eq!(read, position);
        }
        for wrong in ["", "papers", "papers:x", "items:1", "done:1"] {
            assert!(wrong.parse::<Position>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_model_that_was_never_built_has_no_state() {
        let state = parse(vec![Reply::Integer(0), Reply::Integer(0)]).unwrap();
        assert!(!state.is_served && !state.is_trusted);
        assert!(state.building.is_none() && state.last.is_none());
    }
}
