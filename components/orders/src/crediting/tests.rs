//! How a refund falls on invoices: by pieces, by amount, and to the last cent.

use commerce::totals::{Basket, Line, bill};
use commerce::{OrderId, UserId, VatRate};
use proptest::prelude::*;
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

fn refunded(cents: i64, pieces: &[(usize, i64)]) -> Refunded {
    let piece = |(line, count): &(usize, i64)| (*line, Quantity::new(*count).unwrap());
    Refunded {
        amount: Money::eur(cents),
        pieces: pieces.iter().map(piece).collect(),
    }
}

/// Credits it and keeps the credit notes; how much each invoice's came to.
fn keep(accounts: &mut [Account], refunded: &Refunded) -> Vec<(usize, i64)> {
    let credits = credit(accounts, refunded).unwrap();
    let mut sums = Vec::new();
    for (position, (account, credit)) in accounts.iter_mut().zip(credits).enumerate() {
        if let Some(credit) = credit {
            sums.push((position, credit.totals.gross.amount()));
            account.credits.push(credit);
        }
    }
    sums
}

#[test]
fn pieces_are_credited_on_the_invoice_that_has_them() {
    let mut accounts = [
        account(&[(0, 1_000, 2)]),
        account(&[(1, 500, 4), (2, 99, 1)]),
    ];
    let sums = keep(&mut accounts, &refunded(1_000, &[(1, 2)]));
    assert_eq!(sums, [(1, 1_000)]);
    let credit = &accounts[1].credits[0];
    assert!(!credit.is_amount);
    assert_eq!(credit.lines[0].quantity, Quantity::new(2).ok());
    // Both invoices at once.
    let sums = keep(&mut accounts, &refunded(1_099, &[(0, 1), (2, 1)]));
    assert_eq!(sums, [(0, 1_000), (1, 99)]);
}

#[test]
fn an_amount_falls_on_all_invoices_in_proportion() {
    let mut accounts = [account(&[(0, 1_000, 3)]), account(&[(1, 1_000, 1)])];
    let sums = keep(&mut accounts, &refunded(400, &[]));
    assert_eq!(sums, [(0, 300), (1, 100)]);
    assert!(accounts[0].credits[0].is_amount);
}

#[test]
fn pieces_that_are_worth_less_by_now_are_credited_as_their_money() {
    let mut accounts = [account(&[(0, 1_000, 2)])];
    keep(&mut accounts, &refunded(500, &[]));
    // A piece is worth 7.50 now, and 10.00 went back.
    let sums = keep(&mut accounts, &refunded(1_000, &[(0, 1)]));
    assert_eq!(sums, [(0, 1_000)]);
    assert!(accounts[0].credits[1].is_amount);
    let sums = keep(&mut accounts, &refunded(500, &[(0, 1)]));
    assert_eq!(sums, [(0, 500)]);
    assert_eq!(credit(&accounts, &refunded(1, &[])).ok(), None);
}

proptest! {
    #[test]
    fn credit_notes_come_to_what_went_back_and_never_to_more_than_was_invoiced(
        lines in prop::collection::vec((1_i64..50_000, 1_i64..9), 1..8),
        split in 0_usize..8,
        parts in prop::collection::vec((1_i64..30_000, any::<bool>()), 1..8),
    ) {
        let numbered: Vec<_> = lines.iter().enumerate().map(|(n, (a, q))| (n, *a, *q)).collect();
        let (left, right) = numbered.split_at(split.min(numbered.len()));
        let mut accounts: Vec<Account> =
            [left, right].into_iter().filter(|part| !part.is_empty()).map(account).collect();
        let total: i64 = lines.iter().map(|(amount, quantity)| amount * quantity).sum();
        let mut back = 0;
        for (amount, whole_line) in parts {
            let line = usize::try_from(amount).unwrap() % lines.len();
            let (price, _) = lines[line];
            let wanted = if whole_line { refunded(price, &[(line, 1)]) } else { refunded(amount, &[]) };
            if back + wanted.amount.amount() > total {
                continue;
            }
            let sum: i64 = keep(&mut accounts, &wanted).iter().map(|(_, sum)| sum).sum();
            prop_assert_eq!(sum, wanted.amount.amount());
            back += sum;
        }
        if back < total {
            let rest: i64 = keep(&mut accounts, &refunded(total - back, &[])).iter().map(|(_, s)| s).sum();
            prop_assert_eq!(rest, total - back);
        }
        for account in &accounts {
            let sum = |of: fn(&Credit) -> Money| -> i64 {
                account.credits.iter().map(|credit| of(credit).amount()).sum()
            };
            let totals = &account.billed.bill.totals;
            prop_assert_eq!(sum(|credit| credit.totals.gross), totals.gross.amount());
            prop_assert_eq!(sum(|credit| credit.totals.net), totals.net.amount());
        }
    }
}
