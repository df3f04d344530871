//! Who runs a job: whoever holds its lease, for as long as they renew it. One that dies with a lease leaves the
//! job to the next when the lease is over.

mod row;

use std::time::Duration;

use cache::{Reply, Script};
use db::Db;

use super::{Job, Turn};
use crate::context::Context;
use crate::log::warn;

/// How long a lease lasts that is not renewed.
const LASTS: Duration = Duration::from_secs(6);
/// How often it is renewed.
pub(super) const RENEWED: Duration = Duration::from_secs(2);
/// How long a wish for one more run is remembered.
const WISH_LASTS_MS: &str = "60000";
/// How often a tick looks whether a job is free.
const STEP: Duration = Duration::from_millis(20);

/// Of each pair of keys, lease and pause: whether the job is free and due.
const DUE: Script = Script::new(
    "local due = {}
     for i = 1, #KEYS, 2 do due[(i + 1) / 2] = 1 - redis.call('exists', KEYS[i], KEYS[i + 1]) end
     for i, free in ipairs(due) do if free < 0 then due[i] = 0 end end
     return due",
);

/// Keys: lease, pause, wish. Arguments: token, duration of the lease, of the pause, when, duration of a wish.
const TAKE: Script = Script::new(
    "if redis.call('exists', KEYS[1]) == 1 then
       if ARGV[4] == 'wished' then redis.call('set', KEYS[3], '1', 'PX', ARGV[5]) end
       return 0
     end
     if ARGV[4] == 'due' and redis.call('exists', KEYS[2]) == 1 then return 0 end
     redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
     redis.call('set', KEYS[2], '1', 'PX', ARGV[3])
     redis.call('del', KEYS[3])
     return 1",
);

const RENEW: Script = Script::new(
    "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
     return redis.call('pexpire', KEYS[1], ARGV[2])",
);

/// Keys: lease, pause, wish. Arguments: token, duration of the lease, whether its bearer can run the job again.
/// Answers whether somebody has wished for one more run meanwhile: then the lease is kept for that, or else the
/// pause ends, so that whoever comes next runs it.
const RELEASE: Script = Script::new(
    "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
     if redis.call('exists', KEYS[3]) == 1 then
       if ARGV[3] == '1' then
         redis.call('del', KEYS[3])
         redis.call('pexpire', KEYS[1], ARGV[2])
         return 1
       end
       redis.call('del', KEYS[2])
     end
     redis.call('del', KEYS[1])
     return 0",
);

/// When a job may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// When its pause is over.
    Due,
    /// Now; and if somebody runs it, once more.
    Wished,
    /// Now, if nobody runs it.
    Free,
}

impl When {
    fn as_str(self) -> &'static str {
        match self {
            When::Due => "due",
            When::Wished => "wished",
            When::Free => "free",
        }
    }
}

/// The leases of one service.
#[derive(Clone)]
pub(super) struct Leases {
    service: &'static str,
    database: Option<Db>,
}

/// The right to run a job.
#[derive(Debug)]
pub(super) struct Lease {
    place: Place,
    token: String,
}

#[derive(Debug)]
enum Place {
    Redis(Keys),
    Database(Db, &'static str),
}

/// One hash slot, should Redis be a cluster.
#[derive(Debug)]
struct Keys {
    lease: String,
    pause: String,
    wish: String,
}

impl Leases {
    pub fn new(service: &'static str, database: Option<Db>) -> Self {
        Self { service, database }
    }

    fn keys(&self, job: &Job) -> Keys {
        let key = |what: &str| format!("{{job:{}}}:{}:{what}", self.service, job.name);
        Keys {
            lease: key("lease"),
            pause: key("pause"),
            wish: key("wish"),
        }
    }

