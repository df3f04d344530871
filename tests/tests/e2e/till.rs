//! A counter where orders are paid with Stripe: what the tests of payments begin with.

use comptoir_tests::{Answer, Api, Item, Person, Stripe, until};
use serde_json::{Value, json};

use crate::counter::{self, Counter};

pub struct Till {
    // Before the Stripe that its webhooks come from.
    pub counter: Counter,
    pub client: Person,
    pub stripe: Stripe,
}

/// A counter that is paid with Stripe, and told by its webhooks.
pub async fn open() -> Till {
    open_with(&[]).await
}

/// The same with variables of `spin.toml` changed.
pub async fn open_with(changed: &[(&str, &str)]) -> Till {
    let till = open_without_webhooks(changed).await;
    let url = till.counter.shop.url("/webhooks/stripe");
    till.stripe.send_webhooks_to(&url).await;
    till
}

/// The same where Stripe's webhooks never arrive.
pub async fn open_without_webhooks(changed: &[(&str, &str)]) -> Till {
    let stripe = Stripe::start().await;
    let variables = [&stripe.variables()[..], changed].concat();
    let counter = counter::open_with(&variables).await;
    let client = counter.shop.client().await;
    Till {
        counter,
        client,
        stripe,
    }
}

impl Till {
    /// An order of the till's client; its id.
    pub async fn order(&self, key: &str, lines: &[(&Item, i64)]) -> String {
        counter::place(&self.client, key, lines).await.is(201).id()
    }

    /// An order that was paid with Stripe, of two pens and a book: its id and the payment's.
    pub async fn paid_order(&self, key: &str) -> (String, String) {
        let (pen, book) = (&self.counter.pen, &self.counter.book);
        let order = self.order(key, &[(pen, 2), (book, 1)]).await;
        let payment = begin(&self.client, key, &order).await.is(201).json();
        let secret = payment["client_secret"].as_str().unwrap();
        let paid = self.stripe.pay(secret, comptoir_tests::GOOD_CARD).await;
        assert_eq!(paid.as_deref(), Ok("succeeded"));
        let id = payment["id"].as_str().unwrap().to_owned();
        payment_in(&self.client, &id, "succeeded").await;
        (order, id)
    }

    /// What a scheduler asks.
    pub async fn internal(&self, action: &str) -> Answer {
        let shop = &self.counter.shop;
        let request = shop.api().post(&format!("/internal/{action}"), json!({}));
        let token = shop.service_token();
        request.header("comptoir-service-token", token).await
    }
}

/// Begins to pay an order.
pub async fn begin(client: &Api, key: &str, order: &str) -> Answer {
    let body = json!({ "order_id": order });
    client.post("/api/payments", body).key(key).await
}

pub async fn begin_with(client: &Api, key: &str, order: &str, provider: &str) -> Answer {
    let body = json!({ "order_id": order, "provider": provider });
    client.post("/api/payments", body).key(key).await
}

pub fn path(payment: &str) -> String {
    format!("/api/payments/{payment}")
}

pub async fn refund(api: &Api, key: &str, payment: &str, body: Value) -> Answer {
    let path = format!("/api/payments/{payment}/refunds");
    api.post(&path, body).key(key).await
}

/// The payment, once it has this status.
pub async fn payment_in(api: &Api, payment: &str, status: &str) -> Value {
    let what = format!("payment {payment} {status}");
    until(&what, || async {
        let found = api.get(&path(payment)).await.is(200).json();
        (found["status"] == status).then_some(found)
    })
    .await
}

/// The order, once it has this status.
pub async fn order_in(api: &Api, order: &str, status: &str) -> Value {
    let what = format!("order {order} {status}");
    until(&what, || async {
        let found = api.get(&counter::path(order)).await.is(200).json();
        (found["status"] == status).then_some(found)
    })
    .await
}
