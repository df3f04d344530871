//! Signing up and in, profiles, passwords.

use comptoir_tests::{PASSWORD, Shop, until};
use serde_json::json;

fn registration(email: &str) -> serde_json::Value {
    json!({ "email": email, "password": PASSWORD, "first_name": "Zoé", "last_name": "Martin" })
}

#[tokio::test]
async fn a_new_account_is_a_client_whose_password_is_never_shown() {
    let shop = Shop::open().await;
    let answer = shop
        .api()
        .post("/api/auth/register", registration(" Zoe@Example.ORG "))
        .await
        .is(201);
    assert_eq!(answer.header("location"), "/api/auth/profile");
    assert!(!answer.text().contains("password"), "{answer}");
    let user = answer.json();
    assert_eq!(user["email"], "zoe@example.org");
    assert_eq!(user["first_name"], "Zoé");
    assert_eq!(user["last_name"], "Martin");
    assert_eq!(user["role"], "client");
    assert_eq!(user["disabled"], false);
}

#[tokio::test]
async fn an_email_has_one_account_whatever_its_case() {
    let shop = Shop::open().await;
    let api = shop.api();
    let register = |email| api.post("/api/auth/register", registration(email));
    register("zoe@example.org").await.is(201);
    register("ZOE@example.org")
        .await
        .problem(409, "email-taken");
}

#[tokio::test]
async fn one_of_two_simultaneous_registrations_gets_the_email() {
    let shop = Shop::open().await;
    let api = shop.api();
    let register = async || {
        api.post("/api/auth/register", registration("zoe@example.org"))
            .await
            .status
    };
    let (one, other) = tokio::join!(register(), register());
    assert_eq!(one.min(other), 201);
    assert_eq!(one.max(other), 409);
}

#[tokio::test]
async fn every_wrong_field_of_a_registration_is_named_at_once() {
    let shop = Shop::open().await;
    let body = json!({
        "email": "no address", "password": "short", "first_name": " ", "last_name": "\u{200b}",
    });
    let fields = shop
        .api()
        .post("/api/auth/register", body)
        .await
        .invalid_fields();
    assert_eq!(fields, ["/email", "/first_name", "/last_name", "/password"]);
}

#[tokio::test]
async fn a_registration_cannot_choose_its_role() {
    let shop = Shop::open().await;
    let mut body = registration("zoe@example.org");
    body["role"] = json!("admin");
    let fields = shop
        .api()
        .post("/api/auth/register", body)
        .await
        .invalid_fields();
    assert_eq!(fields, ["/role"]);
}

#[tokio::test]
async fn signing_in_gives_a_pair_of_tokens() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let body = json!({ "email": person.email.to_uppercase(), "password": PASSWORD });
    let tokens = shop
        .api()
        .post("/api/auth/login", body)
        .await
        .is(200)
        .json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 900);
    assert!(tokens["access_token"].is_string() && tokens["refresh_token"].is_string());
    assert_eq!(tokens.as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn an_unknown_email_is_answered_as_a_wrong_password_is() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let login = async |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        let answer = shop.api().post("/api/auth/login", body).await;
        let mut problem = answer.problem(401, "invalid-credentials");
        problem["request_id"].take();
        problem
    };
    let wrong_password = login(&person.email, "wrong password").await;
    assert_eq!(login("nobody@example.org", PASSWORD).await, wrong_password);
    assert_eq!(login("no address", PASSWORD).await, wrong_password);
}

