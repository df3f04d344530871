//! The sample papers, made as a shop would make them: by the engine of `commerce::totals`. Also what
//! the tests of this crate and its checker work on.

use std::error::Error;

use commerce::totals::{
    Basket, Bill, Charge, Credit, Discount, Line, Outstanding, Over, Piece, Return, bill,
};
use commerce::{Address, AddressInput, Language, Money, Quantity, Timestamp, VatRate};
use comptoir_invoice::{
    Buyer, Company, Day, Invoice, Items, Kind, Means, Name, Names, Nature, Number, Order, Original,
    Payment, Seller, Siren, Terms, Vat, VatNumber,
};

#[path = "special.rs"]
mod special;

pub use special::{credit_with_reason, hostile, letters};

type Failure = Box<dyn Error>;

/// What a paper is made of.
pub struct Sale {
    pub basket: Basket,
    pub names: Names,
}

/// 22 November 2026, 10:00 in Paris.
pub const ISSUED_AT: Timestamp = Timestamp::from_unix_ms(1_795_338_000_000);

/// Every sample, by name.
pub fn all() -> Result<Vec<(String, Invoice)>, Failure> {
    let mut papers = vec![
        (String::from("b2c-one-rate"), consumer(&one_rate()?)?),
        (String::from("b2c-four-rates"), consumer(&four_rates()?)?),
        (String::from("b2b"), business(&four_rates()?)?),
        (
            String::from("b2b-english"),
            english(business(&four_rates()?)?)?,
        ),
        (String::from("franchise"), franchise()?),
        (String::from("zero-rated"), without_vat(None)?),
        (
            String::from("exempt"),
            without_vat(Some("Exonération de TVA, art. 261 C du CGI"))?,
        ),
        (String::from("300-lines"), consumer(&many(300)?)?),
        (String::from("hostile-names"), hostile()?),
        (String::from("pro-forma"), pro_forma()?),
    ];
    papers.push((
        String::from("shipping-as-the-goods"),
        consumer(&special::shipped_as_the_goods()?)?,
    ));
    papers.push((String::from("b2b-foreign"), special::foreign()?));
    papers.push((String::from("free"), special::free()?));
    papers.push((String::from("letters"), letters()?));
    papers.push((String::from("two-pages"), consumer(&many(20)?)?));
    papers.push((String::from("credit-full"), credit_full()?));
    papers.push((String::from("credit-with-reason"), credit_with_reason()?));
    papers.push((String::from("credit-set-off"), special::credit_set_off()?));
    papers.push((String::from("credit-free"), special::credit_free()?));
    for (position, credit) in credits_partial()?.into_iter().enumerate() {
        papers.push((format!("credit-partial-{}", position + 1), credit));
    }
    Ok(papers)
}

pub fn address(
    name: &str,
    street: &str,
    postal_code: &str,
    city: &str,
) -> Result<Address, Failure> {
    let input = AddressInput {
        name: name.into(),
        line1: street.into(),
        line2: None,
        postal_code: postal_code.into(),
        city: city.into(),
        country: "FR".into(),
    };
    Ok(Address::try_from(input)?)
}

pub fn seller() -> Result<Seller, Failure> {
    Ok(Seller {
        trade_name: Some(String::from("Comptoir des Œillets")),
        address: address("Œillets & Cie", "3 quai de la Fosse", "44000", "Nantes")?,
        legal_form: String::from("SAS"),
        capital: Some(Money::eur(1_000_000)),
        siren: Siren::new("732829320")?,
        register: Some(String::from("RCS Nantes")),
        vat_number: Some(VatNumber::parse("FR44732829320")?),
        email: String::from("bonjour@oeillets.example"),
    })
}

fn line(amount: i64, basis_points: u16, quantity: i64) -> Result<Line, Failure> {
    Ok(Line {
        unit_price: Money::eur(amount),
        vat_rate: VatRate::new(basis_points)?,
        quantity: Quantity::new(quantity)?,
    })
}

fn name(name: &str, reference: &str) -> Name {
    Name {
        name: name.into(),
        reference: (!reference.is_empty()).then(|| reference.into()),
    }
}

