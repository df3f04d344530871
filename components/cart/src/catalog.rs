//! The client of the catalogue: what items are called, what they cost, how many there are.

use std::collections::BTreeSet;

use commerce::ItemId;
use serde::{Deserialize, Serialize};
use service::{Context, Peer, PeerError};

use crate::offer::{Offer, Offers};

/// The catalogue, as the cart needs it.
#[derive(Clone)]
pub struct Catalog(Peer);

#[derive(Serialize)]
struct Question {
    ids: BTreeSet<ItemId>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Offer>,
}

impl Catalog {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    /// What these items are offered for, in one call; in none where there is nothing to ask.
    pub async fn offers(
        &self,
        context: &Context,
        ids: impl IntoIterator<Item = ItemId>,
    ) -> Result<Offers, PeerError> {
        let question = Question {
            ids: ids.into_iter().collect(),
        };
        if question.ids.is_empty() {
            return Ok(Offers::default());
        }
        let answer: Answer = self.0.ask(context, "/internal/items", &question).await?;
        Ok(Offers::new(question.ids, answer.data))
    }
}
