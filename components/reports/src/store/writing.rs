//! Counting papers and items in: each paper once, and of each item its newest state.
//!
//! A paper never changes, so a bit for its id says that it is counted. An item is kept with its counts, which
//! are taken out again when a newer revision comes. So it does not matter how often something is told, in
//! which order, or whether by an event or by a building.

use cache::{Cache, Script};
use serde::Serialize;

use super::state::{Build, Position};
use super::{is_done, run, script};
use crate::card::Card;
use crate::count::Count;
use crate::paper::Paper;

/// What counts papers and items in, in one generation. The names of what it touches are kept, in order, for
/// whoever compares or removes the generation.
macro_rules! writing_script {
    ($text:literal) => {
        script!(
            "local function count(generation, counts, sign, touched)
               for _, one in ipairs(counts) do
                 local kind, name, entry, amount = one[1], one[2], one[3], one[4] * sign
                 local key = place(generation, name)
                 touched[name] = true
                 if kind == 'member' then
                   if amount > 0 then redis.call('zadd', key, 0, entry) else redis.call('zrem', key, entry) end
                 elseif kind == 'rank' then
                   if tonumber(redis.call('zincrby', key, amount, entry)) == 0 then
                     redis.call('zrem', key, entry)
                   end
                 elseif redis.call('hincrby', key, entry, amount) == 0 then
                   redis.call('hdel', key, entry)
                 end
               end
             end
             local function write(generation, papers, items)
               local touched = {}
               for _, paper in ipairs(papers) do
                 if redis.call('setbit', place(generation, 'papers'), paper.id, 1) == 0 then
                   touched.papers = true
                   count(generation, paper.counts, 1, touched)
                 end
               end
               for _, text in ipairs(items) do
                 local item, key = cjson.decode(text), place(generation, 'items')
                 local known = redis.call('hget', key, item.card.id)
                 known = known and cjson.decode(known)
                 if not known or known.card.revision < item.card.revision then
                   touched.items = true
                   if known then count(generation, known.counts, -1, touched) end
                   count(generation, item.counts, 1, touched)
                   redis.call('hset', key, item.card.id, text)
                 end
               end
               for name in pairs(touched) do redis.call('zadd', place(generation, 'keys'), 0, name) end
             end\n",
            $text
        )
    };
}

#[derive(Serialize)]
struct CountedPaper {
    id: u64,
    counts: Vec<Count>,
}

/// An item as it is kept.
#[derive(Serialize)]
struct CountedCard<'a> {
    card: &'a Card,
    counts: Vec<Count>,
}

/// Papers and items as the scripts take them.
fn arguments(papers: &[Paper], cards: &[Card]) -> cache::Result<[String; 2]> {
    let papers: Vec<CountedPaper> = papers
        .iter()
        .map(|paper| CountedPaper {
            id: paper.id,
            counts: paper.counts(),
        })
        .collect();
    let cards = cards
        .iter()
        .map(|card| {
            serde_json::to_string(&CountedCard {
                card,
                counts: card.counts(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok([
        serde_json::to_string(&papers)?,
        serde_json::to_string(&cards)?,
    ])
}

/// Counts what events have told of, in what is served and in what is being built.
pub async fn apply(cache: &Cache, papers: &[Paper], cards: &[Card]) -> cache::Result<()> {
    const APPLY: Script = writing_script!(
        "local papers, items = cjson.decode(ARGV[1]), cjson.decode(ARGV[2])
         if current then write(current, papers, items) end
         if building then write(building, papers, items) end
         return 1"
    );
    let [papers, cards] = arguments(papers, cards)?;
    run(cache, &APPLY, &[&papers, &cards]).await.map(drop)
}

/// Counts a page in what is being built, which then is at `next`; whether it was there where it should be.
pub async fn add_page(
    cache: &Cache,
    build: &Build,
    next: &Position,
    papers: &[Paper],
    cards: &[Card],
) -> cache::Result<bool> {
    const ADD: Script = writing_script!(
        "if building ~= ARGV[3] or position ~= ARGV[4] then return 0 end
         write(building, cjson.decode(ARGV[1]), cjson.decode(ARGV[2]))
         redis.call('hset', model, 'position', ARGV[5])
         return 1"
    );
    let [papers, cards] = arguments(papers, cards)?;
    let (here, next) = (build.position.to_text(), next.to_text());
    let args = [&*papers, &*cards, &*build.generation, &*here, &*next];
    is_done(&run(cache, &ADD, &args).await?)
}
