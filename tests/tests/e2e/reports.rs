//! Reports: what they say after known orders, refunds, price changes and cancellations.

use comptoir_tests::{Api, Item, until};
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, body, place};
use crate::{discounts, till};

/// The rows of a report, once they pass.
pub async fn rows_when(api: &Api, report: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let path = format!("/api/reports/{report}");
    until(&format!("{path} is so"), || async {
        let answer = api.get(&path).await;
        if answer.status == 503 {
            assert_eq!(answer.header("retry-after"), "2");
            answer.problem(503, "reports-not-ready");
            return None;
        }
        let rows = answer.is(200).json()["data"].as_array().unwrap().clone();
        is_so(&rows).then_some(rows)
    })
    .await
}

/// The row in which this column has this value.
pub fn row<'a>(rows: &'a [Value], column: &str, value: &str) -> &'a Value {
    let found = rows.iter().find(|row| row[column] == value);
    found.unwrap_or_else(|| panic!("no {column} {value} in {rows:#?}"))
}

pub fn cents(row: &Value, column: &str) -> i64 {
    assert_eq!(row[column]["currency"], "EUR", "{row:#}");
    row[column]["amount"].as_i64().unwrap()
}

/// The path of a report from a year ago to a year from now, whatever day it is.
pub fn during(report: &str, papers: &[Value]) -> String {
    let day = &papers[0]["issued_at"].as_str().unwrap()[..4];
    let year: i64 = day.parse().unwrap();
    format!("{report}?from={}-07-01&to={}-06-30", year - 1, year + 1)
}

async fn sold(counter: &Counter, client: &Api, key: &str, lines: &[(&Item, i64)]) -> String {
    let order = place(client, key, lines).await.is(201).id();
    act(&counter.seller, &order, "mark-paid").await.is(200);
    order
}

#[tokio::test]
async fn the_stock_report_follows_every_change_of_an_item() {
    let counter = counter::open().await;
    let (admin, pen) = (&counter.admin, &counter.pen);
    let path = format!("/api/items/{}", pen.id);
    let change =
        json!({ "sku": "BIC", "stock_minimum": 9, "price": { "amount": 300, "currency": "EUR" } });
    counter
        .seller
        .patch(&path, change)
        .if_match("*")
        .await
        .is(200);
    let client = counter.shop.client().await;
    place(&client, "k1", &[(pen, 2)]).await.is(201);
    sold(&counter, &client, "k2", &[(pen, 3)]).await;
    let rows = rows_when(admin, "stock", |rows| {
        rows.iter()
            .any(|row| row["on_hand"] == 7 && row["reserved"] == 2)
    })
    .await;
    // Below its minimum, it comes before the book, whose name comes before its own.
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["Stylo", "Carnet"]);
    let expected = json!({
        "item_id": pen.id, "seller_id": counter.seller.id, "supplier_id": null, "sku": "BIC",
        "name": "Stylo", "unit_price": { "amount": 300, "currency": "EUR" },
        "on_hand": 7, "reserved": 2, "stock_minimum": 9, "stock_maximum": null,
        "below_minimum": true, "value": { "amount": 2100, "currency": "EUR" },
    });
    assert_eq!(rows[0], expected);
    counter.seller.delete(&path).if_match("*").await.is(204);
    rows_when(admin, "stock", |rows| rows.len() == 1).await;
}

