//! A person with an account.

use commerce::{Timestamp, UserId};
use serde::Serialize;
use service::Role;
use service::authority::Authority;
use utoipa::ToSchema;

/// As it is stored and sent; the password's hash never leaves the store.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct User {
    pub id: UserId,
    /// In lower case, its domain in ASCII.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub role: Role,
    /// A disabled user cannot sign in nor stay signed in, and what they have made for others ends or is hidden.
    pub disabled: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: u32,
    /// How often role, access or password have changed.
    #[serde(skip)]
    pub generation: u64,
}

impl User {
    /// What the account may do.
    pub fn authority(&self) -> Authority {
        Authority {
            role: self.role,
            enabled: !self.disabled,
            generation: self.generation,
        }
    }

    /// Where admins find it.
    pub fn path(&self) -> String {
        format!("/api/users/{}", self.id)
    }
}
