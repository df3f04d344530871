//! Jobs: what a service does by the clock, such as closing unpaid orders, relaying events, or removing what is
//! kept no longer.
//!
//! Nothing in Spin calls a component by the clock. So a request is answered, and then its instance looks, once a
//! second at most, whether a job is due that nobody runs; a scheduler asks for all of them by `/internal/tick`.
//! However many instances there are, a job has one worker in the whole shop: whoever holds its [lease](lease).
//! That keeps sweeps from becoming a storm. It is not what makes them right: a job must do no harm when it runs
//! twice at once, because a lease can be lost.

mod job;
mod lease;
mod pace;
mod purge;
mod run;
mod turn;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use db::Db;

use crate::auth::ServiceToken;
use crate::context::Context;
use crate::json::Json;
use crate::outbox;
use crate::problem::Problem;
use lease::Leases;

pub use job::{Done, Job};
pub use pace::Pace;
pub use purge::purge;
pub use run::Report;
pub use turn::Turn;

/// How often an instance looks whether something is due.
const LOOK: Duration = Duration::from_secs(1);
/// How long a wish for a job waits for the wishes of the next answers.
const GATHERING: Duration = Duration::from_millis(100);
/// How long a tick gives each job: there are others, and whoever ticked waits. What is left goes on afterwards.
const TICK_SHARE: Duration = Duration::from_millis(400);
/// The route by which a scheduler asks for everything that is due.
const TICK: &str = "/internal/tick";

thread_local! {
    static LOOKED: Cell<Option<Instant>> = const { Cell::new(None) };
    /// The jobs that this instance is about to run, because somebody wishes it.
    static WISHED: RefCell<HashSet<&'static str>> = RefCell::default();
}

/// The jobs of one service.
#[derive(Clone)]
pub struct Jobs {
    service: &'static str,
    leases: Leases,
    jobs: Arc<[Job]>,
}

impl Jobs {
    /// In the order in which one makes work for the next. Leases are in Redis, and where that is away in the
    /// table `job_leases` of the service's own schema, if it has one.
    pub fn new(
        service: &'static str,
        database: Option<Db>,
        jobs: impl IntoIterator<Item = Job>,
    ) -> Self {
        Self {
            service,
            leases: Leases::new(service, database),
            jobs: jobs.into_iter().collect(),
        }
    }

    /// Has instances look after their answers whether a job is due, and relay the events that they have written.
    /// A tick runs all jobs itself.
    pub fn run_after_answers(&self, router: Router) -> Router {
        let jobs = self.clone();
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let jobs = jobs.clone();
            async move {
                let context = request.extensions().get::<Context>().cloned();
                let is_tick = request.uri().path() == TICK;
                let response = next.run(request).await;
                if let Some(context) = context {
                    if outbox::was_written() {
                        jobs.run_soon(&context, outbox::RELAY);
                    }
                    if !is_tick && has_time_come() {
                        spin_sdk::wasip3::spawn(jobs.run_due(context));
                    }
                }
                response
            }
        }))
    }

    /// Runs every job that is due and that nobody runs.
    async fn run_due(self, context: Context) {
        for job in self.leases.due(&context, &self.jobs).await {
            if let Some(lease) = self.leases.take(&context, job, lease::When::Due).await {
                let turn = Turn::afterwards(&context);
                self.run(&turn, job, lease).await.ok();
            }
        }
    }

    /// Runs this job soon, whether or not it is due, in the background. If somebody runs it, they run it once
    /// more when they are through.
    pub fn run_soon(&self, context: &Context, name: &'static str) {
        if !WISHED.with_borrow_mut(|wished| wished.insert(name)) {
            return;
        }
        let (jobs, context) = (self.clone(), context.clone());
        spin_sdk::wasip3::spawn(async move {
            spin_sdk::time::sleep(GATHERING).await;
            // Whoever wishes it from here on is for the next run.
            WISHED.with_borrow_mut(|wished| wished.remove(name));
            let Some(job) = jobs.jobs.iter().find(|job| job.name == name) else {
                return;
            };
            let turn = Turn::afterwards(&context);
            let lease = jobs.leases.take(&turn.context, job, lease::When::Wished);
            if let Some(lease) = lease.await {
                jobs.run(&turn, job, lease).await.ok();
            }
        });
    }

    /// Runs every job once, as a scheduler asks, one after the other: due or not, because the scheduler says
    /// when. One that somebody runs is waited for, for a moment. What is left of a job goes on afterwards.
    pub async fn tick(&self, context: &Context) -> Result<BTreeMap<&'static str, Report>, Problem> {
        let mut reports = BTreeMap::new();
        let mut failed = None;
        for job in &*self.jobs {
            match self.run_now(context, job).await {
                Ok(report) => drop(reports.insert(job.name, report)),
                Err(problem) => failed = Some(problem),
            }
        }
        failed.map_or(Ok(reports), Err)
    }

    /// Runs one job once, for somebody who waits for it.
    pub(crate) async fn run_named(
        &self,
        context: &Context,
        name: &'static str,
    ) -> Result<Report, Problem> {
        match self.jobs.iter().find(|job| job.name == name) {
            Some(job) => self.run_now(context, job).await,
            None => Ok(Report::running()),
        }
    }

    async fn run_now(&self, context: &Context, job: &Job) -> Result<Report, Problem> {
        if !job.is_awaited {
            self.run_soon(context, job.name);
            return Ok(Report::running());
        }
        let waiting = Turn::of(context, TICK_SHARE);
        let Some(lease) = self.leases.wait_for(&waiting, job).await else {
            return Ok(Report::running());
        };
        // Its time begins when it does.
        let report = self.run(&Turn::of(context, TICK_SHARE), job, lease).await?;
        if report.left > 0 {
            self.run_soon(context, job.name);
        }
        Ok(report)
    }
}

/// `POST /internal/tick`: runs every job of the service once.
pub async fn tick(
    _: ServiceToken,
    context: Context,
    State(jobs): State<Jobs>,
) -> Result<Json<BTreeMap<&'static str, Report>>, Problem> {
    Ok(Json(jobs.tick(&context).await?))
}

fn has_time_come() -> bool {
    let now = Instant::now();
    let come = LOOKED
        .get()
        .is_none_or(|looked| now.duration_since(looked) >= LOOK);
    if come {
        LOOKED.set(Some(now));
    }
    come
}
