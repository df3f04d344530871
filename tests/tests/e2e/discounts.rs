//! Discount codes and shipping: in a quote, an order, its invoice, and what goes back of it.

use comptoir_tests::{Answer, Api, identity, sell_in_own_name, sellers_identity, until};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::counter::{self, Counter, act, body, path};
use crate::invoices::{element, list, numbers, xml_of};

pub fn eur(cents: i64) -> Value {
    json!({ "amount": cents, "currency": "EUR" })
}

/// The code `DIX` of the shop, which ships for 4.90 € and from 50.00 € for nothing.
pub async fn of_ten_percent(counter: &Counter) {
    let mut shop = identity("F-", "A-");
    shop["shipping"] = json!({ "fee": eur(490), "vat_rate": 2000, "free_from": eur(5000) });
    let changed = counter.admin.put("/api/merchants/shop", shop);
    changed.header("if-match", "*").await.is(200);
    put(&counter.admin, "dix", json!({ "percent": 10 }))
        .await
        .is(201);
}

pub async fn put(api: &Api, code: &str, terms: Value) -> Answer {
    api.put(&format!("/api/discounts/{code}"), terms).await
}

/// The payment that paid the order, once payments knows of it.
pub async fn payment_of(api: &Api, order: &str) -> String {
    let paid = api.get(&path(order)).await.is(200).json();
    let link = paid["payment"]["link"].as_str().unwrap().to_owned();
    until("the payment is known", async || {
        (api.get(&link).await.status == 200).then_some(())
    })
    .await;
    paid["payment"]["id"].as_str().unwrap().to_owned()
}

pub async fn order_with(client: &Api, key: &str, mut order: Value, code: &str) -> Answer {
    order["discount_code"] = code.into();
    client.post("/api/orders", order).key(key).await
}

#[tokio::test]
async fn a_code_and_shipping_are_in_the_order_its_invoice_and_what_goes_back() {
    let counter = counter::open().await;
    of_ten_percent(&counter).await;
    let client = counter.shop.client().await;
    // 3 × 2.50 and 10.55, less 10 %, plus 4.90.
    let mut wanted = body(&[(&counter.pen, 3), (&counter.book, 1)]);
    let asked = json!({ "items": wanted["items"], "discount_code": "dix" });
    let quote = client.post("/api/orders/quote", asked).await.is(200).json();
    assert_eq!(
        quote["discount"],
        json!({ "code": "DIX", "amount": eur(181) })
    );
    assert_eq!(quote["shipping"], eur(490));
    assert_eq!(quote["totals"]["gross"], eur(1805 - 181 + 490));
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    wanted["expected_total"] = quote["totals"]["gross"].clone();
    let order = order_with(&client, "k1", wanted, "Dix").await.is(201);
    let (id, order) = (order.id(), order.json());
    for member in ["discount", "shipping", "totals", "lines"] {
        assert_eq!(order[member], quote[member], "{member}");
    }
    act(&counter.seller, &id, "mark-paid").await.is(200);
    let xml = xml_of(&client, &id).await.is(200).text();
    assert_eq!(element(&xml, "GrandTotalAmount"), "21.14");
    assert!(xml.contains("Remise DIX") && xml.contains("Frais de port"));

    let payment = payment_of(&counter.admin, &id).await;
    let refunds = format!("/api/payments/{payment}/refunds");
    let give_back = async |key: &str, what: Value| {
        let mut what = what;
        what["reason"] = "Retour".into();
        what["restock"] = false.into();
        counter.seller.post(&refunds, what).key(key).await
    };
    // A pen was paid with 2.25, to the cent that its line has.
    let pen = json!({ "lines": [{ "item_id": counter.pen.id, "quantity": 1 }] });
    let of_pen = give_back("r1", pen).await.is(201).json();
    assert_eq!(
        (&of_pen["amount"], &of_pen["shipping"]),
        (&eur(225), &json!(false))
    );
    let fee = give_back("r2", json!({ "shipping": true }))
        .await
        .is(201)
        .json();
    assert_eq!(
        (&fee["amount"], &fee["shipping"]),
        (&eur(490), &json!(true))
    );
    let again = give_back("r3", json!({ "shipping": true })).await;
    again.problem(409, "nothing-to-refund");
    let rest = give_back("r4", json!({})).await.is(201).json();
    assert_eq!(rest["amount"], eur(2114 - 225 - 490));
    let notes = until("three credit notes", async || {
        let papers = list(&client, "").await;
        (papers.len() == 4).then_some(papers)
    })
    .await;
    let expected = ["A-000003", "A-000002", "A-000001", "F-000001"];
    assert_eq!(numbers(&notes), expected);
    for sum in ["net", "vat", "gross"] {
        let cents = |paper: &Value| paper[sum]["amount"].as_i64().unwrap();
        let credited: i64 = notes[..3].iter().map(cents).sum();
        assert_eq!(credited, cents(&notes[3]), "{sum}");
    }
}

