//! `cargo xtask bench --neighbour`: how much slower one customer's shop becomes by another who asks for the dearest
//! things as fast as the default limits let them. Both are on this machine, so what wrk would take is left to them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use super::goods::{self, Goods};
use super::stage::Stage;
use super::table::{align, fixed};
use crate::demo::client::{Call, Client};
use crate::workspace::Workspace;
use crate::{demo, private};

/// The most that a median may grow.
const MOST: u64 = 5;
/// As many lines as an order may have.
const LINES: usize = 500;
/// Large orders that the greedy customer has.
const ORDERS: usize = 20;
/// Connections of the greedy customer.
const CONNECTIONS: usize = 32;
/// How long it waits after a refusal.
const PAUSE: Duration = Duration::from_millis(50);
/// How long the other one waits between two requests, which keeps it within the limits.
const NAP: Duration = Duration::from_millis(120);
/// How long limits remember: what one wish has used up is there again for the next.
const WINDOW: Duration = Duration::from_secs(61);
const ADMIN: &str = "admin@example.org";

/// What the greedy customer asks for, each time again.
#[derive(Clone, Debug)]
struct Wish {
    name: &'static str,
    method: &'static str,
    path: String,
    body: Option<String>,
}

/// What became of it.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    median_us: u64,
    p99_us: u64,
    passed: u64,
    refused: u64,
    failed: u64,
}

/// Measures and prints; a median that grows too much is an error.
pub async fn run(workspace: &Workspace, stage: &Stage, goods: &Goods, seconds: u64) -> Result<()> {
    let items = goods.first_items(LINES).to_vec();
    let unlimited = stage.shop.url.clone();
    let [greedy, other] = goods.two_clients()?;
    let prepared = greedy.clone();
    let wishes = super::blocking(move || prepare(&unlimited, &items, &prepared)).await?;
    let limits = default_limits(workspace)?;
    println!("Limits: {limits}\n");
    let mut limited = stage.open_again(workspace, &limits).await?;
    let url = limited.url.clone();
    let item = goods
        .first_items(1)
        .first()
        .context("there are no items")?
        .clone();
    let outcomes = super::blocking(move || {
        let during = Duration::from_secs(seconds);
        let watch = |wish: Option<&Wish>| measure(&url, wish, &greedy, &other, &item, during);
        let quiet = watch(None)?;
        let mut rest = Vec::new();
        for wish in &wishes {
            thread::sleep(WINDOW);
            rest.push(watch(Some(wish))?);
        }
        Ok((quiet, rest))
    });
    let outcomes = outcomes.await;
    limited.stop().await?;
    let (quiet, outcomes) = outcomes?;
    let heads = [
        "one asks for",
        "other's p50 ms",
        "times",
        "p99 ms",
        "let through",
        "refused",
        "failed",
    ];
    let all = std::iter::once(&quiet).chain(&outcomes);
    let rows: Vec<Vec<String>> = all.map(|outcome| outcome.row(&quiet)).collect();
    println!("{}\n", align(&heads, &rows));
    let file = workspace.target().join("bench-neighbour.txt");
    private::write(&file, &align(&heads, &rows))?;
    for outcome in &outcomes {
        ensure!(
            outcome.failed == 0,
            "{}: {} requests failed",
            outcome.name,
            outcome.failed
        );
        ensure!(
            outcome.median_us <= MOST * quiet.median_us,
            "one customer makes the shop more than {MOST} times slower for another by: {}",
            outcome.name
        );
    }
    Ok(())
}

/// The limits that the manifest sets where nobody says otherwise.
fn default_limits(workspace: &Workspace) -> Result<String> {
    let manifest = std::fs::read_to_string(workspace.root().join("spin.toml"))?;
    let line = manifest
        .lines()
        .find(|line| line.starts_with("rate_limits = { default"));
    let limits = line.and_then(|line| line.split('"').nth(1));
    Ok(limits
        .context("spin.toml has no default limits")?
        .to_owned())
}

