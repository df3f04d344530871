//! Reports over HTTP: their two forms, their pages, and what they refuse.

use comptoir_tests::Item;
use serde_json::Value;

use crate::counter::{self, act, place};
use crate::reports::rows_when;

#[tokio::test]
async fn a_report_is_csv_where_csv_is_wanted() {
    let counter = counter::open().await;
    let admin = &counter.admin;
    let (seller, category) = (&counter.seller, &counter.category);
    Item::create(seller, category, "=HYPERLINK(\"http://x\";\"y\")", 100, 2).await;
    rows_when(admin, "stock", |rows| rows.len() == 3).await;
    let csv = admin
        .get("/api/reports/stock")
        .accept("text/csv")
        .await
        .is(200);
    assert_eq!(
        csv.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"stock.csv\""
    );
    assert!(csv.header("vary").contains("accept"));
    let text = csv.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert_eq!(
        lines[0],
        "item_id,seller_id,supplier_id,sku,name,unit_price,currency,on_hand,reserved,stock_minimum,\
         stock_maximum,below_minimum,value"
    );
    // No spreadsheet takes the name for a formula.
    assert!(
        lines[1]
            .contains(",,,\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\",1.00,EUR,2,0,0,,false,2.00")
    );
    assert!(
        lines[2].ends_with(",,Carnet,10.55,EUR,3,0,0,,false,31.65"),
        "{text}"
    );
    let refused = admin.get("/api/reports/stock").accept("text/html").await;
    refused.problem(406, "not-acceptable");
}

#[tokio::test]
async fn pages_of_a_report_are_the_whole_of_it() {
    let counter = counter::open().await;
    let (admin, seller) = (&counter.admin, &counter.seller);
    let client = counter.shop.client().await;
    let mut lines = Vec::new();
    for number in 0..7 {
        // Several were sold as often, and two have the same name.
        let name = format!("Article {}", number / 2);
        lines.push(Item::create(seller, &counter.category, &name, 100, 5).await);
    }
    let lines: Vec<(&Item, i64)> = lines.iter().zip([1, 2, 2, 2, 3, 1, 1]).collect();
    let order = place(&client, "k1", &lines).await.is(201).id();
    act(seller, &order, "mark-paid").await.is(200);
    rows_when(admin, "best-sellers", |rows| rows.len() == 7).await;
    rows_when(admin, "stock", |rows| {
        rows.iter().filter(|row| row["reserved"] == 0).count() == 9
            && rows.iter().any(|row| row["on_hand"] == 2)
    })
    .await;
    for report in ["stock", "best-sellers", "highest-spenders", "suppliers"] {
        let whole = admin.get(&format!("/api/reports/{report}")).await.is(200);
        let whole = whole.json()["data"].as_array().unwrap().clone();
        let paged: Vec<Value> = admin.list(&format!("/api/reports/{report}?limit=2")).await;
        assert_eq!(paged, whole, "{report}");
    }
    // A file is whole, whatever the size of a page.
    for number in 0..25 {
        let name = format!("Gomme {number}");
        Item::create(seller, &counter.category, &name, 100, 5).await;
    }
    rows_when(admin, "stock?limit=100", |rows| rows.len() == 34).await;
    let csv = admin
        .get("/api/reports/stock")
        .accept("text/csv")
        .await
        .is(200);
    assert_eq!(csv.text().matches("\r\n").count(), 35);
    let french = admin
        .get("/api/reports/stock")
        .accept("text/csv")
        .in_language("fr");
    let french = french.await.is(200).text();
    assert!(french.starts_with("\u{feff}item_id;seller_id;"), "{french}");
    assert!(
        french.contains(";1,00;EUR;5;0;0;;false;5,00\r\n"),
        "{french}"
    );
    let sold = admin
        .get("/api/reports/best-sellers?language=fr")
        .accept("text/csv");
    let sold = sold.await.is(200).text();
    assert!(
        sold.starts_with("\u{feff}item_id;sku;name;quantity;revenue;currency\r\n"),
        "{sold}"
    );
    assert_eq!(sold.matches("\r\n").count(), 8, "{sold}");
    // CSV has pages too.
    let page = admin.get("/api/reports/stock?limit=2").accept("text/csv");
    let page = page.await.is(200);
    assert_eq!(page.text().matches("\r\n").count(), 3);
    let next = page.next_page().expect("a next page");
    admin.get(&next).accept("text/csv").await.is(200);
}

#[tokio::test]
async fn what_cannot_be_asked_is_a_problem() {
    let counter = counter::open().await;
    let admin = &counter.admin;
    for (query, fields) in [
        ("sales", vec!["from", "to"]),
        ("vat?from=2026-11-01", vec!["to"]),
        ("sales?from=2026-11-01&to=2026-10-31", vec!["to"]),
        ("sales?from=2020-01-01&to=2026-12-31", vec!["to"]),
        ("sales?from=01/11/2026&to=2026-11-31", vec!["from", "to"]),
        ("sales?from=2026-11-01&to=2026-11-30&by=year", vec!["by"]),
        (
            "vat?from=2026-11-01&to=2026-11-30&seller=me",
            vec!["seller"],
        ),
        ("stock?limit=0", vec!["limit"]),
        ("stock?cursor=x", vec!["cursor"]),
        ("best-sellers?cursor=WzFd", vec!["cursor"]),
        ("best-sellers?currency=USD", vec!["currency"]),
        ("highest-spenders?limit=101", vec!["limit"]),
    ] {
        let refused = admin.get(&format!("/api/reports/{query}")).await;
        assert_eq!(refused.invalid_fields(), fields, "{query}");
    }
    let refused = admin.get("/api/reports/nothing").await;
    refused.problem(404, "not-found");
}
