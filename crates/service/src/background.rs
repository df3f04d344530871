//! Work that a service does now and then beside its requests, such as closing what is past its time.
//!
//! There is no clock that calls a component. So a request's answer is sent, and then its instance does
//! what is due; a scheduler may ask for the same by the service's `/internal/tick`.

use std::cell::Cell;
use std::future::Future;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};

use crate::context::Context;

thread_local! {
    static LAST: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `job` after an answer of this router, at most once in `pause` in each instance.
pub fn now_and_then<F>(
    router: Router,
    pause: Duration,
    job: impl Fn(Context) -> F + Clone + Send + Sync + 'static,
) -> Router
where
    F: Future<Output = ()> + 'static,
{
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let job = job.clone();
        async move {
            let context = request.extensions().get::<Context>().cloned();
            let response = next.run(request).await;
            if let Some(context) = context.filter(|_| is_due(pause)) {
                spin_sdk::wasip3::spawn(job(context.renewed()));
            }
            response
        }
    }))
}

/// Begins `job` beside a request that asked for it, with time of its own: it goes on after the answer.
pub fn in_background<F>(context: &Context, job: impl FnOnce(Context) -> F)
where
    F: Future<Output = ()> + 'static,
{
    spin_sdk::wasip3::spawn(job(context.clone().renewed()));
}

/// Lets time pass.
pub async fn pause(time: Duration) {
    spin_sdk::time::sleep(time).await;
}

fn is_due(pause: Duration) -> bool {
    let now = Instant::now();
    let due = LAST
        .get()
        .is_none_or(|last| now.duration_since(last) >= pause);
    if due {
        LAST.set(Some(now));
    }
    due
}
