//! Sales of several merchants: what they come to, and how money and pieces go back.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ids::UserId;
use crate::merchant_id::MerchantId;

fn line(amount: i64, rate: VatRate, quantity: i64) -> Line {
    Line {
        unit_price: Money::eur(amount),
        vat_rate: rate,
        quantity: Quantity::new(quantity).unwrap(),
    }
}

fn pieces(lines: &[(usize, i64)]) -> Return {
    let piece = |(line, quantity): &(usize, i64)| Piece {
        line: *line,
        quantity: Quantity::new(*quantity).unwrap(),
    };
    Return::Pieces {
        lines: lines.iter().map(piece).collect(),
        charges: Vec::new(),
    }
}

fn parts(sales: &[Sale], lines: &[Line], credits: &[Vec<Option<Credit>>]) -> Vec<Part> {
    let part = |(position, sale): (usize, &Sale)| {
        let bill = sale.bill(lines).unwrap();
        let own = credits.iter().filter_map(|all| all[position].as_ref());
        Part {
            lines: sale.lines.clone(),
            left: Outstanding::after(&bill, own).unwrap(),
        }
    };
    sales.iter().enumerate().map(part).collect()
}

fn grosses(credits: &[Option<Credit>]) -> Vec<i64> {
    let gross = |credit: &Option<Credit>| {
        let credit = credit.as_ref();
        credit.map_or(0, |credit| credit.totals.gross.amount())
    };
    credits.iter().map(gross).collect()
}

/// The shop sells two lines at 10 % off and ships them for 4.90; a seller sells one line.
fn sales() -> (Vec<Sale>, Vec<Line>) {
    let lines = vec![
        line(1_000, VatRate::STANDARD, 2),
        line(500, VatRate::ALL[2], 1),
        line(2_000, VatRate::STANDARD, 1),
    ];
    let shop = Sale {
        discount: Some(Reduction {
            code: "DIX".into(),
            amount: Money::eur(300),
        }),
        shipping: Some(Charge {
            amount: Money::eur(490),
            vat_rate: Some(VatRate::STANDARD),
        }),
        ..Sale::of(MerchantId::Shop, vec![0, 2])
    };
    let seller = MerchantId::Seller(UserId::from_uuid(Uuid::from_u128(7)));
    (vec![shop, Sale::of(seller, vec![1])], lines)
}

#[test]
fn an_order_comes_to_the_sum_of_its_bills() {
    let (sales, lines) = sales();
    let bills: Vec<Bill> = sales
        .iter()
        .map(|sale| sale.bill(&lines).unwrap())
        .collect();
    let totals = sum(bills.iter().map(|bill| &bill.totals)).unwrap();
    assert_eq!(totals.gross, Money::eur(4_000 - 300 + 490 + 500));
    let rates: Vec<VatRate> = totals.by_rate.iter().map(|group| group.rate).collect();
    assert_eq!(rates, [VatRate::STANDARD, VatRate::ALL[2]]);
    assert_eq!(sum([]).unwrap().gross, Money::eur(0));
}

#[test]
fn pieces_go_back_for_what_was_paid_for_them() {
    let (sales, lines) = sales();
    let parts = parts(&sales, &lines, &[]);
    // 10.00 less its part of the discount: 3.00 × 10 / 40.
    let credits = give_back(&parts, &pieces(&[(0, 1), (1, 1)])).unwrap();
    assert_eq!(grosses(&credits), [925, 500]);
    let shipping = Return::Pieces {
        lines: Vec::new(),
        charges: vec![0],
    };
    assert_eq!(grosses(&give_back(&parts, &shipping).unwrap()), [490, 0]);
}

#[test]
fn what_is_not_there_is_not_given_back() {
    let (sales, lines) = sales();
    let parts = parts(&sales, &lines, &[]);
    let unknown = |position| Err(CreditError::Unknown { position });
    assert_eq!(give_back(&parts, &pieces(&[(3, 1)])), unknown(3));
    let of_seller = Return::Pieces {
        lines: Vec::new(),
        charges: vec![1],
    };
    assert_eq!(give_back(&parts, &of_seller), Err(CreditError::Nothing));
    // Named by its position in the order, which is another one in its bill.
    let too_many = CreditError::TooManyPieces { line: 2, left: 1 };
    assert_eq!(give_back(&parts, &pieces(&[(2, 2)])), Err(too_many));
    assert_eq!(give_back(&parts, &pieces(&[])), Err(CreditError::Nothing));
}

