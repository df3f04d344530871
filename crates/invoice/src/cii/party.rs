//! BG-4, BG-7 and BG-13: who sells, who buys, and where it goes.

use std::io;

use commerce::Address;

use crate::identity::Siren;
use crate::invoice::{Buyer, Seller};
use crate::vat_number::VatNumber;
use crate::xml::Xml;

/// A SIREN as the identifier of a legal organisation (ISO 6523).
const SIREN: (&str, &str) = ("schemeID", "0002");
/// A SIREN as an electronic address in the French directory (EAS).
const DIRECTORY: (&str, &str) = ("schemeID", "0225");
/// An e-mail address as an electronic address (EAS).
const EMAIL: (&str, &str) = ("schemeID", "EM");

pub fn seller(xml: &mut Xml, seller: &Seller) -> io::Result<()> {
    xml.node("ram:SellerTradeParty", |xml| {
        xml.text("ram:Name", &seller.address.name)?; // BT-27
        legal_form(xml, seller)?;
        xml.node("ram:SpecifiedLegalOrganization", |xml| {
            xml.text_with("ram:ID", SIREN, seller.siren.as_str())?; // BT-30
            match &seller.trade_name {
                Some(name) => xml.text("ram:TradingBusinessName", name), // BT-28
                None => Ok(()),
            }
        })?;
        xml.node("ram:DefinedTradeContact", |xml| {
            xml.node("ram:EmailURIUniversalCommunication", |xml| {
                xml.text("ram:URIID", &seller.email) // BT-43
            })
        })?;
        postal(xml, &seller.address)?;
        electronic(xml, DIRECTORY, seller.siren.as_str())?; // BT-34
        match &seller.vat_number {
            Some(number) => vat(xml, number), // BT-31
            // BT-32: a business under the franchise may have no VAT number, but is registered.
            None => tax_registration(xml, "FC", seller.siren.as_str()),
        }
    })
}

/// BT-33: legal form, capital and register, which French law wants on invoices (C. com. R123-238).
fn legal_form(xml: &mut Xml, seller: &Seller) -> io::Result<()> {
    let register = seller.register.as_ref();
    let capital = seller.capital.map(|capital| capital.format_fr());
    let mut parts = vec![seller.legal_form.clone()];
    parts.extend(capital.map(|capital| format!("capital {capital}")));
    parts.extend(register.map(|register| format!("{register} {}", seller.siren)));
    xml.text("ram:Description", &parts.join(", "))
}

pub fn buyer(xml: &mut Xml, buyer: &Buyer) -> io::Result<()> {
    let company = buyer.company.as_ref();
    let siren = company.and_then(|company| company.siren.as_ref());
    xml.node("ram:BuyerTradeParty", |xml| {
        xml.text("ram:Name", &buyer.address.name)?; // BT-44
        if let Some(siren) = siren {
            xml.node("ram:SpecifiedLegalOrganization", |xml| {
                xml.text_with("ram:ID", SIREN, siren.as_str()) // BT-47
            })?;
        }
        postal(xml, &buyer.address)?;
        match siren.map(Siren::as_str) {
            Some(siren) => electronic(xml, DIRECTORY, siren)?, // BT-49
            None => electronic(xml, EMAIL, &buyer.email)?,
        }
        match company.and_then(|company| company.vat_number.as_ref()) {
            Some(number) => vat(xml, number), // BT-48
            None => Ok(()),
        }
    })
}

pub fn ship_to(xml: &mut Xml, address: &Address) -> io::Result<()> {
    xml.node("ram:ShipToTradeParty", |xml| {
        xml.text("ram:Name", &address.name)?; // BT-70
        postal(xml, address) // BG-15
    })
}

fn postal(xml: &mut Xml, address: &Address) -> io::Result<()> {
    xml.node("ram:PostalTradeAddress", |xml| {
        xml.text("ram:PostcodeCode", &address.postal_code)?; // BT-38, BT-53, BT-78
        xml.text("ram:LineOne", &address.line1)?; // BT-35, BT-50, BT-75
        if let Some(line2) = &address.line2 {
            xml.text("ram:LineTwo", line2)?; // BT-36, BT-51, BT-76
        }
        xml.text("ram:CityName", &address.city)?; // BT-37, BT-52, BT-77
        xml.text("ram:CountryID", address.country.code()) // BT-40, BT-55, BT-80
    })
}

fn electronic(xml: &mut Xml, scheme: (&str, &str), address: &str) -> io::Result<()> {
    xml.node("ram:URIUniversalCommunication", |xml| {
        xml.text_with("ram:URIID", scheme, address)
    })
}

fn vat(xml: &mut Xml, number: &VatNumber) -> io::Result<()> {
    tax_registration(xml, "VA", number.as_str())
}

fn tax_registration(xml: &mut Xml, scheme: &str, number: &str) -> io::Result<()> {
    xml.node("ram:SpecifiedTaxRegistration", |xml| {
        xml.text_with("ram:ID", ("schemeID", scheme), number)
    })
}
