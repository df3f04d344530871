//! Who may do what: every operation of the API is asked by everybody, and answers as `docs/authorisation.md` says.
//! An operation without a row there fails, and so does a row without its operation.

use std::collections::BTreeMap;
use std::fmt::Write;

use comptoir_tests::{Api, Item, Person, Request, address, sell_in_own_name, sellers_identity};
use reqwest::Method;
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, place};
use crate::discounts::payment_of;

/// The columns of the table.
const ACTORS: [&str; 9] = [
    "nobody",
    "customer",
    "other customer",
    "seller",
    "other seller",
    "supplier",
    "admin",
    "disabled",
    "demoted",
];

/// A version that nothing has: whoever may write is refused by it, and nothing is changed.
const ANOTHER_VERSION: &str = "\"999999\"";

/// A shop in which everything is there that an operation can be about.
struct Fixture {
    counter: Counter,
    actors: Vec<Api>,
    customer: Person,
    seller: Person,
    supplier: Person,
    item: Item,
    review: String,
    movement: String,
    /// The seller's.
    invoice: String,
    /// A paid one, and its payment.
    order: String,
    payment: String,
    webhook: String,
    delivery: String,
    key: String,
    orders: std::cell::Cell<u32>,
}

fn last_part(location: &str) -> String {
    location.rsplit('/').next().unwrap().to_owned()
}

async fn open() -> Fixture {
    let counter = counter::open().await;
    let shop = &counter.shop;
    let (customer, other_customer) = (shop.client().await, shop.client().await);
    let (seller, other_seller) = (shop.seller().await, shop.seller().await);
    let supplier = shop.supplier().await;
    let admin = &counter.admin;
    let (disabled, demoted) = (shop.admin().await, shop.admin().await);
    let (prefix, _) = sell_in_own_name(admin, &seller, sellers_identity()).await;
    let code = json!({ "percent": 10 });
    seller.put("/api/discounts/DIX", code).await.is(201);
    let item = Item::create(&seller, &counter.category, "Bol", 1800, 900).await;
    let order = place(&customer, "paid", &[(&item, 1)]).await.is(201).id();
    act(&seller, &order, "mark-paid").await.is(200);
    let payment = payment_of(&customer, &order).await;
    let review = json!({ "rating": 4, "comment": "Beau" });
    let reviews = format!("/api/items/{}/reviews", item.id);
    let review = customer.post(&reviews, review).await.is(201).id();
    let movements = format!("/api/items/{}/stock/movements", item.id);
    let movement = seller.list(&movements).await;
    let webhook = json!({ "url": "https://example.com/", "event_types": ["order.paid"] });
    let webhook = admin.post("/api/webhooks", webhook).await.is(201);
    let webhook = last_part(webhook.header("location"));
    let test = format!("/api/webhooks/{webhook}/test");
    let delivery = admin.post(&test, json!({})).await.is(202).id();
    let keys = format!("/api/suppliers/{}/keys", supplier.id);
    let key = json!({ "name": "Entrepôt", "scopes": ["restock"] });
    let key = admin.post(&keys, key).await.is(201);
    let key = last_part(key.header("location"));
    let patch = async |person: &Person, change: Value| {
        let path = format!("/api/users/{}", person.id);
        admin.patch(&path, change).if_match("*").await.is(200);
    };
    patch(&disabled, json!({ "disabled": true })).await;
    patch(&demoted, json!({ "role": "client" })).await;
    let people = [
        &customer,
        &other_customer,
        &seller,
        &other_seller,
        &supplier,
        admin,
        &disabled,
        &demoted,
    ];
    let nobody = shop.api().clone();
    let tokens = people.map(|person| nobody.with_token(&person.access_token));
    let actors = [nobody].into_iter().chain(tokens).collect();
    Fixture {
        actors,
        item,
        review,
        movement: movement[0]["id"].as_str().unwrap().to_owned(),
        invoice: format!("{prefix}000001.pdf"),
        order,
        payment,
        webhook,
        delivery,
        key,
        customer,
        seller,
        supplier,
        orders: std::cell::Cell::new(0),
        counter,
    }
}

impl Fixture {
    /// An order of the customer, of the seller's goods, that nobody has done anything to.
    async fn fresh_order(&self) -> String {
        let number = self.orders.get() + 1;
        self.orders.set(number);
        let key = format!("fresh-{number}");
        let line = [(&self.item, 1)];
        place(&self.customer, &key, &line).await.is(201).id()
    }

