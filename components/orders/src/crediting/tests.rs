//! How a refund falls on invoices: as payments has worked it out, and else by its amount.

use commerce::totals::{Basket, Line, Piece, bill};
use commerce::{OrderId, Quantity, UserId, VatRate};
use uuid::Uuid;

use super::*;
use crate::issued::{Billed, Paper};
use crate::merchant::MerchantId;

/// An invoice of lines at these positions of an order, for so many cents and pieces each.
fn account(lines: &[(usize, i64, i64)]) -> Account {
    let line = |(_, amount, quantity): &(usize, i64, i64)| Line {
        unit_price: Money::eur(*amount),
        vat_rate: VatRate::STANDARD,
        quantity: Quantity::new(*quantity).unwrap(),
    };
    let basket = Basket {
        lines: lines.iter().map(line).collect(),
        ..Basket::default()
    };
    Account {
        invoice: Paper {
            merchant: MerchantId::Shop,
            order: OrderId::from_uuid(Uuid::nil()),
            client: UserId::from_uuid(Uuid::nil()),
            snapshot: crate::paper::tests::invoice(),
            logo: None,
            xml_sha256: [0; 32],
            pdf_sha256: [0; 32],
        },
        billed: Billed {
            bill: bill(&basket).unwrap(),
            lines: lines.iter().map(|(position, ..)| *position).collect(),
        },
        credits: Vec::new(),
    }
}

fn sums(credits: &[Option<Credit>]) -> Vec<i64> {
    let gross = |credit: &Credit| credit.totals.gross.amount();
    let credits = credits.iter();
    credits
        .map(|credit| credit.as_ref().map_or(0, gross))
        .collect()
}

fn two_invoices() -> [Account; 2] {
    [
        account(&[(0, 1_000, 2)]),
        account(&[(1, 500, 4), (2, 99, 1)]),
    ]
}

#[test]
fn pieces_are_credited_on_the_invoice_that_has_them() {
    let accounts = two_invoices();
    let quantity = Quantity::new(2).unwrap();
    let wanted = Return::Pieces {
        lines: vec![Piece { line: 1, quantity }],
        charges: Vec::new(),
    };
    let refunded = Refunded {
        reason: None,
        amount: Money::eur(1_000),
        credits: totals::give_back(&parts(&accounts).unwrap(), &wanted).unwrap(),
    };
    let credits = credit(&accounts, &refunded).unwrap();
    assert_eq!(sums(&credits), [0, 1_000]);
    let credit = credits[1].as_ref().unwrap();
    assert!(!credit.is_amount);
    assert_eq!(credit.lines[0].quantity, Some(quantity));
}

#[test]
fn an_amount_that_nothing_is_known_of_falls_on_all_invoices_in_proportion() {
    let accounts = [account(&[(0, 1_000, 3)]), account(&[(1, 1_000, 1)])];
    let refunded = Refunded {
        reason: None,
        amount: Money::eur(400),
        credits: Vec::new(),
    };
    let credits = credit(&accounts, &refunded).unwrap();
    assert_eq!(sums(&credits), [300, 100]);
    assert!(credits.iter().flatten().all(|credit| credit.is_amount));
}

#[test]
fn what_does_not_fit_the_invoices_is_credited_as_its_money() {
    let mut accounts = two_invoices();
    let whole = totals::give_back(&parts(&accounts).unwrap(), &Return::Everything).unwrap();
    let amount = Refunded {
        reason: None,
        amount: Money::eur(500),
        credits: Vec::new(),
    };
    let credits = credit(&accounts, &amount).unwrap();
    for (account, credit) in accounts.iter_mut().zip(credits) {
        account.credits.extend(credit);
    }
    let left = 2_000 + 2_099 - 500;
    let mut refunded = Refunded {
        reason: None,
        amount: Money::eur(left),
        credits: whole,
    };
    let credits = credit(&accounts, &refunded).unwrap();
    assert_eq!(sums(&credits).iter().sum::<i64>(), left);
    refunded.amount = Money::eur(left + 1);
    assert!(credit(&accounts, &refunded).is_err());
}

#[test]
fn what_cost_nothing_is_credited_with_its_units() {
    let accounts = [account(&[(0, 0, 2)]), account(&[(1, 500, 4)])];
    let units = |credits: &[Option<Credit>]| -> Vec<i64> {
        let lines = credits.iter().flatten().flat_map(|credit| &credit.lines);
        lines
            .filter_map(|line| Some(line.quantity?.get()))
            .collect()
    };
    let all = credit_everything(&accounts).unwrap();
    assert_eq!((sums(&all), units(&all)), (vec![0, 2_000], vec![2, 4]));
    let free = credit_free(&accounts).unwrap();
    assert!(free[0].is_some() && free[1].is_none());
    assert_eq!(units(&free), [2]);
}
