//! Sample papers of special cases: other letters, other countries, other reasons.

use commerce::totals::{Basket, Discount, Outstanding, Over, bill};
use commerce::{AddressInput, Money};
use comptoir_invoice::{Company, Invoice, Kind, Means, Names, Number, Payment, VatNumber};

use super::{
    Failure, Sale, address, business, consumer, credit_full, credit_note, four_rates, line, name,
};

/// At four rates, with shipping that bears VAT as the goods do.
pub fn shipped_as_the_goods() -> Result<Sale, Failure> {
    let mut sale = four_rates()?;
    for charge in &mut sale.basket.charges {
        charge.vat_rate = None;
    }
    Ok(sale)
}

/// A company of another country, which has what it bought brought to France.
pub fn foreign() -> Result<Invoice, Failure> {
    let mut paper = business(&shipped_as_the_goods()?)?;
    paper.buyer.address = AddressInput {
        name: "Teehaus Zöllner GmbH".into(),
        line1: "Große Straße 7".into(),
        line2: None,
        postal_code: "10115".into(),
        city: "Berlin".into(),
        country: "DE".into(),
    }
    .try_into()?;
    let number = VatNumber::parse("DE123456789")?;
    paper.buyer.company = Some(Company::identified(None, Some(number), None)?);
    Ok(paper)
}

/// Names in every script that the typefaces have, and what people write in names of products.
pub fn letters() -> Result<Invoice, Failure> {
    let names = [
        "Phở bò Nguyễn Thị Ánh — trà sen Tây Hồ",
        "Ἀθηναῖος οἶνος, ελαιόλαδο Καλαμάτας",
        "Чай «Утро», 100 г; Ћевапи; Їжа; Қазы",
        "Garniture Ø 28 mm, ⌀ 30, taille 1, −20 °C → +4 °C, ½ litre, 3 × 4, ≥ 70 %, Ⅳ",
        "Ẽ ẞ ŋ Ǿ ǆ ȝ Ḃ ﬁn ｆｕｌｌ ² ℓ № ★ ✓ ♥ ₽ ₫ ₴ ∞ √ ◆",
    ];
    let mut sale = Sale {
        basket: Basket::default(),
        names: Names::default(),
    };
    for (position, text) in names.into_iter().enumerate() {
        sale.basket
            .lines
            .push(line(1_290 + i64::try_from(position)?, 550, 2)?);
        sale.names.lines.push(name(text, ""));
    }
    let mut paper = consumer(&sale)?;
    paper.buyer.address = address("Nguyễn Thị Minh Khai", "5 rue Ḩijāz", "75013", "Paris")?;
    Ok(paper)
}

pub fn hostile() -> Result<Invoice, Failure> {
    let names = [
        "🦀🍵 Théière 👩\u{200d}🚀 emoji",
        "مرحبا بالعالم שלום",
        &"Incroyablement-longue-dénomination ".repeat(6),
        &"W".repeat(200),
        "a\u{0}b\u{1}c\u{7f}d\u{202e}e\u{feff}f <b>&amp;</b> ]]> (\\) %%EOF endstream",
        " \n\t ",
        "你好，世界 — e\u{301}te\u{301}",
    ];
    let mut sale = Sale {
        basket: Basket::default(),
        names: Names::default(),
    };
    for text in names {
        sale.basket.lines.push(line(1_234_567, 2000, 9_999)?);
        sale.names.lines.push(name(text, "Ref <&> 🦀"));
    }
    sale.basket.discounts.push(Discount {
        amount: Money::eur(123_456_789),
        over: Over::Everything,
    });
    sale.names.discounts.push("Remise ".repeat(30));
    let mut paper = consumer(&sale)?;
    let long = "É".repeat(200);
    paper.buyer.address = AddressInput {
        name: "Zoé 🦀 مرحبا <&> ".repeat(10),
        line1: long.clone(),
        line2: Some(long.clone()),
        postal_code: "75011".into(),
        city: long,
        country: "FR".into(),
    }
    .try_into()?;
    Ok(paper)
}

fn make_free(sale: &mut Sale) -> Result<(), Failure> {
    let bill = bill(&sale.basket)?;
    let goods = bill.lines.iter().map(|line| line.gross.amount()).sum();
    for discount in &mut sale.basket.discounts {
        discount.amount = Money::eur(goods);
    }
    sale.basket.charges.clear();
    sale.names.charges.clear();
    Ok(())
}

/// A discount takes off all that the goods cost, and nothing is added.
pub fn free() -> Result<Invoice, Failure> {
    let mut sale = four_rates()?;
    make_free(&mut sale)?;
    let mut invoice = consumer(&sale)?;
    invoice.payment = Payment::Paid {
        on: invoice.issued_on(),
        means: Means::Other,
    };
    Ok(invoice)
}

/// The credit note of an order that cost nothing: its goods have come back.
pub fn credit_free() -> Result<Invoice, Failure> {
    let mut sale = four_rates()?;
    make_free(&mut sale)?;
    let bill = bill(&sale.basket)?;
    let left = Outstanding::after(&bill, [])?.units_left()?;
    let mut paper = credit_note("A-2026-000013", &left.ok_or("it has goods")?)?;
    if let Payment::Paid { means, .. } = &mut paper.payment {
        *means = Means::SetOff;
    }
    Ok(paper)
}

/// The credit note of an invoice that was not paid.
pub fn credit_set_off() -> Result<Invoice, Failure> {
    let mut credit_note = credit_full()?;
    if let Kind::CreditNote { number, .. } = &mut credit_note.kind {
        *number = Number::new("A-2026-000012")?;
    }
    if let Payment::Paid { means, .. } = &mut credit_note.payment {
        *means = Means::SetOff;
    }
    Ok(credit_note)
}

/// The credit note of all of it, and why.
pub fn credit_with_reason() -> Result<Invoice, Failure> {
    let mut paper = credit_full()?;
    if let Kind::CreditNote { number, reason, .. } = &mut paper.kind {
        *number = Number::new("A-2026-000011")?;
        *reason = Some(String::from(
            "Colis arrivé abîmé : la théière est ébréchée, et le client ne veut plus du reste",
        ));
    }
    Ok(paper)
}
