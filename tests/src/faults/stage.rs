//! The opening: servers of the run's own, the shop on them through wires, and goods on its shelves.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use xtask::private;
use xtask::workspace::Workspace;

use super::STAFF;
use super::books::Books;
use super::ledger::Ledger;
use super::provider::Postbox;
use super::report::Report;
use super::seller::{self, Parcel};
use super::storm::Stage;
use super::wire::Wire;
use super::world::{Day, Good, Somebody, World};
use crate::api::Api;
use crate::own_servers::OwnServers;
use crate::receiver::{Received, Receiver, Reply};
use crate::shop::Shop;
use crate::stripe::Stripe;

/// How long an unpaid order holds its stock.
const RESERVATION_SECONDS: &str = "20";

/// Prices in cents, and how many pieces there are at first. The first ones are scarce.
const GOODS: [(i64, i64); 10] = [
    (250, 6),
    (1999, 4),
    (100, 5_000),
    (333, 5_000),
    (1055, 5_000),
    (4990, 5_000),
    (75, 5_000),
    (12_900, 5_000),
    (649, 5_000),
    (1, 5_000),
];
const SCARCE: usize = 2;

/// Everything that a run begins with.
pub struct Opening {
    pub stage: Stage,
    pub world: Arc<World>,
    pub books: Books,
    pub trays: Vec<mpsc::UnboundedReceiver<Parcel>>,
    /// What the provider tells.
    pub letters: mpsc::UnboundedReceiver<Received>,
}

pub async fn open(seed: u64) -> Opening {
    let servers = OwnServers::start_durable().await;
    let mariadb = Wire::to(&servers.mariadb.endpoint().address).await;
    let redis = Wire::to(&servers.redis.endpoint().address).await;
    let stripe = Stripe::start().await;
    let mut variables = vec![
        ("mysql_address", mariadb.address.as_str()),
        ("redis_address", redis.address.as_str()),
        ("reservation_seconds", RESERVATION_SECONDS),
        ("webhooks_to_private_addresses", "true"),
    ];
    variables.extend(stripe.variables());
    let shop = Shop::open_on(&servers, &variables).await;
    let Postbox { receiver, letters } = Postbox::open().await;
    stripe.send_webhooks_to(&receiver.url()).await;
    let stripe = Arc::new(stripe);
    let folder = Workspace::find().unwrap().target().join("faults");
    private::create_folder(&folder).unwrap();
    let log = folder.join("host.log");
    std::fs::remove_file(&log).ok();
    let (senders, trays) = (0..STAFF).map(|_| mpsc::unbounded_channel()).unzip();
    let mut world = World {
        api: shop.another_api(),
        stripe: Arc::clone(&stripe),
        service_token: shop.service_token().to_owned(),
        seed,
        goods: Vec::new(),
        seller: Somebody::new("seller"),
        admin: Somebody::new("admin"),
        ledger: Ledger::default(),
        report: Report::default(),
        day: watch::Sender::new(Day::Open),
        calm: Mutex::new(Some(Instant::now())),
        mint: shop.mint(),
        calendar: tokio::sync::Mutex::new(Books::new(shop.mysql(), shop.schema_prefix())),
        trays: Mutex::new(senders),
    };
    for staff in [&world.seller, &world.admin] {
        shop.open_account(&staff.id, staff.role).await;
    }
    world.goods = fill_shelves(&world).await;
    let merchant = merchant(&world).await;
    let stage = Stage {
        shop,
        servers,
        mariadb,
        redis,
        stripe,
        merchant,
        _postbox: receiver,
        log,
    };
    Opening {
        books: stage.books(),
        stage,
        world: Arc::new(world),
        trays,
        letters,
    }
}

/// A merchant who is told of everything, and sometimes too busy to listen.
async fn merchant(world: &World) -> Receiver {
    let merchant = Receiver::start().await;
    let body = json!({ "url": merchant.url(), "description": "Everything" });
    let admin = world.admin.api(world);
    let webhook = admin.post("/api/webhooks", body).key("merchant").await;
    let webhook = webhook.is(201).json();
    let secret = webhook.get("secret").and_then(Value::as_str).unwrap();
    merchant.trust(secret);
    let luck = Mutex::new((world.luck("merchant", 0), HashSet::new()));
    merchant.answer_by(move |request| {
        let mut luck = luck.lock().unwrap();
        // Each event is refused once at most, so that none waits for minutes.
        let is_refused = luck.0.u64(..100) < 6 && luck.1.insert(request.id().to_owned());
        let delay = Duration::from_millis(luck.0.u64(..20));
        Reply::status(if is_refused { 503 } else { 204 }).after(delay)
    });
    merchant
}

async fn fill_shelves(world: &World) -> Vec<Good> {
    let (admin, seller) = (world.admin.api(world), world.seller.api(world));
    let category = json!({ "name": "Papeterie" });
    let category = admin.post("/api/categories", category).await.is(201).id();
    let mut luck = world.luck("shelves", 0);
    let mut goods = Vec::new();
    for (number, (price, pieces)) in GOODS.into_iter().enumerate() {
        let good = Good {
            id: create_item(&seller, &category, number, price).await,
            price,
            is_scarce: number < SCARCE,
        };
        assert!(seller::bring(world, &good, pieces, &mut luck).await);
        goods.push(good);
    }
    goods
}

async fn create_item(seller: &Api, category: &str, number: usize, price: i64) -> String {
    let body = json!({
        "name": format!("Article {number}"),
        "description": "De chez nous",
        "category_id": category,
        "price": { "amount": price, "currency": "EUR" },
        "vat_rate": 2000,
    });
    seller.post("/api/items", body).await.is(201).id()
}

impl Stage {
    /// A connection of its own to the databases.
    pub fn books(&self) -> Books {
        Books::new(self.shop.mysql(), self.shop.schema_prefix())
    }

    /// Ends everything: what is in the servers is worth nothing now.
    pub async fn close(mut self) {
        self.shop.kill().await;
        self.servers.mariadb.kill().await;
        self.servers.redis.kill().await;
    }
}
