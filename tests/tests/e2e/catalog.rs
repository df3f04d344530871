//! Categories and items: who writes them, who sees them, how they are found.

use comptoir_tests::{Item, Person, Shop, create_category};
use serde_json::{Value, json};

struct Shelf {
    shop: Shop,
    admin: Person,
    seller: Person,
    category: String,
}

async fn open() -> Shelf {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    Shelf {
        category: create_category(&admin, "Épicerie").await,
        seller: shop.seller().await,
        admin,
        shop,
    }
}

fn names(entries: &[Value]) -> Vec<&str> {
    let names = entries.iter().map(|entry| entry["name"].as_str());
    names.map(Option::unwrap).collect()
}

fn item(category: &str) -> Value {
    json!({
        "name": "Huile d’olive",
        "description": "Fruité vert",
        "category_id": category,
        "price": { "amount": 1690, "currency": "EUR" },
        "vat_rate": 550,
    })
}

#[tokio::test]
async fn categories_are_written_by_admins_and_read_by_all() {
    let shelf = open().await;
    let path = format!("/api/categories/{}", shelf.category);
    let category = shelf.shop.api().get(&path).await.is(200);
    assert_eq!(category.json()["name"], "Épicerie");
    assert_eq!(category.json()["enabled"], true);
    let body = json!({ "name": "Livres" });
    let nobody = shelf.shop.api().post("/api/categories", body.clone()).await;
    nobody.problem(401, "unauthenticated");
    let seller = shelf.seller.post("/api/categories", body).await;
    seller.problem(403, "forbidden");

    let change = |body: Value| shelf.admin.patch(&path, body);
    let renamed = json!({ "name": "Épicerie fine" });
    change(renamed.clone())
        .await
        .problem(428, "precondition-required");
    let changed = change(renamed.clone()).if_match(&category.etag()).await;
    assert_eq!(changed.is(200).json()["name"], "Épicerie fine");
    change(renamed)
        .if_match(&category.etag())
        .await
        .problem(412, "precondition-failed");
}

#[tokio::test]
async fn a_category_name_is_unique_without_regard_to_case_and_accents() {
    let shelf = open().await;
    for name in ["Épicerie", "EPICERIE"] {
        let answer = shelf.admin.post("/api/categories", json!({ "name": name }));
        answer.await.problem(409, "category-name-taken");
    }
}

#[tokio::test]
async fn a_disabled_category_hides_its_items() {
    let shelf = open().await;
    let oil = Item::create(&shelf.seller, &shelf.category, "Huile", 1690, 5).await;
    let path = format!("/api/items/{}", oil.id);
    let category = format!("/api/categories/{}", shelf.category);
    let api = shelf.shop.api();
    api.get(&path).await.is(200);
    let enable = async |enabled: bool| {
        let change = shelf.admin.patch(&category, json!({ "enabled": enabled }));
        change.if_match("*").await.is(200);
    };
    enable(false).await;
    api.get(&path).await.problem(404, "not-found");
    api.get(&category).await.problem(404, "not-found");
    assert!(api.list("/api/items").await.is_empty());
    assert!(api.list("/api/categories").await.is_empty());
    // Its seller and admins go on working.
    shelf.seller.get(&path).await.is(200);
    assert_eq!(shelf.admin.list("/api/items").await.len(), 1);
    let client = shelf.shop.client().await;
    let order = json!({
        "items": [{ "item_id": oil.id, "quantity": 1 }],
        "shipping_address": comptoir_tests::address(),
    });
    let refused = client.post("/api/orders", order).key("k1").await;
    refused.problem(409, "items-unavailable");
    enable(true).await;
    api.get(&path).await.is(200);
}

