//! The client of the orders service: the papers that it has issued.

use commerce::OrderId;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use service::{Context, Peer, PeerError};

use crate::paper::Paper;

/// As many orders as one call may ask for.
const MOST: usize = 500;

#[derive(Clone)]
pub struct Orders(Peer);

#[derive(Deserialize)]
struct Papers {
    data: Vec<Paper>,
}

#[derive(Serialize)]
struct OfOrders<'a> {
    order_ids: &'a [OrderId],
}

#[derive(Serialize)]
struct After {
    after: u64,
    limit: usize,
}

impl Orders {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    /// Every paper of these orders.
    pub async fn papers_of(
        &self,
        context: &Context,
        orders: &[OrderId],
    ) -> Result<Vec<Paper>, PeerError> {
        let mut papers = Vec::new();
        for order_ids in orders.chunks(MOST) {
            let some = OfOrders { order_ids };
            papers.extend(self.ask(context, "of-orders", &some).await?);
        }
        Ok(papers)
    }

    /// Papers in the order of their ids; fewer than `limit` are the last ones.
    pub async fn papers_after(
        &self,
        context: &Context,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Paper>, PeerError> {
        self.ask(context, "page", &After { after, limit }).await
    }

    async fn ask<Q: Serialize>(
        &self,
        context: &Context,
        what: &str,
        question: &Q,
    ) -> Result<Vec<Paper>, PeerError> {
        let path = format!("/internal/papers/{what}");
        let answer = self.0.send(context, Method::POST, &path, Some(question));
        let answer = answer.await?;
        match answer.status {
            StatusCode::OK => Ok(answer.json::<Papers>()?.data),
            _ => Err(answer.unexpected()),
        }
    }
}
