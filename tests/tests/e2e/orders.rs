//! Placing orders, and who sees them.

use comptoir_tests::{Api, Item, Person, address};
use serde_json::json;

use crate::counter::{act, body, open, path, place};

#[tokio::test]
async fn an_order_holds_its_stock_and_awaits_payment() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let lines = [(&counter.pen, 3), (&counter.book, 1)];
    let placed = place(&client, "k1", &lines).await.is(201);
    let order = placed.json();
    let id = placed.id();
    assert_eq!(placed.header("location"), path(&id));
    assert_eq!(order["status"], "awaiting_payment");
    assert!(order["order_number"].is_u64(), "{order:#}");
    assert_eq!(order["client_id"], client.id.as_str());
    assert_eq!(order["lines"][0]["name"], "Stylo");
    assert_eq!(order["lines"][0]["quantity"], 3);
    assert_eq!(order["lines"][0]["line_total"]["amount"], 750);
    // 7.50 € at 20 % and 10.55 € at 5.5 %, the highest rate first.
    let totals = &order["totals"];
    assert_eq!(
        totals["gross"],
        json!({ "amount": 1805, "currency": "EUR" })
    );
    assert_eq!(totals["net"]["amount"], 1625);
    assert_eq!(totals["vat"]["amount"], 180);
    assert_eq!(totals["by_rate"][0]["rate"], 2000);
    assert_eq!(totals["by_rate"][1]["vat"]["amount"], 55);
    assert_eq!(order["shipping_address"]["city"], "Paris");
    assert_eq!(order["billing_address"], order["shipping_address"]);

    let read = client.get(&path(&id)).await.is(200);
    assert_eq!(read.etag(), placed.etag());
    assert_eq!(read.json(), order);
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 7));
    assert_eq!(counter.book.stock_levels(&client).await, (3, 2));
}

#[tokio::test]
async fn what_is_left_is_told_of_each_item_that_is_short() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let lines = [(&counter.pen, 11), (&counter.book, 1)];
    let problem = place(&client, "k1", &lines)
        .await
        .problem(409, "out-of-stock");
    let short = problem["items"].as_array().unwrap();
    assert_eq!(short.len(), 1, "{problem:#}");
    assert_eq!(short[0]["item_id"], counter.pen.id.as_str());
    assert!(short[0].to_string().contains("10"), "{problem:#}");
    // All or nothing.
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    assert_eq!(counter.book.stock_levels(&client).await, (3, 3));
    assert!(client.list("/api/orders").await.is_empty());
}

#[tokio::test]
async fn a_second_submit_returns_the_first_order() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let first = place(&client, "k1", &[(&counter.pen, 2)]).await.is(201);
    let second = place(&client, "k1", &[(&counter.pen, 2)]).await.is(201);
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(second.json(), first.json());
    assert_eq!(second.etag(), first.etag());
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 8));

    let other_body = place(&client, "k1", &[(&counter.pen, 3)]).await;
    other_body.problem(422, "idempotency-key-reused");
    let somebody = counter.shop.client().await;
    let theirs = place(&somebody, "k1", &[(&counter.pen, 2)]).await.is(201);
    assert_ne!(theirs.id(), first.id());
}

#[tokio::test]
async fn an_order_needs_a_key_and_a_client() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let body = body(&[(&counter.pen, 1)]);
    let post = |api: &Api| api.post("/api/orders", body.clone());
    post(&client).await.problem(400, "idempotency-key-missing");
    let long = "k".repeat(256);
    for key in ["", "a b", &long] {
        let answer = post(&client).key(key).await;
        answer.problem(400, "malformed-request");
    }
    let nobody = post(counter.shop.api()).key("k1").await;
    nobody.problem(401, "unauthenticated");
    let seller = post(&counter.seller).key("k1").await;
    seller.problem(403, "forbidden");
}

#[tokio::test]
async fn every_wrong_field_of_an_order_is_named() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let mut wrong = body(&[(&counter.pen, 0)]);
    wrong["shipping_address"]["postal_code"] = json!("7501");
    wrong["shipping_address"]["city"] = json!(" ");
    let fields = client
        .post("/api/orders", wrong)
        .key("k1")
        .await
        .invalid_fields();
    assert_eq!(
        fields,
        [
            "/items/0/quantity",
            "/shipping_address/city",
            "/shipping_address/postal_code"
        ]
    );
    let mut both = body(&[(&counter.pen, 1)]);
    both["from_cart"] = json!(true);
    for wrong in [both, body(&[])] {
        let answer = client.post("/api/orders", wrong).key("k1").await;
        assert_eq!(answer.invalid_fields(), ["/items"]);
    }
}

