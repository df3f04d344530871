//! People of a shop: registered and signed in through its API.

use std::ops::Deref;

use serde_json::{Value, json};

use crate::api::Api;

/// Everybody's.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in. What a person asks is asked with their token.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
    api: Api,
}

impl Person {
    /// An account in the role `client`, not signed in yet; its id.
    pub(crate) async fn register(api: &Api, email: &str) -> String {
        let body = json!({
            "email": email,
            "password": PASSWORD,
            "first_name": "Zoé",
            "last_name": "Martin",
        });
        api.post("/api/auth/register", body).await.is(201).id()
    }

    pub(crate) async fn sign_in(api: &Api, id: &str, email: &str) -> Self {
        let body = json!({ "email": email, "password": PASSWORD });
        let tokens = api.post("/api/auth/login", body).await.is(200).json();
        let text = |name: &str| tokens.get(name).and_then(Value::as_str).unwrap().to_owned();
        let access_token = text("access_token");
        Self {
            id: id.to_owned(),
            email: email.to_owned(),
            api: api.with_token(&access_token),
            access_token,
            refresh_token: text("refresh_token"),
        }
    }
}

impl Deref for Person {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}
