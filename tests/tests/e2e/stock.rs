//! Stock and its ledger.

use comptoir_tests::{Item, Person, Shop, create_category};
use serde_json::{Value, json};

struct Store {
    shop: Shop,
    seller: Person,
    item: Item,
    path: String,
}

async fn open() -> Store {
    let shop = Shop::open().await;
    let category = create_category(&shop.admin().await, "Papeterie").await;
    let seller = shop.seller().await;
    let item = Item::create(&seller, &category, "Stylo", 250, 0).await;
    Store {
        path: format!("/api/items/{}/stock", item.id),
        shop,
        seller,
        item,
    }
}

impl Store {
    fn movement(&self, delta: i64) -> comptoir_tests::Request {
        let body = json!({ "delta": delta, "reason": "Inventaire" });
        self.seller.post(&self.path, body)
    }
}

#[tokio::test]
async fn stock_is_the_sum_of_its_movements() {
    let store = open().await;
    for (delta, balance) in [(10, 10), (-3, 7), (1, 8)] {
        let moved = store.movement(delta).await.is(201);
        assert_eq!(moved.json()["balance"], balance);
        let read = store.seller.get(moved.header("location")).await.is(200);
        assert_eq!(read.json(), moved.json());
    }
    let stock = store.shop.api().get(&store.path).await.is(200).json();
    assert_eq!(stock, json!({ "on_hand": 8, "available": 8 }));
    let ledger = store
        .seller
        .list(&format!("{}/movements?limit=2", store.path))
        .await;
    let deltas: Vec<_> = ledger
        .iter()
        .map(|movement| movement["delta"].clone())
        .collect();
    assert_eq!(deltas, [1, -3, 10]);
    assert_eq!(ledger[0]["actor_id"], store.seller.id.as_str());
    assert_eq!(ledger[0]["reason"], "Inventaire");
}

#[tokio::test]
async fn no_more_is_taken_than_is_there_or_than_is_free() {
    let store = open().await;
    store.movement(10).await.is(201);
    store.movement(-11).await.problem(409, "stock-too-low");
    let client = store.shop.client().await;
    let order = json!({
        "items": [{ "item_id": store.item.id, "quantity": 4 }],
        "shipping_address": comptoir_tests::address(),
    });
    client.post("/api/orders", order).key("k1").await.is(201);
    store.movement(-7).await.problem(409, "stock-too-low");
    store.movement(-6).await.is(201);
    assert_eq!(store.item.stock_levels(&client).await, (4, 0));
}

#[tokio::test]
async fn movements_at_the_same_time_all_count() {
    let store = open().await;
    let mut moves = tokio::task::JoinSet::new();
    for _ in 0..16 {
        moves.spawn(store.movement(2).into_future());
    }
    for moved in moves.join_all().await {
        moved.is(201);
    }
    let ledger = store
        .seller
        .list(&format!("{}/movements", store.path))
        .await;
    let mut balances: Vec<_> = ledger
        .iter()
        .map(|one| one["balance"].as_i64().unwrap())
        .collect();
    balances.sort_unstable();
    let expected: Vec<i64> = (1..=16).map(|count| count * 2).collect();
    assert_eq!(balances, expected);
}

#[tokio::test]
async fn a_movement_moves_something_for_a_reason() {
    let store = open().await;
    let post = |body: Value| store.seller.post(&store.path, body);
    let fields = post(json!({ "delta": 0, "reason": " " })).await;
    assert_eq!(fields.invalid_fields(), ["/delta", "/reason"]);
    let fields = post(json!({ "delta": 1.5, "reason": "x" })).await;
    assert_eq!(fields.invalid_fields(), ["/delta"]);
}

#[tokio::test]
async fn a_delivery_that_is_sent_twice_counts_once() {
    let store = open().await;
    store.movement(10).key("k1").await.is(201);
    let again = store.movement(10).key("k1").await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = store.movement(11).key("k1").await;
    other.problem(422, "idempotency-key-reused");
    assert_eq!(store.item.stock_levels(&store.seller).await, (10, 10));
}

#[tokio::test]
async fn only_its_seller_moves_the_stock_and_reads_the_ledger() {
    let store = open().await;
    let (other, client) = (store.shop.seller().await, store.shop.client().await);
    let ledger = format!("{}/movements", store.path);
    for person in [&other, &client] {
        let body = json!({ "delta": 1, "reason": "x" });
        let moved = person.post(&store.path, body).await;
        moved.problem(403, "forbidden");
        person.get(&ledger).await.problem(403, "forbidden");
    }
    let nobody = store.shop.api().get(&ledger).await;
    nobody.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_seller_says_how_little_is_too_little() {
    let store = open().await;
    let item = format!("/api/items/{}", store.item.id);
    let found = store.seller.get(&item).await.is(200);
    assert_eq!(found.json()["stock_minimum"], 0);
    let change = |pieces: i64| {
        let body = json!({ "stock_minimum": pieces });
        store.seller.patch(&item, body).if_match("*")
    };
    assert_eq!(change(-1).await.invalid_fields(), ["/stock_minimum"]);
    assert_eq!(change(5).await.is(200).json()["stock_minimum"], 5);
    // Falling below it takes nothing from a movement, which is told elsewhere.
    for (delta, balance) in [(8, 8), (-4, 4), (-1, 3), (5, 8), (-8, 0)] {
        let moved = store.movement(delta).await.is(201);
        assert_eq!(moved.json()["balance"], balance);
    }
}

#[tokio::test]
async fn a_sale_is_in_the_ledger_with_its_order() {
    let store = open().await;
    store.movement(10).await.is(201);
    let client = store.shop.client().await;
    let order = json!({
        "items": [{ "item_id": store.item.id, "quantity": 4 }],
        "shipping_address": comptoir_tests::address(),
    });
    let id = client
        .post("/api/orders", order)
        .key("k1")
        .await
        .is(201)
        .id();
    let path = format!("/api/orders/{id}/mark-paid");
    store.seller.post(&path, json!({})).await.is(200);
    let ledger = store
        .seller
        .list(&format!("{}/movements", store.path))
        .await;
    assert_eq!(ledger[0]["delta"], -4);
    assert_eq!(ledger[0]["order_id"], id.as_str());
    assert_eq!(ledger[0]["balance"], 6);
}