#[tokio::test]
async fn a_category_with_items_is_not_deleted() {
    let shelf = open().await;
    let oil = Item::create(&shelf.seller, &shelf.category, "Huile", 1690, 0).await;
    let path = format!("/api/categories/{}", shelf.category);
    let delete = || shelf.admin.delete(&path).if_match("*");
    delete().await.problem(409, "category-in-use");
    let gone = shelf.seller.delete(&format!("/api/items/{}", oil.id));
    gone.if_match("*").await.is(204);
    delete().await.is(204);
    shelf.admin.get(&path).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_seller_makes_changes_and_deletes_an_item() {
    let shelf = open().await;
    let made = shelf.seller.post("/api/items", item(&shelf.category)).await;
    let made = made.is(201);
    let path = format!("/api/items/{}", made.id());
    assert_eq!(made.header("location"), path);
    let body = made.json();
    assert_eq!(body["price"], json!({ "amount": 1690, "currency": "EUR" }));
    assert_eq!(body["vat_rate"], 550);
    assert_eq!(body["stock"], json!({ "on_hand": 0, "available": 0 }));
    assert_eq!(body["average_rating"], Value::Null);
    assert_eq!(body["review_count"], 0);
    assert_eq!(body["seller_id"], shelf.seller.id.as_str());
    let read = shelf.seller.get(&path).await.is(200);
    assert_eq!(read.json(), body);
    assert_eq!(read.etag(), made.etag());

    let change = |tag: &str| {
        let body = json!({ "name": "Huile vierge" });
        shelf.seller.patch(&path, body).if_match(tag)
    };
    let changed = change(&made.etag()).await.is(200).json();
    assert_eq!(changed["name"], "Huile vierge");
    assert_eq!(changed["description"], "Fruité vert");
    change(&made.etag())
        .await
        .problem(412, "precondition-failed");
    shelf.seller.delete(&path).if_match("*").await.is(204);
    let gone = shelf.shop.api().get(&path).await;
    gone.problem(404, "not-found");
}

#[tokio::test]
async fn a_change_is_seen_at_once() {
    let shelf = open().await;
    let made = shelf.seller.post("/api/items", item(&shelf.category)).await;
    let path = format!("/api/items/{}", made.is(201).id());
    for round in 0..10 {
        let name = format!("Huile {round}");
        let change = shelf.seller.patch(&path, json!({ "name": name }));
        change.if_match("*").await.is(200);
        let read = shelf.shop.api().get(&path).await.is(200).json();
        assert_eq!(read["name"], name.as_str());
    }
}

#[tokio::test]
async fn an_item_is_its_sellers() {
    let shelf = open().await;
    let oil = Item::create(&shelf.seller, &shelf.category, "Huile", 1690, 0).await;
    let path = format!("/api/items/{}", oil.id);
    let (other, client) = (shelf.shop.seller().await, shelf.shop.client().await);
    for person in [&other, &client] {
        let change = person
            .patch(&path, json!({ "name": "Mienne" }))
            .if_match("*");
        change.await.problem(403, "forbidden");
        let delete = person.delete(&path).if_match("*");
        delete.await.problem(403, "forbidden");
    }
    let made = client.post("/api/items", item(&shelf.category)).await;
    made.problem(403, "forbidden");
    let change = shelf.admin.patch(&path, json!({ "name": "Huile vue" }));
    change.if_match("*").await.is(200);
}

#[tokio::test]
async fn every_wrong_field_of_an_item_is_named() {
    let shelf = open().await;
    let mut wrong = item(&shelf.category);
    wrong["name"] = json!(" ");
    wrong["price"]["amount"] = json!(-1);
    wrong["vat_rate"] = json!(1234);
    let fields = shelf
        .seller
        .post("/api/items", wrong)
        .await
        .invalid_fields();
    assert_eq!(fields, ["/name", "/price/amount", "/vat_rate"]);
    let unknown = item("0192f0c1-2d3e-7abc-8def-0123456789ab");
    let fields = shelf.seller.post("/api/items", unknown).await;
    assert_eq!(fields.invalid_fields(), ["/category_id"]);
    let mut dollars = item(&shelf.category);
    dollars["price"]["currency"] = json!("USD");
    let fields = shelf.seller.post("/api/items", dollars).await;
    assert_eq!(fields.invalid_fields(), ["/price/currency"]);
}

#[tokio::test]
async fn an_item_is_made_once_for_a_key() {
    let shelf = open().await;
    let post = || {
        shelf
            .seller
            .post("/api/items", item(&shelf.category))
            .key("k1")
    };
    let first = post().await.is(201);
    let second = post().await.is(201);
    assert_eq!(second.id(), first.id());
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(shelf.seller.list("/api/items").await.len(), 1);
}

#[tokio::test]
async fn items_are_found_by_what_they_are() {
    let shelf = open().await;
    let books = create_category(&shelf.admin, "Livres").await;
    let (seller, other) = (&shelf.seller, shelf.shop.seller().await);
    Item::create(seller, &shelf.category, "Huile d’olive", 1690, 5).await;
    Item::create(seller, &shelf.category, "Vinaigre", 490, 0).await;
    Item::create(&other, &books, "L’olive en cuisine", 2500, 2).await;
    let find = async |query: &str| {
        let found = shelf.shop.api().list(&format!("/api/items?{query}")).await;
        let mut names: Vec<_> = names(&found).into_iter().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(
        find("q=olive").await,
        ["Huile d’olive", "L’olive en cuisine"]
    );
    assert_eq!(find("q=OLIVE%20hui").await, ["Huile d’olive"]);
    assert_eq!(find("q=tracteur").await, [""; 0]);
    assert_eq!(find("q=%22%2B-*").await, [""; 0]);
    assert_eq!(
        find(&format!("category={books}")).await,
        ["L’olive en cuisine"]
    );
    let of_other = format!("seller={}", other.id);
    assert_eq!(find(&of_other).await, ["L’olive en cuisine"]);
    assert_eq!(
        find("min_price=491&max_price=2499").await,
        ["Huile d’olive"]
    );
    assert_eq!(
        find("in_stock=true").await,
        ["Huile d’olive", "L’olive en cuisine"]
    );
    assert_eq!(find("q=olive&max_price=2000").await, ["Huile d’olive"]);
}

#[tokio::test]
async fn items_are_sorted_and_paged_without_a_gap_or_a_double() {
    let shelf = open().await;
    // Several at one price, so that the page ends among equals.
    for (name, amount) in [("a", 300), ("b", 100), ("c", 200), ("d", 100), ("e", 100)] {
        Item::create(&shelf.seller, &shelf.category, name, amount, 0).await;
    }
    let list = async |sort: &str| {
        let path = format!("/api/items?sort={sort}&limit=2");
        shelf.shop.api().list(&path).await
    };
    let newest = list("newest").await;
    assert_eq!(names(&newest), ["e", "d", "c", "b", "a"]);
    for (sort, expected) in [
        ("price", [100, 100, 100, 200, 300]),
        ("-price", [300, 200, 100, 100, 100]),
    ] {
        let found = list(sort).await;
        let prices: Vec<_> = found
            .iter()
            .map(|item| item["price"]["amount"].clone())
            .collect();
        assert_eq!(prices, expected, "{sort}");
        let mut names = names(&found);
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "e"], "{sort}");
    }
    let unsorted = shelf.shop.api().get("/api/items?sort=colour").await;
    assert_eq!(unsorted.invalid_fields(), ["sort"]);
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let shelf = open().await;
    for name in ["a", "b"] {
        Item::create(&shelf.seller, &shelf.category, name, 100, 0).await;
    }
    let api = shelf.shop.api();
    let page = api
        .get("/api/items?sort=price&limit=1")
        .await
        .is(200)
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let answer = api
        .get(&format!("/api/items?sort=newest&cursor={cursor}"))
        .await;
    assert_eq!(answer.invalid_fields(), ["cursor"]);
}
