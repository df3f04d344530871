//! What the items are sorted into.

use commerce::{CategoryId, Label, Prose, Timestamp};
use serde::Serialize;
use service::{Caller, Role};
use utoipa::ToSchema;

pub type CategoryName = Label<100>;
pub type CategoryDescription = Prose<2000>;

/// As it is stored and sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Category {
    pub id: CategoryId,
    /// Unique without regard to case and accents.
    pub name: String,
    pub description: String,
    /// A category that is not enabled is hidden with its items, which cannot be bought.
    pub enabled: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: u32,
}

impl Category {
    /// Admins see what is hidden.
    pub fn is_visible_to(&self, caller: Option<Caller>) -> bool {
        self.enabled || is_admin(caller)
    }
}

pub fn is_admin(caller: Option<Caller>) -> bool {
    caller.is_some_and(|caller| caller.role == Role::Admin)
}