#[test]
fn everything_is_all_that_is_left_although_a_refund_failed_in_between() {
    let lines = [line(1_000, VatRate::STANDARD, 1)];
    let sales = [Sale::of(MerchantId::Shop, vec![0])];
    let whole = parts(&sales, &lines, &[]);
    let failing = give_back(&whole, &Return::Amount(Money::eur(400))).unwrap();
    let after = parts(&sales, &lines, std::slice::from_ref(&failing));
    let piece = give_back(&after, &pieces(&[(0, 1)])).unwrap();
    assert_eq!(grosses(&piece), [600]);
    // The amount did not go back after all, and no piece is left that it could be of.
    let left = parts(&sales, &lines, &[piece]);
    let rest = give_back(&left, &Return::Everything).unwrap();
    assert_eq!(grosses(&rest), [400]);
}

#[derive(Clone, Debug)]
enum Wish {
    Piece(usize),
    Amount(i64),
    Shipping,
}

fn any_wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        (0_usize..6).prop_map(Wish::Piece),
        (1_i64..20_000).prop_map(Wish::Amount),
        Just(Wish::Shipping),
    ]
}

proptest! {
    #[test]
    fn whatever_goes_back_repeats_on_the_bills_and_comes_to_them_in_the_end(
        prices in prop::collection::vec((1_i64..30_000, 0_usize..VatRate::ALL.len(), 1_i64..5), 2..6),
        split in 0_usize..6,
        percent in 0_i64..100,
        fee in 0_i64..2_000,
        wishes in prop::collection::vec((any_wish(), any::<bool>()), 0..10),
        as_the_goods in any::<bool>(),
    ) {
        let lines: Vec<Line> =
            prices.iter().map(|(amount, rate, count)| line(*amount, VatRate::ALL[*rate], *count)).collect();
        let split = split.min(lines.len() - 1);
        let all: Vec<usize> = (0..lines.len()).collect();
        let goods: i64 =
            lines[split..].iter().map(|line| line.unit_price.amount() * line.quantity.get()).sum();
        let discount = Reduction { code: "X".into(), amount: Money::eur(goods * percent / 100) };
        let vat_rate = (!as_the_goods).then_some(VatRate::STANDARD);
        let shipping = Charge { amount: Money::eur(fee), vat_rate };
        let mut sales = vec![Sale {
            discount: Some(discount),
            shipping: Some(shipping),
            ..Sale::of(MerchantId::Shop, all[split..].to_vec())
        }];
        if split > 0 {
            sales.push(Sale::of(MerchantId::Shop, all[..split].to_vec()));
        }
        let bills: Vec<Bill> = sales.iter().map(|sale| sale.bill(&lines).unwrap()).collect();
        let mut decided: Vec<Vec<Option<Credit>>> = Vec::new();
        for (wish, _) in &wishes {
            let what = match wish {
                Wish::Piece(line) => pieces(&[(*line, 1)]),
                Wish::Amount(amount) => Return::Amount(Money::eur(*amount)),
                Wish::Shipping => Return::Pieces { lines: Vec::new(), charges: vec![0] },
            };
            if let Ok(credits) = give_back(&parts(&sales, &lines, &decided), &what) {
                decided.push(credits);
            }
        }
        if let Ok(credits) = give_back(&parts(&sales, &lines, &decided), &Return::Everything) {
            decided.push(credits);
        }
        let paid: i64 = bills.iter().map(|bill| bill.totals.gross.amount()).sum();
        let back: i64 = decided.iter().flat_map(|credits| grosses(credits)).sum();
        prop_assert_eq!(back, paid);

        // They arrive where they are credited in another order.
        let (late, mut arrived): (Vec<_>, Vec<_>) = decided
            .into_iter()
            .enumerate()
            .partition(|(position, _)| wishes.get(*position).is_some_and(|(_, late)| *late));
        arrived.extend(late);
        for (position, bill) in bills.iter().enumerate() {
            let mut credits: Vec<Credit> = Vec::new();
            for (_, arrived) in &arrived {
                if let Some(credit) = &arrived[position] {
                    let left = Outstanding::after(bill, &credits).unwrap();
                    let repeated = left.repeat(credit).unwrap();
                    prop_assert_eq!(repeated.totals.gross, credit.totals.gross);
                    credits.push(repeated);
                }
            }
            let sum = |of: fn(&Totals) -> Money| -> i64 {
                credits.iter().map(|credit| of(&credit.totals).amount()).sum()
            };
            prop_assert_eq!(sum(|totals| totals.gross), bill.totals.gross.amount());
            prop_assert_eq!(sum(|totals| totals.net), bill.totals.net.amount());
        }
    }
}
