//! Counting papers and items in: each paper once, and of each item its newest state.
//!
//! A paper never changes, so a bit for its id says that it is counted. An item is kept with its counts, which
//! are taken out again when a newer revision comes. So it does not matter how often something is told, in
//! which order, or whether by an event or by a building.
//!
//! Scripts read everything before they write anything, and amounts pass through them as text: Lua knows floats
//! only, and a script that fails half-way leaves what it has written. A ranking is ordered by floats, and its
//! sums stand exactly in a hash beside it, the name of which ends with `=`.

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
            "local function negated(text)
               if text == '0' then return text end
               return string.sub(text, 1, 1) == '-' and string.sub(text, 2) or '-' .. text
             end
             local function add(key, field, by)
               if by ~= '0' and redis.call('hincrby', key, field, by) == 0 then
                 redis.call('hdel', key, field)
               end
             end
             local function score(key, entry)
               local parts = redis.call('hmget', key, entry, entry .. '^')
               if not parts[2] then return parts[1] end
               return string.format('%.17g', parts[2] * 1e12 + (parts[1] or 0))
             end
             local function count(generation, counts, taken_out, touched)
               for _, one in ipairs(counts) do
                 local kind, name, entry, small, large = unpack(one)
                 if taken_out then small, large = negated(small), negated(large) end
                 local key = place(generation, name)
                 touched[name] = true
                 if kind == 'member' then
                   if taken_out then redis.call('zrem', key, entry) else redis.call('zadd', key, 0, entry) end
                 else
                   local sums = key
                   if kind == 'rank' then
                     sums = key .. '='
                     touched[name .. '='] = true
                   end
                   add(sums, entry, small)
                   add(sums, entry .. '^', large)
                   if kind == 'rank' then
                     local sum = score(sums, entry)
                     if sum then redis.call('zadd', key, sum, entry) else redis.call('zrem', key, entry) end
                   end
                 end
               end
             end
             local function read(generation, papers, items)
               local plan = {generation = generation, papers = {}, items = {}}
               for _, paper in ipairs(papers) do
                 if redis.call('getbit', place(generation, 'papers'), paper.id) == 0 then
                   table.insert(plan.papers, paper)
                 end
               end
               for _, text in ipairs(items) do
                 local item = cjson.decode(text)
                 local known = redis.call('hget', place(generation, 'items'), item.card.id)
                 known = known and cjson.decode(known)
                 if not known or known.card.revision < item.card.revision then
                   table.insert(plan.items, {known = known, item = item, text = text})
                 end
               end
               return plan
             end
             local function write(plan)
               local generation, touched = plan.generation, {}
               for _, paper in ipairs(plan.papers) do
                 if redis.call('setbit', place(generation, 'papers'), paper.id, 1) == 0 then
                   touched.papers = true
                   count(generation, paper.counts, false, touched)
                 end
               end
               for _, one in ipairs(plan.items) do
                 touched.items = true
                 if one.known then count(generation, one.known.counts, true, touched) end
                 count(generation, one.item.counts, false, touched)
                 redis.call('hset', place(generation, 'items'), one.item.card.id, one.text)
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
         local plans = {}
         if current then table.insert(plans, read(current, papers, items)) end
         if building then table.insert(plans, read(building, papers, items)) end
         for _, plan in ipairs(plans) do write(plan) end
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
         write(read(building, cjson.decode(ARGV[1]), cjson.decode(ARGV[2])))
         redis.call('hset', model, 'position', ARGV[5])
         return 1"
    );
    let [papers, cards] = arguments(papers, cards)?;
    let (here, next) = (build.position.to_text(), next.to_text());
    let args = [&*papers, &*cards, &*build.generation, &*here, &*next];
    is_done(&run(cache, &ADD, &args).await?)
}