#[tokio::test]
async fn an_item_that_does_not_exist_cannot_be_ordered() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let unknown = Item {
        id: "0192f0c1-2d3e-7abc-8def-0123456789ab".to_owned(),
    };
    let lines = [(&counter.pen, 1), (&unknown, 1)];
    let answer = place(&client, "k1", &lines).await;
    let problem = answer.problem(409, "items-unavailable");
    assert!(problem["items"].to_string().contains(&unknown.id));
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
}

#[tokio::test]
async fn another_total_than_the_client_was_shown_is_refused() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let mut body = body(&[(&counter.pen, 2)]);
    body["expected_total"] = json!({ "amount": 499, "currency": "EUR" });
    let refused = client.post("/api/orders", body.clone()).key("k1").await;
    let problem = refused.problem(409, "total-differs");
    assert_eq!(problem["actual_total"]["amount"], 500);
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
    // The same key again, for nothing was done with it: the stock is reserved anew.
    body["expected_total"]["amount"] = json!(500);
    client.post("/api/orders", body).key("k1").await.is(201);
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 8));
}

#[tokio::test]
async fn a_cart_becomes_an_order_and_is_empty() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let order = json!({ "from_cart": true, "shipping_address": address() });
    let post = |key: &str| client.post("/api/orders", order.clone()).key(key);
    post("k0").await.problem(409, "cart-empty");
    let line = json!({ "item_id": counter.pen.id, "quantity": 4 });
    client.post("/api/cart/items", line).await.is(200);
    let placed = post("k1").await.is(201);
    assert_eq!(placed.json()["lines"][0]["quantity"], 4);
    let cart = client.get("/api/cart").await.is(200).json();
    assert_eq!(cart["lines"], json!([]));
    let again = post("k1").await.is(201);
    assert_eq!(again.id(), placed.id());
}

#[tokio::test]
async fn an_order_exists_for_those_whom_it_concerns() {
    let counter = open().await;
    let shop = &counter.shop;
    let (client, stranger) = (shop.client().await, shop.client().await);
    let (other, outsider) = (shop.seller().await, shop.seller().await);
    let ink = Item::create(&other, &counter.category, "Encre", 600, 5).await;
    let lines = [(&counter.pen, 2), (&ink, 1)];
    let id = place(&client, "k1", &lines).await.is(201).id();

    let seen = async |person: &Person| {
        let order = person.get(&path(&id)).await.is(200).json();
        let listed = person.list("/api/orders").await;
        assert_eq!(listed, std::slice::from_ref(&order));
        let count = order["lines"].as_array().unwrap().len();
        (count, order["totals"]["gross"]["amount"].as_i64().unwrap())
    };
    assert_eq!(seen(&client).await, (2, 1100));
    assert_eq!(seen(&counter.admin).await, (2, 1100));
    assert_eq!(seen(&counter.seller).await, (1, 500));
    assert_eq!(seen(&other).await, (1, 600));
    for person in [&stranger, &outsider] {
        for path in [path(&id), format!("/api/orders/{id}/invoice.pdf")] {
            person.get(&path).await.problem(404, "not-found");
        }
        act(person, &id, "cancel").await.problem(404, "not-found");
        assert!(person.list("/api/orders").await.is_empty());
    }
    act(&outsider, &id, "mark-paid")
        .await
        .problem(404, "not-found");
    // A seller of a part does not sell the rest.
    act(&other, &id, "mark-paid")
        .await
        .problem(403, "forbidden");
}

#[tokio::test]
async fn orders_are_listed_from_the_newest_a_page_at_a_time() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let mut expected = Vec::new();
    for number in 0..5 {
        let key = format!("k{number}");
        let placed = place(&client, &key, &[(&counter.pen, 1)]).await.is(201);
        expected.insert(0, placed.json()["order_number"].clone());
    }
    let listed = client.list("/api/orders?limit=2").await;
    let numbers: Vec<_> = listed
        .iter()
        .map(|order| order["order_number"].clone())
        .collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn a_cart_becomes_one_order_in_two_tabs_at_once() {
    let counter = open().await;
    for round in 0..5 {
        let client = counter.shop.client().await;
        let line = json!({ "item_id": counter.pen.id, "quantity": 1 });
        client.post("/api/cart/items", line).await.is(200);
        let order = json!({ "from_cart": true, "shipping_address": address() });
        let tab = |key: &str| client.post("/api/orders", order.clone()).key(key);
        let (one, other) = tokio::join!(tab("tab1"), tab("tab2"));
        let (placed, refused) = match one.status {
            201 => (one, other),
            _ => (other, one),
        };
        let placed = placed.is(201).id();
        refused.problem(409, "cart-changed");
        assert_eq!(client.list("/api/orders").await.len(), 1, "round {round}");
        // Later, the cart says what became of it.
        let late = tab("tab3").await.problem(409, "cart-changed");
        assert_eq!(late["order_id"], placed.as_str());
        let again = tab("tab1").await;
        assert!(again.status == 409 || again.id() == placed);
        client
            .post(
                "/api/cart/items",
                json!({ "item_id": counter.book.id, "quantity": 1 }),
            )
            .await
            .is(200);
        counter.book.stock(&counter.seller, 1).await;
        counter.pen.stock(&counter.seller, 1).await;
        tab("tab4").await.is(201);
    }
}