    /// The address of an operation on what is the customer's and the seller's; `order` is one of its own.
    fn address(&self, method: &str, path: &str, order: &str) -> String {
        let id = match path {
            _ if path.starts_with("/api/categories") => &*self.counter.category,
            _ if path.starts_with("/api/items") => &self.item.id,
            _ if path.starts_with("/api/orders") => order,
            _ if path.starts_with("/api/payments") => &self.payment,
            _ if path.starts_with("/api/merchants") => &self.seller.id,
            _ if path.starts_with("/api/suppliers") => &self.supplier.id,
            _ if path.starts_with("/api/users") => &self.customer.id,
            _ if path.starts_with("/api/webhooks") => &self.webhook,
            _ => "",
        };
        let path = path
            .replace("{id}", id)
            .replace("{review_id}", &self.review)
            .replace("{movement_id}", &self.movement)
            .replace("{delivery_id}", &self.delivery)
            .replace("{key_id}", &self.key)
            .replace("{item_id}", &self.item.id)
            .replace("{refund_id}", &self.payment)
            .replace("{file}", &self.invoice);
        let query = match &*path {
            "/api/discounts/{code}" if method != "PUT" => format!("merchant={}", self.seller.id),
            "/api/payments" if method == "GET" => format!("order_id={}", self.order),
            "/api/invoices/export.zip" => "month=2026-11".to_owned(),
            "/api/reports/sales" | "/api/reports/vat" => "from=2026-01-01&to=2026-01-31".to_owned(),
            "/graphql" if method == "GET" => "query=%7B__typename%7D".to_owned(),
            _ => return path.replace("{code}", "DIX"),
        };
        format!("{}?{query}", path.replace("{code}", "DIX"))
    }

    /// What the operation takes: as little as it may be.
    fn body(&self, method: &str, path: &str, order: &str, number: usize) -> Option<Value> {
        let item = json!({ "item_id": self.item.id, "quantity": 1 });
        let order_body = json!({ "items": [item], "shipping_address": address() });
        let reason = json!({ "reason": "Essai" });
        Some(match (method, path) {
            ("POST", "/api/auth/login") => {
                json!({ "email": "nobody@example.org", "password": "wrong horse battery" })
            }
            ("POST", "/api/auth/register") => json!({
                "email": format!("new{number}@example.org"), "password": "correct horse battery",
                "first_name": "Nora", "last_name": "Petit",
            }),
            ("POST", "/api/auth/logout" | "/api/auth/refresh") => {
                json!({ "refresh_token": "none" })
            }
            ("POST", "/api/auth/password") => json!({
                "current_password": "wrong horse battery", "new_password": "staple battery horse",
            }),
            ("PATCH", "/api/auth/profile") => json!({ "first_name": "Nora" }),
            ("POST", "/api/cart/items") => item,
            ("PUT", "/api/cart/items") => json!({ "items": [] }),
            ("PATCH", "/api/cart/items/{item_id}") => json!({ "quantity": 1 }),
            ("POST", "/api/cart/merge") => json!({ "cart_token": "A".repeat(43) }),
            ("POST", "/api/categories") => json!({ "name": format!("Rayon {number}") }),
            ("PATCH", "/api/categories/{id}") => json!({ "enabled": true }),
            ("PUT", "/api/discounts/{code}") => {
                json!({ "percent": 10, "merchant": self.seller.id })
            }
            ("POST", "/api/items") => json!({
                "name": "Gomme", "category_id": self.counter.category,
                "price": { "amount": 120, "currency": "EUR" }, "vat_rate": 2000,
            }),
            ("PATCH", "/api/items/{id}") => json!({ "description": "Rien" }),
            ("POST", "/api/items/{id}/reviews") => json!({ "rating": 5 }),
            ("PATCH", "/api/items/{id}/reviews/{review_id}") => json!({ "rating": 5 }),
            ("POST", "/api/items/{id}/stock") => json!({ "delta": 1, "reason": "Inventaire" }),
            ("PUT", "/api/merchants/{id}") => sellers_identity(),
            ("POST", "/api/orders") => order_body,
            ("POST", "/api/orders/quote") => json!({ "items": order_body["items"] }),
            ("POST", "/api/orders/{id}/ship") => {
                json!({ "carrier": "Colissimo", "tracking_number": "6A1" })
            }
            ("POST", "/api/payments") => json!({ "order_id": order }),
            ("POST", "/api/payments/{id}/refunds") => json!({
                "amount": { "amount": 1, "currency": "EUR" }, "reason": "Geste", "restock": false,
            }),
            ("POST", "/api/suppliers/{id}/keys") => {
                json!({ "name": format!("Clé {number}"), "scopes": ["restock"] })
            }
            ("PATCH", "/api/users/{id}") => json!({ "disabled": false }),
            ("POST", "/api/webhooks") => json!({ "url": "https://example.com/" }),
            ("PATCH", "/api/webhooks/{id}") => json!({ "description": "Caisse" }),
            ("POST", "/graphql") => json!({ "query": "{ __typename }" }),
            ("POST", path) if path.ends_with("/report") => reason,
            ("POST", path) if path.ends_with("/hide") => {
                json!({ "ground": "terms", "reason": "Essai" })
            }
            ("POST", _) => json!({}),
            _ => return None,
        })
    }

