//! Reviews and the average that they come to.

use comptoir_tests::{Api, Item, Person, Shop, create_category};
use serde_json::{Value, json};

struct Table {
    shop: Shop,
    seller: Person,
    item: Item,
    path: String,
}

async fn open() -> Table {
    let shop = Shop::open().await;
    let category = create_category(&shop.admin().await, "Papeterie").await;
    let seller = shop.seller().await;
    let item = Item::create(&seller, &category, "Stylo", 250, 10).await;
    Table {
        path: format!("/api/items/{}/reviews", item.id),
        shop,
        seller,
        item,
    }
}

impl Table {
    fn review(&self, api: &Api, rating: i64) -> comptoir_tests::Request {
        let body = json!({ "rating": rating, "comment": "Écrit bien" });
        api.post(&self.path, body)
    }

    /// The item's average and how many reviews it is of.
    async fn rating(&self) -> (Value, Value) {
        let path = format!("/api/items/{}", self.item.id);
        let item = self.shop.api().get(&path).await.is(200).json();
        (item["average_rating"].clone(), item["review_count"].clone())
    }
}

#[tokio::test]
async fn the_average_follows_the_reviews() {
    let table = open().await;
    assert_eq!(table.rating().await, (Value::Null, json!(0)));
    let (one, other) = (table.shop.client().await, table.shop.client().await);
    let first = table.review(&one, 5).await.is(201);
    assert_eq!(first.json()["client_id"], one.id.as_str());
    assert_eq!(first.json()["verified_purchase"], false);
    table.review(&other, 2).await.is(201);
    assert_eq!(table.rating().await, (json!(3.5), json!(2)));

    let path = first.header("location");
    let change = one
        .patch(path, json!({ "rating": 4 }))
        .if_match(&first.etag());
    change.await.is(200);
    assert_eq!(table.rating().await, (json!(3.0), json!(2)));
    one.delete(path).if_match("*").await.is(204);
    assert_eq!(table.rating().await, (json!(2.0), json!(1)));
    let listed = table.shop.api().list(&table.path).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["comment"], "Écrit bien");
}

#[tokio::test]
async fn a_client_reviews_an_item_once() {
    let table = open().await;
    let client = table.shop.client().await;
    table.review(&client, 5).await.is(201);
    let again = table.review(&client, 1).await;
    again.problem(409, "already-reviewed");
    assert_eq!(table.rating().await, (json!(5.0), json!(1)));
}

#[tokio::test]
async fn a_review_is_its_authors() {
    let table = open().await;
    let (client, other) = (table.shop.client().await, table.shop.client().await);
    let path = table.review(&client, 5).await.is(201);
    let path = path.header("location");
    let change = other.patch(path, json!({ "rating": 1 })).if_match("*");
    change.await.problem(403, "forbidden");
    let delete = other.delete(path).if_match("*");
    delete.await.problem(403, "forbidden");
    let seller = table.review(&table.seller, 5).await;
    seller.problem(403, "forbidden");
    let nobody = table.review(table.shop.api(), 5).await;
    nobody.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_rating_is_from_one_to_five() {
    let table = open().await;
    let client = table.shop.client().await;
    for rating in [0, 6] {
        let fields = table.review(&client, rating).await.invalid_fields();
        assert_eq!(fields, ["/rating"]);
    }
}

#[tokio::test]
async fn a_review_of_somebody_who_bought_says_so() {
    let table = open().await;
    let client = table.shop.client().await;
    let order = json!({
        "items": [{ "item_id": table.item.id, "quantity": 1 }],
        "shipping_address": comptoir_tests::address(),
    });
    let id = client
        .post("/api/orders", order)
        .key("k1")
        .await
        .is(201)
        .id();
    let path = format!("/api/orders/{id}/mark-paid");
    table.seller.post(&path, json!({})).await.is(200);
    let review = table.review(&client, 4).await.is(201).json();
    assert_eq!(review["verified_purchase"], true);
}

#[tokio::test]
async fn an_abusive_review_is_reported_and_hidden_and_its_author_told_why() {
    let table = open().await;
    let shop = &table.shop;
    let (author, other, admin) = (shop.client().await, shop.client().await, shop.admin().await);
    let abusive = table.review(&author, 1).await.is(201);
    table.review(&other, 5).await.is(201);
    let path = abusive.header("location").to_owned();
    let report = format!("{path}/report");
    let reason = json!({ "reason": "Injures envers le personnel" });
    shop.api()
        .post(&report, reason.clone())
        .await
        .problem(401, "unauthenticated");
    let blank = table.seller.post(&report, json!({ "reason": " " })).await;
    assert_eq!(blank.invalid_fields(), ["/reason"]);
    table.seller.post(&report, reason.clone()).await.is(202);
    let again = table.seller.post(&report, reason.clone()).await;
    again.problem(409, "already-reported");
    other.post(&report, reason).await.is(202);
    other
        .get("/api/reviews/reports")
        .await
        .problem(403, "forbidden");
    let open = async || {
        admin
            .list("/api/reviews/reports?open=true&limit=1")
            .await
            .len()
    };
    assert_eq!(open().await, 2);
    // Reporting changes nothing by itself.
    assert_eq!(table.rating().await, (json!(3.0), json!(2)));

    let hide = format!("{path}/hide");
    let statement = json!({ "ground": "terms", "reason": "Injures (art. 4 de nos conditions)" });
    for api in [&table.seller, &author] {
        let refused = api.post(&hide, statement.clone()).if_match("*").await;
        refused.problem(403, "forbidden");
    }
    let late = admin.post(&hide, statement.clone()).if_match("\"7\"");
    late.await.problem(412, "precondition-failed");
    let hidden = admin
        .post(&hide, statement.clone())
        .if_match(&abusive.etag());
    let hidden = hidden.await.is(200);
    assert_eq!(table.rating().await, (json!(5.0), json!(1)));
    assert_eq!(open().await, 0);
    for stranger in [shop.api(), &*other, &*table.seller] {
        stranger.get(&path).await.problem(404, "not-found");
        assert_eq!(stranger.list(&table.path).await.len(), 1);
    }
    for reader in [&*author, &*admin] {
        let read = reader.get(&path).await.is(200).json();
        assert_eq!(read["hidden"]["reason"], statement["reason"]);
        assert_eq!(read["hidden"]["ground"], "terms");
        assert_eq!(reader.list(&table.path).await.len(), 2);
    }
    // Its author cannot write around the decision.
    let change = author.patch(&path, json!({ "rating": 5 })).if_match("*");
    assert_eq!(
        change.await.problem(409, "review-hidden")["ground"],
        "terms"
    );
    let delete = author.delete(&path).if_match("*");
    delete.await.problem(409, "review-hidden");
    table
        .review(&author, 1)
        .await
        .problem(409, "already-reviewed");
    // A decision can be taken back, and counts once however often it is taken.
    let twice = admin.post(&hide, statement).if_match(&hidden.etag());
    twice.await.is(200);
    assert_eq!(table.rating().await, (json!(5.0), json!(1)));
    for _ in 0..2 {
        let restore = admin.post(&format!("{path}/restore"), Value::Null);
        restore.if_match("*").await.is(200);
        assert_eq!(table.rating().await, (json!(3.0), json!(2)));
    }
    assert!(
        author
            .get(&path)
            .await
            .is(200)
            .json()
            .get("hidden")
            .is_none()
    );
    author.delete(&path).if_match("*").await.is(204);
    assert_eq!(table.rating().await, (json!(5.0), json!(1)));
}
