//! Work that goes on beside requests and after them.

use std::time::Duration;

use crate::context::Context;

/// Goes on with work of a request beside its answer and after it, with time of its own.
pub fn afterwards<W: Future<Output = ()> + 'static>(
    context: &Context,
    work: impl FnOnce(Context) -> W,
) {
    spin_sdk::wasip3::spawn(work(context.clone().renewed()));
}

/// Waits, and lets the instance's other requests go on.
pub async fn pause(time: Duration) {
    spin_sdk::time::sleep(time).await;
}