pub fn one_rate() -> Result<Sale, Failure> {
    Ok(Sale {
        basket: Basket {
            lines: vec![line(4_990, 2000, 1)?, line(999, 2000, 3)?],
            ..Basket::default()
        },
        names: Names {
            lines: vec![
                name("Théière en fonte « Cœur », 1,2 L", "TH-012"),
                name("Boîte à thé en fer-blanc, 100 g", "BO-100"),
            ],
            ..Names::default()
        },
    })
}

pub fn four_rates() -> Result<Sale, Failure> {
    Ok(Sale {
        basket: Basket {
            lines: vec![
                line(4_990, 2000, 2)?,
                line(1_295, 550, 3)?,
                line(890, 1000, 7)?,
                line(320, 210, 1)?,
            ],
            discounts: vec![Discount {
                amount: Money::eur(1_500),
                over: Over::Everything,
            }],
            charges: vec![Charge {
                amount: Money::eur(590),
                vat_rate: Some(VatRate::STANDARD),
            }],
        },
        names: Names {
            lines: vec![
                name("Théière en fonte « Cœur », 1,2 L", "TH-012"),
                name("Thé noir Darjeeling, récolte de printemps, 250 g", "DA-250"),
                name("Pâtisserie du jour à emporter", ""),
                name("La Gazette du thé, numéro 42", "GZ-042"),
            ],
            discounts: vec![String::from("Code BIENVENUE")],
            charges: vec![String::from("Livraison")],
        },
    })
}

pub fn many(count: usize) -> Result<Sale, Failure> {
    let rates = [2000, 550, 1000, 210];
    let mut sale = Sale {
        basket: Basket::default(),
        names: Names::default(),
    };
    for n in 1..=count {
        let rate = rates.get(n % 4).copied().unwrap_or(2000);
        let amount = i64::try_from(n * 7919 % 30_000)? + 1;
        let quantity = i64::try_from(n % 5)? + 1;
        sale.basket.lines.push(line(amount, rate, quantity)?);
        let text = match n % 6 {
            0 => format!(
                "Article {n}, dont le nom est assez long pour occuper deux lignes, peut-être trois"
            ),
            _ => format!("Article {n}"),
        };
        sale.names.lines.push(name(&text, &format!("A-{n:04}")));
    }
    Ok(sale)
}

/// A consumer who paid by card.
pub fn consumer(sale: &Sale) -> Result<Invoice, Failure> {
    let bill = bill(&sale.basket)?;
    let today = Day::in_paris(ISSUED_AT);
    Ok(Invoice {
        kind: Kind::Invoice {
            number: Number::new("F-2026-000042")?,
        },
        issued_at: ISSUED_AT,
        supplied_on: None,
        language: Language::French,
        nature: Nature::Goods,
        seller: seller()?,
        buyer: Buyer {
            address: address("Zoé Lefèvre", "12 rue de l’Œuvre", "75011", "Paris")?,
            email: String::from("zoe@example.com"),
            company: None,
        },
        delivery: None,
        vat: Vat::Normal,
        exemption: None,
        items: Items::of_bill(&bill, &sale.names)?,
        payment: Payment::Paid {
            on: today,
            means: Means::Card,
        },
        terms: Terms::standard(Language::French),
        order: Order {
            number: String::from("2026-000117"),
            placed_on: today.plus_days(-1),
        },
    })
}

/// A business that pays in thirty days, VAT on debits, delivered elsewhere.
pub fn business(sale: &Sale) -> Result<Invoice, Failure> {
    let mut paper = consumer(sale)?;
    paper.buyer = Buyer {
        address: address(
            "Hôtel du Vieux Port SARL",
            "27 quai des Belges",
            "13001",
            "Marseille",
        )?,
        email: String::from("compta@vieuxport.example"),
        company: Some(Company {
            siren: Some(Siren::new("552100554")?),
            vat_number: Some(VatNumber::parse("FR96552100554")?),
            purchase_order: Some(String::from("BC-7781")),
        }),
    };
    paper.delivery = Some(address(
        "Cuisines du Vieux Port",
        "4 rue Fortia",
        "13001",
        "Marseille",
    )?);
    paper.vat = Vat::OnDebits;
    paper.order.placed_on = paper.issued_on().plus_days(-6);
    paper.supplied_on = Some(paper.issued_on().plus_days(-2));
    paper.payment = Payment::Due {
        on: paper.issued_on().plus_days(30),
        means: Means::Transfer {
            iban: String::from("FR7630006000011234567890189"),
        },
    };
    Ok(paper)
}

