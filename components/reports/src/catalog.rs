//! The client of the catalogue: its items, deleted ones too, and their stock.

use commerce::ItemId;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use service::{Context, Peer, PeerError};

use crate::card::Card;

/// As many items as one call may ask for.
const MOST: usize = 500;

#[derive(Clone)]
pub struct Catalog(Peer);

#[derive(Deserialize)]
struct Cards {
    data: Vec<Card>,
}

#[derive(Serialize)]
struct Ids<'a> {
    ids: &'a [ItemId],
}

#[derive(Serialize)]
struct After {
    after: ItemId,
    limit: usize,
}

impl Catalog {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    /// These items, as they are at this moment.
    pub async fn cards(&self, context: &Context, ids: &[ItemId]) -> Result<Vec<Card>, PeerError> {
        let mut cards = Vec::new();
        for ids in ids.chunks(MOST) {
            cards.extend(self.ask(context, "by-ids", &Ids { ids }).await?);
        }
        Ok(cards)
    }

    /// Items in the order of their ids; fewer than `limit` are the last ones.
    pub async fn cards_after(
        &self,
        context: &Context,
        after: ItemId,
        limit: usize,
    ) -> Result<Vec<Card>, PeerError> {
        self.ask(context, "page", &After { after, limit }).await
    }

    async fn ask<Q: Serialize>(
        &self,
        context: &Context,
        what: &str,
        question: &Q,
    ) -> Result<Vec<Card>, PeerError> {
        let path = format!("/internal/cards/{what}");
        let answer = self.0.send(context, Method::POST, &path, Some(question));
        let answer = answer.await?;
        match answer.status {
            StatusCode::OK => Ok(answer.json::<Cards>()?.data),
            _ => Err(answer.unexpected()),
        }
    }
}
