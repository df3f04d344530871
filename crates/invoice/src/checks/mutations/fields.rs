//! Fields of the XML that are missing, or there twice.

use super::{assert_found, business, root, rules};
use crate::checks::papers;

const TAX: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/ApplicableTradeTax";
const LINE: &str = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem";
const PARTIES: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement";
const SETTLEMENT: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement";
const DELIVERY: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeDelivery";

#[test]
fn a_field_that_is_missing_is_found() {
    let credit = papers::credit_full().unwrap();
    for (path, rule) in [
        (
            "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter".into(),
            "BT-24",
        ),
        (
            "ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter".into(),
            "BT-23",
        ),
        ("ExchangedDocument/ID".into(), "BT-1"),
        ("ExchangedDocument/TypeCode".into(), "BT-3"),
        ("ExchangedDocument/IssueDateTime".into(), "BT-2"),
        (format!("{PARTIES}/SellerTradeParty/Name"), "BT-27"),
        (format!("{PARTIES}/SellerTradeParty/Description"), "BT-33"),
        (
            format!("{PARTIES}/SellerTradeParty/PostalTradeAddress/LineOne"),
            "BT-35",
        ),
        (
            format!("{PARTIES}/SellerTradeParty/PostalTradeAddress/CityName"),
            "BT-37",
        ),
        (
            format!("{PARTIES}/SellerTradeParty/PostalTradeAddress/CountryID"),
            "BT-40",
        ),
        (
            format!("{PARTIES}/SellerTradeParty/SpecifiedLegalOrganization/ID"),
            "BT-30",
        ),
        (
            format!("{PARTIES}/SellerTradeParty/SpecifiedTaxRegistration/ID"),
            "BT-31",
        ),
        (
            format!("{PARTIES}/SellerTradeParty/URIUniversalCommunication/URIID"),
            "BT-34",
        ),
        (
            format!("{PARTIES}/BuyerTradeParty/URIUniversalCommunication/URIID"),
            "BT-49",
        ),
        (format!("{PARTIES}/BuyerTradeParty/Name"), "BT-44"),
        (
            format!("{PARTIES}/BuyerTradeParty/PostalTradeAddress/LineOne"),
            "BT-50",
        ),
        (
            format!("{PARTIES}/BuyerTradeParty/PostalTradeAddress/CityName"),
            "BT-52",
        ),
        (
            format!("{PARTIES}/BuyerTradeParty/PostalTradeAddress/CountryID"),
            "BT-55",
        ),
        (format!("{PARTIES}/SellerOrderReferencedDocument"), "BT-14"),
        (format!("{SETTLEMENT}/InvoiceCurrencyCode"), "BT-5"),
        (
            format!("{SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/TypeCode"),
            "BT-81",
        ),
        (
            format!("{LINE}/AssociatedDocumentLineDocument/LineID"),
            "BT-126",
        ),
        (format!("{LINE}/SpecifiedTradeProduct/Name"), "BT-153"),
        (
            format!("{LINE}/SpecifiedLineTradeDelivery/BilledQuantity"),
            "BT-130",
        ),
        (format!("{TAX}/CategoryCode"), "8: category S"),
        (format!("{SETTLEMENT}/InvoiceReferencedDocument"), "BG-3"),
        (
            format!("{SETTLEMENT}/InvoiceReferencedDocument/IssuerAssignedID"),
            "BT-25",
        ),
        (
            format!("{SETTLEMENT}/InvoiceReferencedDocument/FormattedIssueDateTime"),
            "BT-26",
        ),
        (
            format!("{SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime"),
            "BT-9",
        ),
    ] {
        let mut mutant = root(&credit);
        mutant.remove(&path);
        assert_found(&rules(&mutant), rule, &path);
    }
    let mut mutant = root(&business());
    mutant.remove(&format!("{DELIVERY}/ActualDeliverySupplyChainEvent"));
    assert_found(&rules(&mutant), "BT-72", "what is not paid was delivered");
}

#[test]
fn a_note_that_is_missing_or_said_twice_is_found() {
    let whole = root(&papers::credit_full().unwrap());
    let subjects = ["PMT", "PMD", "AAB", "BAR"];
    for subject in subjects {
        let rule = format!("BT-21 {subject}");
        let mut without = whole.clone();
        let mut twice = whole.clone();
        without.change("ExchangedDocument", &|head| {
            head.children.retain(|it| it.text("SubjectCode") != subject);
        });
        twice.change("ExchangedDocument", &|head| {
            let notes = head.all("IncludedNote").into_iter();
            let mut same = notes.filter(|it| it.text("SubjectCode") == subject);
            let again = same.next().unwrap().clone();
            head.children.push(again);
        });
        assert_found(&rules(&without), &rule, "no note");
        assert_found(&rules(&twice), &rule, "two notes");
    }
}

#[test]
fn another_profile_and_another_process_are_found() {
    for (parameter, rule) in [
        ("GuidelineSpecifiedDocumentContextParameter", "BT-24"),
        ("BusinessProcessSpecifiedDocumentContextParameter", "BT-23"),
    ] {
        let mut mutant = root(&papers::credit_full().unwrap());
        let path = format!("ExchangedDocumentContext/{parameter}/ID");
        mutant.change(&path, &|it| it.text = "urn:factur-x.eu:1p0:basicwl".into());
        assert_found(&rules(&mutant), rule, parameter);
    }
}

#[test]
fn goods_that_are_paid_and_not_prepaid_are_found() {
    let mut mutant = root(&papers::consumer(&papers::one_rate().unwrap()).unwrap());
    for amount in mutant.ending("TotalPrepaidAmount") {
        amount.text = "0".into();
    }
    assert_found(&rules(&mutant), "B2: BT-113", "BT-113");
}
