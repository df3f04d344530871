//! What people type: names that show something, addresses of mail, passwords on any keyboard, instants.

use comptoir_tests::{PASSWORD, Shop, address};
use serde_json::{Value, json};

use crate::counter;

/// Nothing to see, in several ways.
const INVISIBLE: [&str; 7] = [
    "\u{200b}",
    "\u{ad}",
    "\u{feff}",
    "\u{3164}",
    "\u{2800}",
    "\u{2060}\u{200d}",
    "\u{e0020}",
];

#[tokio::test]
async fn every_required_text_shows_something() {
    let counter = counter::open().await;
    let (admin, seller) = (&counter.admin, &counter.seller);
    let client = counter.shop.client().await;
    let item = format!("/api/items/{}", counter.pen.id);
    for text in INVISIBLE {
        let name = json!({ "email": "a@example.org", "password": PASSWORD, "first_name": text, "last_name": "b" });
        let refused = client.post("/api/auth/register", name).await;
        assert_eq!(refused.invalid_fields(), ["/first_name"], "{text:?}");
        let refused = admin.post("/api/categories", json!({ "name": text })).await;
        assert_eq!(refused.invalid_fields(), ["/name"], "{text:?}");
        let change = seller
            .patch(&item, json!({ "name": text }))
            .if_match("*")
            .await;
        assert_eq!(change.invalid_fields(), ["/name"], "{text:?}");
        let change = seller
            .patch(&item, json!({ "description": text }))
            .if_match("*")
            .await;
        assert_eq!(change.invalid_fields(), ["/description"], "{text:?}");
        let review = client
            .post(
                &format!("{item}/reviews"),
                json!({ "rating": 5, "comment": text }),
            )
            .await;
        assert_eq!(review.invalid_fields(), ["/comment"], "{text:?}");
        let movement = seller
            .post(
                &format!("{item}/stock"),
                json!({ "delta": 1, "reason": text }),
            )
            .await;
        assert_eq!(movement.invalid_fields(), ["/reason"], "{text:?}");
        let mut order = counter::body(&[(&counter.pen, 1)]);
        order["shipping_address"]["name"] = json!(text);
        let refused = client.post("/api/orders", order).key("k").await;
        assert_eq!(
            refused.invalid_fields(),
            ["/shipping_address/name"],
            "{text:?}"
        );
        let keys = format!("/api/suppliers/{}/keys", client.id);
        let key = admin
            .post(&keys, json!({ "name": text, "scopes": ["read"] }))
            .await;
        assert_eq!(key.invalid_fields(), ["/name"], "{text:?}");
    }
}

#[tokio::test]
async fn a_control_character_is_called_what_it_is() {
    let counter = counter::open().await;
    let item = format!("/api/items/{}", counter.pen.id);
    for text in ["a\u{7}b", "\u{202e}siraP", "a\u{2066}b", "a\0"] {
        let change = counter.seller.patch(&item, json!({ "description": text }));
        let refused = change.if_match("*").in_language("en").await;
        let problem = refused.problem(422, "invalid-fields");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with("Control characters"), "{detail}");
    }
}

#[tokio::test]
async fn a_name_is_kept_in_its_composed_form() {
    let counter = counter::open().await;
    let item = format!("/api/items/{}", counter.pen.id);
    let change = counter
        .seller
        .patch(&item, json!({ "name": " Cafe\u{301} " }));
    let changed = change.if_match("*").await.is(200).json();
    assert_eq!(changed["name"], "Caf\u{e9}");
    let mut order = counter::body(&[(&counter.pen, 1)]);
    order["shipping_address"] = address();
    order["shipping_address"]["city"] = json!("Orle\u{301}ans");
    let client = counter.shop.client().await;
    let placed = client
        .post("/api/orders", order)
        .key("k")
        .await
        .is(201)
        .json();
    assert_eq!(placed["shipping_address"]["city"], "Orl\u{e9}ans");
}

fn registration(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password, "first_name": "Zoé", "last_name": "Martin" })
}

#[tokio::test]
async fn an_address_that_no_mail_reaches_has_no_account() {
    let shop = Shop::open().await;
    for email in [
        "a..b@x.fr",
        "<x>@y.fr",
        "x@127.0.0.1",
        "x@[127.0.0.1]",
        "\"x y\"@y.fr",
        ".x@y.fr",
        "x.@y.fr",
        "x@y..fr",
        "x@y.fr.",
        "x@-y.fr",
        "x@y_z.fr",
        "zoé@y.fr",
        "x@xn--a.fr",
        "x,y@z.fr",
        "x@0x7f.0x1",
    ] {
        let refused = shop
            .api()
            .post("/api/auth/register", registration(email, PASSWORD))
            .await;
        assert_eq!(refused.invalid_fields(), ["/email"], "{email}");
    }
}

