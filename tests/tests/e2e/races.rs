//! Many at once, and a machine that dies in the middle: stock is neither lost nor sold twice.

use comptoir_tests::{
    Answer, Api, Item, OwnServers, Person, Shop, address, create_category, statements_run, until,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const BUYERS: usize = 64;
const PIECES: i64 = 10;

struct Rush {
    shop: Shop,
    admin: Person,
    seller: Person,
    item: Item,
}

async fn open(variables: &[(&str, &str)]) -> Rush {
    stock(Shop::open_with(variables).await).await
}

/// Puts the last pieces of one item on the shelf.
async fn stock(shop: Shop) -> Rush {
    let admin = shop.admin().await;
    let category = create_category(&admin, "Papeterie").await;
    let seller = shop.seller().await;
    let item = Item::create(&seller, &category, "Stylo", 250, PIECES).await;
    Rush {
        shop,
        admin,
        seller,
        item,
    }
}

/// A server that was killed may take a table for empty until a tenth of it has changed. It must not read, and
/// lock, all of it to find one item.
#[tokio::test]
async fn stock_of_different_items_moves_at_once_whatever_the_server_believes_of_the_table() {
    let shop = Shop::open().await;
    shop.freeze_statistics("catalog", "items").await;
    let category = create_category(&shop.admin().await, "Papeterie").await;
    let seller = shop.seller().await;
    let mut items = Vec::new();
    for number in 0..12 {
        items.push(Item::create(&seller, &category, &format!("Stylo {number}"), 250, 0).await);
    }
    for round in 0..6 {
        let mut moves = JoinSet::new();
        for item in &items {
            let body = json!({ "delta": 1, "reason": "Inventaire" });
            let path = format!("/api/items/{}/stock", item.id);
            let key = format!("{}-{round}", item.id);
            moves.spawn(seller.post(&path, body).key(&key).attempt());
        }
        for moved in moves.join_all().await {
            moved.unwrap().is(201);
        }
    }
    for item in &items {
        let path = format!("/api/items/{}/stock", item.id);
        let stock = shop.api().get(&path).await.is(200).json();
        assert_eq!(stock["on_hand"], 6);
    }
}

fn order(lines: &[&Item]) -> Value {
    let line = |item: &&Item| json!({ "item_id": item.id, "quantity": 1 });
    let items: Vec<_> = lines.iter().map(line).collect();
    json!({ "items": items, "shipping_address": address() })
}

/// Everybody buys one piece at once.
fn buy(rush: &Rush) -> JoinSet<Result<Answer, String>> {
    let mut purchases = JoinSet::new();
    for client in rush.shop.crowd(BUYERS) {
        let request = client.post("/api/orders", order(&[&rush.item])).key("k1");
        purchases.spawn(request.attempt());
    }
    purchases
}

async fn orders_in(api: &Api, status: &str) -> Vec<Value> {
    let mut orders = api.list("/api/orders?limit=100").await;
    orders.retain(|order| order["status"] == status);
    orders
}

async fn pay(rush: &Rush, order: &Value) {
    let id = order["id"].as_str().unwrap();
    let path = format!("/api/orders/{id}/mark-paid");
    rush.seller.post(&path, json!({})).await.is(200);
}

#[tokio::test]
async fn the_last_ten_pieces_are_sold_ten_times() {
    let rush = open(&[]).await;
    let answers = buy(&rush).join_all().await;
    let mut placed = 0;
    for answer in answers {
        let answer = answer.unwrap();
        match answer.status {
            201 => placed += 1,
            _ => drop(answer.problem(409, "out-of-stock")),
        }
    }
    assert_eq!(placed, PIECES);
    assert_eq!(rush.item.stock_levels(&rush.admin).await, (PIECES, 0));
    let orders = orders_in(&rush.admin, "awaiting_payment").await;
    assert_eq!(orders.len(), 10);
    for order in &orders {
        pay(&rush, order).await;
    }
    assert_eq!(rush.item.stock_levels(&rush.admin).await, (0, 0));
}

#[tokio::test]
async fn nothing_is_lost_when_the_host_is_killed_in_the_middle() {
    let mut rush = open(&[("reservation_seconds", "6")]).await;
    let mut purchases = buy(&rush);
    // Some have their answer, most are under way.
    for _ in 0..2 {
        purchases.join_next().await.unwrap().unwrap().ok();
    }
    rush.shop.kill().await;
    let mut promised = 0;
    for answer in purchases.join_all().await {
        promised += usize::from(answer.is_ok_and(|answer| answer.status == 201));
    }
    rush.shop.restart().await;

    // Every order that was written has its stock: it can be paid.
    let orders = orders_in(&rush.admin, "awaiting_payment").await;
    assert!(
        orders.len() >= promised,
        "{} orders of {promised}",
        orders.len()
    );
    let paid = i64::try_from(orders.len() / 2).unwrap();
    for order in orders.iter().take(orders.len() / 2) {
        pay(&rush, order).await;
    }
    // Whatever else was reserved comes back by itself, with an order or without.
    let left = PIECES - paid;
    until("only what was paid is gone", async || {
        let unpaid = orders_in(&rush.admin, "awaiting_payment").await;
        let levels = rush.item.stock_levels(&rush.admin).await;
        (unpaid.is_empty() && levels == (left, left)).then_some(())
    })
    .await;
    let sold = orders_in(&rush.admin, "paid").await.len();
    assert_eq!(i64::try_from(sold).unwrap(), paid);
}

#[tokio::test]
async fn the_same_key_twenty_times_at_once_is_one_order() {
    let rush = open(&[]).await;
    let client = rush.shop.client().await;
    let mut submits = JoinSet::new();
    for _ in 0..20 {
        let request = client.post("/api/orders", order(&[&rush.item])).key("k1");
        submits.spawn(request.into_future());
    }
    let mut ids = Vec::new();
    for answer in submits.join_all().await {
        match answer.status {
            201 => ids.push(answer.id()),
            _ => drop(answer.problem(409, "idempotency-key-in-flight")),
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(client.list("/api/orders").await.len(), 1);
    let levels = rush.item.stock_levels(&client).await;
    assert_eq!(levels, (PIECES, PIECES - 1));
}

#[tokio::test]
async fn orders_of_the_same_items_in_any_order_do_not_block_each_other() {
    let rush = open(&[]).await;
    let category = create_category(&rush.admin, "Livres").await;
    let other = Item::create(&rush.seller, &category, "Carnet", 900, 100).await;
    rush.item.stock(&rush.seller, 90).await;
    let mut purchases = JoinSet::new();
    for (number, client) in rush.shop.crowd(30).into_iter().enumerate() {
        let lines = match number % 2 {
            0 => [&rush.item, &other],
            _ => [&other, &rush.item],
        };
        let request = client.post("/api/orders", order(&lines)).key("k1");
        purchases.spawn(request.into_future());
    }
    for answer in purchases.join_all().await {
        answer.is(201);
    }
    assert_eq!(rush.item.stock_levels(&rush.admin).await, (100, 70));
    assert_eq!(other.stock_levels(&rush.admin).await, (100, 70));
}

#[tokio::test]
async fn fifty_lines_take_as_many_statements_as_one() {
    let servers = OwnServers::start().await;
    let rush = stock(Shop::open_on(&servers, &[]).await).await;
    let category = create_category(&rush.admin, "Livres").await;
    let mut items = Vec::new();
    for number in 0..50 {
        let name = format!("Carnet {number}");
        items.push(Item::create(&rush.seller, &category, &name, 100, 100).await);
    }
    let items: Vec<&Item> = items.iter().collect();
    let client = rush.shop.client().await;
    let mysql = servers.mariadb.endpoint();
    // Now and then something else runs, such as a sweep: it adds, and never takes away.
    let cost = async |lines: &[&Item], name: &str| {
        let mut least = u64::MAX;
        for round in 0..20 {
            let before = statements_run(&mysql).await;
            let key = format!("{name}{round}");
            let placed = client.post("/api/orders", order(lines)).key(&key).await;
            placed.is(201);
            least = least.min(statements_run(&mysql).await - before);
        }
        least
    };
    let one = cost(items.get(..1).unwrap(), "one").await;
    let fifty = cost(&items, "fifty").await;
    assert_eq!(one, fifty, "statements for one line and for fifty");
}
