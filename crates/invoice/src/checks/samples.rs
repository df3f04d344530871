//! The sample papers pass every check, and any other paper does too.

#[path = "../../examples/samples/papers.rs"]
pub mod papers;

use commerce::totals::{Basket, Charge, Credit, Discount, Line, Outstanding, Over, Return, bill};
use commerce::{Language, Money, Quantity, VatRate};
use proptest::prelude::*;

use super::{amounts, broken, credits, fields, load};
use crate::checks::tree::Element;
use crate::{Items, Name, Names, xml};

#[test]
fn every_sample_passes_every_check() {
    for (name, invoice) in papers::all().unwrap() {
        // Hostile names are replaced on the page; what the law wants is not among them.
        assert_eq!(broken(&load(&invoice), &invoice), [""; 0], "{name}");
    }
}

#[test]
fn a_snapshot_survives_json_and_is_the_same_file_afterwards() {
    for (name, invoice) in papers::all().unwrap() {
        let json = serde_json::to_string(&invoice).unwrap();
        let read: crate::Invoice = serde_json::from_str(&json).unwrap();
        assert_eq!(read, invoice, "{name}");
        let files = [&invoice, &read].map(|paper| crate::pdf(paper, None).unwrap());
        assert!(files[0] == files[1], "{name}");
    }
}

fn any_basket() -> impl Strategy<Value = Basket> {
    let rate = || prop::sample::select(VatRate::ALL.to_vec());
    let line = (0..=50_000_i64, rate(), 1..=40_i64).prop_map(|(amount, vat_rate, quantity)| Line {
        unit_price: Money::eur(amount),
        vat_rate,
        quantity: Quantity::new(quantity).unwrap(),
    });
    let lines = prop::collection::vec(line, 1..12);
    (
        lines,
        0..=100_i64,
        prop::option::of((0..=2_000_i64, prop::option::of(rate()))),
    )
        .prop_map(|(lines, percent, shipping)| {
            let mut basket = Basket {
                lines,
                ..Basket::default()
            };
            let gross = bill(&basket).unwrap().totals.gross.amount();
            basket.discounts.push(Discount {
                amount: Money::eur(gross * percent / 100),
                over: Over::Everything,
            });
            basket
                .charges
                .extend(shipping.map(|(amount, vat_rate)| Charge {
                    amount: Money::eur(amount),
                    vat_rate,
                }));
            basket
        })
}

fn names(basket: &Basket) -> Names {
    let line = Name {
        name: String::from("Thé"),
        reference: None,
    };
    Names {
        lines: vec![line; basket.lines.len()],
        discounts: vec![String::from("Remise")],
        charges: vec![String::from("Livraison")],
    }
}

proptest! {
    #[test]
    fn any_invoice_and_its_credit_notes_keep_every_identity(
        basket in any_basket(), part in 1..=100_i64, paid in any::<bool>(),
    ) {
        let bill = bill(&basket).unwrap();
        let names = names(&basket);
        let mut invoice = papers::business(&papers::one_rate().unwrap()).unwrap();
        if paid {
            invoice.payment = papers::consumer(&papers::one_rate().unwrap()).unwrap().payment;
        }
        invoice.items = Items::of_bill(&bill, &names).unwrap();
        let root = Element::parse(&xml(&invoice).unwrap());
        prop_assert_eq!(amounts::check(&root), [""; 0]);
        prop_assert_eq!(fields::check(&root), [""; 0]);

        let amount = bill.totals.gross.amount() * part / 100;
        let mut given_back: Vec<Credit> = Vec::new();
        let mut notes: Vec<Element> = Vec::new();
        for what in [Return::Amount(Money::eur(amount)), Return::Everything] {
            let Ok(credit) = Outstanding::after(&bill, &given_back).unwrap().credit(&what) else { continue };
            let mut note = papers::credit_note("A-1", &papers_credit()).unwrap();
            let charges = invoice.items.charges.iter().map(|charge| charge.reason.clone());
            let names = Names { charges: charges.collect(), ..names.clone() };
            note.items = Items::of_credit(&credit, &names, Language::French).unwrap();
            let note = Element::parse(&xml(&note).unwrap());
            prop_assert_eq!(amounts::check(&note), [""; 0]);
            prop_assert_eq!(fields::check(&note), [""; 0]);
            given_back.push(credit);
            notes.push(note);
        }
        prop_assert_eq!(credits::check(&root, &notes), [""; 0]);
    }
}

fn papers_credit() -> Credit {
    let bill = bill(&papers::four_rates().unwrap().basket).unwrap();
    let outstanding = Outstanding::after(&bill, []).unwrap();
    outstanding.credit(&Return::Everything).unwrap()
}
