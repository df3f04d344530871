//! One run of a job: with its lease renewed beside it, measured, and told.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use serde::Serialize;

use super::lease::{Lease, RENEWED};
use super::{Done, Job, Jobs, Turn};
use crate::clock::now_ms;
use crate::context::Context;
use crate::log::warn;
use crate::metrics;
use crate::problem::Problem;

/// What a tick tells of a job.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Report {
    pub did: u64,
    pub left: u64,
    took_ms: u64,
    /// It runs beside this tick.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    running: bool,
}

impl Report {
    fn new(done: Done, took: Duration) -> Self {
        Self {
            did: done.did,
            left: done.left,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            running: false,
        }
    }

    pub(super) fn running() -> Self {
        Self {
            running: true,
            ..Self::new(Done::default(), Duration::ZERO)
        }
    }
}

impl Jobs {
    /// Runs the job once, and once more for as long as somebody wishes it and there is time.
    pub(super) async fn run(
        &self,
        turn: &Turn,
        job: &Job,
        mut lease: Lease,
    ) -> Result<Report, Problem> {
        let context = &turn.context;
        loop {
            let began = Instant::now();
            let ended = keep_while(context, &lease, job.begin(turn.clone())).await;
            let took = began.elapsed();
            self.measure(context, job, took, ended.as_ref().ok());
            if let Err(problem) = &ended {
                warn(context, job.name, problem);
            }
            let can_run_again = ended.is_ok() && turn.has_time();
            match lease.release(context, can_run_again).await {
                Some(kept) => lease = kept,
                None => return ended.map(|done| Report::new(done, took)),
            }
        }
    }

    fn measure(&self, context: &Context, job: &Job, took: Duration, done: Option<&Done>) {
        let labels = [("service", self.service), ("job", job.name)];
        let outcome = ("outcome", if done.is_some() { "done" } else { "failed" });
        let counted = [&labels[..], &[outcome]].concat();
        metrics::count("comptoir_job_runs_total", &counted);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let now = u64::try_from(now_ms()).unwrap_or_default();
        metrics::set(
            "comptoir_job_last_run_seconds",
            &labels,
            now.saturating_mul(1000),
        );
        metrics::set("comptoir_job_last_duration_seconds", &labels, micros);
        if let Some(done) = done {
            metrics::add_to("comptoir_job_done_total", &labels, done.did);
            metrics::set("comptoir_job_last_done", &labels, done.did);
            metrics::set("comptoir_job_left", &labels, done.left);
        }
        metrics::flush_soon(context);
    }
}

/// Waits for the work, and renews the lease meanwhile. A lease that was lost ends nothing: what was begun is
/// safe beside another worker, and the next batch is small.
async fn keep_while<T>(context: &Context, lease: &Lease, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        let time = pin!(spin_sdk::time::sleep(RENEWED));
        match select(work.as_mut(), time).await {
            Either::Left((done, _)) => return done,
            Either::Right(_) => drop(lease.renew(context).await),
        }
    }
}
