//! What a client thinks of an item.

use commerce::{ItemId, Label, Prose, ReportId, ReviewId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rating::Rating;

pub type Comment = Prose<2000>;

/// Why somebody reports a review.
pub type Notice = Label<1000>;

/// Why staff hides one.
pub type Explanation = Label<500>;

/// Why staff hides a review, as its author reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HiddenReview)]
pub struct Hidden {
    pub ground: Ground,
    /// The facts behind the decision, in the words of whoever decided.
    pub reason: String,
    pub since: Timestamp,
}

/// On what ground a review is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The law forbids it.
    Illegal,
    /// The shop's terms do.
    Terms,
}

impl Ground {
    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Ground::Illegal => "illegal",
            Ground::Terms => "terms",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Ground::Illegal, Ground::Terms]
            .into_iter()
            .find(|ground| ground.as_str() == text)
    }
}

/// What somebody has reported of a review, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewReport {
    pub id: ReportId,
    pub review_id: ReviewId,
    pub item_id: ItemId,
    pub reporter_id: UserId,
    pub reason: String,
    /// Null until an admin has decided.
    pub decision: Option<Decision>,
    pub created_at: Timestamp,
    pub decided_at: Option<Timestamp>,
}

/// What an admin made of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewDecision)]
pub enum Decision {
    Hidden,
    Kept,
}

impl Decision {
    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Hidden => "hidden",
            Decision::Kept => "kept",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Decision::Hidden, Decision::Kept]
            .into_iter()
            .find(|decision| decision.as_str() == text)
    }
}

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
    /// Why nobody but its author and admins sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: u32,
}