fn english(mut paper: Invoice) -> Result<Invoice, Failure> {
    paper.language = Language::English;
    paper.terms = Terms::standard(Language::English);
    Ok(paper)
}

pub fn franchise() -> Result<Invoice, Failure> {
    let mut sale = four_rates()?;
    let charges = sale.basket.charges.iter_mut();
    for rate in charges.filter_map(|charge| charge.vat_rate.as_mut()) {
        *rate = VatRate::ZERO;
    }
    for line in &mut sale.basket.lines {
        line.vat_rate = VatRate::ZERO;
    }
    let mut paper = consumer(&sale)?;
    paper.vat = Vat::Franchise;
    paper.seller.trade_name = None;
    paper.seller.address = address("Maud Œillet", "3 quai de la Fosse", "44000", "Nantes")?;
    paper.seller.legal_form = String::from("EI");
    paper.seller.capital = None;
    paper.seller.vat_number = None;
    Ok(paper)
}

/// One line at 20 % and one at 0 %, with the article that exempts it or without.
pub fn without_vat(article: Option<&str>) -> Result<Invoice, Failure> {
    let mut sale = one_rate()?;
    sale.basket.lines.push(line(1_500, 0, 2)?);
    sale.names.lines.push(name("Timbre de collection", ""));
    let mut paper = consumer(&sale)?;
    paper.exemption = article.map(String::from);
    Ok(paper)
}

pub fn pro_forma() -> Result<Invoice, Failure> {
    let mut paper = consumer(&four_rates()?)?;
    paper.kind = Kind::ProForma;
    paper.payment = Payment::Due {
        on: paper.issued_on(),
        means: Means::Card,
    };
    Ok(paper)
}

/// The credit note of a part of `consumer(four_rates)`, paid back by card.
pub fn credit_note(number: &str, credit: &Credit) -> Result<Invoice, Failure> {
    let sale = four_rates()?;
    let original = consumer(&sale)?;
    let of = Original {
        number: Number::new("F-2026-000042")?,
        issued_on: original.issued_on(),
    };
    let day = original.issued_on().plus_days(9);
    Ok(Invoice {
        kind: Kind::CreditNote {
            number: Number::new(number)?,
            of,
            reason: None,
        },
        issued_at: ISSUED_AT.plus_ms(9 * 86_400_000),
        items: Items::of_credit(credit, &sale.names, Language::French)?,
        payment: Payment::Paid {
            on: day,
            means: Means::Card,
        },
        ..original
    })
}

pub fn credit_full() -> Result<Invoice, Failure> {
    let bill = bill(&four_rates()?.basket)?;
    let credit = Outstanding::after(&bill, [])?.credit(&Return::Everything)?;
    credit_note("A-2026-000007", &credit)
}

/// Two pieces, then an amount, then all that is left.
pub fn credits_partial() -> Result<Vec<Invoice>, Failure> {
    let bill: Bill = bill(&four_rates()?.basket)?;
    let pieces = vec![
        Piece {
            line: 0,
            quantity: Quantity::ONE,
        },
        Piece {
            line: 2,
            quantity: Quantity::new(3)?,
        },
    ];
    let returns = [
        Return::Pieces {
            lines: pieces,
            charges: Vec::new(),
        },
        Return::Amount(Money::eur(1_000)),
        Return::Everything,
    ];
    let mut credits: Vec<Credit> = Vec::new();
    for what in &returns {
        let credit = Outstanding::after(&bill, &credits)?.credit(what)?;
        credits.push(credit);
    }
    let numbers = ["A-2026-000008", "A-2026-000009", "A-2026-000010"];
    let papers = numbers.into_iter().zip(&credits);
    papers
        .map(|(number, credit)| credit_note(number, credit))
        .collect()
}