#[tokio::test]
async fn rankings_count_what_was_paid_less_what_went_back() {
    let till = till::open().await;
    let counter = &till.counter;
    let (admin, pen, book) = (&counter.admin, &counter.pen, &counter.book);
    // Two pens and a book, 15.55 €, of which one pen and 1.00 € go back.
    let (_, payment) = till.paid_order("k1").await;
    let piece = json!({
        "lines": [{ "item_id": pen.id, "quantity": 1 }], "reason": "Cassé", "restock": true,
    });
    till::refund(admin, "r1", &payment, piece).await.is(201);
    let amount = json!({
        "amount": { "amount": 100, "currency": "EUR" }, "reason": "Geste", "restock": false,
    });
    till::refund(admin, "r2", &payment, amount).await.is(201);
    // Five pens of somebody else, and an order that is never paid.
    let other = counter.shop.client().await;
    sold(counter, &other, "k2", &[(pen, 5)]).await;
    let unpaid = place(&other, "k3", &[(book, 1)]).await.is(201).id();
    act(&other, &unpaid, "cancel").await.is(200);

    let sellers = rows_when(admin, "best-sellers", |rows| {
        rows.len() == 2 && rows[0]["quantity"] == 6
    })
    .await;
    assert_eq!(sellers[0]["name"], "Stylo");
    assert_eq!(sellers[1]["quantity"], 1);
    // Both items bear the euro that went back for nothing in particular.
    let revenue = cents(&sellers[0], "revenue") + cents(&sellers[1], "revenue");
    assert_eq!(revenue, 1555 - 250 - 100 + 1250);

    let spenders = rows_when(admin, "highest-spenders", |rows| rows.len() == 2).await;
    assert_eq!(spenders[0]["client_id"], other.id.as_str());
    assert_eq!(cents(&spenders[0], "spent"), 1250);
    assert_eq!(cents(&spenders[1], "spent"), 1205);
    assert_eq!(spenders[1]["orders"], 1);

    // A price that changes later changes no sale.
    let price = json!({ "price": { "amount": 999, "currency": "EUR" } });
    let path = format!("/api/items/{}", pen.id);
    counter
        .seller
        .patch(&path, price)
        .if_match("*")
        .await
        .is(200);
    rows_when(admin, "stock", |rows| {
        cents(row(rows, "name", "Stylo"), "unit_price") == 999
    })
    .await;
    let after = admin.get("/api/reports/best-sellers").await.is(200).json();
    assert_eq!(after["data"], json!(sellers));

    // Everything back: nothing was sold, and nothing spent.
    let rest = json!({ "reason": "Tout", "restock": false });
    till::refund(admin, "r3", &payment, rest).await.is(201);
    let spenders = rows_when(admin, "highest-spenders", |rows| rows.len() == 1).await;
    assert_eq!(cents(&spenders[0], "spent"), 1250);
    let sellers = rows_when(admin, "best-sellers", |rows| rows.len() == 1).await;
    assert_eq!(cents(&sellers[0], "revenue"), 1250);
}

#[tokio::test]
async fn sales_and_vat_are_the_papers_of_their_days_to_the_cent() {
    let till = till::open().await;
    let counter = &till.counter;
    let admin = &counter.admin;
    let (_, payment) = till.paid_order("k1").await;
    let odd = json!({
        "amount": { "amount": 333, "currency": "EUR" }, "reason": "Geste", "restock": false,
    });
    till::refund(admin, "r1", &payment, odd).await.is(201);
    sold(counter, &till.client, "k2", &[(&counter.book, 1)]).await;
    let papers = until("three papers are issued", || async {
        let papers = admin.list("/api/invoices").await;
        (papers.len() == 3).then_some(papers)
    })
    .await;
    // What the papers say, by hand.
    let sum = |kind: &str, column: &str| -> i64 {
        let of_kind = papers.iter().filter(|paper| paper["kind"] == kind);
        of_kind.map(|paper| cents(paper, column)).sum()
    };
    let left = |column: &str| sum("invoice", column) - sum("credit_note", column);

    let sales = during("sales", &papers);
    let months = rows_when(admin, &format!("{sales}&by=month"), |rows| {
        rows.iter()
            .any(|row| row["credit_notes"] == 1 && row["invoices"] == 2)
    })
    .await;
    let [month] = months.as_slice() else {
        panic!("{months:#?}");
    };
    assert_eq!(
        month["period"],
        papers[0]["issued_at"].as_str().unwrap()[..7]
    );
    assert_eq!(month["orders"], 2);
    for column in ["net", "vat", "gross"] {
        assert_eq!(cents(month, column), left(column), "{column}");
    }
    assert_eq!(cents(month, "invoiced"), 1555 + 1055);
    assert_eq!(cents(month, "credited"), 333);

    let vat = during("vat", &papers);
    let rates = admin
        .get(&format!("/api/reports/{vat}"))
        .await
        .is(200)
        .json();
    let rates = rates["data"].as_array().unwrap().clone();
    let of_rates: Vec<&Value> = rates.iter().map(|row| &row["vat_rate"]).collect();
    assert_eq!(of_rates, [550, 2000]);
    for column in ["net", "vat", "gross"] {
        let sum: i64 = rates.iter().map(|row| cents(row, column)).sum();
        assert_eq!(sum, left(column), "{column}");
    }
    let of_shop = admin.get(&format!("/api/reports/{vat}&seller=shop")).await;
    assert_eq!(of_shop.is(200).json()["data"], json!(rates));
}

