//! What Stripe does and localstripe cannot: intents that are on their way for days, and disputes.
//!
//! The answers are Stripe's documented objects, as far as the shop reads them
//! (<https://docs.stripe.com/api/payment_intents/object>, <https://docs.stripe.com/api/disputes/object>).

use std::collections::HashSet;
use std::sync::Mutex;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

#[derive(Debug, Default)]
pub struct Beyond {
    processing: Mutex<HashSet<String>>,
    disputes: Mutex<Vec<Value>>,
}

impl Beyond {
    /// Whether this intent is on its way.
    pub fn set_processing(&self, intent: &str, is_processing: bool) {
        let mut processing = self.processing.lock().unwrap();
        match is_processing {
            true => processing.insert(intent.to_owned()),
            false => processing.remove(intent),
        };
    }

    /// Opens a dispute, or says how one stands that is known.
    pub fn set_dispute(&self, dispute: Value) {
        let mut disputes = self.disputes.lock().unwrap();
        disputes.retain(|known| known.get("id") != dispute.get("id"));
        // From the newest, as Stripe lists them.
        disputes.insert(0, dispute);
    }

    /// What is answered without asking localstripe.
    pub fn answer(&self, method: &Method, path: &str) -> Option<(StatusCode, Value)> {
        if path == "/v1/disputes" && method == Method::GET {
            let data = self.disputes.lock().unwrap().clone();
            let list = json!({ "object": "list", "data": data, "has_more": false });
            return Some((StatusCode::OK, list));
        }
        let intent = path.strip_prefix("/v1/payment_intents/")?;
        let intent = intent.strip_suffix("/cancel")?;
        if !self.processing.lock().unwrap().contains(intent) {
            return None;
        }
        let message = "You cannot cancel this PaymentIntent because it has a status of processing.";
        let error = json!({ "type": "invalid_request_error", "message": message });
        Some((StatusCode::BAD_REQUEST, json!({ "error": error })))
    }

    /// What is answered for what localstripe says.
    pub fn amend(&self, method: &Method, path: &str, body: Bytes) -> Bytes {
        let Some(intent) = path.strip_prefix("/v1/payment_intents/") else {
            return body;
        };
        if method != Method::GET || !self.processing.lock().unwrap().contains(intent) {
            return body;
        }
        let mut object: Value = serde_json::from_slice(&body).unwrap();
        let members = object.as_object_mut().unwrap();
        members.insert("status".to_owned(), json!("processing"));
        members.insert("last_payment_error".to_owned(), Value::Null);
        object.to_string().into()
    }
}
