//! The read model in Redis. Its structures are called `{reports}:<generation>:<name>`; the hash
//! `{reports}:model:2` says which generation is served, which one is being built, and in which run of Redis each
//! was: after a restart, what Redis had not yet written to its disk is missing.
//!
//! Every change is one script, and whatever is read comes from one generation.

pub mod building;
pub mod reading;
pub mod state;
pub mod writing;

/// The only key that scripts are given; the others are made of what it holds.
/// Its number counts the forms that the structures have had: a model of another form is missing, and built anew.
const MODEL: &str = "{reports}:model:2";

/// A script, after what all of them begin with: what is served and whether it is trusted, and what is being
/// built. A generation of another run of Redis may lack what was counted last; one that was being built then
/// is not gone on with.
macro_rules! script {
    ($($text:expr),+) => {
        cache::Script::new(concat!(
            "local model = KEYS[1]
             local run = string.match(redis.call('info', 'server'), 'run_id:(%x+)')
             local state = redis.call('hmget', model, 'current', 'run', 'building', 'building_run', 'position')
             local current, position = state[1], state[5]
             local trusted = current and state[2] == run
             local building = state[4] == run and state[3]
             local function place(generation, name)
               return '{reports}:' .. generation .. ':' .. name
             end\n",
            $($text),+
        ))
    };
}
use script;

use cache::{Cache, Reply, Script};

/// Runs a script of the model. All of them may run twice.
async fn run(cache: &Cache, script: &Script, args: &[&str]) -> cache::Result<Vec<Reply>> {
    let args: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).collect();
    cache.run_repeatable(script, &[MODEL], &args).await
}

/// The first value of an answer, which says whether something was done.
fn is_done(replies: &[Reply]) -> cache::Result<bool> {
    let first = replies.first();
    let first = first.ok_or(cache::Error::Unexpected("wanted an answer"))?;
    Ok(first.integer()? == 1)
}
