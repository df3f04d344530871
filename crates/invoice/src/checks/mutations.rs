//! Every mistake that the checks are there for is found by them: one thing is broken at a time.

use lopdf::{Dictionary, Document, Object};
use rust_decimal::Decimal;

use super::samples::papers;
use super::tree::Element;
use super::{amounts, archive, broken, fields, load, page};
use crate::{Invoice, Terms, xml};

const SUMS: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/\
                    SpecifiedTradeSettlementHeaderMonetarySummation";
const TAX: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/ApplicableTradeTax";
const ADJUSTMENT: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/\
                          SpecifiedTradeAllowanceCharge";
const LINE: &str = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem";
const PARTIES: &str = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement";

fn business() -> Invoice {
    papers::business(&papers::four_rates().unwrap()).unwrap()
}

fn root(invoice: &Invoice) -> Element {
    Element::parse(&xml(invoice).unwrap())
}

fn rules(root: &Element) -> Vec<String> {
    let mut rules = amounts::check(root);
    rules.extend(fields::check(root));
    rules
}

#[test]
fn an_amount_that_is_a_cent_off_is_found() {
    let whole = root(&business());
    for (path, rule) in [
        (format!("{SUMS}/LineTotalAmount"), "3: BT-106"),
        (format!("{SUMS}/AllowanceTotalAmount"), "3: BT-107"),
        (format!("{SUMS}/ChargeTotalAmount"), "3: BT-108"),
        (format!("{SUMS}/TaxBasisTotalAmount"), "4: BT-109"),
        (format!("{SUMS}/TaxTotalAmount"), "7: BT-110"),
        (format!("{SUMS}/GrandTotalAmount"), "7: BT-112"),
        (format!("{SUMS}/TotalPrepaidAmount"), "7: BT-115"),
        (format!("{SUMS}/DuePayableAmount"), "7: BT-115"),
        (format!("{TAX}/BasisAmount"), "5: BT-116"),
        (format!("{TAX}/CalculatedAmount"), "7: BT-110"),
        (format!("{ADJUSTMENT}/ActualAmount"), "3: BT-107"),
        (
            format!(
                "{LINE}/SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"
            ),
            "1: BT-131",
        ),
        (
            format!("{LINE}/SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount"),
            "2: BT-146",
        ),
    ] {
        for cent in [1, -1] {
            let mut mutant = whole.clone();
            mutant.change(&path, &|element| {
                let amount: Decimal = element.text.parse().unwrap();
                element.text = (amount + Decimal::new(cent, 2)).to_string();
            });
            let found = rules(&mutant);
            assert!(
                found.iter().any(|it| it.starts_with(rule)),
                "{path}: {found:?}"
            );
        }
    }
    assert_eq!(rules(&whole), [""; 0]);
}

#[test]
fn vat_that_is_not_split_as_exactly_as_it_could_be_is_found() {
    // A cent from the base to the tax: every sum still adds up.
    let mut mutant = root(&papers::consumer(&papers::one_rate().unwrap()).unwrap());
    let shift = |path: String, cents: i64, mutant: &mut Element| {
        mutant.change(&path, &|element| {
            let amount: Decimal = element.text.parse().unwrap();
            element.text = (amount + Decimal::new(cents, 2)).to_string();
        });
    };
    shift(format!("{TAX}/BasisAmount"), -1, &mut mutant);
    shift(format!("{TAX}/CalculatedAmount"), 1, &mut mutant);
    let found = rules(&mutant);
    assert!(found.iter().any(|it| it.starts_with("6:")), "{found:?}");
}

#[test]
fn a_field_that_is_missing_is_found() {
    let credit = papers::credit_full().unwrap();
    for (path, rule) in [
        ("ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter".into(), "BT-24"),
        ("ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter".into(), "BT-23"),
        ("ExchangedDocument/ID".into(), "BT-1"),
        ("ExchangedDocument/TypeCode".into(), "BT-3"),
        ("ExchangedDocument/IssueDateTime".into(), "BT-2"),
        ("ExchangedDocument/IncludedNote".into(), "BT-21 PMT"),
        (format!("{PARTIES}/SellerTradeParty/Name"), "BT-27"),
        (format!("{PARTIES}/SellerTradeParty/SpecifiedLegalOrganization/ID"), "BT-30"),
        (format!("{PARTIES}/SellerTradeParty/SpecifiedTaxRegistration/ID"), "BT-31"),
        (format!("{PARTIES}/SellerTradeParty/URIUniversalCommunication/URIID"), "BT-34"),
        (format!("{PARTIES}/BuyerTradeParty/URIUniversalCommunication/URIID"), "BT-49"),
        (format!("{PARTIES}/BuyerTradeParty/PostalTradeAddress/LineOne"), "BT-50"),
        (format!("{LINE}/SpecifiedTradeProduct/Name"), "BT-153"),
        (format!("{LINE}/SpecifiedLineTradeDelivery/BilledQuantity"), "BT-130"),
        (format!("{TAX}/CategoryCode"), "8: category S"),
        (
            "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/InvoiceReferencedDocument".into(),
            "BG-3",
        ),
        (
            "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/InvoiceReferencedDocument/IssuerAssignedID".into(),
            "BT-25",
        ),
        (
            "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/SpecifiedTradePaymentTerms/DueDateDateTime".into(),
            "BT-9",
        ),
    ] {
        let mut mutant = root(&credit);
        mutant.remove(&path);
        let found = rules(&mutant);
        assert!(found.iter().any(|it| it.starts_with(rule)), "{path}: {found:?}");
    }
}

