//! The client of the catalogue: reserving, committing and giving back the stock of an order.

use std::collections::HashMap;

use commerce::{
    ItemId, Money, MoneyError, OrderId, Quantity, RefundId, Text, Timestamp, UserId, VatRate,
};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, Peer, PeerError, Problem};

use crate::order::Line;

#[derive(Clone)]
pub struct Catalog(Peer);

/// What a client wants of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wanted {
    pub item_id: ItemId,
    pub quantity: Quantity,
}

impl From<&Line> for Wanted {
    fn from(line: &Line) -> Self {
        Self {
            item_id: line.item_id,
            quantity: line.quantity,
        }
    }
}

#[derive(Serialize)]
struct TakeBack<'a> {
    order_id: OrderId,
    lines: &'a [Wanted],
}

#[derive(Serialize)]
struct Reserve<'a> {
    client_id: UserId,
    lines: &'a [Wanted],
    /// Seconds.
    ttl: i64,
    order_version: u32,
}

/// Stock that is set aside for an order, and what the items were when it was.
#[derive(Debug, Deserialize)]
pub struct Reservation {
    pub expires_at: Timestamp,
    pub lines: Vec<CatalogLine>,
}

/// An item as the catalogue described it, and how many of it.
#[derive(Debug, Deserialize)]
pub struct CatalogLine {
    item_id: ItemId,
    name: String,
    unit_price: Money,
    vat_rate: VatRate,
    seller_id: UserId,
    quantity: Quantity,
}

#[derive(Deserialize)]
struct Offers {
    data: Vec<Offer>,
}

/// An item that is for sale.
#[derive(Deserialize)]
struct Offer {
    id: ItemId,
    name: String,
    price: Money,
    vat_rate: VatRate,
    seller_id: UserId,
}

impl Offer {
    fn of(self, quantity: Quantity) -> CatalogLine {
        CatalogLine {
            item_id: self.id,
            name: self.name,
            unit_price: self.price,
            vat_rate: self.vat_rate,
            seller_id: self.seller_id,
            quantity,
        }
    }
}

/// Why the catalogue did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// `items` says of each how many were asked for and how many are left.
    #[error("out of stock")]
    OutOfStock { items: Value },
    /// `items` names those that are not for sale.
    #[error("items are not for sale")]
    ItemsUnavailable { items: Value },
    /// The order has a reservation of other lines: the key was used for something else.
    #[error("the order's reservation is of other lines")]
    OtherLines,
    /// The reservation is over: expired, or given back.
    #[error("the reservation is over")]
    ReservationOver,
    /// More would come back than was sold, or than has not come back yet.
    #[error("so much was not sold")]
    NotSold,
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// The parts of the catalogue's refusals that are read.
#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    items: Value,
}

impl Catalog {
    pub fn new(peer: Peer) -> Self {
        Self(peer)
    }

    /// What these would cost now, if all of them are for sale.
    pub async fn offer(
        &self,
        context: &Context,
        wanted: &[Wanted],
    ) -> Result<Vec<CatalogLine>, CatalogError> {
        let body = json!({ "ids": wanted.iter().map(|line| line.item_id).collect::<Vec<_>>() });
        let offers: Offers = self.0.ask(context, "/internal/items", &body).await?;
        let offers = offers.data.into_iter();
        let mut offers: HashMap<ItemId, Offer> = offers.map(|offer| (offer.id, offer)).collect();
        let mut lines = Vec::with_capacity(wanted.len());
        let mut gone = Vec::new();
        for line in wanted {
            match offers.remove(&line.item_id) {
                Some(offer) => lines.push(offer.of(line.quantity)),
                None => gone.push(json!({ "item_id": line.item_id })),
            }
        }
        if gone.is_empty() {
            return Ok(lines);
        }
        let items = gone.into();
        Err(CatalogError::ItemsUnavailable { items })
    }

    /// Sets the stock of all lines aside, or none of it. The same order again gives the same answer.
    pub async fn reserve(
        &self,
        context: &Context,
        order: OrderId,
        client_id: UserId,
        lines: &[Wanted],
        ttl: i64,
        version: u32,
    ) -> Result<Reservation, CatalogError> {
        let path = format!("/internal/reservations/{order}");
        let body = Reserve {
            client_id,
            lines,
            ttl,
            order_version: version,
        };
        let answer = self
            .0
            .send(context, Method::PUT, &path, Some(&body))
            .await?;
        match answer.status {
            StatusCode::OK => Ok(answer.json()?),
            StatusCode::CONFLICT => Err(refused(answer.json()?, &answer)),
            _ => Err(answer.unexpected().into()),
        }
    }

