//! Facts about whole files, read back with lopdf.

use commerce::{AddressInput, Language, Money, Timestamp};

use crate::checks::papers;
use crate::{Invoice, Kind, Logo, Means, Payment, XmlError, pdf, xml};

/// The text of each page.
fn read(pdf: &[u8]) -> Vec<String> {
    let file = lopdf::Document::load_mem(pdf).unwrap();
    file.get_pages()
        .keys()
        .map(|page| file.extract_text(&[*page]).unwrap())
        .collect()
}

fn pages(invoice: &Invoice) -> Vec<String> {
    read(&pdf(invoice, None).unwrap())
}

fn sample() -> Invoice {
    papers::consumer(&papers::four_rates().unwrap()).unwrap()
}

#[test]
fn a_page_says_everything_about_the_invoice() {
    let pages = pages(&sample());
    assert_eq!(pages.len(), 1);
    for text in [
        "Comptoir des Œillets",
        "44000 Nantes",
        "Facture",
        "N° F-2026-000042",
        "22 novembre 2026",
        "2026-000117",
        "FACTURÉ À",
        "Zoé Lefèvre",
        "12 rue de l’Œuvre",
        "Théière en fonte « Cœur », 1,2 L",
        "Réf. TH-012",
        "41,5850 €",
        "99,80 €",
        "Code BIENVENUE",
        "Livraison",
        "5,5 %",
        "195,05 €",
        "Payée le 22 novembre 2026 par carte bancaire",
        "SAS au capital de 10\u{202f}000 €",
        "Page 1 sur 1",
    ] {
        assert!(pages[0].contains(text), "{text:?} is missing in {pages:?}");
    }
}

#[test]
fn an_invoice_speaks_english_too() {
    let mut invoice = papers::business(&papers::four_rates().unwrap()).unwrap();
    invoice.language = Language::English;
    let text = pages(&invoice).concat();
    for words in [
        "Invoice",
        "No. F-2026-000042",
        "22 November 2026",
        "Payable by 22 December 2026 by bank transfer",
        "IBAN FR76 3000",
        "€195.05",
        "Amount due",
        "Page 1 of 1",
    ] {
        assert!(text.contains(words), "{words:?} is missing in {text:?}");
    }
}

#[test]
fn a_pro_forma_says_that_it_is_none_and_has_no_number_and_no_xml() {
    let invoice = papers::pro_forma().unwrap();
    let file = pdf(&invoice, None).unwrap();
    let text = read(&file).concat();
    assert!(text.contains("Ce document n’est pas une facture."));
    assert!(!text.contains("F-2026"));
    assert!(matches!(xml(&invoice), Err(XmlError::ProForma)));
    let file = lopdf::Document::load_mem(&file).unwrap();
    assert!(!file.catalog().unwrap().has(b"AF"));
}

#[test]
fn three_hundred_lines_repeat_the_head_and_carry_totals_over() {
    let pages = pages(&papers::consumer(&papers::many(300).unwrap()).unwrap());
    assert!((10..20).contains(&pages.len()), "{} pages", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} sur {}", index + 1, pages.len())));
        assert!(page.contains("Désignation"));
        assert_eq!(page.contains("(suite)"), index > 0);
        assert_eq!(page.contains("À reporter"), index + 1 < pages.len());
    }
    for pair in pages.windows(2) {
        let after = |page: &str, label: &str| {
            let rest = page.split(label).nth(1).unwrap().trim_start().to_owned();
            rest.split('€').next().unwrap().to_owned()
        };
        assert_eq!(after(&pair[0], "À reporter"), after(&pair[1], "Report"));
    }
    let all = pages.concat();
    for n in 1..=300 {
        assert!(all.contains(&format!("A-{n:04}")), "{n}");
    }
}

#[test]
fn the_same_invoice_is_the_same_file() {
    let invoice = sample();
    let first = pdf(&invoice, None).unwrap();
    assert_eq!(first, pdf(&invoice, None).unwrap());
    let mut other = invoice;
    other.order.number.push('1');
    assert_ne!(first, pdf(&other, None).unwrap());
}

#[test]
fn nothing_that_can_be_typed_makes_an_invoice_fail() {
    let mut invoice = papers::hostile().unwrap();
    let endless = "W".repeat(4_000);
    let long = "W".repeat(200);
    invoice.seller.address = AddressInput {
        name: long.clone(),
        line1: long.clone(),
        line2: Some(long.clone()),
        postal_code: long.clone(),
        city: long.clone(),
        country: "GS".into(),
    }
    .parse()
    .unwrap();
    invoice.delivery = Some(invoice.seller.address.clone());
    invoice.seller.trade_name = Some(endless.clone());
    invoice.seller.legal_form = endless.clone();
    invoice.seller.email = endless.clone();
    invoice.terms.recovery = endless.repeat(5);
    invoice.order.number = endless.clone();
    invoice.issued_at = Timestamp::from_unix_ms(i64::MIN);
    invoice.items.lines[0].name = endless;
    invoice.items.lines[0].gross = Money::eur(i64::MIN);
    invoice.items.allowances = vec![invoice.items.allowances[0].clone(); 200];
    let pages = pages(&invoice);
    assert!(pages.concat().matches('W').count() > 4_000);
    invoice.items.lines.clear();
    assert!(!self::pages(&invoice).is_empty());
}

