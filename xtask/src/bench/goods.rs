//! What the scenarios need beside the demo: items with more stock than a run can sell, clients who are
//! signed in, carts. All of it is made through the API, and handed to wrk's scripts as a file of Lua.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::demo::client::{Call, Client};
use crate::demo::data::{Data, Item};
use crate::demo::{self, CONNECTIONS, crew};

/// Items of which each order and each reading takes some.
pub const ITEMS: usize = 2000;
const CLIENTS: usize = 64;
/// The most that one delivery may bring.
const STOCK: u32 = 1_000_000;
const PASSWORD: &str = "bench-of-comptoir";
/// Access tokens last 15 minutes; those that are older than this are not taken into another run.
const OLDEST_TOKEN: Duration = Duration::from_secs(300);

/// Ids of items, and access tokens.
#[derive(Debug)]
pub struct Goods {
    items: Vec<String>,
    clients: Vec<String>,
    signed_in: Instant,
}

impl Goods {
    /// Makes items and clients in a shop that has the demo.
    pub fn make(folder: &Path, url: &str) -> Result<Self> {
        let data = Data::read(folder)?;
        let client = Client::new(url, CONNECTIONS);
        let items = make_items(&client, &data)?;
        let numbers: Vec<usize> = (0..CLIENTS).collect();
        crew::map(CONNECTIONS, &numbers, |number| register(&client, *number))?;
        Ok(Self {
            items,
            clients: sign_in_all(&client)?,
            signed_in: Instant::now(),
        })
    }

    /// The ids of as many items, the first ones.
    pub fn first_items(&self, count: usize) -> &[String] {
        self.items.get(..count).unwrap_or(&self.items)
    }

    /// The access tokens of two clients.
    pub fn two_clients(&self) -> Result<[String; 2]> {
        match self.clients.as_slice() {
            [one, other, ..] => Ok([one.clone(), other.clone()]),
            _ => bail!("there are not two clients"),
        }
    }

    /// Signs the clients in again if their tokens might not last.
    pub fn refresh(&mut self, url: &str) -> Result<()> {
        if self.signed_in.elapsed() > OLDEST_TOKEN {
            self.clients = sign_in_all(&Client::new(url, CONNECTIONS))?;
            self.signed_in = Instant::now();
        }
        Ok(())
    }

    /// Five lines in each client's cart.
    pub fn fill_carts(&self, url: &str) -> Result<()> {
        let client = Client::new(url, CONNECTIONS);
        crew::map(CONNECTIONS, &self.clients, |token| {
            for item in self.items.iter().take(5) {
                let body = json!({ "item_id": item, "quantity": 2 });
                client.send(&post("/api/cart/items", Some(token), body))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// For `dofile`. Ids and tokens hold nothing that Lua would read as anything else.
    pub fn to_lua(&self) -> String {
        let address = json!({
            "name": "Zoé Martin", "line1": "3 rue des Œillets", "postal_code": "44000",
            "city": "Nantes", "country": "FR",
        });
        format!(
            "return {{ items = {}, clients = {}, address = [[{address}]] }}\n",
            lua_list(&self.items),
            lua_list(&self.clients)
        )
    }
}

fn lua_list(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("{{ {} }}", quoted.join(", "))
}

/// Copies of the demo's items, so that a search finds what a search in a real shop would.
fn make_items(client: &Client, data: &Data) -> Result<Vec<String>> {
    let seller = data.items.first().context("the demo has no items")?;
    let token = sign_in(client, &seller.seller, demo::PASSWORD)?;
    let categories = client.send(&Call {
        method: "GET",
        path: "/api/categories",
        ..Call::default()
    })?;
    let category = categories.pointer("/data/0/id").and_then(Value::as_str);
    let category = category.context("the shop has no categories")?;
    let copies: Vec<(usize, &Item)> = (1..=ITEMS).zip(data.items.iter().cycle()).collect();
    crew::map(CONNECTIONS, &copies, |(number, item)| {
        let body = json!({
            "name": format!("{} – lot {number}", item.name),
            "description": item.description,
            "category_id": category,
            "price": { "amount": item.price_cents, "currency": "EUR" },
            "vat_rate": item.vat_rate,
        });
        let made = client.send(&post("/api/items", Some(&token), body))?;
        let id = made.get("id").and_then(Value::as_str);
        let id = id.context("an item was made without an id")?.to_owned();
        let delivery = json!({ "delta": STOCK, "reason": "Bench" });
        client.send(&post(
            &format!("/api/items/{id}/stock"),
            Some(&token),
            delivery,
        ))?;
        Ok(id)
    })
}

fn register(client: &Client, number: usize) -> Result<()> {
    let body = json!({
        "email": email(number), "password": PASSWORD, "first_name": "Zoé", "last_name": "Martin",
    });
    client
        .send(&post("/api/auth/register", None, body))
        .map(drop)
}

fn sign_in_all(client: &Client) -> Result<Vec<String>> {
    let numbers: Vec<usize> = (0..CLIENTS).collect();
    crew::map(CONNECTIONS, &numbers, |number| {
        sign_in(client, &email(*number), PASSWORD)
    })
}

pub fn sign_in(client: &Client, email: &str, password: &str) -> Result<String> {
    let body = json!({ "email": email, "password": password });
    let tokens = client.send(&post("/api/auth/login", None, body))?;
    let token = tokens.get("access_token").and_then(Value::as_str);
    Ok(token
        .context("the answer to a login has no access_token")?
        .to_owned())
}

fn email(number: usize) -> String {
    format!("bench{number}@example.org")
}

fn post<'a>(path: &'a str, token: Option<&'a str>, body: Value) -> Call<'a> {
    Call {
        method: "POST",
        path,
        token,
        body: Some(body),
        ..Call::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goods_are_a_table_of_lua() {
        let goods = Goods {
            items: vec!["a-1".to_owned(), "a-2".to_owned()],
            clients: vec!["e30.e30.c2ln".to_owned()],
            signed_in: Instant::now(),
        };
        let lua = goods.to_lua();
        assert!(
            lua.starts_with(r#"return { items = { "a-1", "a-2" }, clients = { "e30.e30.c2ln" }, "#)
        );
        assert!(lua.contains(r#"address = [[{"city":"Nantes","#));
    }
}
