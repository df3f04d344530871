//! A person with an account.

use commerce::{Timestamp, UserId};
use serde::Serialize;
use service::Role;
use utoipa::ToSchema;

/// As it is stored and sent; the password's hash never leaves the store.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct User {
    pub id: UserId,
    /// In lower case.
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub role: Role,
    /// A disabled user cannot sign in, nor stay signed in past their access token.
    pub disabled: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: u32,
}

impl User {
    /// Where admins find it.
    pub fn path(&self) -> String {
        format!("/api/users/{}", self.id)
    }
}