#[tokio::test]
async fn passwords_of_one_account_cannot_be_tried_at_will() {
    let shop = Shop::open().await;
    // Nobody has signed in from here to it yet.
    let email = "zoe@example.org";
    let account = json!({
        "email": email, "password": PASSWORD, "first_name": "Zoé", "last_name": "Martin",
    });
    shop.api().post("/api/auth/register", account).await.is(201);
    let login = |password: &str| {
        let body = json!({ "email": email, "password": password });
        shop.api().post("/api/auth/login", body)
    };
    for _ in 0..10 {
        login("wrong password").await.is(401);
    }
    let refused = login(PASSWORD).await.is(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{refused}");
    refused.problem(429, "too-many-attempts");

    let other = shop.client().await;
    other.get("/api/auth/profile").await.is(200);
}

#[tokio::test]
async fn only_the_address_that_the_host_saw_counts() {
    let shop = Shop::open().await;
    let attempt = |number: u32| {
        let body = json!({ "email": format!("a{number}@example.org"), "password": PASSWORD });
        shop.api()
            .post("/api/auth/login", body)
            .header("spin-client-addr", &format!("10.0.0.{number}:1"))
    };
    // One address may try a hundred times, whatever it says of itself.
    let mut last = 0;
    for number in 0..=100 {
        last = attempt(number).await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_profile_is_ones_own() {
    let shop = Shop::open().await;
    let (one, other) = (shop.client().await, shop.client().await);
    let profile = one.get("/api/auth/profile").await.is(200).json();
    assert_eq!(profile["id"], one.id.as_str());
    assert_eq!(profile["email"], one.email.as_str());
    let profile = other.get("/api/auth/profile").await.is(200).json();
    assert_eq!(profile["id"], other.id.as_str());
    shop.api()
        .get("/api/auth/profile")
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_profile_changes_in_what_is_given_and_keeps_the_rest() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let tag = person.get("/api/auth/profile").await.is(200).etag();
    let changed = person
        .patch("/api/auth/profile", json!({ "last_name": "  Durand " }))
        .if_match(&tag)
        .await
        .is(200);
    assert_ne!(changed.etag(), tag);
    let read = person.get("/api/auth/profile").await.is(200);
    assert_eq!(read.etag(), changed.etag());
    assert_eq!(read.json()["first_name"], "Zoé");
    assert_eq!(read.json()["last_name"], "Durand");
}

#[tokio::test]
async fn a_profile_that_changed_meanwhile_is_not_overwritten() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let tag = person.get("/api/auth/profile").await.is(200).etag();
    let change = |name: &str| person.patch("/api/auth/profile", json!({ "first_name": name }));
    change("Léa").await.problem(428, "precondition-required");
    change("Léa").if_match(&tag).await.is(200);
    change("Éva")
        .if_match(&tag)
        .await
        .problem(412, "precondition-failed");
    change("Éva").if_match("*").await.is(200);
}

#[tokio::test]
async fn a_token_says_whose_it_is() {
    let shop = Shop::open().await;
    let seller = shop.seller().await;
    let owner = seller.get("/api/auth/validate-token").await.is(200).json();
    let expected = json!({
        "user_id": seller.id, "first_name": "Zoé", "last_name": "Martin", "role": "seller",
    });
    assert_eq!(owner, expected);
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        person.post("/api/auth/password", body)
    };
    let fields = change("wrong password", "short").await.invalid_fields();
    assert_eq!(fields, ["/current_password", "/new_password"]);
    change(PASSWORD, "another password").await.is(204);

    let login = |password: &str| {
        let body = json!({ "email": person.email, "password": password });
        shop.api().post("/api/auth/login", body)
    };
    login(PASSWORD).await.problem(401, "invalid-credentials");
    login("another password").await.is(200);
    let body = json!({ "refresh_token": person.refresh_token });
    let refreshed = shop.api().post("/api/auth/refresh", body).await;
    refreshed.problem(401, "session-over");
}

#[tokio::test]
async fn the_current_password_cannot_be_guessed_at_will() {
    let shop = Shop::open_with(&[("trusted_proxies", "1")]).await;
    let person = shop.client().await;
    // Whoever has found a token is in a network where its owner has never signed in.
    let change = |current: &str, from: &str| {
        let body = json!({ "current_password": current, "new_password": "another password" });
        let request = person.post("/api/auth/password", body);
        request.header("x-forwarded-for", from)
    };
    for _ in 0..10 {
        let refused = change("wrong password", "198.51.100.9").await;
        assert_eq!(refused.invalid_fields(), ["/current_password"]);
    }
    let refused = change(PASSWORD, "198.51.100.9").await.is(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{refused}");
    refused.problem(429, "too-many-attempts");
    // A guess here is one at the door too, and the owner is not locked out.
    let login = |from: &str| {
        let body = json!({ "email": person.email, "password": PASSWORD });
        let request = shop.api().post("/api/auth/login", body);
        request.header("x-forwarded-for", from)
    };
    login("198.51.100.9").await.is(429);
    login("192.0.2.7").await.is(200);
    change(PASSWORD, "192.0.2.7").await.is(204);
}

#[tokio::test]
async fn a_token_that_has_ended_opens_no_door_for_guesses() {
    let shop = Shop::open_with(&[("trusted_proxies", "1")]).await;
    let (admin, person) = (shop.admin().await, shop.client().await);
    let path = format!("/api/users/{}", person.id);
    for change in [json!({ "disabled": true }), json!({ "disabled": false })] {
        admin.patch(&path, change).if_match("*").await.is(200);
    }
    let from = "198.51.100.9";
    let guess = json!({ "email": person.email, "password": "wrong password" });
    for _ in 0..10 {
        let request = shop.api().post("/api/auth/login", guess.clone());
        request.header("x-forwarded-for", from).await.is(401);
    }
    // Showing the old token takes no guess back.
    let passwords = json!({ "current_password": "wrong", "new_password": "another password" });
    for _ in 0..3 {
        let request = person.post("/api/auth/password", passwords.clone());
        let answer = request.header("x-forwarded-for", from).await;
        assert!(matches!(answer.status, 401 | 429), "{answer}");
    }
    let request = shop.api().post("/api/auth/login", guess);
    request.header("x-forwarded-for", from).await.is(429);
}

#[tokio::test]
async fn of_two_new_passwords_at_once_one_is_taken() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let change = async |new: &str| {
        let body = json!({ "current_password": PASSWORD, "new_password": new });
        person.post("/api/auth/password", body).await.status
    };
    let (one, other) = tokio::join!(change("another password"), change("yet another one"));
    assert_eq!(one.min(other), 204);
    assert!(matches!(one.max(other), 401 | 422), "{one} {other}");
    let login = async |password: &str| {
        let body = json!({ "email": person.email, "password": password });
        shop.api().post("/api/auth/login", body).await.status == 200
    };
    let taken = [
        login("another password").await,
        login("yet another one").await,
    ];
    assert_eq!(taken, [one == 204, other == 204]);
}

#[tokio::test]
async fn failed_sign_ins_are_in_the_audit_log_and_cannot_fill_it() {
    let shop = Shop::open().await;
    let (admin, person) = (shop.admin().await, shop.client().await);
    let fail = async |email: &str| {
        let body = json!({ "email": email, "password": "wrong password" });
        let answer = shop.api().post("/api/auth/login", body).await;
        assert!(matches!(answer.status, 401 | 429), "{answer}");
    };
    for _ in 0..10 {
        fail(&person.email).await;
    }
    let path = format!("/api/users/{}", person.id);
    let about = format!("/api/audit/accounts?subject={path}");
    let entries = admin.list(&about).await;
    let failures: Vec<_> = entries
        .iter()
        .filter(|entry| entry["action"] == "user.sign_in_failed")
        .collect();
    let attempts = |entry: &&serde_json::Value| entry["changes"]["attempts"]["after"].clone();
    let counts: Vec<_> = failures.iter().map(attempts).collect();
    assert_eq!(counts, [10, 1]);
    for failure in &failures {
        assert!(failure["user_id"].is_null() && failure["role"].is_null());
        assert_eq!(failure["changes"]["network"]["after"], "127.0.0.0/24");
    }
    // Of addresses that have no account there is a count, and nothing of theirs.
    for number in 0..12 {
        fail(&format!("stranger{number}@example.org")).await;
    }
    let strangers = admin
        .list("/api/audit/accounts?subject=/api/auth/login")
        .await;
    let counts: Vec<_> = strangers.iter().map(|entry| attempts(&entry)).collect();
    assert_eq!(counts, [10, 1]);
    assert!(!json!(strangers).to_string().contains("stranger"));
    // A wrong password of somebody who is signed in is told as theirs.
    let body = json!({ "current_password": "wrong", "new_password": "another password" });
    let other = shop.client().await;
    other.post("/api/auth/password", body).await.is(422);
    let about = format!("/api/audit/accounts?user_id={}", other.id);
    let entries = admin.list(&about).await;
    assert_eq!(entries[0]["action"], "user.password_refused");
}

#[tokio::test]
async fn no_personal_data_reaches_the_log() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    person.get("/api/auth/profile?q=private-text").await.is(422);
    let log = until("the profile's line in the log", async || {
        let log = shop.log();
        log.contains("/api/auth/profile").then_some(log)
    })
    .await;
    for secret in [
        person.email.as_str(),
        PASSWORD,
        &person.access_token,
        &person.refresh_token,
        "private-text",
        shop.service_token(),
    ] {
        assert!(!log.contains(secret), "the log has {secret}");
    }
}
