//! The client of Stripe (<https://docs.stripe.com/api>): payment intents and refunds, of which it reads only
//! what it needs. Every POST carries an idempotency key made from our own ids, so that asking again is safe
//! whatever became of the first answer.

pub mod event;
pub mod signature;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use commerce::RefundId;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::de::DeserializeOwned;
use service::outgoing::{self, SendError};
use service::settings::SettingError;
use service::{Problem, Settings};

use crate::payment::{self, Payment};
use crate::refund::{self, Refund};
pub use wire::{Intent, StripeDispute, StripeRefund};
use wire::{List, Refused};

/// Which form of its answers is asked for.
const VERSION: HeaderValue = HeaderValue::from_static("2026-10-28.endive");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often a request is sent whose twin with the same key is still running, and how long each waits.
const TURNS: u32 = 12;
const TURN: Duration = Duration::from_millis(150);
/// How many refunds of one payment are looked through, a hundred a page.
const PAGES: usize = 20;

/// Why Stripe did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StripeError {
    /// It says no, and nothing happened.
    #[error("Stripe refuses ({status}): {message}")]
    Refused { status: u16, message: String },
    /// It may have happened.
    #[error("Stripe gave no answer: {0}")]
    Lost(#[from] SendError),
    /// It cannot say now, or does not know our key; nothing is known to have happened.
    #[error("Stripe cannot answer ({status}): {message}")]
    Unclear { status: u16, message: String },
    #[error("Stripe's answer is not understood: {0}")]
    Unreadable(String),
}

/// One account at Stripe.
#[derive(Clone)]
pub struct Stripe {
    url: Arc<str>,
    authorization: HeaderValue,
}

