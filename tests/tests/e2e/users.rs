//! People as admins see and change them.

use comptoir_tests::Shop;
use serde_json::json;

#[tokio::test]
async fn only_admins_see_people() {
    let shop = Shop::open().await;
    let (client, seller) = (shop.client().await, shop.seller().await);
    let paths = ["/api/users".to_owned(), format!("/api/users/{}", client.id)];
    for path in paths {
        shop.api().get(&path).await.problem(401, "unauthenticated");
        client.get(&path).await.problem(403, "forbidden");
        seller.get(&path).await.problem(403, "forbidden");
    }
    let path = format!("/api/users/{}", client.id);
    let promote = seller
        .patch(&path, json!({ "role": "admin" }))
        .if_match("*");
    promote.await.problem(403, "forbidden");
}

#[tokio::test]
async fn people_are_listed_from_the_newest_a_page_at_a_time() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let mut expected = vec![admin.id.clone()];
    for _ in 0..4 {
        expected.insert(0, shop.client().await.id);
    }
    let mut found = Vec::new();
    let mut pages = 0;
    let mut next = Some("/api/users?limit=2".to_owned());
    while let Some(page) = next {
        let answer = admin.get(&page).await.is(200);
        let body = answer.json();
        let data = body["data"].as_array().unwrap();
        found.extend(
            data.iter()
                .map(|user| user["id"].as_str().unwrap().to_owned()),
        );
        next = answer.next_page();
        let cursor = body["next_cursor"].as_str();
        assert_eq!(cursor.is_some(), next.is_some(), "{answer}");
        let follows = next.as_ref().zip(cursor);
        assert!(follows.is_none_or(|(next, cursor)| next.ends_with(cursor)));
        pages += 1;
    }
    assert_eq!(found, expected);
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=nonsense", "cursor"),
        ("limit=many", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=1", "limit"),
        ("limti=1", "limti"),
    ] {
        let answer = admin.get(&format!("/api/users?{query}")).await;
        assert_eq!(answer.invalid_fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn an_admin_gives_roles() {
    let shop = Shop::open().await;
    let (admin, client) = (shop.admin().await, shop.client().await);
    let path = format!("/api/users/{}", client.id);
    let before = admin.get(&path).await.is(200);
    let change = || admin.patch(&path, json!({ "role": "supplier" }));
    change().await.problem(428, "precondition-required");
    let changed = change().if_match(&before.etag()).await.is(200);
    assert_eq!(changed.json()["role"], "supplier");
    change()
        .if_match(&before.etag())
        .await
        .problem(412, "precondition-failed");
    let fields = admin
        .patch(&path, json!({ "role": "emperor" }))
        .if_match("*")
        .await
        .invalid_fields();
    assert_eq!(fields, ["/role"]);
}

#[tokio::test]
async fn an_admin_cannot_leave_the_shop_without_one() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let path = format!("/api/users/{}", admin.id);
    for change in [json!({ "role": "client" }), json!({ "disabled": true })] {
        let answer = admin.patch(&path, change).if_match("*").await;
        answer.problem(409, "own-account");
    }
}

#[tokio::test]
async fn nobody_is_found_under_an_id_that_is_nobodys() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    for id in [
        "0192f0c1-2d3e-7abc-8def-0123456789ab",
        "1",
        "%C3%A9",
        "nobody",
    ] {
        let answer = admin.get(&format!("/api/users/{id}")).await;
        answer.problem(404, "not-found");
    }
}

#[tokio::test]
async fn people_are_found_by_address_role_and_the_beginning_of_a_name() {
    let shop = Shop::open().await;
    let (admin, seller, client) = (shop.admin().await, shop.seller().await, shop.client().await);
    let found = async |query: &str| {
        let found = admin.list(&format!("/api/users?limit=1&{query}")).await;
        let id = |user: &serde_json::Value| user["id"].as_str().unwrap().to_owned();
        found.iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(
        found(&format!("email={}", client.email)).await,
        std::slice::from_ref(&client.id)
    );
    assert_eq!(found("role=seller").await, std::slice::from_ref(&seller.id));
    let beginning = client.email.split('@').next().unwrap();
    assert_eq!(
        found(&format!("q={beginning}")).await,
        std::slice::from_ref(&client.id)
    );
    let everybody = [client.id.clone(), seller.id.clone(), admin.id.clone()];
    assert_eq!(found("q=mart").await, everybody);
    // É in UTF-8; a wildcard is no wildcard.
    assert_eq!(found("q=zo%C3%A9").await, everybody);
    for nobody in ["q=%25%25", "q=ma_t", "q=zo%C3%AB%C3%AB", "q=tin"] {
        assert!(found(nobody).await.is_empty(), "{nobody}");
    }
    let short = admin.get("/api/users?q=m").await;
    assert_eq!(short.status, 422);
    let theirs = seller.get("/api/users?role=admin").await;
    theirs.problem(403, "forbidden");
}
