//! Issuing papers, in the transaction of the change that they are for: an invoice when an order is paid, or
//! delivered to a company on terms, and a credit note for each refund, or for the whole invoice of an order that
//! was cancelled and for which no money goes back.
//!
//! The order's row is locked by whoever changes it; the rows of the series are locked last, because everybody
//! who issues papers waits for them.

use commerce::totals::{BillError, Credit, CreditError};
use commerce::{RefundId, Timestamp};
use db::Tx;
use invoice::{IdentityError, Number};
use service::{Problem, clock};
use uuid::Uuid;

use crate::checkout::sales_of;
use crate::crediting::{self, Refunded};
use crate::files::{Files, FilesError, Format};
use crate::history;
use crate::issued::{Account, Amounts, Billed, Issued, Paper};
use crate::life::{Change, Life, Stage};
use crate::merchant::{self, Merchant, MerchantId, NotSetUp};
use crate::order::Order;
use crate::paper::{self, Back, PaperError, Settlement, Share, WayBack};
use crate::series::SeriesKind;
use crate::store::{invoices, merchants, series};

/// Why a paper was not issued.
#[derive(Debug, thiserror::Error)]
pub enum InvoicingError {
    #[error(transparent)]
    NotSetUp(#[from] NotSetUp),
    #[error("the paper cannot be written")]
    Paper(#[from] PaperError),
    #[error("the refund cannot be credited")]
    Credit(#[from] CreditError),
    #[error("the number cannot be printed")]
    Number(#[from] IdentityError),
    #[error("the files cannot be made")]
    Files(#[from] FilesError),
    #[error("the database failed")]
    Database(#[from] db::Error),
}

/// Whether a change of an order in this state is what it is invoiced for: each order is, once.
pub fn is_invoiced_by(change: &Change, before: &Life) -> bool {
    match change {
        Change::Pay(_) | Change::PayNothing | Change::Revive(_) => before.stage != Stage::Delivered,
        Change::Deliver => !before.paid,
        Change::Accept
        | Change::Prepare
        | Change::Ship(_)
        | Change::Cancel { .. }
        | Change::Expire
        | Change::Refund(_) => false,
    }
}

/// Issues the invoices of an order that was locked, one for each merchant in it.
pub async fn invoice(
    tx: &mut Tx,
    order: &Order,
    settlement: &Settlement,
) -> Result<(), InvoicingError> {
    let sellers = order.lines.iter().map(|line| line.seller_id);
    let merchants = merchants::list_in(tx, &merchant::candidates(sellers)).await?;
    for sale in sales_of(order, &merchants)?.iter() {
        let merchant = merchants.named(sale.merchant)?;
        let share = Share {
            order,
            merchant,
            sales: std::slice::from_ref(sale),
        };
        let bill = share.bill().map_err(PaperError::from)?;
        let (number, issued_at) = next(tx, merchant, SeriesKind::Invoice).await?;
        let snapshot = share.invoice(&bill, number.clone(), issued_at, settlement)?;
        let lines = sale.lines.clone();
        let draft = Draft {
            number,
            merchant: merchant.id,
            snapshot,
            logo: merchant.logo,
            subject: order.id.as_uuid(),
            amounts: Amounts::Billed(Billed { bill, lines }),
        };
        draft.issue(tx, order).await?;
    }
    Ok(history::tell_papers(tx, order.id).await?)
}

/// Issues the credit notes for a refund of an order that was locked, one for each invoice that it falls on.
/// An order that was paid before it could be invoiced has none.
pub async fn credit(
    tx: &mut Tx,
    order: &Order,
    refund: RefundId,
    refunded: &Refunded,
) -> Result<(), InvoicingError> {
    let accounts = invoices::accounts(tx, order.id).await?;
    if accounts.is_empty() {
        return Ok(());
    }
    let credits = crediting::credit(&accounts, refunded)?;
    let subject = refund.as_uuid();
    let reason = refunded.reason.as_deref();
    let back = Back {
        way: WayBack::Money,
        reason,
    };
    issue_credits(tx, order, &accounts, credits, subject, back).await
}

/// Issues the credit notes of an order that was locked and is cancelled, for what no refund will credit: invoices
/// that a company had on terms and will not pay any more, and invoices of nothing, whose goods come back.
/// `before` is where the order stood until now.
pub async fn credit_cancelled(
    tx: &mut Tx,
    order: &Order,
    before: &Life,
) -> Result<(), InvoicingError> {
    let is_all = before.is_invoiced_without_money();
    // Of what several merchants sell, a part may cost nothing.
    let may_be_part = before.paid && order.sales.len() > 1;
    if !is_all && !may_be_part {
        return Ok(());
    }
    let accounts = invoices::accounts(tx, order.id).await?;
    let credits = match is_all {
        true => crediting::credit_everything(&accounts)?,
        false => crediting::credit_free(&accounts)?,
    };
    if credits.iter().all(Option::is_none) {
        return Ok(());
    }
    let subject = Uuid::new_v5(&order.id.as_uuid(), b"cancelled");
    let back = Back {
        way: WayBack::SetOff,
        reason: Some("order_cancelled"),
    };
    issue_credits(tx, order, &accounts, credits, subject, back).await
}

async fn issue_credits(
    tx: &mut Tx,
    order: &Order,
    accounts: &[Account],
    credits: Vec<Option<Credit>>,
    subject: Uuid,
    back: Back<'_>,
) -> Result<(), InvoicingError> {
    let sellers = order.lines.iter().map(|line| line.seller_id);
    let merchants = merchants::list_in(tx, &merchant::candidates(sellers)).await?;
    for (account, credit) in accounts.iter().zip(credits) {
        let Some(credit) = credit else {
            continue;
        };
        let invoice = &account.invoice;
        // In whose name it was issued, whoever sells the lines by now.
        let merchant = merchants.named(invoice.merchant)?;
        let (number, issued_at) = next(tx, merchant, SeriesKind::CreditNote).await?;
        let original = &invoice.snapshot;
        let snapshot = paper::credit_note(original, &credit, number.clone(), issued_at, back)?;
        let draft = Draft {
            number,
            merchant: invoice.merchant,
            snapshot,
            logo: invoice.logo,
            subject,
            amounts: Amounts::Credit(credit),
        };
        draft.issue(tx, order).await?;
    }
    Ok(history::tell_papers(tx, order.id).await?)
}

async fn next(
    tx: &mut Tx,
    merchant: &Merchant,
    kind: SeriesKind,
) -> Result<(Number, Timestamp), InvoicingError> {
    let prefix = merchant.prefix(kind);
    let of = (merchant.id, kind);
    let (count, issued_at) = series::next(tx, prefix, of, clock::now()).await?;
    Ok((prefix.number(count)?, issued_at))
}

/// A paper that has everything but the digests of its files.
struct Draft {
    number: Number,
    merchant: MerchantId,
    snapshot: invoice::Invoice,
    logo: Option<[u8; 32]>,
    subject: Uuid,
    amounts: Amounts,
}

impl Draft {
    async fn issue(self, tx: &mut Tx, order: &Order) -> Result<(), InvoicingError> {
        let image = match self.logo {
            Some(logo) => merchants::find_logo_in(tx, logo).await?,
            None => None,
        };
        let files = Files::of(&self.snapshot, image.as_deref())?;
        let issued = Issued {
            number: self.number,
            paper: Paper {
                merchant: self.merchant,
                order: order.id,
                client: order.client_id,
                snapshot: self.snapshot,
                logo: self.logo,
                xml_sha256: files.digest(Format::Xml),
                pdf_sha256: files.digest(Format::Pdf),
            },
            subject: self.subject,
            amounts: self.amounts,
        };
        Ok(invoices::insert(tx, &issued).await?)
    }
}

impl From<BillError> for InvoicingError {
    fn from(error: BillError) -> Self {
        InvoicingError::Paper(error.into())
    }
}

impl From<InvoicingError> for Problem {
    fn from(error: InvoicingError) -> Self {
        match error {
            InvoicingError::NotSetUp(error) => error.into(),
            InvoicingError::Database(error) => error.into(),
            other => Problem::internal(other),
        }
    }
}
