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
    let newest = refresh(&shop, &refresh_token(&next)).await.is(200);
    let reused = refresh(&shop, &person.refresh_token).await;
    reused.problem(401, "session-over");
    let newest = refresh(&shop, &refresh_token(&newest)).await;
    newest.problem(401, "session-over");
}

#[tokio::test]
async fn a_refresh_token_that_is_reused_after_some_seconds_ends_its_family() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let next = refresh(&shop, &person.refresh_token).await.is(200);
    shop.age_refreshes(9).await;
    let again = refresh(&shop, &person.refresh_token).await.is(200);
    assert_eq!(refresh_token(&again), refresh_token(&next));
    shop.age_refreshes(1).await;
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
    shop.age_refreshes(10).await;
    refresh(&shop, &person.refresh_token).await.is(401);
    refresh(&shop, &refresh_token(&elsewhere)).await.is(200);
}

#[tokio::test]
async fn tabs_that_refresh_with_one_token_at_once_get_the_same_successor() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let mut token = person.refresh_token.clone();
    for _ in 0..3 {
        let mut tabs = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let body = json!({ "refresh_token": token });
            let request = shop.another_api().post("/api/auth/refresh", body);
            tabs.spawn(request.into_future());
        }
        let mut successors = Vec::new();
        for answer in tabs.join_all().await {
            successors.push(refresh_token(&answer.is(200)));
        }
        successors.dedup();
        assert_eq!(successors.len(), 1);
        assert_ne!(successors[0], token);
        token = successors.swap_remove(0);
    }
}

#[tokio::test]
async fn a_client_whose_answer_was_lost_asks_again() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let lost = refresh(&shop, &person.refresh_token).await.is(200);
    let again = refresh(&shop, &person.refresh_token).await.is(200);
    assert_eq!(refresh_token(&again), refresh_token(&lost));
    let access = again.json()["access_token"].as_str().unwrap().to_owned();
    let api = shop.api().with_token(&access);
    api.get("/api/auth/profile").await.is(200);
    refresh(&shop, &refresh_token(&again)).await.is(200);
}

#[tokio::test]
async fn a_successor_is_given_to_nobody_who_is_out() {
    let shop = Shop::open().await;
    let (admin, person) = (shop.admin().await, shop.client().await);
    refresh(&shop, &person.refresh_token).await.is(200);
    let path = format!("/api/users/{}", person.id);
    let disable = admin
        .patch(&path, json!({ "disabled": true }))
        .if_match("*");
    disable.await.is(200);
    let refreshed = refresh(&shop, &person.refresh_token).await;
    refreshed.problem(401, "session-over");
}

#[tokio::test]
async fn a_tab_signs_out_with_the_token_that_another_has_just_used() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let next = refresh(&shop, &person.refresh_token).await.is(200);
    let body = json!({ "refresh_token": person.refresh_token });
    shop.api().post("/api/auth/logout", body).await.is(204);
    let refreshed = refresh(&shop, &refresh_token(&next)).await;
    refreshed.problem(401, "session-over");
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
async fn a_session_ends_with_the_role_and_the_next_sign_in_has_the_new_one() {
    let shop = Shop::open().await;
    let admin = shop.admin().await;
    let person = shop.client().await;
    let path = format!("/api/users/{}", person.id);
    let mut token = person.refresh_token.clone();
    for role in ["admin", "client"] {
        let change = admin.patch(&path, json!({ "role": role }));
        change.if_match("*").await.is(200);
        refresh(&shop, &token).await.problem(401, "session-over");
        let login = json!({ "email": person.email, "password": PASSWORD });
        let again = shop.api().post("/api/auth/login", login).await.is(200);
        token = refresh_token(&again);
        let access = again.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(comptoir_tests::claims_of(&access)["role"], role);
    }
    refresh(&shop, &token).await.is(200);
}
