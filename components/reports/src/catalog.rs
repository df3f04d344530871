//! The client of the catalogue: its items, deleted ones too, and their stock.

use commerce::ItemId;
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
            let path = "/internal/cards/by-ids";
            let found: Cards = self.0.ask(context, path, &Ids { ids }).await?;
            cards.extend(found.data);
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
        let path = "/internal/cards/page";
        let page: Cards = self.0.ask(context, path, &After { after, limit }).await?;
        Ok(page.data)
    }
}
