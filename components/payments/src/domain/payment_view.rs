//! What a viewer sees of a payment and its refunds: everything for who paid it, for whoever sold all of it and for
//! admins; for a seller of some of its lines what those come to, and the refunds that are of them. Nothing of a
//! payment leaves the service but by way of this.

use commerce::totals::{self, BillError, Line as TotalsLine};
use commerce::{ItemId, Money, MoneyError, OrderId, UserId};
use service::Viewer;

use crate::payment::Payment;
use crate::refund::{Pieces, Refund, Status};

/// How much of a payment a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of it, and the secret by which it is paid.
    Payer,
    Whole,
    /// What this seller sold.
    Part(UserId),
}

/// A payment as far as a viewer sees it.
#[derive(Clone, Debug)]
pub struct SeenPayment<'a> {
    pub payment: &'a Payment,
    pub amount: Money,
    pub refunded: Money,
    pub client_secret: Option<&'a str>,
    pub failure: Option<&'a str>,
    pub refunds: Vec<SeenRefund<'a>>,
}

/// A refund as far as a viewer sees it.
#[derive(Clone, Debug)]
pub struct SeenRefund<'a> {
    pub refund: &'a Refund,
    pub order: OrderId,
    pub amount: Money,
    pub lines: Vec<Pieces>,
    pub shipping: bool,
    pub reason: Option<&'a str>,
    /// Whether somebody has to send the money back by hand.
    pub by_hand: bool,
    pub failure: Option<&'a str>,
}

/// A part that cannot be worked out: a mistake of ours.
#[derive(Debug, thiserror::Error)]
pub enum SightError {
    #[error("the payment's lines cannot be billed")]
    Bill(#[from] BillError),
    #[error("the refund's parts cannot be added up")]
    Credit(#[from] totals::CreditError),
    #[error("the refunds cannot be added up")]
    Money(#[from] MoneyError),
}

impl Payment {
    /// How much of the payment a viewer sees, if anything.
    pub fn sight(&self, viewer: Viewer) -> Option<Sight> {
        match viewer {
            Viewer::Admin => Some(Sight::Whole),
            Viewer::Customer(customer) => (customer == self.client_id).then_some(Sight::Payer),
            Viewer::Seller(seller) if !self.has_lines_of(seller) => None,
            Viewer::Seller(seller) if self.is_all_from(seller) => Some(Sight::Whole),
            Viewer::Seller(seller) => Some(Sight::Part(seller)),
            Viewer::Outsider => None,
        }
    }

    /// The payment with those of these refunds that are its own.
    pub fn seen<'a>(
        &'a self,
        refunds: &'a [Refund],
        sight: Sight,
    ) -> Result<SeenPayment<'a>, SightError> {
        let own = refunds.iter().filter(|refund| refund.payment_id == self.id);
        let seen = own.map(|refund| self.seen_refund(refund, sight));
        let refunds: Vec<SeenRefund<'_>> = seen
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?;
        let Sight::Part(seller) = sight else {
            let secret = self.client_secret.as_deref();
            return Ok(SeenPayment {
                payment: self,
                amount: self.amount,
                refunded: self.refunded,
                client_secret: secret.filter(|_| sight == Sight::Payer && self.status.is_open()),
                failure: self.failure.as_deref(),
                refunds,
            });
        };
        let share = totals::share(&self.sales(), &self.totals_lines(), self.is_of(seller))?;
        let done = refunds
            .iter()
            .filter(|seen| seen.refund.status == Status::Succeeded);
        let zero = Money::zero(self.amount.currency());
        let refunded = done
            .map(|seen| seen.amount)
            .try_fold(zero, Money::checked_add)?;
        Ok(SeenPayment {
            payment: self,
            amount: share.totals.gross,
            refunded,
            client_secret: None,
            failure: None,
            refunds,
        })
    }

    /// The refund, if the viewer sees any of it.
    pub fn seen_refund<'a>(
        &self,
        refund: &'a Refund,
        sight: Sight,
    ) -> Result<Option<SeenRefund<'a>>, SightError> {
        let Sight::Part(seller) = sight else {
            return Ok(Some(self.whole_refund(refund)));
        };
        let sales = self.sales();
        let on_everything;
        let credits = match refund.credits.len() == sales.len() {
            true => &refund.credits,
            false => {
                let lines = self.totals_lines();
                on_everything = totals::credit_amount(&sales, &lines, refund.amount)?;
                &on_everything
            }
        };
        let is_own = self.is_of(seller);
        let Some(part) = totals::credit_share(&sales, credits, &is_own)? else {
            return Ok(None);
        };
        let is_item_own = |item: ItemId| {
            let mut lines = self.lines.iter();
            lines.any(|line| line.item_id == item && line.seller_id == seller)
        };
        let own_lines = refund.lines.iter().filter(|line| is_item_own(line.item_id));
        let gives_own_shipping = sales.iter().zip(credits).any(|(sale, credit)| {
            let charges = credit
                .as_ref()
                .is_some_and(|credit| !credit.charges.is_empty());
            charges && sale.is_all_of(&is_own)
        });
        let shows_words = part.is_all || refund.actor_id == Some(seller);
        Ok(Some(SeenRefund {
            amount: part.amount,
            lines: own_lines.cloned().collect(),
            shipping: refund.shipping && gives_own_shipping,
            reason: Some(refund.reason.as_str()).filter(|_| shows_words),
            failure: refund.failure.as_deref().filter(|_| shows_words),
            ..self.whole_refund(refund)
        }))
    }

    /// The refund as whoever sees all of the payment does.
    pub fn whole_refund<'a>(&self, refund: &'a Refund) -> SeenRefund<'a> {
        SeenRefund {
            refund,
            order: self.order_id,
            amount: refund.amount,
            lines: refund.lines.clone(),
            shipping: refund.shipping,
            reason: Some(refund.reason.as_str()),
            by_hand: refund.is_by_hand(self),
            failure: refund.failure.as_deref(),
        }
    }

    fn totals_lines(&self) -> Vec<TotalsLine> {
        self.lines.iter().map(TotalsLine::from).collect()
    }

    /// Whether a line, by its position, is sold by this seller.
    fn is_of(&self, seller: UserId) -> impl Fn(usize) -> bool {
        move |position| {
            let line = self.lines.get(position);
            line.is_some_and(|line| line.seller_id == seller)
        }
    }
}
