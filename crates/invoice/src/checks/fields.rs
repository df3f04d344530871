//! What must be in the XML whatever was sold: EN 16931, the French rules, and the profile.

use super::amounts::{LINE, SETTLEMENT, SUMS};
use super::tree::Element;
use crate::cii::GUIDELINE;

const AGREEMENT: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement";
const SELLER: [(&str, &str); 8] = [
    ("Name", "BT-27"),
    ("Description", "BT-33"),
    ("SpecifiedLegalOrganization/ID", "BT-30"),
    ("PostalTradeAddress/LineOne", "BT-35"),
    ("PostalTradeAddress/CityName", "BT-37"),
    ("PostalTradeAddress/CountryID", "BT-40"),
    ("URIUniversalCommunication/URIID", "BT-34"),
    ("SpecifiedTaxRegistration/ID", "BT-31 or 32"),
];
const BUYER: [(&str, &str); 5] = [
    ("Name", "BT-44"),
    ("URIUniversalCommunication/URIID", "BT-49"),
    ("PostalTradeAddress/LineOne", "BT-50"),
    ("PostalTradeAddress/CityName", "BT-52"),
    ("PostalTradeAddress/CountryID", "BT-55"),
];

pub fn check(root: &Element) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, rule: &str| {
        if !holds {
            broken.push(rule.to_owned());
        }
    };
    let context = root.first("ExchangedDocumentContext").unwrap();
    let guideline = context.text("GuidelineSpecifiedDocumentContextParameter/ID");
    must(guideline == GUIDELINE, "BT-24");
    let process = context.text("BusinessProcessSpecifiedDocumentContextParameter/ID");
    must(
        ["B1", "B2", "S1", "S2", "M1", "M2"].contains(&process),
        "BT-23",
    );

    let head = root.first("ExchangedDocument").unwrap();
    let number = head.text("ID");
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+-_/".contains(c);
    must(
        (1..=35).contains(&number.len()) && number.chars().all(allowed),
        "BT-1",
    );
    must(head.text("IssueDateTime/DateTimeString").len() == 8, "BT-2");
    let code = head.text("TypeCode");
    must(["380", "381"].contains(&code), "BT-3");
    for subject in ["PMT", "PMD", "AAB", "BAR"] {
        let notes = head.all("IncludedNote");
        let mut notes = notes
            .iter()
            .filter(|note| note.text("SubjectCode") == subject);
        let said = notes
            .next()
            .is_some_and(|note| note.text("Content").len() > 2);
        must(said && notes.next().is_none(), &format!("BT-21 {subject}"));
    }

    let agreement = root.first(AGREEMENT).unwrap();
    for (path, rule) in SELLER {
        must(
            !agreement
                .text(&format!("SellerTradeParty/{path}"))
                .is_empty(),
            rule,
        );
    }
    for (path, rule) in BUYER {
        must(
            !agreement
                .text(&format!("BuyerTradeParty/{path}"))
                .is_empty(),
            rule,
        );
    }
    let order = agreement.text("SellerOrderReferencedDocument/IssuerAssignedID");
    must(!order.is_empty(), "BT-14");
    let delivered = "SupplyChainTradeTransaction/ApplicableHeaderTradeDelivery/\
                     ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString";
    // What is not paid yet was delivered on terms; what is paid may not have arrived.
    let day = root.text(delivered).len();
    must(day == 8 || (day == 0 && process != "B1"), "BT-72");

    let settlement = root.first(SETTLEMENT).unwrap();
    must(settlement.text("InvoiceCurrencyCode") == "EUR", "BT-5");
    let means = settlement.text("SpecifiedTradeSettlementPaymentMeans/TypeCode");
    must(!means.is_empty(), "BT-81");
    let due = settlement.text("SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString");
    must(due.len() == 8, "BT-9");
    let sums = settlement.first(SUMS).unwrap();
    if process.ends_with('2') {
        let prepaid = sums.number("TotalPrepaidAmount");
        must(
            prepaid == sums.number("GrandTotalAmount"),
            "B2: BT-113 = BT-112",
        );
    }
    let corrected = settlement.first("InvoiceReferencedDocument");
    must(corrected.is_some() == (code == "381"), "BG-3");
    if let Some(corrected) = corrected {
        must(!corrected.text("IssuerAssignedID").is_empty(), "BT-25");
        let day = corrected.text("FormattedIssueDateTime/DateTimeString");
        must(day.len() == 8, "BT-26");
    }

    let lines = root.all(LINE);
    must(!lines.is_empty(), "BG-25");
    for (position, line) in lines.into_iter().enumerate() {
        let id = line.text("AssociatedDocumentLineDocument/LineID");
        must(id == (position + 1).to_string(), "BT-126");
        must(
            !line.text("SpecifiedTradeProduct/Name").is_empty(),
            "BT-153",
        );
        let quantity = line.first("SpecifiedLineTradeDelivery/BilledQuantity");
        let unit = quantity.and_then(|it| it.attributes.first());
        must(unit.is_some_and(|(_, code)| code == "C62"), "BT-130");
    }
    broken
}
