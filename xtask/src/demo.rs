//! Loads the shop of `demo/` through the HTTP API, as its people would, over several connections:
//! it is also the first load that a new server sees. It never writes to a database, except that
//! the first administrator is promoted there, since no endpoint may do that.

pub(crate) mod client;
pub(crate) mod crew;
pub(crate) mod data;
mod people;
mod shop;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use tokio::runtime::Handle;

use crate::admin;
use crate::running::Database;
use crate::servers::MysqlEndpoint;
use crate::settings::Settings;
use crate::up::SCHEMA_PREFIX;
use crate::workspace::Workspace;
use client::Client;
use data::Data;
use people::Tokens;
use shop::Shop;

/// Of every account of the demo.
pub const PASSWORD: &str = "comptoir-demo";

/// As many as a busy browser or two would open.
pub const CONNECTIONS: usize = 8;

/// Loads what is missing into the shop of this machine, with its progress printed.
pub async fn load(workspace: &Workspace, url: &str) -> Result<()> {
    load_beside(workspace, url, None).await
}

/// The same for a shop on this database.
pub async fn load_on(workspace: &Workspace, url: &str, database: &MysqlEndpoint) -> Result<()> {
    load_beside(workspace, url, Some(database.clone())).await
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
        load_with(&folder, &url, Some(&token), &promote)
    };
    tokio::task::spawn_blocking(work)
        .await
        .context("the demo was interrupted")?
}

async fn load_beside(
    workspace: &Workspace,
    url: &str,
    database: Option<MysqlEndpoint>,
) -> Result<()> {
    let handle = Handle::current();
    let (workspace, url) = (workspace.clone(), url.to_owned());
    let work = move || {
        let promote = |email: &str| match &database {
            Some(database) => handle.block_on(admin::promote(database, SCHEMA_PREFIX, email)),
            None => handle.block_on(promote(&workspace, email)),
        };
        // The shop of this machine lets its own people load as fast as they can. The secret goes nowhere else.
        let is_ours = database.is_none() && is_on_this_machine(&url);
        let settings = is_ours
            .then(|| Settings::load(&workspace.state()))
            .transpose()?;
        let token = settings.as_ref().map(|own| own.service_token.as_str());
        load_with(&workspace.demo(), &url, token, &promote)
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
    url: &str,
    service_token: Option<&str>,
    promote: &dyn Fn(&str) -> Result<()>,
) -> Result<()> {
    let data = Data::read(folder)?;
    let client = match service_token {
        Some(token) => Client::new(url, CONNECTIONS).trusted(token),
        None => Client::new(url, CONNECTIONS),
    };
    let begun = Instant::now();
    if let Some(tokens) = people::sign_in_all(&client, &data.users)?
        && (Shop {
            client: &client,
            data: &data,
            tokens: &tokens,
        })
        .is_complete()?
    {
        println!("The demo data are already there.");
        return Ok(());
    }
    println!("Loading the demo data …");
    let tokens = people::register_all(&client, &data, promote)?;
    println!("  {} accounts", tokens.len());
    fill(&client, &data, &tokens)?;
    let (sent, spent) = (client.sent(), begun.elapsed());
    let milliseconds = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX).max(1);
    println!(
        "The demo data are loaded: {sent} requests in {}.{} s, {} requests/s.",
        milliseconds / 1000,
        milliseconds % 1000 / 100,
        sent.saturating_mul(1000) / milliseconds
    );
    Ok(())
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
    println!("  the shop's legal identity");
    println!(
        "  {} discount codes",
        shop.give_discounts_out(&admin.email)?
    );
    let categories = shop.create_categories(&admin.email)?;
    println!("  {} categories", categories.len());
    let items = shop.create_items(&categories)?;
    println!("  {} items", items.len());
    println!("  {} first deliveries", shop.stock_items(&items)?);
    println!("  {} reviews", shop.write_reviews(&items)?);
    println!("  {} orders", shop.place_orders(&items)?);
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
