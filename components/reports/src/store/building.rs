//! Building a generation beside the one that is served: beginning, comparing both, and putting the new one in
//! the place of the old.

use cache::{Cache, Reply, Script};
use commerce::Timestamp;

use super::state::{Build, Position};
use super::{is_done, run, script};

/// How many structures are compared at once.
const COMPARED_AT_ONCE: &str = "50";

/// How long somebody may take for a step before others think that they are gone, in milliseconds.
const LEASE_MS: &str = "4000";

/// Removes a generation.
macro_rules! discarding_script {
    ($text:literal) => {
        script!(
            "local function discard(generation)
               for _, name in ipairs(redis.call('zrange', place(generation, 'keys'), 0, -1)) do
                 redis.call('unlink', place(generation, name))
               end
               redis.call('unlink', place(generation, 'keys'))
             end\n",
            $text
        )
    };
}

/// Begins to build a generation, unless one is being built.
pub async fn begin(
    cache: &Cache,
    generation: &str,
    why: &str,
    now: Timestamp,
) -> cache::Result<bool> {
    const BEGIN: Script = discarding_script!(
        "if building then return 0 end
         if state[3] then discard(state[3]) end
         redis.call('hset', model, 'building', ARGV[1], 'building_run', run, 'why', ARGV[2],
           'begun_at', ARGV[3], 'position', ARGV[4], 'compares', trusted and 1 or 0,
           'differences', 0, 'examples', '[]')
         return 1"
    );
    let (now, position) = (now.unix_ms().to_string(), Position::Papers(0).to_text());
    let args = [generation, why, &now, &position];
    is_done(&run(cache, &BEGIN, &args).await?)
}

/// Goes on from one position to another, unless somebody else has.
pub async fn go_on(cache: &Cache, build: &Build, next: &Position) -> cache::Result<bool> {
    const GO_ON: Script = script!(
        "if building ~= ARGV[1] or position ~= ARGV[2] then return 0 end
         redis.call('hset', model, 'position', ARGV[3])
         return 1"
    );
    let (here, next) = (build.position.to_text(), next.to_text());
    is_done(&run(cache, &GO_ON, &[&build.generation, &here, &next]).await?)
}

/// Compares the structures past `after` in both generations, as far as one step goes. Both are told of every
/// event at once, so that at no moment they may differ. Where it ended; nothing at the end.
pub async fn compare(cache: &Cache, build: &Build, after: &str) -> cache::Result<Option<Position>> {
    const COMPARE: Script = script!(
        "if building ~= ARGV[1] or position ~= ARGV[2] or not current then return {'elsewhere'} end
         local function entries(generation, name)
           local key, found = place(generation, name), {}
           local kind = redis.call('type', key).ok
           local flat = {}
           if kind == 'hash' then flat = redis.call('hgetall', key)
           elseif kind == 'zset' then flat = redis.call('zrange', key, 0, -1, 'withscores')
           elseif kind == 'string' then flat = {'sha1', redis.sha1hex(redis.call('get', key))} end
           for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
           return found
         end
         local count = tonumber(redis.call('hget', model, 'differences'))
         local examples = cjson.decode(redis.call('hget', model, 'examples'))
         local function short(value) return value and #value <= 40 and value or nil end
         local function differs(name, entry, served, truth)
           count = count + 1
           if #examples < 20 then
             table.insert(examples,
               {structure = name, entry = entry, served = short(served), truth = short(truth)})
           end
         end
         local after, limit = ARGV[3], tonumber(ARGV[4])
         local names, seen = {}, {}
         for _, generation in ipairs({current, building}) do
           local from = after == '' and '-' or '(' .. after
           local some = redis.call('zrangebylex', place(generation, 'keys'), from, '+', 'limit', 0, limit)
           for _, name in ipairs(some) do
             if not seen[name] then seen[name] = true names[#names + 1] = name end
           end
         end
         table.sort(names)
         for i = 1, math.min(limit, #names) do
           local name = names[i]
           local served, truth = entries(current, name), entries(building, name)
           for entry, value in pairs(truth) do
             if served[entry] ~= value then differs(name, entry, served[entry], value) end
           end
           for entry, value in pairs(served) do
             if truth[entry] == nil then differs(name, entry, value, nil) end
           end
         end
         local text = #examples == 0 and '[]' or cjson.encode(examples)
         redis.call('hset', model, 'differences', count, 'examples', text)
         if #names <= limit then return {'end'} end
         redis.call('hset', model, 'position', 'comparing:' .. names[limit])
         return {'on', names[limit]}"
    );
    let here = build.position.to_text();
    let args = [&*build.generation, &*here, after, COMPARED_AT_ONCE];
    let mut replies = run(cache, &COMPARE, &args).await?.into_iter();
    let mut next = || replies.next().map(Reply::text).transpose();
    match (next()?.as_deref(), next()?) {
        (Some("end"), _) => Ok(None),
        (Some("on"), Some(name)) => Ok(Some(Position::Comparing(name))),
        _ => Ok(Some(build.position.clone())),
    }
}

/// Puts what was built in the place of what was served.
pub async fn switch(cache: &Cache, build: &Build, now: Timestamp) -> cache::Result<bool> {
    const SWITCH: Script = discarding_script!(
        "if building ~= ARGV[1] or position ~= ARGV[2] then return 0 end
         local found = redis.call('hmget', model, 'why', 'compares', 'differences', 'examples')
         redis.call('hset', model, 'current', building, 'run', run, 'found_at', ARGV[3],
           'found_why', found[1], 'found_compared', found[2], 'found_differences', found[3],
           'found_examples', found[4])
         redis.call('hdel', model, 'building', 'building_run', 'why', 'begun_at', 'position', 'compares',
           'differences', 'examples')
         if current then discard(current) end
         return 1"
    );
    let (here, now) = (build.position.to_text(), now.unix_ms().to_string());
    is_done(&run(cache, &SWITCH, &[&build.generation, &here, &now]).await?)
}

/// Whether this worker may work for a while: one at a time does, so that no page is read twice.
pub async fn lease(cache: &Cache, worker: &str) -> cache::Result<bool> {
    const LEASE: Script = Script::new(
        "local holder = redis.call('get', KEYS[1])
         if holder and holder ~= ARGV[1] then return 0 end
         redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
         return 1",
    );
    let args = [worker.as_bytes(), LEASE_MS.as_bytes()];
    is_done(&cache.run_repeatable(&LEASE, &[WORKER], &args).await?)
}

/// Lets others work.
pub async fn release(cache: &Cache, worker: &str) -> cache::Result<()> {
    const RELEASE: Script = Script::new(
        "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end
         return 1",
    );
    let args = [worker.as_bytes()];
    let released = cache.run_repeatable(&RELEASE, &[WORKER], &args).await;
    released.map(drop)
}

const WORKER: &str = "{reports}:worker";
