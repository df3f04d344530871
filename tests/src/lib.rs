//! What the end-to-end tests stand on: a shop of one's own ([`Shop`]), people who use it ([`Person`]), and
//! requests whose answers say everything when they are not what they should be ([`Answer`]).
//!
//! It speaks HTTP to the shop. Its only statements in a schema give a role to somebody, add accounts that
//! nobody signs in to, let time pass for refreshes and orders, write an event that is to be told, change stock
//! and prices that nobody was told of, count rows, and drop the schemas at the end; and it empties Redis and
//! holds leases of jobs there.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test harness stops at the first surprise"
)]

mod answer;
mod api;
mod contract;
mod database;
pub mod faults;
mod forge;
mod goods;
mod identity;
mod own_servers;
mod person;
mod receiver;
mod shop;
mod stripe;
mod stripe_proxy;
pub mod validators;
mod wait;

pub use answer::Answer;
pub use api::{Api, Request};
pub use database::{Held, statements_run, tell_redis};
pub use forge::{Forger, claims_of, header_of};
pub use goods::{Item, address, create_category};
pub use identity::{identity, sell_in_own_name, sellers_identity};
pub use own_servers::OwnServers;
pub use person::{PASSWORD, Person};
pub use receiver::{Received, Receiver, Reply};
pub use shop::Shop;
pub use stripe::{BAD_CARD, GOOD_CARD, Stripe};
pub use stripe_proxy::{Call, StripeProxy};
pub use wait::until;
