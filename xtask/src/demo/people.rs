//! The accounts of the demo: registered, signed in, and given their roles.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Call, Client};
use super::data::{Data, User};
use super::passwords::PUBLISHED;
use super::{CONNECTIONS, crew};

/// Access tokens by e-mail.
pub type Tokens = HashMap<String, String>;

/// What an access token (RFC 9068) says about its bearer. Read, not verified: it is our own.
#[derive(Debug, Deserialize)]
struct Claims {
    sub: String,
    role: String,
}

/// Signs everybody in, if all have an account and the role that the demo gives them.
pub fn sign_in_all(client: &Client, users: &[User]) -> Result<Option<Tokens>> {
    let mut tokens = Tokens::new();
    for user in users {
        let Some(token) = try_sign_in(client, user)? else {
            return Ok(None);
        };
        if claims(&token)?.role != user.role {
            return Ok(None);
        }
        tokens.insert(user.email.clone(), token);
    }
    Ok(Some(tokens))
}

/// Refuses a shop whose administrator of the demo has the password that everybody knows: one that an earlier
/// version has filled.
pub fn check_unpublished(client: &Client, users: &[User]) -> Result<()> {
    let Some(admin) = users.iter().find(|user| user.role == "admin") else {
        return Ok(());
    };
    let published = User {
        password: PUBLISHED.to_owned(),
        ..admin.clone()
    };
    if try_sign_in(client, &published)?.is_some() {
        bail!(
            "{} is an account of this shop with the published password of the demo: sign in, change it (POST \
             /api/auth/password) or disable the account, and those of the other demo accounts likewise",
            admin.email
        );
    }
    Ok(())
}

/// Registers who is missing, and gives everybody the role of the file. The first administrator
/// is promoted by `promote`, the others of any role by that administrator.
pub fn register_all(
    client: &Client,
    data: &Data,
    promote: &dyn Fn(&str) -> Result<()>,
) -> Result<Tokens> {
    crew::map(CONNECTIONS, &data.users, |user| register(client, user))?;
    let is_admin = |user: &&User| user.role == "admin";
    let admin = data
        .users
        .iter()
        .find(is_admin)
        .context("the demo has no administrator")?;
    if claims(&sign_in(client, admin)?)?.role != admin.role {
        promote(&admin.email)?;
    }
    let admin_token = sign_in(client, admin)?;
    let tokens = crew::map(CONNECTIONS, &data.users, |user| {
        let token = sign_in(client, user)?;
        let claims = claims(&token)?;
        if claims.role == user.role {
            return Ok(token);
        }
        client.send(&Call {
            method: "PATCH",
            path: &format!("/api/users/{}", claims.sub),
            token: Some(&admin_token),
            if_match: Some("*"),
            body: Some(json!({ "role": user.role })),
            ..Call::default()
        })?;
        sign_in(client, user)
    })?;
    Ok(data
        .users
        .iter()
        .map(|user| user.email.clone())
        .zip(tokens)
        .collect())
}

/// An account that exists already is as good.
fn register(client: &Client, user: &User) -> Result<()> {
    let User {
        email,
        password,
        first_name,
        last_name,
        ..
    } = user;
    let call = Call {
        method: "POST",
        path: "/api/auth/register",
        idempotency_key: Some(&format!("demo-user-{email}")),
        body: Some(json!({
            "email": email, "password": password,
            "first_name": first_name, "last_name": last_name,
        })),
        ..Call::default()
    };
    match client.send_any(&call)? {
        (200..300 | 409, _) => Ok(()),
        _ => client.send(&call).map(drop),
    }
}

fn sign_in(client: &Client, user: &User) -> Result<String> {
    match try_sign_in(client, user)? {
        Some(token) => Ok(token),
        None => bail!(
            "{} is an account of this shop already, with a password that is not the demo's: the demo is for a \
             shop where nobody has taken its names",
            user.email
        ),
    }
}

fn try_sign_in(client: &Client, user: &User) -> Result<Option<String>> {
    let call = Call {
        method: "POST",
        path: "/api/auth/login",
        body: Some(json!({ "email": user.email, "password": user.password })),
        ..Call::default()
    };
    let (status, body) = client.send_any(&call)?;
    match status {
        401 => Ok(None),
        200..300 => {
            let token = body.get("access_token").and_then(Value::as_str);
            Ok(Some(
                token
                    .context("the answer to a login has no access_token")?
                    .to_owned(),
            ))
        }
        _ => bail!("POST /api/auth/login answered {status}\n{body:#}"),
    }
}

/// The id of whoever has this token.
pub fn id_of(token: &str) -> Result<String> {
    Ok(claims(token)?.sub)
}

fn claims(token: &str) -> Result<Claims> {
    let payload = token
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    claims.context("the access token names no subject and role")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_of_a_token_are_read() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"1f","role":"seller","exp":1}"#);
        let claims = claims(&format!("e30.{payload}.c2ln")).unwrap();
        assert_eq!(
            (claims.sub.as_str(), claims.role.as_str()),
            ("1f", "seller")
        );
    }
}