#[tokio::test]
async fn shipping_is_free_from_what_the_shop_says() {
    let counter = counter::open().await;
    of_ten_percent(&counter).await;
    let client = counter.shop.client().await;
    counter.pen.stock(&counter.seller, 90).await;
    let quote = async |pens: i64, code: Option<&str>| {
        let asked = body(&[(&counter.pen, pens)])["items"].clone();
        let asked = json!({ "items": asked, "discount_code": code });
        let quote = client.post("/api/orders/quote", asked).await.is(200).json();
        quote["totals"]["gross"]["amount"].as_i64().unwrap()
    };
    assert_eq!(quote(19, None).await, 4750 + 490);
    assert_eq!(quote(20, None).await, 5000);
    assert_eq!(quote(20, Some("DIX")).await, 4500 + 490);
}

#[tokio::test]
async fn a_code_for_three_orders_is_used_three_times_by_many_at_once() {
    let counter = counter::open().await;
    put(
        &counter.admin,
        "trois",
        json!({ "amount": eur(100), "max_uses": 3 }),
    )
    .await
    .is(201);
    let mut orders = JoinSet::new();
    for (number, client) in counter.shop.crowd(8).into_iter().enumerate() {
        let order = body(&[(&counter.pen, 1)]);
        orders.spawn(async move {
            let key = format!("k{number}");
            let answer = order_with(&client, &key, order, "TROIS").await;
            (client, answer)
        });
    }
    let mut placed = Vec::new();
    for (client, answer) in orders.join_all().await {
        match answer.status {
            201 => placed.push((client, answer.id())),
            _ => {
                answer.problem(409, "discount-refused");
            }
        }
    }
    assert_eq!(placed.len(), 3);
    // Who was refused keeps no stock.
    until("seven pens are left", async || {
        (counter.pen.stock_levels(&counter.admin).await == (10, 7)).then_some(())
    })
    .await;
    let uses = async || {
        let code = counter.admin.get("/api/discounts/TROIS").await.is(200);
        code.json()["uses"].clone()
    };
    assert_eq!(uses().await, 3);
    // An order that ends unpaid gives its use back, once.
    let (client, order) = &placed[0];
    for _ in 0..2 {
        act(client, order, "cancel").await.is(200);
    }
    assert_eq!(uses().await, 2);
    act(&counter.admin, &placed[1].1, "mark-paid").await.is(200);
    // Half of its money back is not enough; cancelled, the client has had nothing of it, and it counts once.
    let payment = counter
        .admin
        .get(&format!("/api/orders/{}", placed[1].1))
        .await;
    let payment = payment.is(200).json()["payment"]["id"].clone();
    let payment = payment.as_str().unwrap().to_owned();
    let half = json!({ "amount": eur(10), "reason": "Geste", "restock": false });
    let given = crate::till::refund(&counter.admin, "r1", &payment, half).await;
    given.is(201);
    assert_eq!(uses().await, 2);
    for _ in 0..2 {
        act(&counter.admin, &placed[1].1, "cancel").await.is(200);
    }
    assert_eq!(uses().await, 1);
    let owed = format!("/api/payments/{payment}");
    let owed = counter.admin.get(&owed).await.is(200).json()["refunds"][1].clone();
    let owed = owed["id"].as_str().unwrap().to_owned();
    let confirm = format!("/api/payments/{payment}/refunds/{owed}/confirm");
    counter.admin.post(&confirm, json!({})).await.is(200);
    assert_eq!(uses().await, 1);
    // All of its money back, and it counts as little.
    act(&counter.admin, &placed[2].1, "mark-paid").await.is(200);
    let payment = counter
        .admin
        .get(&format!("/api/orders/{}", placed[2].1))
        .await;
    let payment = payment.is(200).json()["payment"]["id"].clone();
    let all = json!({ "reason": "Retour", "restock": true });
    let given = crate::till::refund(&counter.admin, "r2", payment.as_str().unwrap(), all).await;
    given.is(201);
    assert_eq!(uses().await, 0);
    let order = body(&[(&counter.pen, 1)]);
    let late = counter.shop.client().await;
    order_with(&late, "k", order, "trois").await.is(201);
}

#[tokio::test]
async fn the_same_request_again_finds_its_order_and_not_its_own_code_used_up() {
    let counter = counter::open().await;
    let once = json!({ "percent": 50, "max_uses": 1 });
    put(&counter.admin, "unique", once).await.is(201);
    let client = counter.shop.client().await;
    let mut orders = JoinSet::new();
    for _ in 0..12 {
        let mut order = body(&[(&counter.pen, 2)]);
        order["discount_code"] = "UNIQUE".into();
        let request = client.post("/api/orders", order).key("k1");
        orders.spawn(async move { request.await.is(201).id() });
    }
    let mut ids = orders.join_all().await;
    ids.dedup();
    assert_eq!(ids.len(), 1);
    // Whoever came second has given none of its stock back.
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 8));
    let paid = act(&counter.seller, &ids[0], "mark-paid").await.is(200);
    assert_eq!(paid.json()["totals"]["gross"]["amount"], 250);
}