#[test]
fn the_state_of_the_payment_is_what_the_snapshot_says() {
    let mut invoice = sample();
    assert_eq!(invoice.due(), Money::eur(0));
    let Payment::Paid { on, means } = invoice.payment.clone() else {
        panic!("a consumer has paid")
    };
    invoice.payment = Payment::Due { on, means };
    assert_eq!(invoice.due(), invoice.items.totals.gross);
    assert!(pages(&invoice)[0].contains("À payer au plus tard le 22 novembre 2026"));
    let iban = String::from("FR7630006000011234567890189");
    invoice.kind = Kind::ProForma;
    invoice.payment = Payment::AfterDelivery {
        days: 30,
        means: Means::Transfer { iban },
    };
    let text = pages(&invoice).concat().replace('\n', " ");
    let term = "À payer dans les 30 jours suivant la livraison, par virement";
    assert!(text.contains(term), "{text}");
    assert!(
        text.contains("IBAN FR76 3000 6000 0112 3456 7890 189"),
        "{text}"
    );
    assert!(!text.contains("échéance"), "{text}");
    let credit = papers::credit_full().unwrap();
    let text = pages(&credit).concat();
    assert!(text.contains("Avoir") && text.contains("Remboursé le"));
    assert!(text.contains("rectifie la facture n° F-2026-000042 du 22 novembre 2026."));
    assert!(matches!(credit.kind, Kind::CreditNote { .. }));
}

#[test]
fn a_logo_is_on_the_page() {
    let logo = Logo::new(include_bytes!("../examples/samples/logo.png")).unwrap();
    let file = pdf(&sample(), Some(&logo)).unwrap();
    let file = lopdf::Document::load_mem(&file).unwrap();
    let page = *file.get_pages().values().next().unwrap();
    let content = String::from_utf8(file.get_page_content(page)).unwrap();
    assert!(content.contains("/Logo Do"));
}

#[test]
fn totals_and_mentions_stay_in_one_piece_beside_the_last_row() {
    for count in 1..60 {
        let pages = pages(&papers::business(&papers::many(count).unwrap()).unwrap());
        let last = pages.last().unwrap();
        for text in [
            "Taux de TVA",
            "Reste à payer",
            "À payer au plus tard le",
            "Nature de l’opération",
            "Pas d’escompte",
            "Pénalités de retard",
            "Indemnité forfaitaire",
        ] {
            let on = pages.iter().filter(|page| page.contains(text)).count();
            assert!(on == 1 && last.contains(text), "{count} lines: {text}");
        }
        assert!(last.contains(&format!("A-{count:04}")), "{count} lines");
    }
}

#[test]
fn a_consumer_reads_nothing_of_penalties() {
    let text = pages(&sample()).concat();
    let xml = String::from_utf8(xml(&sample()).unwrap()).unwrap();
    for never in ["énalités", "ndemnité", "escompte"] {
        assert!(!text.contains(never), "{never:?} in {text}");
        assert!(!xml.contains(never), "{never:?} in {xml}");
    }
}

#[test]
fn a_credit_note_says_why_and_asks_for_no_penalties() {
    let note = papers::credit_with_reason().unwrap();
    let text = pages(&note).concat();
    assert!(text.contains("Motif : Colis arrivé abîmé"), "{text}");
    let mut said = text.clone();
    for written in [
        "A-2026-000011",
        "F-2026-000042",
        "2026-000117",
        "TH-012",
        "DA-250",
        "GZ-042",
    ] {
        said = said.replace(written, "");
    }
    for never in ["Pénalités", "Indemnité", "escompte", "-"] {
        assert!(!said.contains(never), "{never:?} in {said}");
    }
    let xml = String::from_utf8(xml(&note).unwrap()).unwrap();
    assert!(
        xml.contains("<ram:Content>Motif : Colis arrivé abîmé"),
        "{xml}"
    );
    assert!(!xml.contains("Pénalités"));
}

#[test]
fn each_price_has_the_decimals_that_it_needs() {
    let text = pages(&sample()).concat();
    for price in ["41,5850 €", "8,0914 €", "3,13 €"] {
        assert!(text.contains(price), "{price} in {text}");
    }
    assert!(!text.contains("3,1300"));
    assert!(text.contains("−13,21 €"), "a discount has a minus sign");
}

#[test]
fn what_europe_and_vietnam_write_is_on_the_page() {
    let text = pages(&papers::letters().unwrap()).concat();
    assert!(!text.contains('\u{fffd}'), "{text}");
    for name in [
        "Nguyễn Thị",
        "Ἀθηναῖος",
        "Утро",
        "Қазы",
        "−20 °C",
        "Ⅳ",
        "full",
    ] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[test]
fn a_file_embeds_no_more_letters_than_it_shows() {
    let small = pdf(&sample(), None).unwrap().len();
    assert!(small < 60_000, "{small} bytes");
}
