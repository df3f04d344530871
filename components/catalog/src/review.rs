//! What a client thinks of an item.

use commerce::{ItemId, Prose, ReviewId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::rating::Rating;

pub type Comment = Prose<2000>;

/// As it is stored and sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Review {
    pub id: ReviewId,
    pub item_id: ItemId,
    pub client_id: UserId,
    pub rating: Rating,
    pub comment: String,
    /// Whether the author has bought the item here.
    pub verified_purchase: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: u32,
}