impl Stripe {
    /// Reads `stripe_url` and `stripe_secret_key`; nothing where the key is empty.
    pub async fn from_settings(settings: &Settings) -> Result<Option<Self>, SettingError> {
        let key = settings.text("stripe_secret_key").await?;
        if key.trim().is_empty() {
            return Ok(None);
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
            .map_err(|_| Settings::unusable("stripe_secret_key", "it is no header's value"))?;
        authorization.set_sensitive(true);
        let url = settings.text("stripe_url").await?;
        Ok(Some(Self {
            url: url.trim_end_matches('/').into(),
            authorization,
        }))
    }

    /// The payment's intent, made if it is not there.
    pub async fn create(&self, payment: &Payment) -> Result<payment::Report, StripeError> {
        let form = [
            ("amount", payment.amount.amount().to_string()),
            ("currency", payment.amount.currency().code().to_lowercase()),
            ("metadata[order_id]", payment.order_id.to_string()),
            ("metadata[payment_id]", payment.id.to_string()),
        ];
        let key = payment.id.to_string();
        let intent: Intent = self.post("/v1/payment_intents", &key, &form).await?;
        intent.report()
    }

    /// How the intent stands.
    pub async fn look(&self, reference: &str) -> Result<payment::Report, StripeError> {
        let path = format!("/v1/payment_intents/{reference}");
        let report = self.get::<Intent>(&path).await?.report()?;
        Ok(payment::Report {
            is_current: true,
            ..report
        })
    }

    /// How the intent stands after it was cancelled, if it could be.
    pub async fn cancel(
        &self,
        payment: &Payment,
        reference: &str,
    ) -> Result<payment::Report, StripeError> {
        let path = format!("/v1/payment_intents/{reference}/cancel");
        // Another key after each change, because a refusal is repeated to its key.
        let key = format!("{}-cancel-{}", payment.id, payment.version);
        match self.post::<Intent>(&path, &key, &[]).await {
            Ok(intent) => intent.report(),
            Err(StripeError::Refused { .. }) => self.look(reference).await,
            Err(error) => Err(error),
        }
    }

    /// Gives money of an intent back, once for each of our refunds.
    pub async fn refund(
        &self,
        reference: &str,
        refund: &Refund,
    ) -> Result<refund::Report, StripeError> {
        let form = [
            ("payment_intent", reference.to_owned()),
            ("amount", refund.amount.amount().to_string()),
            ("metadata[payment_id]", refund.payment_id.to_string()),
            ("metadata[refund_id]", refund.id.to_string()),
        ];
        let key = refund.id.to_string();
        let made: StripeRefund = self.post("/v1/refunds", &key, &form).await?;
        Ok(made.report())
    }

    /// How a refund stands that is known by what Stripe calls it.
    pub async fn look_at_refund(&self, reference: &str) -> Result<refund::Report, StripeError> {
        let path = format!("/v1/refunds/{reference}");
        Ok(self.get::<StripeRefund>(&path).await?.report())
    }

    /// The refund of an intent that is ours, if it was made.
    pub async fn find_refund(
        &self,
        reference: &str,
        id: RefundId,
    ) -> Result<Option<refund::Report>, StripeError> {
        let refunds = self.list_refunds(reference).await?;
        let found = refunds.iter().find(|made| made.is(id));
        Ok(found.map(StripeRefund::report))
    }

    /// Every refund of an intent, whoever has made it.
    pub async fn list_refunds(&self, reference: &str) -> Result<Vec<StripeRefund>, StripeError> {
        let path = format!("/v1/refunds?payment_intent={reference}");
        let mut refunds = Vec::new();
        let mut after = None;
        for _ in 0..PAGES {
            let page = self.page::<StripeRefund>(&path, after.as_deref()).await?;
            refunds.extend(page.data);
            after = refunds.last().map(|last| last.id.clone());
            if after.is_none() || !page.has_more {
                return Ok(refunds);
            }
        }
        Err(StripeError::Unreadable("too many refunds".to_owned()))
    }

    /// A page of all refunds of the account from the newest, past the one that `after` names, and whether there
    /// are more.
    pub async fn recent_refunds(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<StripeRefund>, bool), StripeError> {
        let page = self.page("/v1/refunds?", after).await?;
        Ok((page.data, page.has_more))
    }

    /// The same of disputes.
    pub async fn recent_disputes(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<StripeDispute>, bool), StripeError> {
        let page = self.page("/v1/disputes?", after).await?;
        Ok((page.data, page.has_more))
    }

    async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        after: Option<&str>,
    ) -> Result<List<T>, StripeError> {
        let joint = if path.ends_with('?') { "" } else { "&" };
        let after = after.map_or(String::new(), |id| format!("&starting_after={id}"));
        self.get(&format!("{path}{joint}limit=100{after}")).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, StripeError> {
        let request = self.request(Method::GET, path).body(Bytes::new());
        answer(request).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        form: &[(&str, String)],
    ) -> Result<T, StripeError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let body = Bytes::from(body);
        for turn in 1..=TURNS {
            let request = self
                .request(Method::POST, path)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(IDEMPOTENCY_KEY, key)
                .body(body.clone());
            match answer(request).await {
                // The answer that its twin gets will be this one's too.
                Err(StripeError::Unclear { status: 409, .. }) if turn < TURNS => {
                    crate::pause(TURN).await;
                }
                answered => return answered,
            }
        }
        let message = "the key stayed in use".to_owned();
        let status = StatusCode::CONFLICT.as_u16();
        Err(StripeError::Unclear { status, message })
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(AUTHORIZATION, &self.authorization)
            .header(STRIPE_VERSION, VERSION)
    }
}

async fn answer<T: DeserializeOwned>(
    request: http::Result<http::Request<Bytes>>,
) -> Result<T, StripeError> {
    let request = request.map_err(|error| StripeError::Unreadable(error.to_string()))?;
    let answer = outgoing::send(request, PATIENCE).await?;
    let status = answer.status().as_u16();
    if answer.status().is_success() {
        return serde_json::from_slice(answer.body())
            .map_err(|error| StripeError::Unreadable(error.to_string()));
    }
    let refused: Refused = serde_json::from_slice(answer.body()).unwrap_or_default();
    let message = refused.error.message;
    match status {
        400 | 402 | 404 => Err(StripeError::Refused { status, message }),
        _ => Err(StripeError::Unclear { status, message }),
    }
}

/// Whoever asked may ask again with the same key.
impl From<StripeError> for Problem {
    fn from(error: StripeError) -> Self {
        let problem = match &error {
            StripeError::Lost(SendError::TooSlow) => Problem::gateway_timeout(error),
            StripeError::Lost(SendError::Failed(_))
            | StripeError::Unclear {
                status: 409 | 429 | 500..,
                ..
            } => Problem::unavailable(error),
            _ => return Problem::bad_gateway(error),
        };
        problem.detail(
            "Le prestataire de paiement n’a pas répondu : renvoyez la requête avec la même clé",
            "The payment provider did not answer: send the request again with the same key",
        )
    }
}