#[tokio::test]
async fn what_is_added_while_a_cart_is_ordered_stays_in_it() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let add = async |item: &Item, quantity: i64| {
        let line = json!({ "item_id": item.id, "quantity": quantity });
        client.post("/api/cart/items", line).await.is(200);
    };
    add(&counter.pen, 2).await;
    let order = json!({ "from_cart": true, "shipping_address": address() });
    // The order waits for its rows while the client goes on shopping.
    let held = counter.shop.hold("orders", "orders").await;
    let placing = client.post("/api/orders", order).key("k1");
    let placing = tokio::spawn(async move { placing.await });
    comptoir_tests::until("the stock is set aside", async || {
        (counter.pen.stock_levels(&client).await == (10, 8)).then_some(())
    })
    .await;
    add(&counter.pen, 1).await;
    add(&counter.book, 1).await;
    held.release().await;
    let placed = placing.await.unwrap().is(201).json();
    assert_eq!(placed["lines"][0]["quantity"], 2);
    let cart = client.get("/api/cart").await.is(200).json();
    let left: Vec<_> = cart["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["name"].as_str().unwrap(),
                line["quantity"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(left, [("Stylo", 1), ("Carnet", 1)]);
}

#[tokio::test]
async fn an_order_that_is_refused_leaves_the_cart_to_the_next() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let line = json!({ "item_id": counter.book.id, "quantity": 4 });
    client.post("/api/cart/items", line).await.is(200);
    let order = json!({ "from_cart": true, "shipping_address": address() });
    let post = |key: &str| client.post("/api/orders", order.clone()).key(key);
    post("k1").await.problem(409, "out-of-stock");
    let cart = client.get("/api/cart").await.is(200).json();
    assert_eq!(cart["lines"][0]["quantity"], 4);
    counter.book.stock(&counter.seller, 1).await;
    post("k2").await.is(201);
}

#[tokio::test]
async fn orders_are_found_by_number_status_person_and_day() {
    let counter = open().await;
    let (client, other) = (counter.shop.client().await, counter.shop.client().await);
    let pen = [(&counter.pen, 1)];
    let paid = place(&client, "k1", &pen).await.is(201);
    act(&counter.admin, &paid.id(), "mark-paid").await.is(200);
    let open = place(&client, "k2", &pen).await.is(201);
    let theirs = place(&other, "k3", &pen).await.is(201);
    let found = async |api: &Api, query: &str| {
        let found = api.list(&format!("/api/orders?limit=1&{query}")).await;
        let id = |order: &serde_json::Value| order["id"].as_str().unwrap().to_owned();
        found.iter().map(id).collect::<Vec<_>>()
    };
    let number = paid.json()["order_number"].clone();
    let email = client.email.clone();
    let id = &client.id;
    let all = vec![theirs.id(), open.id(), paid.id()];
    for (query, expected) in [
        (format!("number={number}"), vec![paid.id()]),
        ("status=paid".to_owned(), vec![paid.id()]),
        (
            "status=awaiting_payment".to_owned(),
            vec![theirs.id(), open.id()],
        ),
        ("status=cancelled".to_owned(), vec![]),
        ("status=refunded".to_owned(), vec![]),
        (format!("email={email}"), vec![open.id(), paid.id()]),
        (format!("customer_id={id}&status=paid"), vec![paid.id()]),
        ("from=2026-01-01&to=2999-12-31".to_owned(), all.clone()),
        ("from=2999-01-01".to_owned(), vec![]),
        ("to=2001-01-01".to_owned(), vec![]),
    ] {
        assert_eq!(found(&counter.admin, &query).await, expected, "{query}");
    }
    assert_eq!(found(&client, "status=paid").await, [paid.id()]);
    assert_eq!(found(&counter.seller, "status=paid").await, [paid.id()]);
    let of_others = format!("number={}", theirs.json()["order_number"]);
    assert!(found(&client, &of_others).await.is_empty());
    let asked = client
        .get(&format!("/api/orders?email={}", other.email))
        .await;
    asked.problem(403, "forbidden");
    let wrong = counter
        .admin
        .get("/api/orders?from=yesterday&email=nobody")
        .await;
    assert_eq!(wrong.status, 422);
}