#[tokio::test]
async fn a_discount_and_shipping_count_as_they_are_on_paper() {
    let counter = counter::open().await;
    let (admin, seller) = (&counter.admin, &counter.seller);
    discounts::of_ten_percent(&counter).await;
    let client = counter.shop.client().await;
    // 3 × 2.50 and 10.55, less 10 %, plus 4.90.
    let mut order = body(&[(&counter.pen, 3), (&counter.book, 1)]);
    order["discount_code"] = "dix".into();
    let order = client.post("/api/orders", order).key("k1").await;
    let order = order.is(201).id();
    act(seller, &order, "mark-paid").await.is(200);
    let spent = rows_when(admin, "highest-spenders", |rows| rows.len() == 1).await;
    assert_eq!(cents(&spent[0], "spent"), 1805 - 181 + 490);
    // Items bear the discount, and shipping is nobody's who sells in the shop's name.
    let sold = rows_when(admin, "best-sellers", |rows| rows.len() == 2).await;
    assert_eq!(cents(row(&sold, "name", "Stylo"), "revenue"), 675);
    assert_eq!(
        cents(row(&sold, "name", "Carnet"), "revenue"),
        1805 - 181 - 675
    );
    let papers = admin.list("/api/invoices").await;
    let sales = during("sales", &papers);
    let theirs = rows_when(seller, &sales, |rows| rows.len() == 1).await;
    assert_eq!(cents(&theirs[0], "gross"), 1805 - 181);
    for report in [sales, during("vat", &papers)] {
        let rows = rows_when(admin, &report, |_| true).await;
        for column in ["net", "vat", "gross"] {
            let sum: i64 = rows.iter().map(|row| cents(row, column)).sum();
            assert_eq!(sum, cents(&papers[0], column), "{column} of {report}");
        }
    }
}

#[tokio::test]
async fn suppliers_are_told_by_what_is_in_stock_of_theirs() {
    let warehouse = crate::warehouse::open().await;
    let rows = rows_when(&warehouse.admin, "suppliers", |rows| {
        rows.iter().any(|row| row["items"] == 2)
    })
    .await;
    let expected = json!([{
        "supplier_id": warehouse.supplier.id, "items": 2, "below_minimum": 0, "on_hand": 14,
        "reserved": 0, "value": { "amount": 4 * 1690 + 10 * 250, "currency": "EUR" },
    }]);
    assert_eq!(json!(rows), expected);
}

#[tokio::test]
async fn sellers_see_what_is_theirs_and_clients_nothing() {
    let counter = counter::open().await;
    let other = counter.shop.seller().await;
    let cup = Item::create(&other, &counter.category, "Tasse", 900, 5).await;
    let client = counter.shop.client().await;
    let order = place(&client, "k1", &[(&counter.pen, 1), (&cup, 2)]).await;
    let order = order.is(201).id();
    act(&counter.admin, &order, "mark-paid").await.is(200);

    let spent = rows_when(&counter.admin, "highest-spenders", |rows| rows.len() == 1).await;
    assert_eq!(cents(&spent[0], "spent"), 250 + 1800);
    let papers = counter.admin.list("/api/invoices").await;
    for (seller, item, stock, gross) in [
        (&counter.seller, &counter.pen.id, 2, 250),
        (&other, &cup.id, 1, 1800),
    ] {
        let items = rows_when(seller, "stock", |rows| rows.len() == stock).await;
        assert!(
            items
                .iter()
                .all(|row| row["seller_id"] == seller.id.as_str())
        );
        let sold = rows_when(seller, "best-sellers", |rows| rows.len() == 1).await;
        assert_eq!(sold[0]["item_id"], item.as_str());
        let spent = rows_when(seller, "highest-spenders", |rows| rows.len() == 1).await;
        assert_eq!(cents(&spent[0], "spent"), gross);
        for report in [during("sales", &papers), during("vat", &papers)] {
            let rows = rows_when(seller, &report, |rows| rows.len() == 1).await;
            assert_eq!(cents(&rows[0], "gross"), gross);
        }
    }
    let theirs = format!(
        "/api/reports/{}&seller={}",
        during("sales", &papers),
        other.id
    );
    let refused = counter.seller.get(&theirs).await;
    assert_eq!(refused.invalid_fields(), ["seller"]);
    let row = counter.admin.get(&theirs).await.is(200).json();
    assert_eq!(cents(&row["data"][0], "gross"), 1800);
    for report in [
        "stock",
        "best-sellers",
        "highest-spenders",
        "suppliers",
        "drift",
    ] {
        let path = format!("/api/reports/{report}");
        client.get(&path).await.problem(403, "forbidden");
        let nobody = counter.shop.api().get(&path).await;
        nobody.problem(401, "unauthenticated");
    }
    let rebuild = counter.seller.post("/api/reports/rebuild", json!({})).await;
    rebuild.problem(403, "forbidden");
}
