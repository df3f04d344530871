//! Facts about whole files, read back with lopdf.

use commerce::{AddressInput, Language, Money, Quantity, Timestamp, VatRate, totals};

use crate::document::{Document, Kind, Line, Shop, render};

fn address(name: &str) -> AddressInput {
    AddressInput {
        name: name.into(),
        line1: "12 rue de l’Œuvre".into(),
        line2: Some("Bâtiment C, 3e étage".into()),
        postal_code: "75011".into(),
        city: "Paris".into(),
        country: "FR".into(),
    }
}

fn line(name: &str, quantity: i64, price: i64, rate: u16) -> Line {
    let quantity = Quantity::new(quantity).unwrap();
    let unit_price = Money::eur(price);
    Line {
        name: name.into(),
        quantity,
        unit_price,
        vat_rate: VatRate::new(rate).unwrap(),
        total: unit_price.checked_mul(quantity).unwrap(),
    }
}

fn document(lines: Vec<Line>) -> Document {
    let to_add: Vec<totals::Line> = lines
        .iter()
        .map(|line| totals::Line {
            unit_price: line.unit_price,
            vat_rate: line.vat_rate,
            quantity: line.quantity,
        })
        .collect();
    Document {
        language: Language::French,
        kind: Kind::Order,
        shop: Shop {
            name: "Comptoir des Œillets".into(),
            address: vec!["3 quai de la Fosse".into(), "44000 Nantes".into()],
        },
        number: "2026-000042".into(),
        placed_at: Timestamp::from_unix_ms(1_795_302_661_000),
        buyer: "Zoé Lefèvre".into(),
        shipping: address("Zoé Lefèvre").parse().unwrap(),
        billing: AddressInput {
            postal_code: "10115".into(),
            city: "Berlin".into(),
            country: "DE".into(),
            ..address("Łukasz Žižek")
        }
        .parse()
        .unwrap(),
        totals: totals::price(&to_add).unwrap().totals,
        lines,
        payment: "Payée le 22 novembre 2026".into(),
    }
}

fn many(count: usize) -> Vec<Line> {
    (1..=count)
        .map(|n| {
            let name = match n % 4 {
                0 => format!("Article {n} : cafetière à piston en verre borosilicaté et inox brossé, 8 tasses, avec son couvercle"),
                _ => format!("Article {n}"),
            };
            let rate = [2000, 550, 1000, 210, 0][n % 5];
            line(&name, n as i64 % 7 + 1, 1999 + n as i64 * 37, rate)
        })
        .collect()
}

/// The text of each page.
fn read(pdf: &[u8]) -> Vec<String> {
    let file = lopdf::Document::load_mem(pdf).unwrap();
    file.get_pages()
        .keys()
        .map(|page| file.extract_text(&[*page]).unwrap())
        .collect()
}

/// Writes the file where a person can look at it: `COMPTOIR_PDF=/tmp cargo test`.
fn show(name: &str, pdf: &[u8]) {
    if let Some(folder) = std::env::var_os("COMPTOIR_PDF") {
        std::fs::write(std::path::Path::new(&folder).join(name), pdf).unwrap();
    }
}

#[test]
fn a_page_says_everything_about_the_order() {
    let pdf = render(&document(vec![line(
        "Théière « Cœur » 1,2 L",
        2,
        249_990,
        2000,
    )]))
    .unwrap();
    show("one.pdf", &pdf);
    let pages = read(&pdf);
    assert_eq!(pages.len(), 1);
    for text in [
        "Comptoir des Œillets",
        "44000 Nantes",
        "Commande",
        "N° 2026-000042",
        "22 novembre 2026",
        "Zoé Lefèvre",
        "Payée le 22 novembre 2026",
        "LIVRAISON",
        "FACTURATION",
        "12 rue de l’Œuvre",
        "Łukasz Žižek",
        "10115 Berlin",
        "ALLEMAGNE",
        "Théière « Cœur » 1,2 L",
        "2\u{202f}499,90 €",
        "4\u{202f}999,80 €",
        "20 %",
        "4\u{202f}166,50 €",
        "833,30 €",
        "Ce document n’est pas une facture.",
        "Page 1 sur 1",
    ] {
        assert!(
            pages[0].contains(text),
            "{text:?} is missing in {:?}",
            pages[0]
        );
    }
    assert!(!pages[0].contains("FRANCE"));
}