#[tokio::test]
async fn a_code_that_is_not_good_does_not_say_why_and_sells_nothing() {
    let counter = counter::open().await;
    let admin = &counter.admin;
    let future = json!({ "percent": 5, "starts_at": "2999-01-01T00:00:00Z" });
    put(admin, "plus-tard", future).await.is(201);
    let past = json!({
        "percent": 5, "starts_at": "2001-01-01T00:00:00Z", "ends_at": "2002-01-01T00:00:00Z",
    });
    put(admin, "trop-tard", past).await.is(201);
    put(
        admin,
        "gros",
        json!({ "percent": 5, "minimum": eur(10_000) }),
    )
    .await
    .is(201);
    let client = counter.shop.client().await;
    // Who could tell them apart could find out which codes there are.
    let mut answers = Vec::new();
    for code in ["RIEN", "PLUS-TARD", "TROP-TARD", "GROS"] {
        let refused = order_with(&client, code, body(&[(&counter.pen, 1)]), code).await;
        let refused = refused.problem(409, "discount-refused");
        let asked = json!({ "items": body(&[(&counter.pen, 1)])["items"], "discount_code": code });
        let quote = client.post("/api/orders/quote", asked).await;
        for mut answer in [refused, quote.problem(409, "discount-refused")] {
            answer["request_id"] = Value::Null;
            answer["instance"] = Value::Null;
            answers.push(answer);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let no_code = order_with(&client, "k", body(&[(&counter.pen, 1)]), "n/a").await;
    assert_eq!(no_code.invalid_fields(), ["/discount_code"]);
    until("all pens are free", async || {
        (counter.pen.stock_levels(&client).await == (10, 10)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn codes_are_given_out_changed_and_taken_back_by_those_who_sell() {
    let counter = counter::open().await;
    let (admin, seller) = (&counter.admin, &counter.seller);
    let client = counter.shop.client().await;
    put(&client, "dix", json!({ "percent": 10 }))
        .await
        .problem(403, "forbidden");
    let nobody = put(seller, "dix", json!({ "percent": 10 })).await;
    nobody.problem(409, "no-such-merchant");
    let shops = put(seller, "dix", json!({ "percent": 10, "merchant": "shop" })).await;
    shops.problem(403, "forbidden");
    for (terms, fields) in [
        (json!({}), vec!["/percent"]),
        (json!({ "percent": 101 }), vec!["/percent"]),
        (json!({ "percent": 10, "amount": eur(5) }), vec!["/percent"]),
        (
            json!({ "amount": eur(0), "max_uses": 0 }),
            vec!["/amount/amount", "/max_uses"],
        ),
        (
            json!({ "percent": 1, "ends_at": "2001-01-01T00:00:00Z" }),
            vec!["/ends_at"],
        ),
    ] {
        assert_eq!(put(admin, "dix", terms).await.invalid_fields(), fields);
    }
    put(admin, "a", json!({ "percent": 10 }))
        .await
        .problem(404, "not-found");

    let created = put(admin, "dix", json!({ "percent": 10 })).await.is(201);
    assert_eq!(created.header("location"), "/api/discounts/DIX");
    put(admin, "dix", json!({ "percent": 20 }))
        .await
        .problem(428, "precondition-required");
    let own = format!("/api/merchants/{}", seller.id);
    sell_in_own_name(admin, seller, sellers_identity()).await;
    // The same code, of which the shop and the seller know nothing of each other.
    let theirs = put(seller, "dix", json!({ "percent": 50 })).await.is(201);
    let at_theirs = format!("/api/discounts/DIX?merchant={}", seller.id);
    assert_eq!(theirs.header("location"), at_theirs);
    let read = async |api: &Api, path: &str| {
        let answer = api.get(path).await.is(200).json();
        answer["percent"].clone()
    };
    assert_eq!(read(seller, "/api/discounts/dix").await, 50);
    assert_eq!(read(admin, "/api/discounts/dix").await, 10);
    assert_eq!(read(admin, &at_theirs).await, 50);
    let shops = seller.get("/api/discounts/dix?merchant=shop").await;
    shops.problem(404, "not-found");
    put(seller, "moitie", json!({ "percent": 50 }))
        .await
        .is(201);
    let codes = async |api: &Api| -> Vec<Value> {
        let found = api.list("/api/discounts?limit=1").await;
        found
            .into_iter()
            .map(|mut discount| discount["code"].take())
            .collect()
    };
    assert_eq!(codes(admin).await, ["DIX", "DIX", "MOITIE"]);
    assert_eq!(codes(seller).await, ["DIX", "MOITIE"]);
    let tag = created.header("etag").to_owned();
    let less = admin.put("/api/discounts/DIX", json!({ "percent": 5 }));
    assert_eq!(less.if_match(&tag).await.is(200).json()["percent"], 5);
    let late = admin.put("/api/discounts/DIX", json!({ "percent": 6 }));
    late.if_match(&tag)
        .await
        .problem(412, "precondition-failed");
    seller
        .delete(&own)
        .header("if-match", "*")
        .await
        .problem(409, "merchant-needed");
    admin
        .delete("/api/discounts/dix")
        .header("if-match", "*")
        .await
        .is(204);
    admin
        .get("/api/discounts/dix")
        .await
        .problem(404, "not-found");
}
