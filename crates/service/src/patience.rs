//! Waiting for something, but not for ever.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

/// What a future gives, or nothing when it takes longer than `patience`: it is dropped where it stands.
pub async fn within<T>(patience: Duration, future: impl Future<Output = T>) -> Option<T> {
    let future = pin!(future);
    let patience = pin!(spin_sdk::time::sleep(patience));
    match select(future, patience).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(((), _)) => None,
    }
}