#[test]
fn an_order_speaks_english_too() {
    let mut order = document(many(12));
    order.language = Language::English;
    order.payment = "Paid".into();
    let pdf = render(&order).unwrap();
    show("twelve.pdf", &pdf);
    let text = read(&pdf).concat();
    for words in [
        "Order",
        "No. 2026-000042",
        "22 November 2026",
        "This is not an invoice.",
        "GERMANY",
        "5.5%",
    ] {
        assert!(text.contains(words), "{words:?} is missing in {text:?}");
    }
}

#[test]
fn three_hundred_lines_take_several_pages_and_each_repeats_the_head() {
    let pdf = render(&document(many(300))).unwrap();
    show("many.pdf", &pdf);
    let pages = read(&pdf);
    assert!((8..16).contains(&pages.len()), "{} pages", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} sur {}", index + 1, pages.len())));
        assert_eq!(page.contains("(suite)"), index > 0);
        if page.contains("Article") {
            assert!(page.contains("Désignation"));
        }
    }
    let all = pages.concat();
    for n in 1..=300 {
        assert!(all.contains(&format!("Article {n}")), "{n}");
    }
    assert!(pages.last().unwrap().contains("Total HT"));
}

#[test]
fn the_same_document_is_the_same_file() {
    let order = document(many(40));
    let first = render(&order).unwrap();
    assert_eq!(first, render(&order).unwrap());
    let mut other = order;
    other.number.push('1');
    assert_ne!(first, render(&other).unwrap());
    let file = lopdf::Document::load_mem(&first).unwrap();
    assert_eq!(file.version, "1.7");
    let info = file
        .trailer
        .get(b"Info")
        .and_then(|info| info.as_reference())
        .unwrap();
    let info = file.get_dictionary(info).unwrap();
    assert_eq!(
        info.get(b"CreationDate").unwrap().as_str().unwrap(),
        b"D:20261121231101Z"
    );
}

#[test]
fn hostile_names_are_printed_and_never_fail() {
    let endless = "W".repeat(4_000);
    let names = [
        "",
        " \n\t ",
        "مرحبا 你好 🦀🦀🦀",
        "a\u{202e}\u{0}\u{7f}\u{200b}b (\\) %% <</Type>> endstream",
        "Ἀθηναι Е\u{301}лка e\u{301}te\u{301}",
        &"m-".repeat(300),
        &endless,
    ];
    let mut order = document(
        names
            .iter()
            .map(|name| line(name, 9_999, 100_000_000, 2000))
            .collect(),
    );
    let long = "W".repeat(200);
    for field in [&mut order.shipping, &mut order.billing] {
        *field = AddressInput {
            name: long.clone(),
            line1: long.clone(),
            line2: Some(long.clone()),
            postal_code: long.clone(),
            city: long.clone(),
            country: "GS".into(),
        }
        .parse()
        .unwrap();
    }
    order.shop.name = endless.clone();
    order.shop.address = vec![endless.clone(); 40];
    order.buyer = endless.clone();
    order.payment = "é\n".repeat(900);
    order.number = endless;
    order.placed_at = Timestamp::from_unix_ms(i64::MIN);
    order.totals.gross = Money::eur(i64::MIN);
    let pdf = render(&order).unwrap();
    show("hostile.pdf", &pdf);
    let text = read(&pdf).concat();
    assert!(text.contains('\u{fffd}') && text.contains("endstream"));
    // The name of 4 000 letters is there to the last.
    assert!(text.matches('W').count() > 4_000);
}

#[test]
fn an_order_without_lines_is_a_page() {
    let pdf = render(&document(Vec::new())).unwrap();
    assert_eq!(read(&pdf).len(), 1);
}