/// Changes the first dictionary that has this key; streams have one too.
fn change(file: &mut Document, key: &str, how: impl Fn(&mut Dictionary)) {
    let has = |object: &&mut Object| match object {
        Object::Dictionary(dictionary) => dictionary.has(key.as_bytes()),
        Object::Stream(stream) => stream.dict.has(key.as_bytes()),
        _ => false,
    };
    match file.objects.values_mut().find(has).unwrap() {
        Object::Dictionary(dictionary) => how(dictionary),
        Object::Stream(stream) => how(&mut stream.dict),
        other => panic!("{other:?}"),
    }
}

/// Replaces bytes of the metadata by as many others.
fn restate(file: &mut Document, from: &str, to: &str) {
    let id = file
        .catalog()
        .unwrap()
        .get(b"Metadata")
        .unwrap()
        .as_reference()
        .unwrap();
    let stream = file.get_object_mut(id).unwrap().as_stream_mut().unwrap();
    let text = String::from_utf8(stream.content.clone()).unwrap();
    assert!(text.contains(from), "{from}");
    stream.content = text.replace(from, to).into_bytes();
}

#[test]
fn a_file_that_claims_or_lacks_something_is_found() {
    type Mutation = fn(&mut Document);
    let mutations: [(&str, Mutation); 12] = [
        ("AFRelationship", |file| {
            change(file, "AFRelationship", |it| {
                it.set("AFRelationship", "Source")
            });
        }),
        ("fx:ConformanceLevel", |file| {
            restate(file, "Level>EN 16931<", "Level>BASIC<")
        }),
        ("fx:DocumentFileName", |file| {
            restate(file, "FileName>factur-x", "FileName>zugferd")
        }),
        ("pdfaid", |file| {
            restate(file, "conformance>B<", "conformance>A<")
        }),
        ("pdfaid", |file| restate(file, "part>3<", "part>2<")),
        ("Info and XMP agree on the title", |file| {
            restate(file, "Facture F", "Facture G")
        }),
        ("output intent", |file| {
            file.catalog_mut().unwrap().remove(b"OutputIntents");
        }),
        ("Names", |file| {
            file.catalog_mut().unwrap().remove(b"Names");
        }),
        ("Size of the XML", |file| {
            change(file, "Params", |it| {
                it.set("Params", Dictionary::from_iter([("Size", 7.into())]))
            });
        }),
        ("ID", |file| {
            file.trailer.remove(b"ID");
        }),
        ("a font is not embedded", |file| {
            change(file, "FontFile2", |it| {
                it.remove(b"FontFile2");
            });
        }),
        ("a glyph is not embedded", |file| {
            let page = *file.get_pages().values().next().unwrap();
            let content = String::from_utf8(file.get_page_content(page)).unwrap();
            let at = content.find("<0").unwrap();
            let mutant = format!("{}<0000{}", &content[..at], &content[at + 5..]);
            file.change_page_content(page, mutant.into_bytes()).unwrap();
        }),
    ];
    for (rule, mutate) in mutations {
        let mut file = load(&business());
        mutate(&mut file);
        let found = archive::check(&file);
        assert!(found.iter().any(|it| it == rule), "{rule}: {found:?}");
    }
}

#[test]
fn a_mention_that_is_missing_from_the_page_is_found() {
    type Mutation = fn(&mut Invoice);
    let mutations: [(&str, Mutation); 7] = [
        ("the penalties", |it| it.terms.late_payment.clear()),
        ("the indemnity", |it| it.terms.recovery.clear()),
        ("the discount terms", |it| it.terms.early_payment.clear()),
        ("its register", |it| it.seller.register = None),
        ("its VAT number", |it| it.seller.vat_number = None),
        ("the buyer’s VAT number", |it| it.buyer.company = None),
        ("the option", |it| it.vat = crate::Vat::Normal),
    ];
    let whole = business();
    for (rule, mutate) in mutations {
        let mut mutant = whole.clone();
        mutate(&mut mutant);
        let found = page::check(&load(&mutant), &whole);
        let named = format!("the page does not say {rule}:");
        assert!(
            found.iter().any(|it| it.starts_with(&named)),
            "{rule}: {found:?}"
        );
    }
    let franchise = papers::franchise().unwrap();
    let normal = papers::consumer(&papers::four_rates().unwrap()).unwrap();
    assert!(!page::check(&load(&normal), &franchise).is_empty());
    assert_eq!(broken(&load(&whole), &whole), [""; 0]);
    assert_ne!(whole.terms, Terms::standard(commerce::Language::English));
}
