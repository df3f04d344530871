//! The one connection of an instance. It is multiplexed, so all requests share it; a call that fails gives
//! it up, and the next one opens another.

use std::cell::RefCell;
use std::sync::Arc;

use spin_sdk::redis::{Connection, Error as SdkError, RedisParameter, RedisResult};

use crate::error::{Error, Result};

thread_local! {
    static KEPT: RefCell<Option<Arc<Connection>>> = const { RefCell::new(None) };
}

pub(crate) async fn execute(
    url: &str,
    command: &str,
    args: Vec<RedisParameter>,
) -> Result<Vec<RedisResult>> {
    let connection = kept_or_opened(url).await?;
    connection.execute(command, args).await.map_err(|error| {
        let text = describe(error);
        if text.contains("No matching script") {
            return Error::UnknownScript;
        }
        // The connection is good: it has brought the refusal.
        if text.contains("OOM") {
            return Error::Full(text);
        }
        give_up(&connection);
        Error::Lost(text)
    })
}

async fn kept_or_opened(url: &str) -> Result<Arc<Connection>> {
    if let Some(kept) = KEPT.with_borrow(Option::clone) {
        return Ok(kept);
    }
    let opened = Connection::open(url)
        .await
        .map_err(|error| Error::Unavailable(describe(error)))?;
    let opened = Arc::new(opened);
    KEPT.set(Some(Arc::clone(&opened)));
    Ok(opened)
}

/// Forgets this connection, unless another request has replaced it already.
fn give_up(connection: &Arc<Connection>) {
    KEPT.with_borrow_mut(|kept| {
        if kept
            .as_ref()
            .is_some_and(|kept| Arc::ptr_eq(kept, connection))
        {
            *kept = None;
        }
    });
}

fn describe(error: SdkError) -> String {
    match error {
        SdkError::InvalidAddress => "the address is invalid".into(),
        SdkError::TooManyConnections => "too many connections".into(),
        SdkError::TypeError => "a value of another type".into(),
        SdkError::Other(text) => text,
    }
}
