//! Access tokens (RFC 9068): what ours say, and which are refused.

use comptoir_tests::{Person, Shop, claims_of, header_of};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Value, json};

async fn key_set(shop: &Shop) -> JwkSet {
    let answer = shop.api().get("/.well-known/jwks.json").await.is(200);
    serde_json::from_value(answer.json()).unwrap()
}

/// The header of a token that we gave.
fn header(person: &Person) -> Header {
    decode_header(&person.access_token).unwrap()
}

/// Whether accounts believes a token.
async fn is_believed(shop: &Shop, token: &str) -> bool {
    let api = shop.api().with_token(token);
    let answer = api.get("/api/auth/validate-token").await;
    if answer.status == 401 {
        let challenge = answer.header("www-authenticate").to_owned();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        answer.problem(401, "invalid-token");
        return false;
    }
    answer.is(200);
    true
}

#[tokio::test]
async fn others_verify_our_tokens_by_the_key_set() {
    let shop = Shop::open().await;
    let seller = shop.seller().await;
    let header = header(&seller);
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(header.alg, Algorithm::ES256);
    let keys = key_set(&shop).await;
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&["comptoir"]);
    validation.set_issuer(&["https://comptoir.example"]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    let key = DecodingKey::from_jwk(key).unwrap();
    let claims = decode::<Value>(&seller.access_token, &key, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["sub"], seller.id.as_str());
    assert_eq!(claims["role"], "seller");
    assert_eq!(claims["email"], seller.email.as_str());
    assert!(claims["jti"].is_string());
    // RFC 9068 §2.2 wants all of these.
    for claim in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert!(!claims[claim].is_null(), "{claim}");
    }
    assert_eq!(claims["client_id"], "comptoir");
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 900);
}

#[tokio::test]
async fn the_key_set_may_be_kept_and_holds_no_private_part() {
    let shop = Shop::open().await;
    let answer = shop.api().get("/.well-known/jwks.json").await.is(200);
    assert!(answer.header("cache-control").contains("max-age"));
    for key in answer.json()["keys"].as_array().unwrap() {
        assert_eq!(key["crv"], "P-256");
        assert_eq!(key["alg"], "ES256");
        assert_eq!(key["use"], "sig");
        assert!(key.get("d").is_none(), "{key}");
    }
}

#[tokio::test]
async fn two_tokens_of_one_person_differ() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let body = json!({ "refresh_token": person.refresh_token });
    let next = shop
        .api()
        .post("/api/auth/refresh", body)
        .await
        .is(200)
        .json();
    let next = claims_of(next["access_token"].as_str().unwrap());
    assert_ne!(next["jti"], claims_of(&person.access_token)["jti"]);
}

#[tokio::test]
async fn a_token_with_one_wrong_claim_is_refused() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let (header, claims) = (header(&person), claims_of(&person.access_token));
    let forger = shop.forger();
    // The forger signs as accounts does: what is refused below is refused for what it says.
    assert!(is_believed(&shop, &forger.sign(&header, &claims)).await);
    let now = claims["iat"].as_i64().unwrap();
    for (claim, value) in [
        ("exp", json!(now - 3600)),
        ("exp", json!(now - 30)),
        ("iat", json!(now + 30)),
        ("nbf", json!(now + 30)),
        ("exp", Value::Null),
        ("nbf", json!(now + 3600)),
        ("aud", json!("another-shop")),
        ("aud", Value::Null),
        ("iss", json!("https://elsewhere.example")),
        ("iss", Value::Null),
        ("sub", json!("nobody")),
        ("sub", Value::Null),
        ("role", json!("emperor")),
        ("role", Value::Null),
        ("email", Value::Null),
        ("client_id", Value::Null),
        ("generation", Value::Null),
        ("generation", json!(-1)),
        ("generation", json!("1")),
    ] {
        let mut forged = claims.clone();
        let members = forged.as_object_mut().unwrap();
        members.insert(claim.to_owned(), value.clone());
        members.retain(|_, value| !value.is_null());
        let token = forger.sign(&header, &forged);
        assert!(!is_believed(&shop, &token).await, "{claim}: {value}");
    }
}