    /// The jobs that are due and that nobody runs, as one look tells.
    pub async fn due<'a>(&self, context: &Context, jobs: &'a [Job]) -> Vec<&'a Job> {
        let keys: Vec<String> = jobs
            .iter()
            .map(|job| self.keys(job))
            .flat_map(|keys| [keys.lease, keys.pause])
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        match run(context, &DUE, &keys, &[]).await {
            Some(replies) => {
                let due = replies.iter().map(|reply| *reply == Reply::Integer(1));
                let both = jobs.iter().zip(due);
                both.filter_map(|(job, due)| due.then_some(job)).collect()
            }
            None => self.due_by_rows(context, jobs).await,
        }
    }

    async fn due_by_rows<'a>(&self, context: &Context, jobs: &'a [Job]) -> Vec<&'a Job> {
        let Some(db) = &self.database else {
            return Vec::new();
        };
        match row::list_busy(db).await {
            Ok(busy) => jobs.iter().filter(|job| !busy.contains(job.name)).collect(),
            Err(error) => {
                warn(context, "whether jobs are due cannot be told", &error);
                Vec::new()
            }
        }
    }

    /// The lease, if the job is free.
    pub async fn take(&self, context: &Context, job: &Job, when: When) -> Option<Lease> {
        let token = crate::fresh_uuid().simple().to_string();
        let keys = self.keys(job);
        let (lasts, pause) = (ms(LASTS), ms(job.every));
        let args = [&*token, &*lasts, &*pause, when.as_str(), WISH_LASTS_MS];
        let names = [&*keys.lease, &*keys.pause, &*keys.wish];
        match run(context, &TAKE, &names, &args).await {
            Some(replies) => is_one(&replies).then_some(Lease {
                place: Place::Redis(keys),
                token,
            }),
            None => self.take_row(context, job, when, token).await,
        }
    }

    async fn take_row(
        &self,
        context: &Context,
        job: &Job,
        when: When,
        token: String,
    ) -> Option<Lease> {
        let db = self.database.as_ref()?;
        match row::take(db, job, when, &token).await {
            Ok(taken) => taken.then(|| Lease {
                place: Place::Database(db.clone(), job.name),
                token,
            }),
            Err(error) => {
                warn(context, "a job cannot be leased", &error);
                None
            }
        }
    }

    /// The lease, as soon as nobody has it; nothing if that is not before the turn is over.
    pub async fn wait_for(&self, turn: &Turn, job: &Job) -> Option<Lease> {
        loop {
            if let Some(lease) = self.take(&turn.context, job, When::Free).await {
                return Some(lease);
            }
            if !turn.has_time() {
                return None;
            }
            spin_sdk::time::sleep(STEP).await;
        }
    }
}

impl Lease {
    /// Whether it is still held.
    pub async fn renew(&self, context: &Context) -> bool {
        match &self.place {
            Place::Redis(keys) => {
                let args = [&*self.token, &*ms(LASTS)];
                let renewed = run(context, &RENEW, &[&keys.lease], &args).await;
                renewed.is_some_and(|replies| is_one(&replies))
            }
            Place::Database(db, name) => row::renew(db, name, &self.token).await.unwrap_or(false),
        }
    }

    /// Lets others run the job; the lease comes back where somebody has wished for one more run meanwhile, and its
    /// bearer can run it again.
    pub async fn release(self, context: &Context, can_run_again: bool) -> Option<Self> {
        let is_wished = match &self.place {
            Place::Redis(keys) => {
                let names = [&*keys.lease, &*keys.pause, &*keys.wish];
                let again = if can_run_again { "1" } else { "0" };
                let args = [&*self.token, &*ms(LASTS), again];
                let released = run(context, &RELEASE, &names, &args).await;
                released.is_some_and(|replies| is_one(&replies))
            }
            Place::Database(db, name) => {
                if let Err(error) = row::release(db, name, &self.token).await {
                    warn(context, "a lease runs out by itself", &error);
                }
                false
            }
        };
        is_wished.then_some(self)
    }
}

async fn run(
    context: &Context,
    script: &Script,
    keys: &[&str],
    args: &[&str],
) -> Option<Vec<Reply>> {
    let args: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).collect();
    let shared = &context.house()?.shared;
    shared.run(context, script, keys, &args).await
}

fn is_one(replies: &[Reply]) -> bool {
    matches!(replies.first(), Some(Reply::Integer(1)))
}

fn ms(time: Duration) -> String {
    time.as_millis().to_string()
}
