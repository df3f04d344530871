//! What papers count for: a credit note takes off what its invoice has added, and a seller's share is part of
//! the whole.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

const SELLER: &str = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";
const OTHER: &str = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4f";
const ITEM: &str = "01939d6b-8f1c-7c43-9a5e-000000000001";
const CUP: &str = "01939d6b-8f1c-7c43-9a5e-000000000002";
const CLIENT: &str = "01939d6b-8f1c-7c43-9a5e-00000000000c";

fn group(rate: u16, net: i64, gross: i64) -> Value {
    json!({
        "vat_rate": rate,
        "net": { "amount": net, "currency": "EUR" },
        "gross": { "amount": gross, "currency": "EUR" },
    })
}

fn line(item: &str, seller: &str, quantity: i64, group: Value) -> Value {
    let mut line = group;
    line["item_id"] = item.into();
    line["seller_id"] = seller.into();
    line["quantity"] = quantity.into();
    line
}

/// Three pieces of one seller, one of another, and shipping.
fn paper(id: u64, kind: &str, merchant: &str) -> Paper {
    let paper = json!({
        "id": id, "kind": kind, "merchant": merchant, "client_id": CLIENT,
        "issued_on": "2026-11-22", "opens_order": kind == "invoice",
        "groups": [group(2000, 1500, 1800)],
        "lines": [
            line(ITEM, SELLER, 3, group(2000, 750, 900)),
            line(CUP, OTHER, 1, group(2000, 500, 600)),
        ],
        "charges": [group(2000, 250, 300)],
    });
    serde_json::from_value(paper).unwrap()
}

/// What counts come to, by structure and entry.
fn total<'a>(papers: impl IntoIterator<Item = &'a Paper>) -> BTreeMap<(String, String), i64> {
    let mut sums = BTreeMap::new();
    for count in papers.into_iter().flat_map(Paper::counts) {
        let (structure, entry, amount) = count.of();
        *sums
            .entry((structure.to_owned(), entry.to_owned()))
            .or_default() += amount;
    }
    sums
}

fn sum(sums: &BTreeMap<(String, String), i64>, structure: &str, entry: &str) -> i64 {
    let key = (structure.to_owned(), entry.to_owned());
    sums.get(&key).copied().unwrap_or_default()
}

#[test]
fn an_invoice_counts_for_everybody_and_its_lines_for_their_sellers() {
    let sums = total(&[paper(1, "invoice", "shop")]);
    for (scope, net, gross) in [
        ("all", 1500, 1800),
        ("shop", 1500, 1800),
        (SELLER, 750, 900),
        (OTHER, 500, 600),
    ] {
        let sales = format!("sales:{scope}:2026-11");
        assert_eq!(
            sum(&sums, &sales, "22:EUR:invoice:2000:net"),
            net,
            "{scope}"
        );
        assert_eq!(sum(&sums, &sales, "22:EUR:invoice:2000:gross"), gross);
        assert_eq!(sum(&sums, &sales, "22:EUR:invoice"), 1);
        assert_eq!(sum(&sums, &sales, "22:EUR:order"), 1);
    }
    assert_eq!(sum(&sums, "sold:all:EUR", ITEM), 3);
    assert_eq!(sum(&sums, "earned:all:EUR", CUP), 600);
    assert_eq!(sum(&sums, &format!("sold:{OTHER}:EUR"), ITEM), 0);
    assert_eq!(sum(&sums, "spent:all:EUR", CLIENT), 1800);
    assert_eq!(sum(&sums, &format!("spent:{SELLER}:EUR"), CLIENT), 900);
    assert_eq!(sum(&sums, "orders:all:EUR", CLIENT), 1);
}

#[test]
fn shipping_is_of_the_seller_in_whose_name_the_paper_is() {
    let sums = total(&[paper(1, "invoice", SELLER)]);
    let sales = format!("sales:{SELLER}:2026-11");
    assert_eq!(sum(&sums, &sales, "22:EUR:invoice:2000:gross"), 1200);
    assert_eq!(sum(&sums, &format!("spent:{SELLER}:EUR"), CLIENT), 1200);
    let shop = sums
        .keys()
        .filter(|(name, _)| name.starts_with("sales:shop"));
    assert_eq!(shop.count(), 0);
}

#[test]
fn what_is_credited_in_full_is_neither_sold_nor_spent() {
    let sums = total(&[paper(1, "invoice", "shop"), paper(2, "credit_note", "shop")]);
    let rankings = sums.iter().filter(|((name, _), _)| {
        ["sold", "earned", "spent"].contains(&&name[..name.find(':').unwrap()])
    });
    assert!(rankings.clone().count() > 0);
    for (key, amount) in rankings {
        assert_eq!(*amount, 0, "{key:?}");
    }
    // Both papers are there, each on its side.
    assert_eq!(
        sum(&sums, "sales:all:2026-11", "22:EUR:invoice:2000:gross"),
        1800
    );
    assert_eq!(
        sum(&sums, "sales:all:2026-11", "22:EUR:credit_note:2000:gross"),
        1800
    );
    assert_eq!(sum(&sums, "orders:all:EUR", CLIENT), 1);
}
