//! Refresh tokens: a family of them for each sign-in.

use comptoir_tests::{Answer, PASSWORD, Shop};
use serde_json::json;

async fn refresh(shop: &Shop, token: &str) -> Answer {
    let body = json!({ "refresh_token": token });
    shop.api().post("/api/auth/refresh", body).await
}

fn refresh_token(answer: &Answer) -> String {
    answer.json()["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_refresh_gives_the_next_token_of_the_family() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let mut token = person.refresh_token.clone();
    for _ in 0..3 {
        let answer = refresh(&shop, &token).await.is(200);
        assert_ne!(refresh_token(&answer), token);
        token = refresh_token(&answer);
        let access = answer.json()["access_token"].as_str().unwrap().to_owned();
        let api = shop.api().with_token(&access);
        api.get("/api/auth/profile").await.is(200);
    }
}

#[tokio::test]
async fn a_reused_refresh_token_ends_its_family() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let next = refresh(&shop, &person.refresh_token).await.is(200);
    let reused = refresh(&shop, &person.refresh_token).await;
    reused.problem(401, "session-over");
    let newest = refresh(&shop, &refresh_token(&next)).await;
    newest.problem(401, "session-over");
}

#[tokio::test]
async fn a_reused_refresh_token_leaves_other_sign_ins_alone() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let body = json!({ "email": person.email, "password": PASSWORD });
    let elsewhere = shop.api().post("/api/auth/login", body).await.is(200);
    refresh(&shop, &person.refresh_token).await.is(200);
    refresh(&shop, &person.refresh_token).await.is(401);
    refresh(&shop, &refresh_token(&elsewhere)).await.is(200);
}

#[tokio::test]
async fn one_of_two_simultaneous_refreshes_wins() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let (one, other) = tokio::join!(
        refresh(&shop, &person.refresh_token),
        refresh(&shop, &person.refresh_token)
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn text_that_is_no_refresh_token_is_refused() {
    let shop = Shop::open().await;
    for text in ["", "abc", &"A".repeat(64), "é"] {
        refresh(&shop, text).await.problem(401, "session-over");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let body = json!({ "refresh_token": person.refresh_token });
    let logout = || shop.api().post("/api/auth/logout", body.clone());
    logout().await.is(204);
    logout().await.is(204);
    let refreshed = refresh(&shop, &person.refresh_token).await;
    refreshed.problem(401, "session-over");
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once() {
    let shop = Shop::open().await;
    let (admin, person) = (shop.admin().await, shop.client().await);
    let path = format!("/api/users/{}", person.id);
    let disable = admin
        .patch(&path, json!({ "disabled": true }))
        .if_match("*");
    assert_eq!(disable.await.is(200).json()["disabled"], true);

    let refreshed = refresh(&shop, &person.refresh_token).await;
    refreshed.problem(401, "session-over");
    let body = json!({ "email": person.email, "password": PASSWORD });
    let login = shop.api().post("/api/auth/login", body).await;
    login.problem(401, "invalid-credentials");
    let profile = person.get("/api/auth/profile").await;
    profile.problem(401, "invalid-token");

    let enable = admin
        .patch(&path, json!({ "disabled": false }))
        .if_match("*");
    enable.await.is(200);
    let body = json!({ "email": person.email, "password": PASSWORD });
    shop.api().post("/api/auth/login", body).await.is(200);
    // What was ended stays ended.
    refresh(&shop, &person.refresh_token).await.is(401);
}

#[tokio::test]
async fn a_new_role_comes_with_the_next_token() {
    let shop = Shop::open().await;
    let (admin, person) = (shop.admin().await, shop.client().await);
    let path = format!("/api/users/{}", person.id);
    let promote = admin
        .patch(&path, json!({ "role": "seller" }))
        .if_match("*");
    promote.await.is(200);
    let refreshed = refresh(&shop, &person.refresh_token).await.is(200);
    let access = refreshed.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(comptoir_tests::claims_of(&access)["role"], "seller");
}
