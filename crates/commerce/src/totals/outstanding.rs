//! Credit notes: parts of a bill that are given back, until nothing is left.
//!
//! Everything is counted from what is left of each line and each charge after discounts. A part
//! takes its fraction of the gross that is left and the same fraction of the net, so that by line
//! and by rate the credit notes of a bill never exceed it, and the one that takes the last piece
//! or the last cent takes exactly what is left. No state but the bill and its credits in their order:
//! both are immutable.
//!
//! The VAT of a credit is the bill's own, as it was split there: it is within a cent for each of its
//! lines of what its net would give, and exact once everything is credited (docs/adr/0011).

use super::credit::{Credit, CreditError, CreditedCharge, CreditedLine, Piece, Return};
use super::{Bill, RateTotal, Totals, group};
use crate::money::{Currency, Money, MoneyError};
use crate::quantity::Quantity;
use crate::vat::VatRate;

/// What is left of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outstanding {
    currency: Currency,
    lines: Vec<Left>,
    charges: Vec<Left>,
}

/// What is left of one line or charge, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    vat_rate: VatRate,
    pieces: i64,
    net: i64,
    gross: i64,
}

impl Left {
    /// Takes a part of the gross, and the same part of the net.
    fn take(&mut self, gross: i64) -> Option<(i64, i64)> {
        let net = match gross {
            0 => 0,
            _ => group::proportion(self.net, gross, self.gross)?,
        };
        self.net = self.net.checked_sub(net)?;
        self.gross = self.gross.checked_sub(gross)?;
        Some((net, gross))
    }

    /// `None` if it would leave less than nothing.
    fn minus(&mut self, pieces: i64, net: i64, gross: i64) -> Option<()> {
        self.pieces = self.pieces.checked_sub(pieces).filter(|left| *left >= 0)?;
        self.net = self.net.checked_sub(net).filter(|left| *left >= 0)?;
        self.gross = self.gross.checked_sub(gross).filter(|left| *left >= 0)?;
        Some(())
    }
}

/// Takes so many pieces and so much money off an entry: its rate, and the net of that.
fn take(
    entries: &mut [Left],
    position: usize,
    pieces: i64,
    gross: Money,
) -> Result<(VatRate, Money), CreditError> {
    let entry = entries.get_mut(position);
    let left = entry.ok_or(CreditError::Unknown { position })?;
    if pieces > left.pieces || gross.amount() > left.gross {
        let left = left.pieces;
        return Err(CreditError::TooManyPieces {
            line: position,
            left,
        });
    }
    left.pieces -= pieces;
    let (net, _) = left.take(gross.amount()).ok_or(MoneyError::Overflow)?;
    Ok((left.vat_rate, Money::new(net, gross.currency())))
}

