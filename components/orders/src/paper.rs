//! What papers say: an order and its merchant as `crates/invoice` prints them. Pure.

use commerce::totals::{self, Bill, BillError, Credit, Reduction, Sale};
use commerce::{Language, Timestamp};
use invoice::{
    Adjustment, Buyer, Day, Invoice, Items, Kind, Means, Name, Nameless, Names, Nature, Number,
    Original, Payment, Seller, Vat, VatNumber,
};

use crate::merchant::Merchant;
use crate::order::{Line, Order};

/// Why a paper cannot be written. None of it is the buyer's doing.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    #[error("the order cannot be billed")]
    Bill(#[from] BillError),
    #[error(transparent)]
    Nameless(#[from] Nameless),
    #[error("a credit note corrects what has no number")]
    NoOriginal,
}

/// Whether an invoice was paid before it was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The money has come.
    Paid(Means),
    /// It is to come within the merchant's terms.
    OnTerms,
}

/// How what a credit note comes to gets back to the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// As money.
    Money,
    /// The invoice was not paid: it is worth less by as much.
    SetOff,
}

/// How it gets back, and why, in the words of whoever decided it.
#[derive(Clone, Copy, Debug)]
pub struct Back<'a> {
    pub way: WayBack,
    pub reason: Option<&'a str>,
}

/// What one merchant sells of an order.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    pub order: &'a Order,
    pub merchant: &'a Merchant,
    /// One; or all of the order's, for a paper that binds nobody.
    pub sales: &'a [Sale],
}

impl Share<'_> {
    fn lines(&self) -> impl Iterator<Item = &Line> {
        let positions = self.sales.iter().flat_map(|sale| &sale.lines);
        positions.filter_map(|position| self.order.lines.get(*position))
    }

    /// What it comes to.
    pub fn bill(&self) -> Result<Bill, BillError> {
        let lines: Vec<totals::Line> = self.order.lines.iter().map(totals::Line::from).collect();
        totals::bill_together(self.sales, &lines)
    }

    /// The invoice of them.
    pub fn invoice(
        &self,
        bill: &Bill,
        number: Number,
        issued_at: Timestamp,
        settlement: &Settlement,
    ) -> Result<Invoice, PaperError> {
        let today = Day::in_paris(issued_at);
        let identity = &self.merchant.identity;
        let payment = match settlement {
            Settlement::Paid(means) => Payment::Paid {
                on: Day::in_paris(self.order.paid_at.unwrap_or(issued_at)),
                means: means.clone(),
            },
            Settlement::OnTerms => Payment::Due {
                on: today.plus_days(identity.payment_days.into()),
                means: identity.transfer(),
            },
        };
        self.paper(bill, Kind::Invoice { number }, issued_at, payment)
    }

    /// What the invoice will say once the order is paid, or delivered on terms: no invoice, and it says so. On terms
    /// it is paid so many days after delivery.
    pub fn pro_forma(&self, payment_days: u8) -> Result<Invoice, PaperError> {
        let order = self.order;
        let identity = &self.merchant.identity;
        let means = match self.sales {
            [_] => identity.transfer(),
            // Nobody's account is that of all who sell.
            _ => Means::Other,
        };
        let payment = match order.life.is_on_terms() {
            true => Payment::AfterDelivery {
                days: payment_days,
                means,
            },
            false => Payment::Due {
                on: Day::in_paris(order.expires_at),
                means,
            },
        };
        self.paper(&self.bill()?, Kind::ProForma, order.created_at, payment)
    }

    fn paper(
        &self,
        bill: &Bill,
        kind: Kind,
        issued_at: Timestamp,
        payment: Payment,
    ) -> Result<Invoice, PaperError> {
        let order = self.order;
        let identity = &self.merchant.identity;
        let shipment = order.shipment.as_ref();
        let delivered_at = shipment.and_then(|shipment| shipment.delivered_at);
        let elsewhere = order.shipping_address != order.billing_address;
        Ok(Invoice {
            kind,
            issued_at,
            supplied_on: delivered_at.map(Day::in_paris),
            language: order.language,
            nature: Nature::Goods,
            seller: self.seller(),
            buyer: Buyer {
                address: order.billing_address.clone(),
                email: order.email.clone(),
                company: order.company.clone(),
            },
            delivery: elsewhere.then(|| order.shipping_address.clone()),
            vat: self.vat(),
            exemption: identity.exemption.clone(),
            items: Items::of_bill(bill, &self.names())?,
            payment,
            terms: identity.terms(order.language),
            order: invoice::Order {
                number: order.order_number.to_string(),
                placed_on: Day::in_paris(order.created_at),
            },
        })
    }

    /// The merchant as of today. What was sold with VAT names a VAT number: where the merchant has none any more,
    /// the one of the day of the order.
    fn seller(&self) -> Seller {
        let mut seller = self.merchant.identity.seller();
        if seller.vat_number.is_none() && !self.is_without_vat() {
            let mut kept = self
                .sales
                .iter()
                .filter_map(|sale| sale.vat_number.as_deref());
            seller.vat_number = kept.find_map(|number| VatNumber::parse(number).ok());
        }
        seller
    }

    /// The regime that the order was placed under, whatever the merchant's is today: the prices were agreed by it.
    fn vat(&self) -> Vat {
        match (self.is_without_vat(), self.merchant.identity.vat) {
            (true, _) => Vat::Franchise,
            (false, Vat::OnDebits) => Vat::OnDebits,
            (false, Vat::Normal | Vat::Franchise) => Vat::Normal,
        }
    }

    fn is_without_vat(&self) -> bool {
        self.sales.iter().all(|sale| sale.without_vat)
    }

    fn names(&self) -> Names {
        let name = |line: &Line| Name {
            name: line.name.clone(),
            reference: None,
        };
        let french = self.order.language == Language::French;
        let discount = |reduction: &Reduction| match french {
            true => format!("Remise {}", reduction.code),
            false => format!("Discount {}", reduction.code),
        };
        let shipping = match french {
            true => "Frais de port",
            false => "Shipping",
        };
        let reductions = self.sales.iter().filter_map(|sale| sale.discount.as_ref());
        let fees = self.sales.iter().filter_map(|sale| sale.shipping);
        Names {
            lines: self.lines().map(name).collect(),
            discounts: reductions.map(discount).collect(),
            charges: fees.map(|_| shipping.to_owned()).collect(),
        }
    }
}

