//! Loads the shop of `demo/` through the HTTP API, as its people would, over several connections:
//! it is also the first load that a new server sees. It never writes to a database, except that
//! the first administrator is promoted there, since no endpoint may do that.

pub(crate) mod client;
pub(crate) mod crew;
pub(crate) mod data;
mod passwords;
mod people;
mod shop;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use tokio::runtime::Handle;

use crate::running::Database;
use crate::servers::MysqlEndpoint;
use crate::settings::Settings;
use crate::up::SCHEMA_PREFIX;
use crate::workspace::Workspace;
use crate::{admin, running, say, servers};
use client::Client;
use data::Data;
pub use passwords::Passwords;
use people::Tokens;
use shop::Shop;

/// Of every account of the demo on a shop of this machine alone.
pub use passwords::PUBLISHED as PASSWORD;

/// As many as a busy browser or two would open.
pub const CONNECTIONS: usize = 8;

/// What a load has found or made.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// Everything was there.
    Before,
    /// E-mail addresses and passwords of the accounts.
    Now(Vec<(String, String)>),
}

/// Loads what is missing into a shop, with its progress printed: with the published passwords if it is the one
/// that `up` serves to this machine alone.
pub async fn load(workspace: &Workspace, url: &str) -> Result<()> {
    let url = url.trim_end_matches('/');
    let is_ours = running::served_shop(workspace).is_some_and(|served| served == url);
    let is_private = servers::is_private() && is_ours;
    let passwords = if is_private {
        Passwords::of_private_shop(workspace, !is_on_this_machine(url))?
    } else {
        Passwords::own(workspace)?
    };
    let loaded = load_with_passwords(workspace, url, None, passwords.clone(), is_ours);
    let loaded = loaded.await?;
    tell_accounts(&loaded, &passwords);
    Ok(())
}

/// Loads what is missing into the shop that `up` serves.
pub async fn load_own(workspace: &Workspace, url: &str, passwords: Passwords) -> Result<Loaded> {
    load_with_passwords(workspace, url, None, passwords, true).await
}

/// The same for a shop on a database that ends with the command, with the published passwords.
pub async fn load_on(workspace: &Workspace, url: &str, database: &MysqlEndpoint) -> Result<()> {
    let database = Some(database.clone());
    load_with_passwords(workspace, url, database, Passwords::Published, false)
        .await
        .map(drop)
}

/// The same for a shop whose schemas begin otherwise, and which knows this service token.
pub async fn load_into(
    workspace: &Workspace,
    url: &str,
    database: &MysqlEndpoint,
    prefix: &str,
    service_token: &str,
) -> Result<()> {
    let handle = Handle::current();
    let (folder, url, database) = (workspace.demo(), url.to_owned(), database.clone());
    let (prefix, token) = (prefix.to_owned(), service_token.to_owned());
    let work = move || {
        let promote = |email: &str| handle.block_on(admin::promote(&database, &prefix, email));
        let client = Client::new(&url, CONNECTIONS).trusted(&token);
        load_with(&folder, &client, &Passwords::Published, &promote).map(drop)
    };
    tokio::task::spawn_blocking(work)
        .await
        .context("the demo was interrupted")?
}

/// Says how people sign in to what was loaded.
pub fn tell_accounts(loaded: &Loaded, passwords: &Passwords) {
    match (loaded, passwords) {
        (_, Passwords::Published) => {
            say!("\n  Demo accounts   admin@example.org, seller1@example.org, client1@example.org");
            say!("  Password        {PASSWORD}");
        }
        (Loaded::Now(accounts), Passwords::Own(_)) => {
            say!("\n  Demo accounts, with passwords that are shown this once:");
            for (email, password) in accounts {
                say!("  {email:<24} {password}");
            }
        }
        (Loaded::Before, Passwords::Own(_)) => {
            say!("\n  The demo's accounts have the passwords that were shown when they were made.");
            say!("  Another administrator: register, then `cargo xtask admin you@example.org`.");
        }
    }
}