    /// Sells the stock of a reservation to this version of the order; once, however often it is called.
    pub async fn commit(
        &self,
        context: &Context,
        order: OrderId,
        version: u32,
    ) -> Result<(), CatalogError> {
        let path = format!("/internal/reservations/{order}/commit?order_version={version}");
        let answer = self
            .0
            .send(context, Method::POST, &path, None::<&()>)
            .await?;
        match answer.status {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => Err(CatalogError::ReservationOver),
            StatusCode::CONFLICT => Err(refused(answer.json()?, &answer)),
            _ => Err(answer.unexpected().into()),
        }
    }

    /// Has a reservation last until then; one that is sold is left alone.
    pub async fn reschedule(
        &self,
        context: &Context,
        order: OrderId,
        version: u32,
        expires_at: Timestamp,
    ) -> Result<(), CatalogError> {
        let path = format!("/internal/reservations/{order}/expiry");
        let body = json!({ "order_version": version, "expires_at": expires_at });
        let answer = self
            .0
            .send(context, Method::PUT, &path, Some(&body))
            .await?;
        match answer.status {
            StatusCode::NO_CONTENT => Ok(()),
            StatusCode::NOT_FOUND => Err(CatalogError::ReservationOver),
            StatusCode::CONFLICT => Err(refused(answer.json()?, &answer)),
            _ => Err(answer.unexpected().into()),
        }
    }

    /// Gives the stock back, reserved or sold, unless a newer version of the order has bought it; once, however
    /// often it is called.
    pub async fn release(
        &self,
        context: &Context,
        order: OrderId,
        version: u32,
    ) -> Result<(), CatalogError> {
        let path = format!("/internal/reservations/{order}?order_version={version}");
        let answer = self
            .0
            .send(context, Method::DELETE, &path, None::<&()>)
            .await?;
        match answer.status {
            StatusCode::NO_CONTENT => Ok(()),
            _ => Err(answer.unexpected().into()),
        }
    }
}

impl Catalog {
    /// Takes goods of a sale back into stock; once for each refund, however often it is called.
    pub async fn take_back(
        &self,
        context: &Context,
        refund: RefundId,
        order_id: OrderId,
        lines: &[Wanted],
    ) -> Result<(), CatalogError> {
        let path = format!("/internal/returns/{refund}");
        let body = TakeBack { order_id, lines };
        let answer = self
            .0
            .send(context, Method::PUT, &path, Some(&body))
            .await?;
        match answer.status {
            StatusCode::NO_CONTENT => Ok(()),
            StatusCode::CONFLICT => Err(CatalogError::NotSold),
            _ => Err(answer.unexpected().into()),
        }
    }
}

fn refused(refusal: Refusal, answer: &service::peer::PeerAnswer) -> CatalogError {
    let items = refusal.items;
    match refusal.code.as_str() {
        "out-of-stock" => CatalogError::OutOfStock { items },
        "items-unavailable" => CatalogError::ItemsUnavailable { items },
        "reservation-conflict" => CatalogError::OtherLines,
        "reservation-ended" => CatalogError::ReservationOver,
        _ => answer.unexpected().into(),
    }
}

/// The lines of an order.
pub fn into_lines(lines: Vec<CatalogLine>) -> Result<Vec<Line>, MoneyError> {
    lines
        .into_iter()
        .map(|line| {
            Ok(Line {
                line_total: line.unit_price.checked_mul(line.quantity)?,
                item_id: line.item_id,
                name: line.name,
                seller_id: line.seller_id,
                unit_price: line.unit_price,
                vat_rate: line.vat_rate,
                quantity: line.quantity,
            })
        })
        .collect()
}

impl From<CatalogError> for Problem {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::OutOfStock { items } => Problem::conflict(
                "out-of-stock",
                Text::new("Le stock ne suffit pas", "Not enough stock"),
            )
            .with("items", items),
            CatalogError::ItemsUnavailable { items } => Problem::conflict(
                "items-unavailable",
                Text::new(
                    "Des articles ne sont plus en vente",
                    "Some items are no longer for sale",
                ),
            )
            .with("items", items),
            CatalogError::OtherLines => Problem::idempotency_key_reused(),
            CatalogError::ReservationOver => Problem::conflict(
                "order-expired",
                Text::new("La commande a expiré", "The order has expired"),
            ),
            CatalogError::NotSold => Problem::conflict(
                "not-sold",
                Text::new(
                    "Il en revient plus que vendu",
                    "More comes back than was sold",
                ),
            ),
            CatalogError::Peer(error) => error.into(),
        }
    }
}
