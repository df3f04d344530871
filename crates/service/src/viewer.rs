//! From whose side something of the shop is looked at. What orders, payments, refunds, events and documents
//! show is decided by one projection of each service from this, and never by a role alone.

use commerce::UserId;

use crate::auth::{Caller, Role};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Sees what they bought.
    Customer(UserId),
    /// Sees what they sell: their lines, and what those come to.
    Seller(UserId),
    /// Sees everything.
    Admin,
    /// Sees nothing.
    Outsider,
}

impl From<Caller> for Viewer {
    fn from(caller: Caller) -> Self {
        match caller.role {
            Role::Client => Viewer::Customer(caller.user),
            Role::Seller => Viewer::Seller(caller.user),
            Role::Admin => Viewer::Admin,
            Role::Supplier => Viewer::Outsider,
        }
    }
}
