//! A Stripe for one test: localstripe, which nobody here wrote, with [`StripeProxy`] before it, and what
//! clients and the provider do there beside the shop.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Client, Response};
use serde_json::{Value, json};
use xtask::servers::{Localstripe, Scratch};
use xtask::workspace::Workspace;
use xtask::{private, setup};

use crate::shop::Shop;
use crate::stripe_proxy::StripeProxy;

static OPENED: AtomicU32 = AtomicU32::new(0);

/// Takes every payment.
pub const GOOD_CARD: &str = "pm_card_visa";
/// Declines every payment.
pub const BAD_CARD: &str = "pm_card_chargeCustomerFail";

#[derive(Debug)]
pub struct Stripe {
    pub proxy: StripeProxy,
    /// Signs the webhooks.
    pub secret: String,
    key: String,
    client: Client,
    // Ended in this order when dropped: the server, then its folder.
    server: Localstripe,
    _folder: Scratch,
}

impl Stripe {
    pub async fn start() -> Self {
        let workspace = Workspace::find().unwrap();
        let name = format!("stripe{}", OPENED.fetch_add(1, Ordering::Relaxed));
        let folder = Scratch::create(&workspace, &name).await.unwrap();
        let server = Localstripe::start(&workspace, folder.path().join("localstripe"))
            .await
            .unwrap_or_else(|error| panic!("{error:#}"));
        Self {
            proxy: StripeProxy::start(&server.url).await,
            secret: format!("whsec_{}", private::random_text().unwrap()),
            key: format!("sk_test_{}", private::random_text().unwrap()),
            client: Client::builder().no_proxy().build().unwrap(),
            server,
            _folder: folder,
        }
    }

    /// Variables of `spin.toml` with which a shop is paid here.
    pub fn variables(&self) -> [(&str, &str); 3] {
        [
            ("stripe_url", &self.proxy.url),
            ("stripe_secret_key", &self.key),
            ("stripe_webhook_secrets", &self.secret),
        ]
    }

    /// A shop that is paid here, and told by webhooks.
    pub async fn open_shop(&self) -> Shop {
        let shop = Shop::open_with(&self.variables()).await;
        self.send_webhooks_to(&shop.url("/webhooks/stripe")).await;
        shop
    }

    /// Sends the events of this Stripe to `url` too; localstripe sends each once, a second after it happened.
    pub async fn send_webhooks_to(&self, url: &str) {
        let body = json!({ "url": url, "secret": self.secret });
        let address = format!("{}/_config/webhooks/shop", self.server.url);
        let request = self.client.post(address).body(body.to_string());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// What a client's browser does with the `client_secret` of a payment and a card: the status of the
    /// intent afterwards, or the status code of the refusal.
    pub async fn pay(&self, client_secret: &str, card: &str) -> Result<String, u16> {
        let intent = intent_of(client_secret);
        let path = format!("/v1/payment_intents/{intent}");
        let chosen = self.post(&path, &format!("payment_method={card}")).await;
        assert!(chosen.status().is_success(), "{chosen:?}");
        let confirmed = self.post(&format!("{path}/confirm"), "").await;
        match confirmed.status().as_u16() {
            200 => Ok(text(&body(confirmed).await, "/status")),
            status => Err(status),
        }
    }

    /// Gives money back as somebody does who works in Stripe's own pages: nothing of it is the shop's.
    pub async fn refund_there(&self, intent: &str, amount: i64) -> Value {
        let form = format!("payment_intent={intent}&amount={amount}");
        body(self.post("/v1/refunds", &form).await).await
    }

    /// The intent of a payment, as Stripe knows it.
    pub async fn intent(&self, client_secret: &str) -> Value {
        let path = format!("/v1/payment_intents/{}", intent_of(client_secret));
        self.get(&path).await
    }

    pub async fn intents(&self) -> Vec<Value> {
        self.list("/v1/payment_intents").await
    }

    pub async fn refunds(&self) -> Vec<Value> {
        self.list("/v1/refunds").await
    }

    /// The value of a `Stripe-Signature` header, made by Stripe's own Python library for this body, secret and
    /// instant (Unix seconds).
    pub async fn signature(body: &str, secret: &str, timestamp: i64) -> String {
        const PROGRAM: &str = "import sys
from stripe import WebhookSignature
body, secret, timestamp = sys.argv[1:]
print(WebhookSignature.generate_signature_header(body, secret, int(timestamp)))
";
        let python: PathBuf = setup::python(&Workspace::find().unwrap());
        let timestamp = timestamp.to_string();
        let output = tokio::process::Command::new(python)
            .args(["-c", PROGRAM, body, secret, &timestamp])
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Every entry, also past the first page.
    async fn list(&self, path: &str) -> Vec<Value> {
        let mut entries: Vec<Value> = Vec::new();
        loop {
            let after = entries.last().map(|last| text(last, "/id"));
            let after = after.map_or(String::new(), |id| format!("&starting_after={id}"));
            let page = self.get(&format!("{path}?limit=100{after}")).await;
            entries.extend(
                page.pointer("/data")
                    .and_then(Value::as_array)
                    .unwrap()
                    .clone(),
            );
            if page.pointer("/has_more") != Some(&Value::Bool(true)) {
                return entries;
            }
        }
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.server.url);
        let request = self.client.get(url).bearer_auth(&self.key);
        body(request.send().await.unwrap()).await
    }

    async fn post(&self, path: &str, form: &str) -> Response {
        let request = self.client.post(format!("{}{path}", self.server.url));
        let request = request.bearer_auth(&self.key).body(form.to_owned());
        let form = "application/x-www-form-urlencoded";
        request.header("content-type", form).send().await.unwrap()
    }
}

/// `pi_…` of `pi_…_secret_…`.
fn intent_of(client_secret: &str) -> &str {
    client_secret.split("_secret_").next().unwrap_or_default()
}

async fn body(answer: Response) -> Value {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no {pointer} in {value:#}"))
        .to_owned()
}