impl Outstanding {
    /// What is left of a bill after credits, in the order in which they were made.
    ///
    /// # Errors
    /// [`CreditError`] when the credits are none of this bill.
    pub fn after<'a>(
        bill: &Bill,
        credits: impl IntoIterator<Item = &'a Credit>,
    ) -> Result<Self, CreditError> {
        let lines = bill.lines.iter().map(|line| Left {
            vat_rate: line.vat_rate,
            pieces: line.quantity.get(),
            net: line.payable_net.amount(),
            gross: line.payable.amount(),
        });
        let charges = bill.charges.iter().map(|charge| Left {
            vat_rate: charge.vat_rate,
            pieces: 1,
            net: charge.net.amount(),
            gross: charge.gross.amount(),
        });
        let mut outstanding = Self {
            currency: bill.totals.gross.currency(),
            lines: lines.collect(),
            charges: charges.collect(),
        };
        for credit in credits {
            outstanding.forget(credit)?;
        }
        Ok(outstanding)
    }

    /// What is left, VAT included.
    ///
    /// # Errors
    /// [`MoneyError`] when it does not fit.
    pub fn gross(&self) -> Result<Money, MoneyError> {
        let all = self.lines.iter().chain(&self.charges);
        all.map(|left| Money::new(left.gross, self.currency))
            .try_fold(Money::zero(self.currency), Money::checked_add)
    }

    /// How many pieces of a line are left.
    #[must_use]
    pub fn pieces(&self, line: usize) -> i64 {
        self.lines.get(line).map_or(0, |left| left.pieces)
    }

    /// The charges of which anything is left.
    #[must_use]
    pub fn charges_left(&self) -> Vec<usize> {
        let left = self.charges.iter().enumerate();
        left.filter(|(_, left)| left.gross > 0)
            .map(|(charge, _)| charge)
            .collect()
    }

    /// What a credit note for this gives back; it stays outstanding until the credit is passed to
    /// [`Outstanding::after`].
    ///
    /// # Errors
    /// [`CreditError`] when it is more than is left, or nothing.
    pub fn credit(&self, what: &Return) -> Result<Credit, CreditError> {
        let mut left = self.clone();
        let credit = match what {
            Return::Everything => left.take_everything(),
            Return::Pieces { lines, charges } => left.take_pieces(lines, charges),
            Return::Amount(amount) => left.take_amount(*amount),
        }?;
        if credit.totals.gross.amount() == 0 {
            return Err(CreditError::Nothing);
        }
        Ok(credit)
    }

    /// A credit of all units that are left, also where nothing was paid for them; none if no unit is left.
    ///
    /// # Errors
    /// [`CreditError`] where a sum does not fit.
    pub fn units_left(&self) -> Result<Option<Credit>, CreditError> {
        let credit = self.clone().take_everything()?;
        Ok((!credit.lines.is_empty()).then_some(credit))
    }

    /// A credit that was worked out elsewhere, off this bill: the same pieces and amounts of the same lines and
    /// charges, with the net and VAT that they have here.
    ///
    /// # Errors
    /// [`CreditError`] when it is more than is left.
    pub fn repeat(&self, credit: &Credit) -> Result<Credit, CreditError> {
        let mut left = self.clone();
        let lines = credit
            .lines
            .iter()
            .map(|line| {
                let pieces = line.quantity.map_or(0, Quantity::get);
                let (vat_rate, net) = take(&mut left.lines, line.line, pieces, line.gross)?;
                Ok(CreditedLine {
                    vat_rate,
                    net,
                    ..*line
                })
            })
            .collect::<Result<_, CreditError>>()?;
        let charges = credit
            .charges
            .iter()
            .map(|charge| {
                let (vat_rate, net) = take(&mut left.charges, charge.charge, 0, charge.gross)?;
                Ok(CreditedCharge {
                    vat_rate,
                    net,
                    ..*charge
                })
            })
            .collect::<Result<_, CreditError>>()?;
        self.sum(credit.is_amount, lines, charges)
    }

    fn take_everything(&mut self) -> Result<Credit, CreditError> {
        let lines = self
            .lines
            .iter()
            .enumerate()
            .filter_map(|(line, left)| {
                let quantity = Quantity::new(left.pieces).ok()?;
                Some(Piece { line, quantity })
            })
            .collect::<Vec<_>>();
        let charges = self.charges_left();
        self.take_pieces(&lines, &charges)
    }

    fn take_pieces(&mut self, pieces: &[Piece], which: &[usize]) -> Result<Credit, CreditError> {
        let mut lines = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let position = piece.line;
            let known = lines
                .iter()
                .any(|line: &CreditedLine| line.line == position);
            let left = self
                .lines
                .get_mut(position)
                .filter(|_| !known)
                .ok_or(CreditError::Unknown { position })?;
            let wanted = piece.quantity.get();
            if wanted > left.pieces {
                return Err(CreditError::TooManyPieces {
                    line: position,
                    left: left.pieces,
                });
            }
            let gross =
                group::proportion(left.gross, wanted, left.pieces).ok_or(MoneyError::Overflow)?;
            let (net, gross) = left.take(gross).ok_or(MoneyError::Overflow)?;
            lines.push(CreditedLine {
                line: position,
                quantity: Some(piece.quantity),
                vat_rate: left.vat_rate,
                net: Money::new(net, self.currency),
                gross: Money::new(gross, self.currency),
            });
        }
        let mut charges = Vec::with_capacity(which.len());
        for &position in which {
            let known = charges
                .iter()
                .any(|charge: &CreditedCharge| charge.charge == position);
            let left = self
                .charges
                .get_mut(position)
                .filter(|_| !known)
                .ok_or(CreditError::Unknown { position })?;
            let whole = left.gross;
            let (net, gross) = left.take(whole).ok_or(MoneyError::Overflow)?;
            charges.push(CreditedCharge {
                charge: position,
                vat_rate: left.vat_rate,
                net: Money::new(net, self.currency),
                gross: Money::new(gross, self.currency),
            });
        }
        self.sum(false, lines, charges)
    }

    fn take_amount(&mut self, amount: Money) -> Result<Credit, CreditError> {
        let left = self.gross()?;
        if amount.currency() != self.currency {
            return Err(MoneyError::CurrencyMismatch.into());
        }
        if !(1..=left.amount()).contains(&amount.amount()) {
            return Err(CreditError::AmountOutOfRange { left });
        }
        let weights: Vec<i64> = self
            .lines
            .iter()
            .chain(&self.charges)
            .map(|left| left.gross)
            .collect();
        let parts = group::spread(amount.amount(), &weights).ok_or(MoneyError::Overflow)?;
        let currency = self.currency;
        let (mut lines, mut charges) = (Vec::new(), Vec::new());
        let count = self.lines.len();
        let all = self.lines.iter_mut().chain(&mut self.charges);
        for (position, (left, part)) in all
            .zip(parts)
            .enumerate()
            .filter(|(_, (_, part))| *part > 0)
        {
            let (net, gross) = left.take(part).ok_or(MoneyError::Overflow)?;
            let (net, gross) = (Money::new(net, currency), Money::new(gross, currency));
            match position.checked_sub(count) {
                None => lines.push(CreditedLine {
                    line: position,
                    quantity: None,
                    vat_rate: left.vat_rate,
                    net,
                    gross,
                }),
                Some(charge) => charges.push(CreditedCharge {
                    charge,
                    vat_rate: left.vat_rate,
                    net,
                    gross,
                }),
            }
        }
        self.sum(true, lines, charges)
    }

    fn sum(
        &self,
        is_amount: bool,
        lines: Vec<CreditedLine>,
        charges: Vec<CreditedCharge>,
    ) -> Result<Credit, CreditError> {
        let zero = Money::zero(self.currency);
        let mut totals = Totals {
            net: zero,
            vat: zero,
            gross: zero,
            by_rate: Vec::new(),
        };
        for rate in VatRate::ALL.into_iter().rev() {
            let of_lines = lines
                .iter()
                .map(|line| (line.vat_rate, line.net, line.gross));
            let of_charges = charges
                .iter()
                .map(|charge| (charge.vat_rate, charge.net, charge.gross));
            let parts: Vec<_> = of_lines
                .chain(of_charges)
                .filter(|(its_rate, ..)| *its_rate == rate)
                .collect();
            if parts.is_empty() {
                continue;
            }
            let (net, gross) = parts.into_iter().try_fold((zero, zero), |sum, part| {
                Ok::<_, MoneyError>((sum.0.checked_add(part.1)?, sum.1.checked_add(part.2)?))
            })?;
            let vat = gross.checked_sub(net)?;
            totals.add(RateTotal {
                rate,
                net,
                vat,
                gross,
            })?;
        }
        Ok(Credit {
            is_amount,
            lines,
            charges,
            totals,
        })
    }

    /// Takes away what an earlier credit note gave back.
    fn forget(&mut self, credit: &Credit) -> Result<(), CreditError> {
        let lines = credit.lines.iter().map(|line| {
            let pieces = line.quantity.map_or(0, Quantity::get);
            (false, line.line, pieces, line.net, line.gross)
        });
        let charges = credit
            .charges
            .iter()
            .map(|charge| (true, charge.charge, 0, charge.net, charge.gross));
        for (is_charge, position, pieces, net, gross) in lines.chain(charges) {
            let entries = if is_charge {
                &mut self.charges
            } else {
                &mut self.lines
            };
            entries
                .get_mut(position)
                .and_then(|left| left.minus(pieces, net.amount(), gross.amount()))
                .ok_or(CreditError::Unknown { position })?;
        }
        Ok(())
    }
}
