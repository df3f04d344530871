//! The figures of a paper, as reports counts them: its groups of VAT, and what of it falls on which item and
//! seller. No names and no addresses. Pure.

use std::collections::HashMap;

use commerce::totals::{Bill, Credit};
use commerce::{ItemId, Money, OrderId, Quantity, UserId, VatRate};
use invoice::Day;
use serde::Serialize;

use crate::issued::Billed;
use crate::merchant::MerchantId;
use crate::series::SeriesKind;

/// What is counted of a paper. All amounts are positive; those of a credit note went back.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Papers count up, and never change.
    pub id: u64,
    pub kind: SeriesKind,
    pub merchant: MerchantId,
    pub client_id: UserId,
    /// The day on the paper.
    pub issued_on: Day,
    /// Whether it is the first paper of its order, which may have an invoice of each merchant.
    pub opens_order: bool,
    /// As the paper groups its VAT.
    pub groups: Vec<Group>,
    pub lines: Vec<LineFigures>,
    /// What is no item's, such as shipping.
    pub charges: Vec<Group>,
}

/// Net + VAT = gross.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Group {
    pub vat_rate: VatRate,
    pub net: Money,
    pub gross: Money,
}

/// What of it falls on an item, its part of discounts taken off.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LineFigures {
    pub item_id: ItemId,
    pub seller_id: UserId,
    /// Pieces; none where only an amount went back.
    pub quantity: i64,
    #[serde(flatten)]
    pub group: Group,
}

/// What the lines of an order are of, by their positions.
pub type Goods = HashMap<i32, (ItemId, UserId)>;

/// A paper as it is stored, with the bill that a credit note corrects.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: u64,
    pub first_id: u64,
    pub merchant: MerchantId,
    pub order: OrderId,
    pub client: UserId,
    pub issued_on: Day,
    pub billed: Billed,
    pub credit: Option<Credit>,
}

/// A paper without figures: a mistake of ours.
#[derive(Debug, thiserror::Error)]
#[error("paper {0} has a line that its order has not")]
pub struct NoSuchLine(u64);

impl Row {
    /// `goods` are those of its order.
    pub fn figures(&self, goods: &Goods) -> Result<Figures, NoSuchLine> {
        let (kind, totals) = match &self.credit {
            Some(credit) => (SeriesKind::CreditNote, &credit.totals),
            None => (SeriesKind::Invoice, &self.billed.bill.totals),
        };
        let groups = totals.by_rate.iter().map(|total| Group {
            vat_rate: total.rate,
            net: total.net,
            gross: total.gross,
        });
        let (lines, charges) = match &self.credit {
            Some(credit) => credited(credit),
            None => billed(&self.billed.bill),
        };
        let lines = lines
            .into_iter()
            .map(|(line, quantity, group)| {
                let position = self.billed.lines.get(line);
                let position = position.and_then(|position| i32::try_from(*position).ok());
                let found = position.and_then(|position| goods.get(&position));
                let (item_id, seller_id) = *found.ok_or(NoSuchLine(self.id))?;
                Ok(LineFigures {
                    item_id,
                    seller_id,
                    quantity,
                    group,
                })
            })
            .collect::<Result<_, NoSuchLine>>()?;
        Ok(Figures {
            id: self.id,
            kind,
            merchant: self.merchant,
            client_id: self.client,
            issued_on: self.issued_on,
            opens_order: self.id == self.first_id,
            groups: groups.collect(),
            lines,
            charges,
        })
    }
}

/// Lines by their position in the bill with their pieces, and charges.
type Parts = (Vec<(usize, i64, Group)>, Vec<Group>);

fn billed(bill: &Bill) -> Parts {
    let lines = bill.lines.iter().enumerate().map(|(position, line)| {
        let group = Group {
            vat_rate: line.vat_rate,
            net: line.payable_net,
            gross: line.payable,
        };
        (position, line.quantity.get(), group)
    });
    let charges = bill.charges.iter().map(|charge| Group {
        vat_rate: charge.vat_rate,
        net: charge.net,
        gross: charge.gross,
    });
    (lines.collect(), charges.collect())
}

fn credited(credit: &Credit) -> Parts {
    let lines = credit.lines.iter().map(|line| {
        let group = Group {
            vat_rate: line.vat_rate,
            net: line.net,
            gross: line.gross,
        };
        let quantity = line.quantity.map_or(0, Quantity::get);
        (line.line, quantity, group)
    });
    let charges = credit.charges.iter().map(|charge| Group {
        vat_rate: charge.vat_rate,
        net: charge.net,
        gross: charge.gross,
    });
    (lines.collect(), charges.collect())
}

#[cfg(test)]
mod tests;
