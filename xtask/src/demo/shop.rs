//! What the demo's people put into the shop: categories, items and stock, reviews, orders.
//!
//! Every creation has a key made from the file's own, so that a run after an interruption meets
//! what the first one made. Keys are remembered for a day; categories and items are also found
//! by their names.

use std::collections::HashMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::client::{Call, Client};
use super::data::{Data, Order};
use super::people::{self, Tokens};
use super::{CONNECTIONS, crew};

/// Who the shop is.
const MERCHANT: &str = "/api/merchants/shop";

/// Below so many pieces more are ordered, up to so many: what the shop's shelves hold.
const STOCK_MINIMUM: i64 = 10;
const STOCK_MAXIMUM: i64 = 1000;

/// Ids of the API by the keys of the files.
pub type Ids<'a> = HashMap<&'a str, String>;

/// The API, and everybody's tokens.
#[derive(Clone, Copy, Debug)]
pub struct Shop<'a> {
    pub client: &'a Client,
    pub data: &'a Data,
    pub tokens: &'a Tokens,
}

impl<'a> Shop<'a> {
    /// Says who sells, if nobody has yet.
    pub fn set_up(&self, admin: &str) -> Result<()> {
        self.put_once(admin, MERCHANT, &self.data.merchant)
    }

    pub fn give_discounts_out(&self, admin: &str) -> Result<usize> {
        for discount in &self.data.discounts {
            let path = format!("/api/discounts/{}", discount.code);
            self.put_once(admin, &path, &discount.terms)?;
        }
        Ok(self.data.discounts.len())
    }

    fn put_once(&self, admin: &str, path: &str, body: &Value) -> Result<()> {
        let call = Call {
            method: "PUT",
            path,
            token: Some(self.token(admin)?),
            body: Some(body.clone()),
            ..Call::default()
        };
        match self.client.send_any(&call)? {
            // 428: what is there may only be changed with its tag.
            (200..300 | 428, _) => Ok(()),
            _ => self.client.send(&call).map(drop),
        }
    }

