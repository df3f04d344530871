//! What an account may do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Client,
    Seller,
    Admin,
    Supplier,
}

impl Role {
    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Seller => "seller",
            Role::Admin => "admin",
            Role::Supplier => "supplier",
        }
    }

    /// Whether it does more than buy.
    pub fn is_staff(self) -> bool {
        self != Role::Client
    }

    /// Whether products of an account in this role are for sale.
    pub fn may_sell(self) -> bool {
        matches!(self, Role::Seller | Role::Admin)
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Role::Client, Role::Seller, Role::Admin, Role::Supplier]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("no role is named {text}"))
    }
}
