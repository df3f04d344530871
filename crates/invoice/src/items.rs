//! What was bought, as an invoice says it: the amounts of a bill or of a credit beside their names.

use commerce::totals::{Bill, Credit, RateTotal};
use commerce::{Language, Money, Quantity, Totals, VatRate};
use serde::{Deserialize, Serialize};

/// Lines, allowances, charges and totals: Σ lines − Σ allowances + Σ charges = totals, by rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Items {
    /// BG-25.
    pub lines: Vec<Line>,
    /// BG-20.
    pub allowances: Vec<Adjustment>,
    /// BG-21.
    pub charges: Vec<Adjustment>,
    /// BG-22 and BG-23.
    pub totals: Totals,
}

/// A line (BG-25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is (BT-153).
    pub name: String,
    /// The seller's reference of it (BT-155).
    pub reference: Option<String>,
    /// How many (BT-129).
    pub quantity: Quantity,
    /// The rate (BT-152).
    pub vat_rate: VatRate,
    /// Without VAT (BT-131).
    pub net: Money,
    /// VAT included.
    pub gross: Money,
}

/// A discount or a charge at one rate, as a positive amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// What for (BT-97, BT-104).
    pub reason: String,
    /// The rate (BT-96, BT-103).
    pub vat_rate: VatRate,
    /// Without VAT (BT-92, BT-99).
    pub net: Money,
    /// VAT included.
    pub gross: Money,
}

/// How one thing is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// BT-153.
    pub name: String,
    /// BT-155.
    pub reference: Option<String>,
}

/// The names of everything in a bill, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// One for each line.
    pub lines: Vec<Name>,
    /// One for each discount of the basket.
    pub discounts: Vec<String>,
    /// One for each charge of the basket; for a credit, one for each of its bill.
    pub charges: Vec<String>,
}

/// There are not as many names as there are things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("something of the bill has no name")]
pub struct Nameless;

impl Items {
    /// What a bill comes to.
    ///
    /// # Errors
    /// [`Nameless`] when a name is missing.
    pub fn of_bill(bill: &Bill, names: &Names) -> Result<Self, Nameless> {
        let lines = bill.lines.iter().enumerate().map(|(position, line)| {
            let Name { name, reference } = names.lines.get(position).cloned().ok_or(Nameless)?;
            Ok(Line {
                name,
                reference,
                quantity: line.quantity,
                vat_rate: line.vat_rate,
                net: line.net,
                gross: line.gross,
            })
        });
        let allowances = bill.allowances.iter().map(|allowance| {
            let reason = names.discounts.get(allowance.discount);
            Ok(Adjustment {
                reason: reason.cloned().ok_or(Nameless)?,
                vat_rate: allowance.vat_rate,
                net: allowance.net,
                gross: allowance.gross,
            })
        });
        let charges = bill.charges.iter().map(|charge| {
            let reason = names.charges.get(charge.charge);
            Ok(Adjustment {
                reason: reason.cloned().ok_or(Nameless)?,
                vat_rate: charge.vat_rate,
                net: charge.net,
                gross: charge.gross,
            })
        });
        Ok(Self {
            lines: lines.collect::<Result<_, _>>()?,
            allowances: allowances.collect::<Result<_, _>>()?,
            charges: charges.collect::<Result<_, _>>()?,
            totals: bill.totals.clone(),
        })
    }

    /// What a credit gives back: its pieces by name, or, where it is an amount off everything, one
    /// line for each rate. What is given back of discounted lines is already without the discount.
    ///
    /// # Errors
    /// [`Nameless`] when a name is missing.
    pub fn of_credit(credit: &Credit, names: &Names, language: Language) -> Result<Self, Nameless> {
        if credit.is_amount {
            let lines = credit.totals.by_rate.iter();
            return Ok(Self {
                lines: lines.map(|group| rebate(group, language)).collect(),
                allowances: Vec::new(),
                charges: Vec::new(),
                totals: credit.totals.clone(),
            });
        }
        let lines = credit.lines.iter().map(|line| {
            let Name { name, reference } = names.lines.get(line.line).cloned().ok_or(Nameless)?;
            Ok(Line {
                name,
                reference,
                quantity: line.quantity.ok_or(Nameless)?,
                vat_rate: line.vat_rate,
                net: line.net,
                gross: line.gross,
            })
        });
        let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
        let charges = credit.charges.iter().map(|charge| {
            Ok(Adjustment {
                reason: names.charges.get(charge.charge).cloned().ok_or(Nameless)?,
                vat_rate: charge.vat_rate,
                net: charge.net,
                gross: charge.gross,
            })
        });
        let mut charges = charges.collect::<Result<Vec<_>, _>>()?;
        // An invoice has at least one line (BR-16): shipping that is given back alone becomes it.
        if lines.is_empty() {
            lines = charges.drain(..).map(Line::from).collect();
        }
        Ok(Self {
            lines,
            allowances: Vec::new(),
            charges,
            totals: credit.totals.clone(),
        })
    }
}

impl From<Adjustment> for Line {
    fn from(charge: Adjustment) -> Self {
        Self {
            name: charge.reason,
            reference: None,
            quantity: Quantity::ONE,
            vat_rate: charge.vat_rate,
            net: charge.net,
            gross: charge.gross,
        }
    }
}

fn rebate(group: &RateTotal, language: Language) -> Line {
    let name = match language {
        Language::French => "Remise accordée après facturation",
        Language::English => "Reduction granted after invoicing",
    };
    Line {
        name: String::from(name),
        reference: None,
        quantity: Quantity::ONE,
        vat_rate: group.rate,
        net: group.net,
        gross: group.gross,
    }
}