#[tokio::test]
async fn a_token_with_a_wrong_header_is_refused() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let (header, claims) = (header(&person), claims_of(&person.access_token));
    let forger = shop.forger();
    let typ = |typ: Option<&str>| Header {
        typ: typ.map(str::to_owned),
        ..header.clone()
    };
    let kid = |kid: Option<&str>| Header {
        kid: kid.map(str::to_owned),
        ..header.clone()
    };
    for wrong in [typ(Some("JWT")), typ(None), kid(Some("other")), kid(None)] {
        let token = forger.sign(&wrong, &claims);
        assert!(!is_believed(&shop, &token).await, "{wrong:?}");
    }
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let claims = claims_of(&person.access_token);
    let mut header = header_of(&person.access_token);
    for algorithm in ["none", "None", "ES256", "EdDSA"] {
        header["alg"] = json!(algorithm);
        let token = shop.forger().unsigned(&header, &claims);
        assert!(!is_believed(&shop, &token).await, "{algorithm}");
    }
}

#[tokio::test]
async fn a_token_signed_with_the_public_key_is_refused() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let (header, claims) = (header(&person), claims_of(&person.access_token));
    let answer = shop.api().get("/.well-known/jwks.json").await.is(200);
    let text = answer.json()["keys"][0]["x"].as_str().unwrap().to_owned();
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, &text).unwrap();
    for public in [text.as_bytes(), &bytes, &answer.bytes] {
        let forger = shop.forger();
        let token = forger.sign_with_public_key(&header, &claims, public);
        assert!(!is_believed(&shop, &token).await);
    }
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused() {
    let shop = Shop::open().await;
    let (client, admin) = (shop.client().await, shop.admin().await);
    let part = |token: &str, number: usize| token.split('.').nth(number).unwrap().to_owned();
    let mixed = format!(
        "{}.{}.{}",
        part(&client.access_token, 0),
        part(&admin.access_token, 1),
        part(&client.access_token, 2)
    );
    assert!(!is_believed(&shop, &mixed).await);
    for token in ["a", "a.b.c", "....", "é.é.é"] {
        let request = shop.api().get("/api/auth/profile");
        let value = format!("Bearer {token}");
        let answer = request.header("authorization", &value).await;
        answer.problem(401, "invalid-token");
    }
}

#[tokio::test]
async fn another_shops_token_is_refused() {
    let (shop, other) = tokio::join!(Shop::open(), Shop::open());
    let person = other.client().await;
    assert!(!is_believed(&shop, &person.access_token).await);
}

#[tokio::test]
async fn another_scheme_shows_no_token_and_is_no_bad_one() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let ask = |path: &str, value: &str| shop.api().get(path).header("authorization", value);
    for value in [
        "Basic em9lOnNlY3JldA==",
        "Digest username=\"zoe\", realm=\"x\"",
        "DPoP a.b.c",
        "nonsense",
        "Bearer",
        "Bearer ",
        "Basic \u{e9}",
    ] {
        let answer = ask("/api/auth/profile", value).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{value}");
        answer.problem(401, "unauthenticated");
        let answer = shop
            .api()
            .post("/graphql", json!({ "query": "{ __typename }" }));
        let answer = answer.header("authorization", value).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{value}");
        answer.is(401);
        // What everybody may read, they read.
        ask("/api/items", value).await.is(200);
    }
    // The scheme's name has no case (RFC 9110 §11.1).
    let value = format!("bearer {}", person.access_token);
    ask("/api/auth/profile", &value).await.is(200);
}

#[tokio::test]
async fn two_tokens_in_one_request_are_malformed() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let value = format!("Bearer {}", person.access_token);
    for other in [&value, "Bearer a.b.c", "Basic em9lOnNlY3JldA=="] {
        let answer = shop
            .api()
            .get("/api/auth/profile")
            .header("authorization", other)
            .header("authorization", &value)
            .await;
        let challenge = answer.header("www-authenticate").to_owned();
        assert_eq!(challenge, "Bearer error=\"invalid_request\"");
        answer.problem(400, "malformed-request");
    }
}

#[tokio::test]
async fn clocks_may_be_a_few_seconds_apart() {
    let shop = Shop::open().await;
    let person = shop.client().await;
    let (header, mut claims) = (header(&person), claims_of(&person.access_token));
    let now = claims["iat"].as_i64().unwrap();
    claims["iat"] = json!(now + 4);
    claims["nbf"] = json!(now + 4);
    let token = shop.forger().sign(&header, &claims);
    assert!(is_believed(&shop, &token).await);
}
