//! The client of the orders service: the papers that it has issued.

use commerce::OrderId;
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
            let path = "/internal/papers/of-orders";
            let found: Papers = self.0.ask(context, path, &OfOrders { order_ids }).await?;
            papers.extend(found.data);
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
        let path = "/internal/papers/page";
        let page: Papers = self.0.ask(context, path, &After { after, limit }).await?;
        Ok(page.data)
    }
}
