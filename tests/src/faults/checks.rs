//! What must be true when everything has come to rest: the books of the shop against what it has promised.

mod events;
mod invoices;
mod money;
mod orders;
mod reports;
mod stock;

use super::books::Books;
use super::ledger::Book;
use super::report::Report;
use crate::api::Api;
use crate::receiver::Receiver;
use crate::stripe::Stripe;

/// What a check works with.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub promised: &'a Book,
    pub books: &'a mut Books,
    pub stripe: &'a Stripe,
    pub merchant: &'a Receiver,
    pub admin: &'a Api,
    pub report: &'a Report,
}

/// Stages of an order whose goods are with the client, or on their way there, whatever went back later.
const SOLD: &str = "('paid', 'preparing', 'shipped', 'delivered')";

/// Holds everything against everything. An error is of the checks themselves.
pub async fn run(mut evidence: Evidence<'_>) -> anyhow::Result<()> {
    orders::check(&mut evidence).await?;
    stock::check(&mut evidence).await?;
    money::check(&mut evidence).await?;
    invoices::check(&mut evidence).await?;
    events::check(&mut evidence).await?;
    reports::check(&mut evidence).await?;
    Ok(())
}
