//! BG-25: one line, with its price without VAT.

use std::io;

use rust_decimal::{Decimal, RoundingStrategy};

use super::tax;
use crate::invoice::Invoice;
use crate::items::Line;
use crate::xml::Xml;

pub fn write(xml: &mut Xml, invoice: &Invoice, position: usize, line: &Line) -> io::Result<()> {
    xml.node("ram:IncludedSupplyChainTradeLineItem", |xml| {
        xml.node("ram:AssociatedDocumentLineDocument", |xml| {
            xml.text("ram:LineID", &(position + 1).to_string()) // BT-126
        })?;
        xml.node("ram:SpecifiedTradeProduct", |xml| {
            if let Some(reference) = &line.reference {
                xml.text("ram:SellerAssignedID", reference)?; // BT-155
            }
            xml.text("ram:Name", &line.name) // BT-153
        })?;
        xml.node("ram:SpecifiedLineTradeAgreement", |xml| {
            let price = price(line).normalize().to_string();
            for name in [
                "ram:GrossPriceProductTradePrice",
                "ram:NetPriceProductTradePrice",
            ] {
                xml.node(name, |xml| xml.text("ram:ChargeAmount", &price))?; // BT-148, BT-146
            }
            Ok(())
        })?;
        xml.node("ram:SpecifiedLineTradeDelivery", |xml| {
            let quantity = line.quantity.to_string();
            xml.text_with("ram:BilledQuantity", ("unitCode", "C62"), &quantity) // BT-129, BT-130
        })?;
        xml.node("ram:SpecifiedLineTradeSettlement", |xml| {
            tax::write(xml, "ram:ApplicableTradeTax", invoice, line.vat_rate)?; // BT-151, BT-152
            xml.node("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
                xml.amount("ram:LineTotalAmount", line.net) // BT-131
            })
        })
    })
}

/// BT-146: six decimals, so that quantity × price rounds back to the net of the line.
pub fn price(line: &Line) -> Decimal {
    let net = Decimal::new(line.net.amount(), 2);
    // A quantity is at least one.
    net.checked_div(Decimal::from(line.quantity.get()))
        .unwrap_or(net)
        .round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero)
}
