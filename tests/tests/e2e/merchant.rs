//! A merchant with an address of their own: what the tests of webhooks begin with.

use comptoir_tests::{Answer, Person, Received, Receiver, Shop, until};
use serde_json::{Value, json};

/// Receivers are on this machine.
pub const TO_PRIVATE_ADDRESSES: (&str, &str) = ("webhooks_to_private_addresses", "true");

pub struct Merchant {
    pub admin: Person,
    pub receiver: Receiver,
    /// Of the webhook.
    pub path: String,
    pub secret: String,
}

/// A shop, and a merchant whose webhook is told of everything.
pub async fn open() -> (Shop, Merchant) {
    let shop = Shop::open_with(&[TO_PRIVATE_ADDRESSES]).await;
    let merchant = Merchant::join(&shop.admin().await, &[]).await;
    (shop, merchant)
}

impl Merchant {
    /// A webhook for these types of events; for all if there are none.
    pub async fn join(admin: &Person, event_types: &[&str]) -> Self {
        let receiver = Receiver::start().await;
        let body = json!({
            "url": receiver.url(),
            "event_types": event_types,
            "description": "Comptabilité",
        });
        let created = admin.post("/api/webhooks", body).await.is(201);
        let secret = created.json()["secret"].as_str().unwrap().to_owned();
        receiver.trust(&secret);
        Self {
            path: created.header("location").to_owned(),
            admin: admin.clone(),
            receiver,
            secret,
        }
    }

    /// Sends a test event; its delivery.
    pub async fn test(&self) -> Value {
        let path = format!("{}/test", self.path);
        self.admin.post(&path, json!({})).await.is(202).json()
    }

    pub fn path_of(&self, delivery: &Value) -> String {
        let id = delivery["id"].as_str().unwrap();
        format!("{}/deliveries/{id}", self.path)
    }

    /// The deliveries, from the latest.
    pub async fn deliveries(&self) -> Vec<Value> {
        let path = format!("{}/deliveries?limit=2", self.path);
        self.admin.list(&path).await
    }

    /// The delivery, once it is of this status.
    pub async fn ends(&self, delivery: &Value, status: &str) -> Value {
        let path = self.path_of(delivery);
        until(&format!("{path} is {status}"), async || {
            let delivery = self.admin.get(&path).await.is(200).json();
            (delivery["status"] == status).then_some(delivery)
        })
        .await
    }

    /// The delivery, once something came of an attempt.
    pub async fn is_tried(&self, delivery: &Value) -> Value {
        let path = self.path_of(delivery);
        until(&format!("{path} is tried"), async || {
            let delivery = self.admin.get(&path).await.is(200).json();
            let tried = !delivery["response_status"].is_null() || !delivery["error"].is_null();
            tried.then_some(delivery)
        })
        .await
    }

    pub async fn shown(&self) -> Answer {
        self.admin.get(&self.path).await.is(200)
    }

    /// What verified and was taken, once there are so many events. Asking for the webhook meanwhile has its
    /// service do what is due.
    pub async fn receives(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} events arrive"), async || {
            self.shown().await;
            let good = self.receiver.good();
            (good.len() >= count).then_some(good)
        })
        .await
    }
}