#[tokio::test]
async fn an_address_in_another_script_is_one_account_however_it_is_written() {
    let shop = Shop::open().await;
    let api = shop.api();
    let register = |email: &str| api.post("/api/auth/register", registration(email, PASSWORD));
    let user = register("x@münchen.example").await.is(201).json();
    assert_eq!(user["email"], "x@xn--mnchen-3ya.example");
    for same in [
        "X@MÜNCHEN.example",
        "x@mu\u{308}nchen.example",
        "x@xn--mnchen-3ya.example",
    ] {
        register(same).await.problem(409, "email-taken");
        let login = json!({ "email": same, "password": PASSWORD });
        api.post("/api/auth/login", login).await.is(200);
    }
}

#[tokio::test]
async fn a_password_is_the_same_on_every_keyboard() {
    let shop = Shop::open().await;
    let api = shop.api();
    let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
    for (email, set, given) in [
        ("a@example.org", composed, decomposed),
        ("b@example.org", decomposed, composed),
    ] {
        api.post("/api/auth/register", registration(email, set))
            .await
            .is(201);
        let login = |password: &str| {
            let body = json!({ "email": email, "password": password });
            api.post("/api/auth/login", body)
        };
        login(given).await.is(200);
        login(set).await.is(200);
        login("cafe au lait")
            .await
            .problem(401, "invalid-credentials");
    }
}

#[tokio::test]
async fn an_instant_that_cannot_be_written_is_refused() {
    let counter = counter::open().await;
    let put = |terms: Value| counter.admin.put("/api/discounts/CINQ", terms);
    for (field, instant) in [
        ("ends_at", "9999-12-31T23:59:59-01:00"),
        ("ends_at", "9999-12-31T23:59:59.999-00:01"),
        ("starts_at", "0000-01-01T00:00:00+01:00"),
        ("starts_at", "10000-01-01T00:00:00Z"),
        ("starts_at", "-0001-01-01T00:00:00Z"),
    ] {
        let refused = put(json!({ "percent": 5, field: instant })).await;
        assert_eq!(refused.invalid_fields(), [format!("/{field}")], "{instant}");
    }
    let ends = json!({ "percent": 5, "starts_at": "0000-01-01T00:00:00Z", "ends_at": "9999-12-31T23:59:59.999Z" });
    let made = put(ends).await.is(201).json();
    assert_eq!(made["starts_at"], "0000-01-01T00:00:00.000Z");
    assert_eq!(made["ends_at"], "9999-12-31T23:59:59.999Z");
    // The instance is still there.
    counter.shop.api().get("/api/items").await.is(200);
}

#[tokio::test]
async fn keys_that_differ_in_capitals_only_are_two_keys() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let lines = [(&counter.pen, 1)];
    let one = counter::place(&client, "key", &lines).await.is(201).id();
    let other = counter::place(&client, "KEY", &lines).await.is(201).id();
    assert_ne!(one, other);
    assert_eq!(
        counter::place(&client, "key", &lines).await.is(201).id(),
        one
    );
    let begin = |order: &str, key: &str| {
        let body = json!({ "order_id": order, "provider": "offline" });
        client.post("/api/payments", body).key(key)
    };
    let paid = begin(&one, "pay").await.is(201).id();
    assert_ne!(begin(&other, "PAY").await.is(201).id(), paid);
    let webhook = |key: &str, url: &str| {
        let body = json!({ "url": url, "event_types": ["order.paid"], "description": "" });
        counter.admin.post("/api/webhooks", body).key(key)
    };
    let hook = webhook("hook", "https://example.com/a").await.is(201).id();
    assert_ne!(
        webhook("HOOK", "https://example.com/b").await.is(201).id(),
        hook
    );
}

#[tokio::test]
async fn what_an_item_is_worth_stays_a_number_that_can_be_written() {
    let counter = counter::open().await;
    let item = format!("/api/items/{}", counter.pen.id);
    let seller = &counter.seller;
    let price = |amount: i64| {
        let body = json!({ "price": { "amount": amount, "currency": "EUR" } });
        seller.patch(&item, body).if_match("*")
    };
    let add = |delta: i64| {
        let body = json!({ "delta": delta, "reason": "inventaire" });
        seller.post(&format!("{item}/stock"), body)
    };
    price(100_000_000).await.is(200);
    let refused = add(1_000_000).await.problem(409, "stock-too-large");
    assert_eq!(refused["most"], 10_000);
    price(1).await.is(200);
    add(1_000_000).await.is(201);
    price(100_000_000).await.problem(409, "stock-too-large");
    price(900_000).await.is(200);
    // Less is always possible.
    add(-1_000).await.is(201);
}
