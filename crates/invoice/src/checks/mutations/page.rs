//! Mentions that are missing from the page.

use commerce::{Money, Quantity};

use super::{assert_found, business, consumer};
use crate::checks::{broken, load, page, papers};
use crate::{Invoice, Kind, Nature, Siren};

#[test]
fn a_mention_that_is_missing_from_the_page_is_found() {
    type Mutation = fn(&mut Invoice);
    let mutations: [(&str, Mutation); 32] = [
        ("the seller", |it| it.seller.address.name.clear()),
        ("its form", |it| it.seller.legal_form.clear()),
        ("its capital", |it| it.seller.capital = None),
        ("its town", |it| it.seller.address.city.clear()),
        ("its SIREN", |it| {
            it.seller.siren = Siren::new("552100554").unwrap()
        }),
        ("its register", |it| it.seller.register = None),
        ("its VAT number", |it| it.seller.vat_number = None),
        ("the street of the seller", |it| {
            it.seller.address.line1.clear()
        }),
        ("the buyer", |it| it.buyer.address.name.clear()),
        ("the street of the buyer", |it| {
            it.buyer.address.line1.clear()
        }),
        ("the town of the buyer", |it| {
            // Where it goes is in the same town.
            it.delivery = None;
            it.buyer.address.city.clear();
        }),
        ("the buyer’s SIREN", |it| it.buyer.company = None),
        ("the buyer’s VAT number", |it| it.buyer.company = None),
        ("where it goes", |it| it.delivery = None),
        ("the number", |it| it.kind = Kind::ProForma),
        ("the issue date", |it| {
            it.issued_at = it.issued_at.plus_ms(86_400_000)
        }),
        ("the supply date", |it| {
            it.supplied_on = it.supplied_on.map(|day| day.plus_days(1))
        }),
        ("the day of the payment", |it| {
            it.payment = consumer().payment
        }),
        ("the order", |it| it.order.number.clear()),
        ("an item", |it| it.items.lines[3].name.clear()),
        ("the figures of an item", |it| {
            it.items.lines[3].quantity = Quantity::new(2).unwrap()
        }),
        ("a discount or a charge", |it| {
            it.items.charges[0].reason.clear()
        }),
        ("a rate and its amounts", |it| {
            it.items.totals.by_rate.truncate(2)
        }),
        ("a rate and its amounts", |it| {
            it.items.totals.by_rate[0].net = Money::eur(1)
        }),
        ("a rate and its amounts", |it| {
            it.items.totals.by_rate[0].vat = Money::eur(1)
        }),
        ("the net total", |it| it.items.totals.net = Money::eur(1)),
        ("the VAT", |it| it.items.totals.vat = Money::eur(1)),
        ("the total", |it| it.items.totals.gross = Money::eur(1)),
        ("the penalties", |it| it.terms.late_payment.clear()),
        ("the indemnity", |it| it.terms.recovery.clear()),
        ("the discount terms", |it| it.terms.early_payment.clear()),
        ("a sentence", |it| it.nature = Nature::Services),
    ];
    let whole = business();
    for (rule, mutate) in mutations {
        let mut mutant = whole.clone();
        mutate(&mut mutant);
        let found = page::check(&load(&mutant), &whole);
        let named = format!("the page does not say {rule}:");
        assert_found(&found, &named, rule);
    }
    assert_eq!(broken(&load(&whole), &whole), [""; 0]);
}

#[test]
fn a_mention_of_another_kind_of_paper_that_is_missing_is_found() {
    let normal = load(&consumer());
    let exempt = papers::without_vat(Some("Exonération de TVA, art. 261 C du CGI"));
    for (wanted, rule) in [
        (papers::franchise(), "the exemption"),
        (exempt, "the article"),
        (Ok(business()), "the option"),
        (
            papers::credit_full(),
            "what it corrects, or that it is no invoice",
        ),
        (papers::credit_with_reason(), "why"),
        (
            papers::pro_forma(),
            "what it corrects, or that it is no invoice",
        ),
    ] {
        let found = page::check(&normal, &wanted.unwrap());
        let named = format!("the page does not say {rule}:");
        assert_found(&found, &named, rule);
    }
}
