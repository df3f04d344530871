//! BG-16 and BG-20 to 23: payment, allowances, charges, VAT by rate, and what it all comes to.

use std::io;

use commerce::{Currency, Money, RateTotal};

use super::tax::{self, Category};
use crate::invoice::{Invoice, Kind, Means, Vat};
use crate::items::Adjustment;
use crate::wording;
use crate::xml::Xml;

pub fn write(xml: &mut Xml, invoice: &Invoice) -> io::Result<()> {
    let totals = &invoice.items.totals;
    let currency = totals.gross.currency().code();
    xml.node("ram:ApplicableHeaderTradeSettlement", |xml| {
        xml.text("ram:InvoiceCurrencyCode", currency)?; // BT-5
        payment(xml, invoice.payment.means())?;
        for group in &totals.by_rate {
            breakdown(xml, invoice, group)?;
        }
        for allowance in &invoice.items.allowances {
            adjustment(xml, invoice, allowance, "false")?;
        }
        for charge in &invoice.items.charges {
            adjustment(xml, invoice, charge, "true")?;
        }
        xml.node("ram:SpecifiedTradePaymentTerms", |xml| {
            let wording = wording::of(invoice.language);
            let terms = match (&invoice.kind, &invoice.buyer.company) {
                (Kind::CreditNote { .. }, _) => wording.no_terms,
                (_, None) => wording.no_terms_for_consumers,
                (Kind::Invoice { .. } | Kind::ProForma, Some(_)) => &*invoice.terms.early_payment,
            };
            xml.text("ram:Description", terms)?; // BT-20
            match invoice.payment.day() {
                Some(day) => xml.date("ram:DueDateDateTime", day), // BT-9
                None => Ok(()),
            }
        })?;
        summation(xml, invoice)?;
        match &invoice.kind {
            Kind::CreditNote { of, .. } => xml.node("ram:InvoiceReferencedDocument", |xml| {
                xml.text("ram:IssuerAssignedID", of.number.as_str())?; // BT-25
                xml.node("ram:FormattedIssueDateTime", |xml| {
                    let day = of.issued_on.format_102();
                    xml.text_with("qdt:DateTimeString", ("format", "102"), &day) // BT-26
                })
            }),
            Kind::Invoice { .. } | Kind::ProForma => Ok(()),
        }
    })
}

/// BT-81 and BT-84.
fn payment(xml: &mut Xml, means: &Means) -> io::Result<()> {
    xml.node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        |xml| match means {
            Means::Card => xml.text("ram:TypeCode", "48"),
            Means::SetOff => xml.text("ram:TypeCode", "97"),
            Means::Other => xml.text("ram:TypeCode", "1"),
            Means::Transfer { iban } => {
                xml.text("ram:TypeCode", "30")?;
                xml.node("ram:PayeePartyCreditorFinancialAccount", |xml| {
                    xml.text("ram:IBANID", iban)
                })
            }
        },
    )
}

/// BG-23.
fn breakdown(xml: &mut Xml, invoice: &Invoice, group: &RateTotal) -> io::Result<()> {
    let Category { code, exemption } = tax::category(invoice, group.rate);
    xml.node("ram:ApplicableTradeTax", |xml| {
        xml.amount("ram:CalculatedAmount", group.vat)?; // BT-117
        xml.text("ram:TypeCode", "VAT")?;
        if let Some((_, reason)) = exemption {
            xml.text("ram:ExemptionReason", reason)?; // BT-120
        }
        xml.amount("ram:BasisAmount", group.net)?; // BT-116
        xml.text("ram:CategoryCode", code)?; // BT-118
        if let Some((Some(reason), _)) = exemption {
            xml.text("ram:ExemptionReasonCode", reason)?; // BT-121
        }
        if invoice.vat == Vat::OnDebits {
            xml.text("ram:DueDateTypeCode", "5")?; // BT-8: the date of the invoice
        }
        xml.text("ram:RateApplicablePercent", &tax::percent(group.rate)) // BT-119
    })
}

/// BG-20 and BG-21.
fn adjustment(
    xml: &mut Xml,
    invoice: &Invoice,
    adjustment: &Adjustment,
    is_charge: &str,
) -> io::Result<()> {
    xml.node("ram:SpecifiedTradeAllowanceCharge", |xml| {
        xml.node("ram:ChargeIndicator", |xml| {
            xml.text("udt:Indicator", is_charge)
        })?;
        xml.amount("ram:ActualAmount", adjustment.net)?; // BT-92, BT-99
        xml.text("ram:Reason", &adjustment.reason)?; // BT-97, BT-104
        tax::write(xml, "ram:CategoryTradeTax", invoice, adjustment.vat_rate) // BT-95, BT-102
    })
}

/// BG-22.
fn summation(xml: &mut Xml, invoice: &Invoice) -> io::Result<()> {
    let items = &invoice.items;
    let totals = &items.totals;
    let currency = totals.gross.currency();
    let lines = sum(currency, items.lines.iter().map(|line| line.net))?;
    let charges = sum(currency, items.charges.iter().map(|charge| charge.net))?;
    let allowances = sum(currency, items.allowances.iter().map(|it| it.net))?;
    let due = invoice.due();
    let prepaid = totals.gross.checked_sub(due).map_err(io::Error::other)?;
    xml.node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        |xml| {
            xml.amount("ram:LineTotalAmount", lines)?; // BT-106
            xml.amount("ram:ChargeTotalAmount", charges)?; // BT-108
            xml.amount("ram:AllowanceTotalAmount", allowances)?; // BT-107
            xml.amount("ram:TaxBasisTotalAmount", totals.net)?; // BT-109
            let code = ("currencyID", currency.code());
            xml.text_with("ram:TaxTotalAmount", code, &totals.vat.decimal())?; // BT-110
            xml.amount("ram:GrandTotalAmount", totals.gross)?; // BT-112
            xml.amount("ram:TotalPrepaidAmount", prepaid)?; // BT-113
            xml.amount("ram:DuePayableAmount", due) // BT-115
        },
    )
}

fn sum(currency: Currency, mut amounts: impl Iterator<Item = Money>) -> io::Result<Money> {
    let zero = Money::zero(currency);
    amounts
        .try_fold(zero, Money::checked_add)
        .map_err(io::Error::other)
}
