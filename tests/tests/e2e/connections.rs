//! Connections to the database, of which there are few for everybody.

use comptoir_tests::{Item, Shop, until};
use tokio::task::JoinSet;

use crate::counter::{self, body};

/// Those that the instances of one service have.
async fn open(shop: &Shop) -> i64 {
    let count = "select count(*) from information_schema.processlist where db = '{orders}'";
    shop.number(count).await
}

#[tokio::test]
async fn connections_that_no_request_uses_are_given_back() {
    let counter = counter::open().await;
    let thread = Item::create(&counter.seller, &counter.category, "Fil", 199, 999).await;
    let mut orders = JoinSet::new();
    for client in counter.shop.crowd(48) {
        let order = client.post("/api/orders", body(&[(&thread, 1)])).key("k1");
        orders.spawn(order.attempt());
    }
    let mut most = 0;
    while let Some(placed) = orders.join_next().await {
        placed.unwrap().unwrap().is(201);
        most = most.max(open(&counter.shop).await);
    }
    assert!(most > 12, "{most} at once prove nothing");
    // Each instance may keep one.
    until("most are given back", async || {
        (open(&counter.shop).await <= 6).then_some(())
    })
    .await;
}
