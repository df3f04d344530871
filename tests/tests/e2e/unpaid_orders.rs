//! What customers hold without paying for it is bounded.

use crate::counter::{act, body, path, place};

#[tokio::test]
async fn a_customer_holds_a_bounded_number_of_orders_and_units_unpaid() {
    let limits = [("unpaid_limits", "orders=2 units=6 lapsed=9 network=5")];
    let counter = crate::counter::open_with(&limits).await;
    let client = counter.shop.client().await;
    let pens = |count: i64| [(&counter.pen, count)];
    let first = place(&client, "k1", &pens(2)).await.is(201);
    let too_many = place(&client, "k2", &pens(5)).await;
    let problem = too_many.problem(409, "too-many-unpaid-units");
    assert_eq!(problem["most"], 6);
    assert_eq!(problem["unpaid_orders"][0]["id"], first.id().as_str());
    // Nothing was set aside for it.
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 8));
    place(&client, "k3", &pens(1)).await.is(201);
    let third = place(&client, "k4", &pens(1)).await;
    let problem = third.problem(409, "too-many-unpaid-orders");
    assert_eq!(problem["unpaid_orders"].as_array().unwrap().len(), 2);
    // The same request again is still answered, and who pays may go on.
    place(&client, "k3", &pens(1)).await.is(201);
    act(&counter.admin, &first.id(), "mark-paid").await.is(200);
    place(&client, "k5", &pens(1)).await.is(201);
    // Others are not concerned, until all behind one address hold too much.
    for _ in 0..3 {
        let other = counter.shop.client().await;
        place(&other, "k1", &pens(1)).await.is(201);
    }
    let crowd = counter.shop.client().await;
    let refused = place(&crowd, "k1", &pens(1)).await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.problem(429, "too-many-unpaid-orders");
}

#[tokio::test]
async fn a_customer_who_orders_many_times_at_once_is_bounded_too() {
    let limits = [("unpaid_limits", "orders=3")];
    let counter = crate::counter::open_with(&limits).await;
    let client = counter.shop.client().await;
    let orders = (0..8).map(|number| {
        let request = client.post("/api/orders", body(&[(&counter.pen, 1)]));
        let request = request.key(&format!("k{number}"));
        tokio::spawn(async move { request.await.status })
    });
    let mut placed = 0;
    for order in orders.collect::<Vec<_>>() {
        match order.await.unwrap() {
            201 => placed += 1,
            status => assert_eq!(status, 409),
        }
    }
    assert_eq!(placed, 3);
    comptoir_tests::until("the others hold nothing", async || {
        (counter.pen.stock_levels(&client).await == (10, 7)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_cancels_orders_again_and_again_holds_nothing_any_more() {
    let counter = crate::counter::open_with(&[("unpaid_limits", "lapsed=2")]).await;
    let client = counter.shop.client().await;
    // What was paid and then cancelled held nothing unpaid.
    let paid = place(&client, "paid", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    act(&counter.admin, &paid, "mark-paid").await.is(200);
    act(&counter.admin, &paid, "cancel").await.is(200);
    for number in 0..2 {
        let key = format!("k{number}");
        let order = place(&client, &key, &[(&counter.pen, 1)]).await.is(201);
        act(&client, &order.id(), "cancel").await.is(200);
    }
    let refused = place(&client, "k", &[(&counter.pen, 1)]).await;
    refused.problem(429, "too-many-lapsed-orders");
}

#[tokio::test]
async fn who_lets_orders_expire_again_and_again_holds_nothing_any_more() {
    let limits = [("unpaid_limits", "lapsed=2"), ("reservation_seconds", "1")];
    let counter = crate::counter::open_with(&limits).await;
    let client = counter.shop.client().await;
    for number in 0..2 {
        let key = format!("k{number}");
        let order = place(&client, &key, &[(&counter.pen, 1)])
            .await
            .is(201)
            .id();
        comptoir_tests::until("the order has expired", async || {
            let order = client.get(&path(&order)).await.is(200).json();
            (order["status"] == "expired").then_some(())
        })
        .await;
        // However long before it ended it was placed: a transfer is waited for for days.
        let long_ago = "update {orders}.orders set created_at = created_at - 1000 * 86400 * 5";
        counter.shop.change(long_ago).await;
    }
    let refused = place(&client, "k", &[(&counter.pen, 1)]).await;
    let seconds: i64 = refused.header("retry-after").parse().unwrap();
    assert!((86_000..=86_400).contains(&seconds), "{seconds}");
    refused.problem(429, "too-many-lapsed-orders");
}
