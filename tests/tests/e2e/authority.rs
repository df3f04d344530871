//! Authority is present: what somebody may do is what their account says at this moment, whatever their token
//! remembers.

use comptoir_tests::{
    Item, OwnServers, PASSWORD, Person, Request, Shop, address, create_category, identity,
};
use serde_json::{Value, json};

use crate::merchant::TO_PRIVATE_ADDRESSES;

/// Changes somebody as an admin does.
async fn change(admin: &Person, person: &Person, change: Value) {
    let path = format!("/api/users/{}", person.id);
    admin.patch(&path, change).if_match("*").await.is(200);
}

/// Writes that only an admin may make, one of each service and of each kind that creates authority.
fn writes_of_admins(person: &Person, other: &Person, supplier: &Person) -> Vec<Request> {
    let user = format!("/api/users/{}", other.id);
    let keys = format!("/api/suppliers/{}/keys", supplier.id);
    vec![
        person
            .patch(&user, json!({ "role": "admin" }))
            .if_match("*"),
        person
            .patch(&user, json!({ "disabled": true }))
            .if_match("*"),
        person.post(&keys, json!({ "name": "Entrepôt", "scopes": ["read"] })),
        person.post("/api/webhooks", json!({ "url": "http://127.0.0.1:9/hook" })),
        person
            .put("/api/merchants/shop", identity("G-", "B-"))
            .if_match("*"),
        person.put("/api/discounts/MOITIE", json!({ "percent": 50 })),
        person.post("/api/categories", json!({ "name": "Jardin" })),
        person.post("/api/reports/rebuild", json!({})),
        person.post(
            "/graphql",
            json!({ "query": "{ products(first: 1) { edges { node { id } } } }" }),
        ),
    ]
}

#[tokio::test]
async fn a_dismissed_admin_writes_nothing_with_the_token_of_before() {
    let shop = Shop::open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let (admin, other, supplier) = tokio::join!(shop.admin(), shop.client(), shop.supplier());
    for dismissal in [
        json!({ "disabled": true }),
        json!({ "role": "seller" }),
        json!({ "role": "client", "disabled": true }),
    ] {
        let dismissed = shop.admin().await;
        dismissed
            .post("/api/categories", json!({ "name": dismissal.to_string() }))
            .await
            .is(201);
        change(&admin, &dismissed, dismissal).await;
        for request in writes_of_admins(&dismissed, &other, &supplier) {
            request.await.problem(401, "invalid-token");
        }
        // Nor where Redis has forgotten all of it: accounts is asked.
        shop.empty_redis().await;
        for request in writes_of_admins(&dismissed, &other, &supplier) {
            request.await.problem(401, "invalid-token");
        }
    }
    let path = format!("/api/users/{}", other.id);
    let unchanged = admin.get(&path).await.is(200).json();
    assert_eq!(unchanged["role"], "client");
    assert_eq!(unchanged["disabled"], false);
}

#[tokio::test]
async fn an_admin_who_stays_writes_everything() {
    let shop = Shop::open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let (admin, other, supplier) = tokio::join!(shop.admin(), shop.client(), shop.supplier());
    for request in writes_of_admins(&admin, &other, &supplier) {
        let answer = request.await;
        assert!((200..300).contains(&answer.status), "{answer}");
    }
}

#[tokio::test]
async fn a_dismissed_seller_sells_nothing_more() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let category = create_category(&admin, "Papeterie").await;
    for dismissal in [json!({ "disabled": true }), json!({ "role": "client" })] {
        let seller = shop.seller().await;
        let pen = Item::create(&seller, &category, "Stylo", 250, 10).await;
        change(&admin, &seller, dismissal).await;
        let item = format!("/api/items/{}", pen.id);
        let new = json!({
            "name": "Gomme", "category_id": category, "vat_rate": 2000,
            "price": { "amount": 120, "currency": "EUR" },
        });
        for request in [
            seller.post("/api/items", new),
            seller.patch(&item, json!({ "name": "Bic" })).if_match("*"),
            seller.post(
                &format!("{item}/stock"),
                json!({ "delta": 5, "reason": "Inventaire" }),
            ),
            seller.delete(&item).if_match("*"),
            seller.put(
                &format!("/api/merchants/{}", seller.id),
                identity("S-", "T-"),
            ),
        ] {
            request.await.problem(401, "invalid-token");
        }
    }
}

#[tokio::test]
async fn two_admins_who_disable_each_other_at_once_leave_one() {
    let shop = Shop::open().await;
    let watcher = shop.admin().await;
    for _ in 0..5 {
        let (one, other) = tokio::join!(shop.admin(), shop.admin());
        let disable = async |admin: &Person, person: &Person| {
            let path = format!("/api/users/{}", person.id);
            let disabled = json!({ "disabled": true });
            admin.patch(&path, disabled).if_match("*").await.status
        };
        let (first, second) = tokio::join!(disable(&one, &other), disable(&other, &one));
        assert_eq!([first.min(second), first.max(second)], [200, 401]);
        let mut enabled = 0;
        for person in [&one, &other] {
            let path = format!("/api/users/{}", person.id);
            let user = watcher.get(&path).await.is(200).json();
            enabled += u32::from(user["disabled"] == false);
        }
        assert_eq!(enabled, 1);
    }
}