/// The credit note for a part of an invoice, in the words of that invoice, and why.
pub fn credit_note(
    original: &Invoice,
    credit: &Credit,
    number: Number,
    issued_at: Timestamp,
    back: Back<'_>,
) -> Result<Invoice, PaperError> {
    let of = Original {
        number: original.number().ok_or(PaperError::NoOriginal)?.clone(),
        issued_on: original.issued_on(),
    };
    let names = Names {
        lines: original.items.lines.iter().map(name_of).collect(),
        // What is given back of discounted lines is without the discount.
        discounts: Vec::new(),
        charges: original.items.charges.iter().map(reason_of).collect(),
    };
    Ok(Invoice {
        kind: Kind::CreditNote {
            number,
            of,
            reason: back
                .reason
                .map(|reason| in_words(reason, original.language)),
        },
        issued_at,
        items: Items::of_credit(credit, &names, original.language)?,
        payment: Payment::Paid {
            on: Day::in_paris(issued_at),
            means: means_back(&original.payment, back.way),
        },
        ..original.clone()
    })
}

/// What the shop or a payment provider gives as a reason by itself, as people say it; what people have written
/// stays as it is.
fn in_words(reason: &str, language: Language) -> String {
    let (fr, en) = match reason {
        "order_cancelled" => ("Commande annulée", "Order cancelled"),
        "requested_by_customer" => ("À la demande du client", "Requested by the customer"),
        "duplicate" => ("Paiement en double", "Duplicate payment"),
        "fraudulent" => ("Paiement frauduleux", "Fraudulent payment"),
        written => (written, written),
    };
    String::from(match language {
        Language::French => fr,
        Language::English => en,
    })
}

/// Money goes back to the card that it came from; to which account else, only the merchant knows.
fn means_back(payment: &Payment, way_back: WayBack) -> Means {
    match (payment, way_back) {
        (_, WayBack::SetOff) => Means::SetOff,
        (
            Payment::Paid {
                means: Means::Card, ..
            },
            WayBack::Money,
        ) => Means::Card,
        (_, WayBack::Money) => Means::Other,
    }
}

fn name_of(line: &invoice::Line) -> Name {
    Name {
        name: line.name.clone(),
        reference: line.reference.clone(),
    }
}

fn reason_of(charge: &Adjustment) -> String {
    charge.reason.clone()
}

#[cfg(test)]
pub mod tests;