/// Orders of many lines that are paid, and what is dear about them.
fn prepare(url: &str, items: &[String], token: &str) -> Result<Vec<Wish>> {
    let client = Client::new(url, 1);
    let admin = goods::sign_in(&client, ADMIN, demo::PASSWORD)?;
    let lines: Vec<Value> = items
        .iter()
        .map(|item| json!({ "item_id": item, "quantity": 1 }))
        .collect();
    let address = json!({
        "name": "Zoé Martin", "line1": "3 rue des Œillets", "postal_code": "44000",
        "city": "Nantes", "country": "FR",
    });
    let mut last = String::new();
    for number in 0..ORDERS {
        let key = format!("neighbour-{number}");
        let placed = client.send(&Call {
            method: "POST",
            path: "/api/orders",
            token: Some(token),
            idempotency_key: Some(&key),
            body: Some(json!({ "items": lines, "shipping_address": address })),
            ..Call::default()
        })?;
        let id = placed.get("id").and_then(Value::as_str);
        last = id.context("an order was placed without an id")?.to_owned();
        client.send(&Call {
            method: "POST",
            path: &format!("/api/orders/{last}/mark-paid"),
            token: Some(&admin),
            body: Some(json!({})),
            ..Call::default()
        })?;
    }
    let get = |name, path: String| Wish {
        name,
        method: "GET",
        path,
        body: None,
    };
    Ok(vec![
        get(
            "an invoice of 500 lines",
            format!("/api/orders/{last}/invoice.pdf"),
        ),
        get(
            "lists of 500-line orders",
            "/api/orders?limit=100".to_owned(),
        ),
        Wish {
            name: "quotes of 500 lines",
            method: "POST",
            path: "/api/orders/quote".to_owned(),
            body: Some(json!({ "items": lines }).to_string()),
        },
        get("readiness", "/readyz".to_owned()),
    ])
}

/// How long the other customer waits meanwhile.
fn measure(
    url: &str,
    wish: Option<&Wish>,
    greedy: &str,
    other: &str,
    item: &str,
    during: Duration,
) -> Result<Outcome> {
    eprintln!("  {} …", wish.map_or("nothing", |wish| wish.name));
    let (is_over, passed, refused, failed) = (
        AtomicBool::new(false),
        AtomicU64::new(0),
        AtomicU64::new(0),
        AtomicU64::new(0),
    );
    let attack = |wish: &Wish| {
        let agent = agent();
        while !is_over.load(Ordering::Relaxed) {
            match send(
                &agent,
                url,
                wish.method,
                &wish.path,
                greedy,
                wish.body.as_deref(),
            ) {
                Ok(200) => passed.fetch_add(1, Ordering::Relaxed),
                Ok(429) => {
                    thread::sleep(PAUSE);
                    refused.fetch_add(1, Ordering::Relaxed)
                }
                Ok(_) | Err(_) => failed.fetch_add(1, Ordering::Relaxed),
            };
        }
    };
    let times = thread::scope(|scope| {
        if let Some(wish) = wish {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| attack(wish));
            }
        }
        let times = shop(url, other, item, during);
        is_over.store(true, Ordering::Relaxed);
        times
    });
    let mut times = times?;
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied();
    let at = |part: usize| at(part).context("the other customer had no answer");
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    Ok(Outcome {
        name: wish.map_or("nothing", |wish| wish.name),
        median_us: at(50)?,
        p99_us: at(99)?,
        passed: count(&passed),
        refused: count(&refused),
        failed: count(&failed),
    })
}

/// A customer who looks at an item, at the list, into the cart and at orders, and takes a moment each time.
fn shop(url: &str, token: &str, item: &str, during: Duration) -> Result<Vec<u64>> {
    let agent = agent();
    let item = format!("/api/items/{item}");
    let paths = [
        item.as_str(),
        "/api/items?limit=20",
        "/api/cart",
        "/api/orders?limit=20",
    ];
    let begun = Instant::now();
    let mut times = Vec::new();
    for path in paths.iter().cycle() {
        if begun.elapsed() > during {
            break;
        }
        let asked = Instant::now();
        let status = send(&agent, url, "GET", path, token, None)?;
        ensure!(
            status == 200,
            "GET {path} answered {status} to the other customer"
        );
        times.push(u64::try_from(asked.elapsed().as_micros())?);
        thread::sleep(NAP);
    }
    Ok(times)
}

fn agent() -> Agent {
    let configuration = Agent::config_builder().http_status_as_error(false);
    configuration
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

/// The status of the answer, whose body is read to its end.
fn send(
    agent: &Agent,
    url: &str,
    method: &str,
    path: &str,
    token: &str,
    body: Option<&str>,
) -> Result<u16> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{url}{path}"))
        .header("authorization", format!("Bearer {token}"));
    let answer = match body {
        Some(body) => {
            let request = request.header("content-type", "application/json");
            agent.run(request.body(body)?)
        }
        None => agent.run(request.body(())?),
    };
    let mut answer = answer.map_err(|error| anyhow!("{method} {path}: {error}"))?;
    answer
        .body_mut()
        .with_config()
        .limit(64 * 1024 * 1024)
        .read_to_vec()?;
    Ok(answer.status().as_u16())
}

impl Outcome {
    fn row(&self, quiet: &Outcome) -> Vec<String> {
        vec![
            self.name.to_owned(),
            fixed(self.median_us, 1000, 1),
            fixed(self.median_us, quiet.median_us, 1),
            fixed(self.p99_us, 1000, 1),
            self.passed.to_string(),
            self.refused.to_string(),
            self.failed.to_string(),
        ]
    }
}
