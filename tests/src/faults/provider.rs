//! The provider's webhooks on their way to the shop: some come twice, some late, some in another order, and
//! a few never. Those that the shop does not take are sent again, as Stripe does. Nothing is verified here.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::report::Rule;
use super::world::World;
use crate::receiver::{Received, Receiver, Reply};

/// How often one that is not taken is sent: for a minute and more.
const TRIES: usize = 60;

/// Where the provider sends its webhooks.
#[derive(Debug)]
pub struct Postbox {
    pub receiver: Receiver,
    pub letters: mpsc::UnboundedReceiver<Received>,
}

impl Postbox {
    pub async fn open() -> Self {
        let receiver = Receiver::start().await;
        let (sender, letters) = mpsc::unbounded_channel();
        receiver.answer_by(move |letter| {
            sender.send(letter.clone()).ok();
            Reply::status(200)
        });
        Self { receiver, letters }
    }
}

/// Brings the provider's letters to the shop until it is dropped.
pub async fn relay(world: Arc<World>, mut letters: mpsc::UnboundedReceiver<Received>) {
    let mut luck = world.luck("postman", 0);
    let mut under_way = JoinSet::new();
    while let Some(letter) = letters.recv().await {
        while under_way.try_join_next().is_some() {}
        world.report.count("webhooks of the provider");
        let letter = Arc::new(letter);
        for delay in fate(&world, &mut luck) {
            under_way.spawn(deliver(Arc::clone(&world), Arc::clone(&letter), delay));
        }
    }
    under_way.join_all().await;
}

/// When each copy of a letter is delivered, if any is.
fn fate(world: &World, luck: &mut Rng) -> Vec<Duration> {
    let soon = |luck: &mut Rng| Duration::from_millis(luck.u64(0..1_500));
    match luck.u64(..100) {
        0..4 => {
            world
                .report
                .count("webhooks of the provider that were lost");
            Vec::new()
        }
        4..30 => {
            world
                .report
                .count("webhooks of the provider that came twice or more");
            let at_once = soon(luck);
            let later = soon(luck) + Duration::from_millis(luck.u64(0..4_000));
            vec![at_once, at_once, later]
        }
        30..36 => {
            world
                .report
                .count("webhooks of the provider that were late");
            vec![Duration::from_millis(luck.u64(5_000..25_000))]
        }
        _ => vec![soon(luck)],
    }
}

async fn deliver(world: Arc<World>, letter: Arc<Received>, delay: Duration) {
    tokio::time::sleep(delay).await;
    for _ in 0..TRIES {
        let request = world
            .api
            .request(reqwest::Method::POST, "/webhooks/stripe")
            .header("stripe-signature", letter.header("stripe-signature"))
            .body("application/json", letter.bytes.clone());
        if let Ok(answer) = request.attempt().await {
            match StatusCode::from_u16(answer.status).unwrap() {
                status if status.is_success() => return note(&world, &letter),
                StatusCode::INTERNAL_SERVER_ERROR => {
                    let how = format!("POST /webhooks/stripe: {}", answer.text());
                    world.report.broken(Rule::NoServerError, how);
                }
                status if status.is_client_error() => {
                    let how = format!("POST /webhooks/stripe: {answer}");
                    world.report.broken(Rule::OnlyExpectedAnswers, how);
                    return;
                }
                _ => {}
            }
        }
        world.report.count("webhooks of the provider sent again");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What is told of a payment changes it; the other events mean nothing, or come with one that does.
fn note(world: &World, letter: &Received) {
    if letter.kind().starts_with("payment_intent.") {
        let body = letter.body();
        let id = body.get("id").and_then(Value::as_str);
        world.ledger.noticed(id.unwrap_or_default());
    }
}
