//! The client of the cart service: what a client has gathered.

use commerce::{ItemId, OrderId, Quantity, UserId};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use service::peer::PeerAnswer;
use service::{Context, Peer, PeerError};

use crate::catalog::Wanted;

#[derive(Clone)]
pub struct Carts(Peer);

/// What became of asking for a cart.
#[derive(Debug)]
pub enum CartClaim {
    /// It is the order's, with these lines.
    Claimed(Vec<Wanted>),
    /// It is empty since this order.
    Ordered(OrderId),
    /// Another order has it since so long.
    Held { by: OrderId, since_ms: i64 },
}

#[derive(Deserialize)]
struct Contents {
    items: Vec<CartItem>,
    /// The order that emptied it.
    #[serde(default)]
    ordered_as: Option<OrderId>,
}

#[derive(Deserialize)]
struct CartItem {
    item_id: ItemId,
    quantity: Quantity,
}

#[derive(Deserialize)]
struct Holder {
    held_by: OrderId,
    since_ms: i64,
}

impl Carts {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    pub async fn read(&self, context: &Context, client: UserId) -> Result<Vec<Wanted>, PeerError> {
        let path = format!("/internal/carts/{client}");
        let answer = self
            .0
            .send(context, Method::GET, &path, None::<&()>)
            .await?;
        match answer.status {
            StatusCode::OK => Ok(answer.json::<Contents>()?.into_wanted()),
            _ => Err(answer.unexpected()),
        }
    }

    /// Claims the cart for an order, in the place of another that is known to have stopped. The same order again
    /// has what it had the first time.
    pub async fn claim(
        &self,
        context: &Context,
        client: UserId,
        order: OrderId,
        instead_of: Option<OrderId>,
    ) -> Result<CartClaim, PeerError> {
        let body = json!({ "order_id": order, "instead_of": instead_of });
        let answer = self.post(context, client, "claim", &body).await?;
        match answer.status {
            StatusCode::OK => {
                let contents: Contents = answer.json()?;
                Ok(match contents.ordered_as {
                    Some(order) if contents.items.is_empty() => CartClaim::Ordered(order),
                    _ => CartClaim::Claimed(contents.into_wanted()),
                })
            }
            StatusCode::CONFLICT => {
                let holder: Holder = answer.json()?;
                Ok(CartClaim::Held {
                    by: holder.held_by,
                    since_ms: holder.since_ms,
                })
            }
            _ => Err(answer.unexpected()),
        }
    }

    /// Takes what an order claimed off the cart, once.
    pub async fn settle(
        &self,
        context: &Context,
        client: UserId,
        order: OrderId,
    ) -> Result<(), PeerError> {
        self.end(context, client, order, "settle").await
    }

    /// Leaves the cart as it is: the order that claimed it was refused.
    pub async fn give_back(
        &self,
        context: &Context,
        client: UserId,
        order: OrderId,
    ) -> Result<(), PeerError> {
        self.end(context, client, order, "give-back").await
    }

    async fn end(
        &self,
        context: &Context,
        client: UserId,
        order: OrderId,
        how: &str,
    ) -> Result<(), PeerError> {
        let body = json!({ "order_id": order });
        let answer = self.post(context, client, how, &body).await?;
        match answer.status {
            StatusCode::NO_CONTENT => Ok(()),
            _ => Err(answer.unexpected()),
        }
    }

    async fn post(
        &self,
        context: &Context,
        client: UserId,
        what: &str,
        body: &Value,
    ) -> Result<PeerAnswer, PeerError> {
        let path = format!("/internal/carts/{client}/{what}");
        self.0.send(context, Method::POST, &path, Some(body)).await
    }
}

impl Contents {
    fn into_wanted(self) -> Vec<Wanted> {
        let wanted = |item: CartItem| Wanted {
            item_id: item.item_id,
            quantity: item.quantity,
        };
        self.items.into_iter().map(wanted).collect()
    }
}