#[tokio::test]
async fn a_new_password_ends_the_access_tokens_of_before() {
    let shop = Shop::open().await;
    let category = create_category(&shop.admin().await, "Papeterie").await;
    let pen = Item::create(&shop.seller().await, &category, "Stylo", 250, 10).await;
    let order = json!({
        "items": [{ "item_id": pen.id, "quantity": 1 }], "shipping_address": address(),
    });
    for person in [shop.client().await, shop.admin().await] {
        let passwords = json!({ "current_password": PASSWORD, "new_password": "another password" });
        person.post("/api/auth/password", passwords).await.is(204);
        for request in [
            person.get("/api/auth/profile"),
            person.get("/api/auth/validate-token"),
            person.get("/api/orders"),
            person.post("/api/orders", order.clone()).key("k1"),
            person.post("/api/categories", json!({ "name": "Jardin" })),
        ] {
            request.await.problem(401, "invalid-token");
        }
        // Signing in with the new one goes on at once, within the same second too.
        let login = json!({ "email": person.email, "password": "another password" });
        let tokens = shop.api().post("/api/auth/login", login).await.is(200);
        let token = tokens.json()["access_token"].as_str().unwrap().to_owned();
        let again = shop.api().with_token(&token);
        again.get("/api/auth/profile").await.is(200);
        again.get("/api/orders").await.is(200);
    }
}

#[tokio::test]
async fn what_nobody_can_vouch_for_is_not_written_and_shopping_goes_on() {
    let shop = Shop::open_with(&[("request_deadline_ms", "1500")]).await;
    let (admin, client) = (shop.admin().await, shop.client().await);
    let category = create_category(&admin, "Papeterie").await;
    let pen = Item::create(&shop.seller().await, &category, "Stylo", 250, 10).await;
    let order = json!({
        "items": [{ "item_id": pen.id, "quantity": 1 }], "shipping_address": address(),
    });
    shop.empty_redis().await;
    let held = shop.hold("accounts", "users").await;
    let path = format!("/api/categories/{category}");
    let refused = admin
        .patch(&path, json!({ "enabled": false }))
        .if_match("*")
        .await;
    refused.problem(503, "unavailable");
    client.post("/api/orders", order).key("k1").await.is(201);
    held.release().await;
    let shown = shop.api().get(&path).await.is(200).json();
    assert_eq!(shown["enabled"], true);
}

#[tokio::test]
async fn without_redis_accounts_is_asked_who_may_write() {
    let mut servers = OwnServers::start().await;
    let shop = Shop::open_on(&servers, &[]).await;
    let (admin, dismissed) = (shop.admin().await, shop.admin().await);
    let category = create_category(&admin, "Papeterie").await;
    create_category(&dismissed, "Jardin").await;
    servers.redis.stop().await.unwrap();
    change(&admin, &dismissed, json!({ "disabled": true })).await;
    let path = format!("/api/categories/{category}");
    let rename =
        |person: &Person, name: &str| person.patch(&path, json!({ "name": name })).if_match("*");
    rename(&dismissed, "Bricolage")
        .await
        .problem(401, "invalid-token");
    rename(&admin, "Papier").await.is(200);
    // Redis comes back as it was, and is told of what it has missed.
    servers.redis.start_again().await.unwrap();
    shop.tick().await;
    rename(&dismissed, "Bricolage")
        .await
        .problem(401, "invalid-token");
    rename(&admin, "Papeterie").await.is(200);
    drop(shop);
}

#[tokio::test]
async fn a_disabled_account_changes_nothing_of_itself() {
    let shop = Shop::open().await;
    let (admin, person) = (shop.admin().await, shop.client().await);
    change(&admin, &person, json!({ "disabled": true })).await;
    let passwords = json!({ "current_password": PASSWORD, "new_password": "another password" });
    for redis in ["knows", "has forgotten"] {
        for request in [
            person.post("/api/auth/password", passwords.clone()),
            person
                .patch("/api/auth/profile", json!({ "first_name": "Léa" }))
                .if_match("*"),
        ] {
            let answer = request.await;
            assert_eq!(answer.status, 401, "Redis {redis}: {answer}");
        }
        shop.empty_redis().await;
    }
    change(&admin, &person, json!({ "disabled": false })).await;
    let login = json!({ "email": person.email, "password": PASSWORD });
    shop.api().post("/api/auth/login", login).await.is(200);
}

#[tokio::test]
async fn a_token_goes_on_beside_changes_that_take_nothing_away() {
    let shop = Shop::open().await;
    let (admin, seller) = (shop.admin().await, shop.seller().await);
    let category = create_category(&admin, "Papeterie").await;
    change(
        &admin,
        &seller,
        json!({ "role": "seller", "disabled": false }),
    )
    .await;
    let renamed = seller.patch("/api/auth/profile", json!({ "first_name": "Léa" }));
    renamed.if_match("*").await.is(200);
    Item::create(&seller, &category, "Stylo", 250, 10).await;
}
