//! What must be true when everything has come to rest: the books of the shop against what it has promised.

mod orders;
mod stock;

use super::books::Books;
use super::ledger::Book;
use super::report::Report;

/// What a check works with.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub promised: &'a Book,
    pub books: &'a mut Books,
    pub report: &'a Report,
}

/// States of an order whose goods are with the client, or on their way there.
const SOLD: &str =
    "('paid', 'preparing', 'shipped', 'delivered', 'partially_refunded', 'refunded')";

/// Holds everything against everything. An error is of the checks themselves.
pub async fn run(mut evidence: Evidence<'_>) -> anyhow::Result<()> {
    orders::check(&mut evidence).await?;
    stock::check(&mut evidence).await?;
    Ok(())
}