    pub fn create_categories(&self, admin: &str) -> Result<Ids<'a>> {
        let known = self.names_to_ids("/api/categories")?;
        let ids = crew::map(CONNECTIONS, &self.data.categories, |category| {
            if let Some(id) = known.get(&category.name) {
                return Ok(id.clone());
            }
            let body = json!({
                "name": category.name,
                "description": category.description,
                "enabled": category.enabled,
            });
            let key = format!("demo-category-{}", category.key);
            self.create(admin, "/api/categories", &key, body)
        })?;
        Ok(self
            .data
            .categories
            .iter()
            .map(|one| one.key.as_str())
            .zip(ids)
            .collect())
    }

    /// The id of the account that delivers everything.
    fn supplier(&self) -> Result<String> {
        let supplier = self.data.users.iter().find(|user| user.role == "supplier");
        let supplier = supplier.context("the demo has no supplier")?;
        let token = self.tokens.get(&supplier.email);
        people::id_of(token.context("the demo's supplier is not signed in")?)
    }

    pub fn create_items(&self, categories: &Ids<'_>) -> Result<Ids<'a>> {
        let known = self.names_to_ids("/api/items")?;
        let supplier = self.supplier()?;
        let ids = crew::map(CONNECTIONS, &self.data.items, |item| {
            if let Some(id) = known.get(&item.name) {
                return Ok(id.clone());
            }
            let body = json!({
                "name": item.name,
                "description": item.description,
                "category_id": id(categories, &item.category)?,
                "price": { "amount": item.price_cents, "currency": "EUR" },
                "vat_rate": item.vat_rate,
                "sku": item.key,
                "supplier_id": supplier,
                "stock_minimum": STOCK_MINIMUM,
                "stock_maximum": STOCK_MAXIMUM,
            });
            self.create(
                &item.seller,
                "/api/items",
                &format!("demo-item-{}", item.key),
                body,
            )
        })?;
        Ok(self
            .data
            .items
            .iter()
            .map(|item| item.key.as_str())
            .zip(ids)
            .collect())
    }

    /// The first delivery of each item. One that has had any is left alone, however long ago that was.
    pub fn stock_items(&self, items: &Ids<'_>) -> Result<usize> {
        let stocked = crew::map(CONNECTIONS, &self.data.items, |item| {
            let path = format!("/api/items/{}/stock", id(items, &item.key)?);
            if self.has_moved(&item.seller, &path)? {
                return Ok(Value::Null);
            }
            let body = json!({ "delta": item.stock, "reason": "First delivery" });
            self.post(
                &item.seller,
                &path,
                &format!("demo-stock-{}", item.key),
                body,
            )
        })?;
        Ok(stocked.len())
    }

    fn has_moved(&self, seller: &str, stock: &str) -> Result<bool> {
        let call = Call {
            method: "GET",
            path: &format!("{stock}/movements?limit=1"),
            token: Some(self.token(seller)?),
            ..Call::default()
        };
        let answer = self.client.send(&call)?;
        let movements = answer.get("data").and_then(Value::as_array);
        Ok(movements.is_some_and(|movements| !movements.is_empty()))
    }

    /// One review an item and author; whoever has written it already is left in peace.
    pub fn write_reviews(&self, items: &Ids<'_>) -> Result<usize> {
        let written = crew::map(CONNECTIONS, &self.data.reviews, |review| {
            let path = format!("/api/items/{}/reviews", id(items, &review.item)?);
            let body = json!({ "rating": review.rating, "comment": review.comment });
            let key = format!("demo-review-{}-{}", review.item, review.author);
            let call = self.call(&review.author, &path, &key, body)?;
            match self.client.send_any(&call)? {
                (200..300 | 409, _) => Ok(()),
                _ => self.client.send(&call).map(drop),
            }
        })?;
        Ok(written.len())
    }

    pub fn place_orders(&self, items: &Ids<'_>) -> Result<usize> {
        let numbered: Vec<(usize, &Order)> = self.data.orders.iter().enumerate().collect();
        let placed = crew::map(CONNECTIONS, &numbered, |(number, order)| {
            let key = format!("demo-order-{number}");
            let mut lines = Vec::new();
            for line in &order.lines {
                lines.push(json!({ "item_id": id(items, &line.item)?, "quantity": line.quantity }));
            }
            let body = json!({
                "items": lines,
                "shipping_address": order.shipping_address,
                "discount_code": order.discount_code,
            });
            let id = self.create(&order.client, "/api/orders", &key, body)?;
            if order.paid {
                let path = format!("/api/orders/{id}/mark-paid");
                let seller = self.data.seller_of(order)?;
                self.post(seller, &path, &format!("demo-payment-{number}"), json!({}))?;
            }
            Ok(())
        })?;
        Ok(placed.len())
    }

    /// Orders come last, so that all of them mean that all is there.
    pub fn is_complete(&self) -> Result<bool> {
        if !self.is_set_up()? {
            return Ok(false);
        }
        for user in &self.data.users {
            let expected = self.data.orders_of(&user.email);
            if expected > 0 {
                let token = self.token(&user.email)?;
                if self.list("/api/orders", Some(token))?.len() < expected {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn is_set_up(&self) -> Result<bool> {
        let mut users = self.data.users.iter();
        let Some(admin) = users.find(|user| user.role == "admin") else {
            return Ok(false);
        };
        let call = Call {
            method: "GET",
            path: MERCHANT,
            token: Some(self.token(&admin.email)?),
            ..Call::default()
        };
        let (status, _) = self.client.send_any(&call)?;
        Ok(status == 200)
    }

    fn names_to_ids(&self, path: &str) -> Result<HashMap<String, String>> {
        let named = |entry: &Value| Some((text(entry, "name")?, text(entry, "id")?));
        Ok(self.list(path, None)?.iter().filter_map(named).collect())
    }

    /// Every page of a list.
    fn list(&self, path: &str, token: Option<&str>) -> Result<Vec<Value>> {
        let mut entries = Vec::new();
        let mut page = format!("{path}?limit=100");
        loop {
            let call = Call {
                method: "GET",
                path: &page,
                token,
                ..Call::default()
            };
            let answer = self.client.send(&call)?;
            let data = answer.get("data").and_then(Value::as_array);
            entries.extend(
                data.with_context(|| format!("GET {page} has no data"))?
                    .clone(),
            );
            match text(&answer, "next_cursor") {
                Some(cursor) => page = format!("{path}?limit=100&cursor={cursor}"),
                None => return Ok(entries),
            }
        }
    }

    /// Creates something and returns its id.
    fn create(&self, who: &str, path: &str, key: &str, body: Value) -> Result<String> {
        let created = self.post(who, path, key, body)?;
        text(&created, "id").with_context(|| format!("POST {path} answered without an id"))
    }

    fn post(&self, who: &str, path: &str, key: &str, body: Value) -> Result<Value> {
        self.client.send(&self.call(who, path, key, body)?)
    }

    fn call<'b>(&'b self, who: &str, path: &'b str, key: &'b str, body: Value) -> Result<Call<'b>> {
        Ok(Call {
            method: "POST",
            path,
            token: Some(self.token(who)?),
            idempotency_key: Some(key),
            body: Some(body),
            ..Call::default()
        })
    }

    fn token(&self, who: &str) -> Result<&str> {
        let token = self.tokens.get(who);
        Ok(token.with_context(|| format!("{who} is not among the demo's users"))?)
    }
}

fn id<'b>(ids: &'b Ids<'_>, key: &str) -> Result<&'b str> {
    Ok(ids
        .get(key)
        .with_context(|| format!("the demo refers to {key}, which it does not have"))?)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}
