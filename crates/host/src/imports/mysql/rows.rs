//! The rows of a query, streamed: a task holds the connection until the last row is taken.
//!
//! A result that is neither read to its end nor dropped keeps its connection for itself; a
//! result over the limit ends in an error after the rows before it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::TryStreamExt as _;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Params};
use tokio::sync::{Mutex, mpsc, oneshot};
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult};

use super::conversion;
use crate::imports::bindings::spin::mysql::mysql::{Column, Error, Row};

/// Bytes that one result may take in the host.
const MOST_BYTES: usize = 128 << 20;

/// A query that has begun to answer.
pub struct Started {
    pub columns: Vec<Column>,
    pub rows: Rows,
    pub outcome: oneshot::Receiver<Result<(), Error>>,
}

/// The rows that have come in.
pub struct Rows(mpsc::Receiver<Row>);

/// Runs the statement up to its columns. An error before that is dropped with the task, and the
/// component learns no more than that: so it is in Spin.
pub async fn start(
    client: Arc<Mutex<Conn>>,
    statement: String,
    params: Params,
) -> Result<Started, Error> {
    let (rows_in, rows) = mpsc::channel(4);
    let (columns_in, columns) = oneshot::channel();
    let (outcome_in, outcome) = oneshot::channel();
    tokio::spawn(async move {
        let done = stream(&client, statement, params, columns_in, rows_in).await;
        // The component may have gone meanwhile.
        let _ = outcome_in.send(done);
    });
    match columns.await {
        Ok(columns) => Ok(Started {
            columns,
            rows: Rows(rows),
            outcome,
        }),
        Err(closed) => Err(Error::Other(format!("async error: {closed}"))),
    }
}

async fn stream(
    client: &Mutex<Conn>,
    statement: String,
    params: Params,
    columns_in: oneshot::Sender<Vec<Column>>,
    rows_in: mpsc::Sender<Row>,
) -> Result<(), Error> {
    let mut client = client.lock().await;
    let mut result = client
        .exec_iter(statement, params)
        .await
        .map_err(|error| Error::QueryFailed(format!("{error:?}")))?;
    let columns = result
        .columns()
        .map_or_else(Vec::new, |columns| conversion::describe(&columns));
    let _ = columns_in.send(columns.clone());
    let other = |error: mysql_async::Error| Error::Other(error.to_string());
    let mut rows = result
        .stream::<mysql_async::Row>()
        .await
        .map_err(other)?
        .ok_or_else(|| Error::Other("unable to stream query result".into()))?;
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await.map_err(other)? {
        let row = conversion::read_row(row, &columns)?;
        bytes += conversion::measure(&row);
        if bytes > MOST_BYTES {
            return Err(Error::Other(format!(
                "query result exceeds limit of {MOST_BYTES} bytes"
            )));
        }
        rows_in
            .send(row)
            .await
            .map_err(|closed| Error::Other(format!("async error: {closed}")))?;
    }
    Ok(())
}

impl<D> StreamProducer<D> for Rows {
    type Item = Row;
    type Buffer = Option<Row>;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A read of no items asks whether one could be had; answering yes is always allowed.
        if destination.remaining(store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let row = match self.get_mut().0.poll_recv(context) {
            Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
            polled => ready!(polled),
        };
        Poll::Ready(Ok(match row {
            None => StreamResult::Dropped,
            Some(row) => {
                destination.set_buffer(Some(row));
                StreamResult::Completed
            }
        }))
    }
}