async fn load_with_passwords(
    workspace: &Workspace,
    url: &str,
    database: Option<MysqlEndpoint>,
    passwords: Passwords,
    is_ours: bool,
) -> Result<Loaded> {
    let handle = Handle::current();
    let (workspace, url) = (workspace.clone(), url.to_owned());
    let work = move || {
        let promote = |email: &str| match &database {
            Some(database) => handle.block_on(admin::promote(database, SCHEMA_PREFIX, email)),
            None => handle.block_on(promote(&workspace, email)),
        };
        // The shop of this machine lets its own people load as fast as they can. The secret goes nowhere else.
        let settings = is_ours
            .then(|| Settings::load(&workspace.state()))
            .transpose()?;
        let token = settings.as_ref().map(|own| own.service_token.as_str());
        let client = match token {
            Some(token) => Client::new(&url, CONNECTIONS).trusted(token),
            None => Client::new(&url, CONNECTIONS),
        };
        load_with(&workspace.demo(), &client, &passwords, &promote)
    };
    tokio::task::spawn_blocking(work)
        .await
        .context("the demo was interrupted")?
}

fn is_on_this_machine(url: &str) -> bool {
    let rest = url.strip_prefix("http://").unwrap_or_default();
    if rest.contains('@') {
        return false;
    }
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    matches!(host, "127.0.0.1" | "localhost")
}

async fn promote(workspace: &Workspace, email: &str) -> Result<()> {
    let database = Database::open(workspace).await?;
    let promoted = admin::promote(&database.endpoint, SCHEMA_PREFIX, email).await;
    database.close().await.and(promoted)
}

fn load_with(
    folder: &Path,
    client: &Client,
    passwords: &Passwords,
    promote: &dyn Fn(&str) -> Result<()>,
) -> Result<Loaded> {
    let mut data = Data::read(folder)?;
    for user in &mut data.users {
        user.password = passwords.of(user)?;
    }
    let data = &data;
    let begun = Instant::now();
    if let Some(tokens) = people::sign_in_all(client, &data.users)?
        && (Shop {
            client,
            data,
            tokens: &tokens,
        })
        .is_complete()?
    {
        say!("The demo data are already there.");
        return Ok(Loaded::Before);
    }
    if matches!(passwords, Passwords::Own(_)) {
        people::check_unpublished(client, &data.users)?;
    }
    say!("Loading the demo data …");
    let tokens = people::register_all(client, data, promote)?;
    say!("  {} accounts", tokens.len());
    fill(client, data, &tokens)?;
    let (sent, spent) = (client.sent(), begun.elapsed());
    let milliseconds = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX).max(1);
    say!(
        "The demo data are loaded: {sent} requests in {}.{} s, {} requests/s.",
        milliseconds / 1000,
        milliseconds % 1000 / 100,
        sent.saturating_mul(1000) / milliseconds
    );
    let accounts = data.users.iter();
    let accounts = accounts.map(|user| (user.email.clone(), user.password.clone()));
    Ok(Loaded::Now(accounts.collect()))
}

fn fill(client: &Client, data: &Data, tokens: &Tokens) -> Result<()> {
    let shop = Shop {
        client,
        data,
        tokens,
    };
    let admin = data.users.iter().find(|user| user.role == "admin");
    let admin = admin.context("the demo has no administrator")?;
    shop.set_up(&admin.email)?;
    say!("  the shop's legal identity");
    say!(
        "  {} discount codes",
        shop.give_discounts_out(&admin.email)?
    );
    let categories = shop.create_categories(&admin.email)?;
    say!("  {} categories", categories.len());
    let items = shop.create_items(&categories)?;
    say!("  {} items", items.len());
    say!("  {} first deliveries", shop.stock_items(&items)?);
    say!("  {} reviews", shop.write_reviews(&items)?);
    say!("  {} orders", shop.place_orders(&items)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_this_machine_stays_on_it() {
        for url in ["http://127.0.0.1:3000", "http://localhost/"] {
            assert!(is_on_this_machine(url), "{url}");
        }
        for url in [
            "http://127.0.0.1.evil.example",
            "https://shop.example",
            "127.0.0.1",
        ] {
            assert!(!is_on_this_machine(url), "{url}");
        }
        // What stands before an @ is no host.
        assert!(!is_on_this_machine("http://localhost@evil.example"));
        assert!(!is_on_this_machine("http://localhost:3000@evil.example"));
    }
}
