//! The client of the cart service: what a client has gathered.

use commerce::{ItemId, Quantity, UserId};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use service::{Context, Peer, PeerError};

use crate::catalog::Wanted;

#[derive(Clone)]
pub struct Carts(Peer);

/// A cart's content at one version.
#[derive(Debug, Deserialize)]
pub struct Cart {
    items: Vec<CartItem>,
    pub version: u64,
}

#[derive(Debug, Deserialize)]
struct CartItem {
    item_id: ItemId,
    quantity: Quantity,
}

impl Carts {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    pub async fn read(&self, context: &Context, client: UserId) -> Result<Cart, PeerError> {
        let path = format!("/internal/carts/{client}");
        let answer = self
            .0
            .send(context, Method::GET, &path, None::<&()>)
            .await?;
        match answer.status {
            StatusCode::OK => answer.json(),
            _ => Err(answer.unexpected()),
        }
    }

    /// Empties the cart if it has not changed since it was read.
    pub async fn clear(
        &self,
        context: &Context,
        client: UserId,
        version: u64,
    ) -> Result<(), PeerError> {
        let path = format!("/internal/carts/{client}/clear");
        let body = json!({ "version": version });
        let answer = self
            .0
            .send(context, Method::POST, &path, Some(&body))
            .await?;
        match answer.status {
            StatusCode::NO_CONTENT => Ok(()),
            _ => Err(answer.unexpected()),
        }
    }
}

impl Cart {
    pub fn into_wanted(self) -> Vec<Wanted> {
        self.items
            .into_iter()
            .map(|item| Wanted {
                item_id: item.item_id,
                quantity: item.quantity,
            })
            .collect()
    }
}