    fn request(&self, actor: usize, method: &str, path: &str, order: &str) -> Request {
        let api = &self.actors[actor];
        let address = self.address(method, path, order);
        let request = api.request(method.parse::<Method>().unwrap(), &address);
        let request = match self.body(method, path, order, actor) {
            _ if (method, path) == ("PUT", "/api/merchants/{id}/logo") => {
                // A picture is not needed to know who may give one.
                request.body("image/png", vec![0; 8])
            }
            Some(body) => request.json(body),
            None => request,
        };
        let key = format!("matrix-{actor}-{}", path.len());
        let takes_key = matches!(
            (method, path),
            (
                "POST",
                "/api/orders" | "/api/payments" | "/api/payments/{id}/refunds"
            )
        );
        match (takes_key, checks_version(method, path)) {
            (true, _) => request.key(&key),
            (false, true) => request.if_match(ANOTHER_VERSION),
            (false, false) => request,
        }
    }

    /// What everybody is answered.
    async fn row(&self, method: &str, path: &str) -> Vec<u16> {
        let of_order = path.starts_with("/api/orders/{id}") || path == "/api/payments";
        let order = match of_order && method != "GET" {
            true => self.fresh_order().await,
            false => self.order.clone(),
        };
        let mut row = Vec::new();
        for actor in 0..self.actors.len() {
            row.push(self.request(actor, method, path, &order).await.status);
        }
        row
    }
}

fn document() -> Value {
    serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap()
}

/// Whether the operation has a condition to check, which the document says.
fn checks_version(method: &str, path: &str) -> bool {
    let document = document();
    let parameters = document["paths"][path][method.to_lowercase()]["parameters"].clone();
    let mut names = parameters.as_array().into_iter().flatten();
    names.any(|parameter| parameter["name"] == "If-Match")
}

/// The operations of the API, as its document has them.
fn operations() -> Vec<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

/// The rows of the table, by operation.
fn expected() -> BTreeMap<String, Vec<u16>> {
    let table = include_str!("../../../docs/authorisation.md");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let operation = cells.next().unwrap().trim_matches('`').to_owned();
        let statuses = cells.map(|cell| cell.parse().unwrap_or_else(|_| panic!("{line}")));
        (operation, statuses.collect())
    })
    .collect()
}

#[tokio::test]
async fn every_operation_answers_everybody_as_the_table_says() {
    let fixture = open().await;
    let mut expected = expected();
    let (mut wrong, mut found) = (0, String::new());
    for (method, path) in operations() {
        let operation = format!("{method} {path}");
        let row = fixture.row(&method, &path).await;
        let wanted = expected.remove(&operation);
        if wanted.as_ref() != Some(&row) {
            wrong += 1;
            let wanted = wanted.map_or("no row".to_owned(), |wanted| format!("{wanted:?}"));
            eprintln!("{operation}: the table has {wanted}, and the shop answers {row:?}");
        }
        let cells: Vec<String> = row.iter().map(u16::to_string).collect();
        writeln!(found, "| `{operation}` | {} |", cells.join(" | ")).unwrap();
    }
    assert!(
        wrong == 0 && expected.is_empty(),
        "{wrong} rows differ, and {:?} are no operations; the columns are {ACTORS:?}:\n{found}",
        expected.keys()
    );
}
