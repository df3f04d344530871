//! Codes of several merchants, and how often each is used.

use comptoir_tests::{Api, Item, sell_in_own_name, sellers_identity};
use serde_json::json;
use tokio::task::JoinSet;

use crate::counter::{self, act, body};

use crate::discounts::{eur, order_with, put};

#[tokio::test]
async fn a_code_takes_something_off_the_lines_of_who_gave_it_out() {
    let counter = counter::open().await;
    let (shop, admin) = (&counter.shop, &counter.admin);
    let maker = shop.seller().await;
    sell_in_own_name(admin, &maker, sellers_identity()).await;
    let bowl = Item::create(&maker, &counter.category, "Bol", 2000, 9).await;
    put(&maker, "noel", json!({ "percent": 50 })).await.is(201);
    let client = shop.client().await;
    let off = async |lines: &[(&Item, i64)]| {
        let asked = json!({ "items": body(lines)["items"], "discount_code": "NOEL" });
        client.post("/api/orders/quote", asked).await
    };
    off(&[(&counter.pen, 1)])
        .await
        .problem(409, "discount-refused");
    let both = [(&counter.pen, 1), (&bowl, 1)];
    let reduced = off(&both).await.is(200).json();
    assert_eq!(reduced["discount"]["amount"], eur(1000));
    put(admin, "noel", json!({ "amount": eur(100) }))
        .await
        .is(201);
    let reduced = off(&both).await.is(200).json();
    assert_eq!(
        reduced["discount"],
        json!({ "code": "NOEL", "amount": eur(1100) })
    );
    let placed = order_with(&client, "k1", body(&both), "NOEL").await.is(201);
    assert_eq!(placed.json()["discount"]["amount"], eur(1100));
    let uses =
        async |api: &Api| api.get("/api/discounts/noel").await.is(200).json()["uses"].clone();
    assert_eq!(
        (uses(admin).await, uses(&maker).await),
        (json!(1), json!(1))
    );
    act(&client, &placed.id(), "cancel").await.is(200);
    assert_eq!(
        (uses(admin).await, uses(&maker).await),
        (json!(0), json!(0))
    );
}

#[tokio::test]
async fn a_code_that_is_given_out_again_remembers_its_uses() {
    let counter = counter::open().await;
    let terms = json!({ "percent": 10, "max_uses": 2 });
    put(&counter.admin, "deux", terms.clone()).await.is(201);
    for number in 0..2 {
        let client = counter.shop.client().await;
        let order = body(&[(&counter.pen, 1)]);
        let placed = order_with(&client, &format!("k{number}"), order, "DEUX").await;
        act(&counter.admin, &placed.is(201).id(), "mark-paid")
            .await
            .is(200);
    }
    let gone = counter.admin.delete("/api/discounts/deux").if_match("*");
    gone.await.is(204);
    // An edit of what another admin has taken back meanwhile gives nothing out.
    let stale = counter.admin.put("/api/discounts/deux", terms.clone());
    stale
        .if_match("\"1\"")
        .await
        .problem(412, "precondition-failed");
    let again = put(&counter.admin, "deux", terms).await.is(201);
    assert_eq!(again.json()["uses"], 2);
    let client = counter.shop.client().await;
    let late = order_with(&client, "k", body(&[(&counter.pen, 1)]), "DEUX").await;
    late.problem(409, "discount-refused");
}

#[tokio::test]
async fn a_code_for_each_customer_once_is_used_once_by_many_requests_at_once() {
    let counter = counter::open().await;
    let terms = json!({ "percent": 10, "once_per_customer": true });
    put(&counter.admin, "une-fois", terms).await.is(201);
    let (client, other) = (counter.shop.client().await, counter.shop.client().await);
    let mut orders = JoinSet::new();
    for number in 0..6 {
        let (client, order) = (client.clone(), body(&[(&counter.pen, 1)]));
        orders.spawn(async move {
            let key = format!("k{number}");
            order_with(&client, &key, order, "UNE-FOIS").await
        });
    }
    let answers = orders.join_all().await;
    let placed: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .collect();
    assert_eq!(placed.len(), 1);
    let theirs = order_with(&other, "k", body(&[(&counter.pen, 1)]), "UNE-FOIS").await;
    theirs.is(201);
    // An order that ends unpaid was none.
    act(&client, &placed[0].id(), "cancel").await.is(200);
    let again = order_with(&client, "again", body(&[(&counter.pen, 1)]), "UNE-FOIS").await;
    act(&counter.admin, &again.is(201).id(), "mark-paid")
        .await
        .is(200);
    let more = order_with(&client, "more", body(&[(&counter.pen, 1)]), "UNE-FOIS").await;
    more.problem(409, "discount-refused");
}

#[tokio::test]
async fn one_customer_holds_one_use_of_a_limited_code_without_paying() {
    let counter = counter::open().await;
    let terms = json!({ "percent": 10, "max_uses": 3 });
    put(&counter.admin, "trois", terms).await.is(201);
    let client = counter.shop.client().await;
    let order =
        async |key: &str| order_with(&client, key, body(&[(&counter.pen, 1)]), "TROIS").await;
    let first = order("k1").await.is(201).id();
    order("k2").await.problem(409, "discount-refused");
    act(&counter.admin, &first, "mark-paid").await.is(200);
    order("k3").await.is(201);
}
