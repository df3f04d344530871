//! Paying orders, calling them off, letting them expire.

use comptoir_tests::{Api, until};
use serde_json::json;

use crate::counter::{act, open, open_with, path, place};
use crate::till::begin_with;

#[tokio::test]
async fn a_paid_order_has_sold_its_stock_once() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    act(&client, &id, "mark-paid")
        .await
        .problem(403, "forbidden");
    // A part of the money is not the money.
    let part = json!({ "amount": { "amount": 1, "currency": "EUR" } });
    let noted = counter
        .seller
        .post(&format!("{}/mark-paid", path(&id)), part);
    noted.await.problem(422, "invalid-fields");
    for _ in 0..2 {
        let paid = act(&counter.seller, &id, "mark-paid").await.is(200).json();
        assert_eq!(paid["status"], "paid");
        assert!(paid["paid_at"].is_string(), "{paid:#}");
    }
    assert_eq!(counter.pen.stock_levels(&client).await, (7, 7));
    let cancel = act(&client, &id, "cancel").await;
    cancel.problem(409, "order-paid");
}

#[tokio::test]
async fn a_cancelled_order_gives_its_stock_back_once() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    let cancels = (0..8).map(|_| {
        let (client, id) = (client.clone(), id.clone());
        tokio::spawn(async move { act(&client, &id, "cancel").await.is(200).json() })
    });
    for cancelled in cancels.collect::<Vec<_>>() {
        assert_eq!(cancelled.await.unwrap()["status"], "cancelled");
    }
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
}

#[tokio::test]
async fn an_admin_cancels_a_paid_order_and_its_stock_is_back() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    act(&counter.seller, &id, "mark-paid").await.is(200);
    let cancelled = act(&counter.admin, &id, "cancel").await.is(200).json();
    assert_eq!(cancelled["status"], "cancelled");
    // Once somebody has given its money back too, it is refunded.
    let again = act(&counter.admin, &id, "cancel").await.is(200).json();
    assert_eq!(again["status"], "cancelled");
    let link = again["payment"]["link"].as_str().unwrap();
    let owed = client.get(link).await.is(200).json()["refunds"][0].clone();
    let confirm = format!("{link}/refunds/{}/confirm", owed["id"].as_str().unwrap());
    counter.seller.post(&confirm, json!({})).await.is(200);
    let refunded = client.get(&path(&id)).await.is(200).json();
    assert_eq!(refunded["status"], "refunded");
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
}

#[tokio::test]
async fn paying_and_cancelling_at_once_end_in_one_of_the_two() {
    let counter = open().await;
    let client = counter.shop.client().await;
    for round in 0..5 {
        let (before, _) = counter.pen.stock_levels(&client).await;
        let key = format!("k{round}");
        let id = place(&client, &key, &[(&counter.pen, 1)])
            .await
            .is(201)
            .id();
        let (paid, cancelled) = tokio::join!(
            act(&counter.seller, &id, "mark-paid"),
            act(&client, &id, "cancel")
        );
        // Money that was taken for a cancelled order is noted, and goes back.
        let stands = paid.is(200).json()["status"].clone();
        let order = client.get(&path(&id)).await.is(200).json();
        let (status, sold) = match cancelled.status {
            409 => ("paid", 1),
            200 => ("cancelled", 0),
            other => panic!("{other}"),
        };
        assert_eq!(stands, status);
        assert_eq!(order["status"], status);
        let left = before - sold;
        assert_eq!(counter.pen.stock_levels(&client).await, (left, left));
    }
}

#[tokio::test]
async fn an_order_that_nobody_pays_in_time_expires() {
    let counter = open_with(&[("reservation_seconds", "1")]).await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    until("the order is expired", async || {
        let order = client.get(&path(&id)).await.is(200).json();
        (order["status"] == "expired").then_some(())
    })
    .await;
    until("its stock is back", async || {
        let levels = counter.pen.stock_levels(&client).await;
        (levels == (10, 10)).then_some(())
    })
    .await;
    let pay = crate::till::begin(&client, "k1", &id).await;
    pay.problem(409, "order-expired");
    assert_eq!(counter.pen.stock_levels(&client).await, (10, 10));
}

#[tokio::test]
async fn only_an_admin_removes_an_order_and_only_one_that_has_ended() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let placed = place(&client, "k1", &[(&counter.pen, 3)]).await.is(201);
    let id = placed.id();
    let delete = |api: &Api| api.delete(&path(&id));
    delete(&client)
        .if_match("*")
        .await
        .problem(403, "forbidden");
    let admin = &counter.admin;
    delete(admin).await.problem(428, "precondition-required");
    let open = delete(admin).if_match(&placed.etag()).await;
    open.problem(409, "order-not-ended");
    let cancelled = act(&client, &id, "cancel").await.is(200);
    let stale = delete(admin).if_match(&placed.etag()).await;
    stale.problem(412, "precondition-failed");
    delete(admin).if_match(&cancelled.etag()).await.is(204);
    admin.get(&path(&id)).await.problem(404, "not-found");
}

#[tokio::test]
async fn an_order_to_which_money_ever_came_is_not_removed() {
    let counter = open().await;
    let (client, admin) = (counter.shop.client().await, &counter.admin);
    let id = place(&client, "k1", &[(&counter.pen, 3)])
        .await
        .is(201)
        .id();
    act(&client, &id, "cancel").await.is(200);
    // It comes too late, and is to be sent back.
    let noted = act(admin, &id, "mark-paid").await.is(200).json();
    let remove = || admin.delete(&path(&id)).if_match("*");
    remove().await.problem(409, "order-not-ended");
    let link = noted["payment"]["link"].as_str().unwrap();
    let payment = admin.get(link).await.is(200).json();
    let refund = payment["refunds"][0]["id"].as_str().unwrap();
    let sent_back = format!("{link}/refunds/{refund}/confirm");
    admin.post(&sent_back, json!({})).await.is(200);
    remove().await.problem(409, "order-not-ended");
    let order = admin.get(&path(&id)).await.is(200).json();
    assert_eq!(order["payment"]["status"], "refunded");
}

#[tokio::test]
async fn an_order_whose_transfer_may_still_come_is_not_removed() {
    let counter = open().await;
    let client = counter.shop.client().await;
    let id = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    begin_with(&client, "k1", &id, "offline").await.is(201);
    act(&client, &id, "cancel").await.is(200);
    let removed = counter.admin.delete(&path(&id)).if_match("*").await;
    removed.problem(409, "order-not-ended");
}
