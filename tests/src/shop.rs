//! A whole shop for one test: schemas and a Redis database of its own, and a host that serves them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use serde_json::Value;
use xtask::serve::{Host, Options, Program};
use xtask::servers::{MysqlEndpoint, RedisEndpoint};
use xtask::settings::{GENEROUS_LIMITS, NO_UNPAID_LIMITS, Settings};
use xtask::workspace::Workspace;
use xtask::{demo, migrate, private};

use crate::answer::Answer;
use crate::api::Api;
use crate::database::{self, Held, RedisDatabase};
use crate::forge::{self, Forger, Mint};
use crate::identity::identity;
use crate::own_servers::OwnServers;
use crate::person::Person;

#[derive(Debug)]
pub struct Shop {
    host: Host,
    api: Api,
    settings: Settings,
    key_set: String,
    mysql: MysqlEndpoint,
    redis: RedisEndpoint,
    prefix: String,
    people: AtomicU32,
    folder: PathBuf,
    _redis_database: RedisDatabase,
}

impl Shop {
    /// On the servers of the test run.
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// The same, with variables of `spin.toml` changed.
    pub async fn open_with(variables: &[(&str, &str)]) -> Self {
        let shop = Self::open_bare(variables).await;
        shop.set_up().await;
        shop
    }

    /// The same, where nobody has said yet who sells.
    pub async fn open_bare(variables: &[(&str, &str)]) -> Self {
        let (mysql, redis) = database::given_servers();
        Self::start(mysql, redis, variables).await
    }

    /// On servers that the test may stop.
    pub async fn open_on(servers: &OwnServers, variables: &[(&str, &str)]) -> Self {
        let (mysql, redis) = (servers.mariadb.endpoint(), servers.redis.endpoint());
        let shop = Self::start(mysql, redis, variables).await;
        shop.set_up().await;
        shop
    }

    /// Says who sells.
    async fn set_up(&self) {
        let id = forge::uuid();
        self.open_account(&id, "admin").await;
        let admin = self.api.with_token(&self.mint().token(&id, "admin"));
        let body = identity("F-", "A-");
        admin.put("/api/merchants/shop", body).await.is(201);
        database::delete_account(&self.mysql, &self.prefix, &id).await;
    }

    async fn start(mysql: MysqlEndpoint, redis: RedisEndpoint, changed: &[(&str, &str)]) -> Self {
        let workspace = Workspace::find().unwrap();
        let prefix = format!(
            "comptoir_t{:016x}",
            u64::from_ne_bytes(private::random_bytes().unwrap())
        );
        let settings = Settings::random().unwrap();
        let (redis_database, redis) = RedisDatabase::take(&redis).await;
        migrate::run_from(&workspace.migrations(), &mysql, &prefix)
            .await
            .unwrap_or_else(|error| panic!("{error:#}"));
        let mut variables = settings.variables(&mysql, &redis, &prefix).unwrap();
        let key_set = variables.iter().find(|(name, _)| name == "token_keys");
        let key_set = key_set.expect("the shop has keys").1.clone();
        let generous = [
            ("rate_limits", GENEROUS_LIMITS),
            ("unpaid_limits", NO_UNPAID_LIMITS),
        ];
        variables.extend(
            generous
                .iter()
                .chain(changed)
                .map(|(name, value)| (name.to_string(), value.to_string())),
        );
        let folder = workspace.target().join("e2e").join(&prefix);
        private::create_folder(&folder).unwrap();
        let options = Options {
            program: Program::Local(workspace.target().join("release").join("comptoir-host")),
            manifest: workspace.root().join("spin.toml"),
            listen: "127.0.0.1:0".to_owned(),
            runtime_config: Some(workspace.root().join("runtime-config.toml")),
            variables,
            log: folder.join("host.log"),
            pid_file: folder.join("host.pid"),
            cache: Some(workspace.target().join("e2e").join("cache")),
        };
        let host = Host::start(&options)
            .await
            .unwrap_or_else(|error| panic!("{error:#}"));
        Self {
            api: Api::new(&host.url),
            host,
            settings,
            key_set,
            mysql,
            redis,
            prefix,
            people: AtomicU32::new(0),
            folder,
            _redis_database: redis_database,
        }
    }

    /// The API as nobody in particular asks it.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Where others find a path of this shop.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.host.url)
    }

    /// A connection of its own to the same shop.
    pub fn another_api(&self) -> Api {
        Api::new(&self.host.url)
    }

    pub async fn client(&self) -> Person {
        let (id, email) = self.register().await;
        Person::sign_in(&self.api, &id, &email).await
    }

    pub async fn seller(&self) -> Person {
        self.person("seller").await
    }

    pub async fn admin(&self) -> Person {
        self.person("admin").await
    }

    pub async fn supplier(&self) -> Person {
        self.person("supplier").await
    }

    async fn person(&self, role: &str) -> Person {
        let (id, email) = self.register().await;
        database::set_role(&self.mysql, &self.prefix, &email, role).await;
        Person::sign_in(&self.api, &id, &email).await
    }

    async fn register(&self) -> (String, String) {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let email = format!("person{number}@example.org");
        (Person::register(&self.api, &email).await, email)
    }

    /// An account that nobody can sign in to, for a token that was minted.
    pub(crate) async fn open_account(&self, id: &str, role: &str) {
        database::insert_account(&self.mysql, &self.prefix, id, role).await;
    }

    /// So many clients at once. They have good tokens and no account, which only accounts would notice of clients:
    /// hashing a password for each takes longer than what is tested with them.
    pub fn crowd(&self, count: usize) -> Vec<Api> {
        let forger = self.forger();
        let tokens = (0..count).map(|_| forger.client_token(&self.key_set));
        tokens.map(|token| self.api.with_token(&token)).collect()
    }

    /// Makes tokens with this shop's own key.
    pub fn forger(&self) -> Forger {
        Forger::new(&self.settings.token_signing_key)
    }

    /// Good tokens for as long as they are asked for.
    pub(crate) fn mint(&self) -> Mint {
        Mint::new(self.forger(), &self.key_set)
    }

    pub fn service_token(&self) -> &str {
        &self.settings.service_token
    }

    /// Has this service tell this consumer of this event. What cannot come from outside, such as the same
    /// event twice, comes so.
    pub async fn tell(&self, service: &str, consumer: &str, event: &Value) {
        let schema = format!("{}_{service}", self.prefix);
        database::write_event(&self.mysql, &schema, consumer, event).await;
    }

    /// Has an unpaid order wait no longer, as if days had passed.
    pub async fn end_term(&self, order: &str) {
        database::end_term(&self.mysql, &self.prefix, order).await;
    }

    /// Loads the demo data, as `cargo xtask up` does.
    pub async fn load_demo(&self) {
        let workspace = Workspace::find().unwrap();
        let (prefix, token) = (&self.prefix, &self.settings.service_token);
        demo::load_into(&workspace, &self.host.url, &self.mysql, prefix, token)
            .await
            .unwrap_or_else(|error| panic!("{error:#}"));
    }

    /// A folder of this shop's own, which goes with it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Has every refresh of a session be so many seconds longer ago.
    pub async fn age_refreshes(&self, seconds: u32) {
        database::age_refreshes(&self.mysql, &self.prefix, seconds).await;
    }

    /// Takes a piece of each item past the catalogue, which tells nobody of it.
    pub async fn steal(&self) {
        database::steal(&self.mysql, &self.prefix).await;
    }

    /// Gives an item a price in cents and a stock that nobody may enter; nobody is told of it.
    pub async fn set_price_and_stock(&self, item: &str, price_and_stock: (i64, i64)) {
        database::set_price_and_stock(&self.mysql, &self.prefix, item, price_and_stock).await;
    }

    /// The number that a statement gives, in which `{catalog}` and the like are schemas.
    pub async fn number(&self, statement: &str) -> i64 {
        database::number(&self.mysql, &self.prefix, statement).await
    }

    /// Changes rows by a statement of the same form, past the shop.
    pub async fn change(&self, statement: &str) {
        database::change(&self.mysql, &self.prefix, statement).await;
    }

    /// Keeps a job of a service from being run, as a worker does that holds its lease and does nothing.
    pub async fn stop_job(&self, service: &str, job: &str) {
        let key = format!("{{job:{service}}}:{job}:lease");
        let hold = format!("SET {key} test PX 600000");
        database::tell_redis(&self.redis, &hold).await;
    }

    /// Lets it be run again.
    pub async fn let_job_go_on(&self, service: &str, job: &str) {
        let key = format!("{{job:{service}}}:{job}:lease");
        database::tell_redis(&self.redis, &format!("DEL {key}")).await;
    }

    /// Asks a path that only schedulers and services may ask.
    pub async fn ask_as_service(&self, path: &str, body: Value) -> Answer {
        let request = self.api.post(path, body);
        let token = self.service_token();
        request.header("comptoir-service-token", token).await
    }

    /// Has every service do what is due, as a scheduler does.
    pub async fn tick(&self) -> Answer {
        let tick = self.api.request(Method::POST, "/internal/tick");
        let token = self.service_token();
        tick.header("comptoir-service-token", token).await.is(200)
    }

    /// Has whoever reads or writes a table of a service wait, until it is released.
    pub async fn hold(&self, service: &str, table: &str) -> Held {
        let table = format!("{}_{service}.{table}", self.prefix);
        Held::take(&self.mysql, &table).await
    }

    /// Has the server believe for good that this table of a service is empty, as it may for long after a crash.
    pub async fn freeze_statistics(&self, service: &str, table: &str) {
        let table = format!("{}_{service}.{table}", self.prefix);
        database::freeze_statistics(&self.mysql, &table).await;
    }

    /// Locks a row of a table of a service, until it is released.
    pub async fn hold_row(&self, service: &str, table: &str, id: &str) -> Held {
        let table = format!("{}_{service}.{table}", self.prefix);
        Held::take_row(&self.mysql, &table, id).await
    }

    /// Makes Redis lose everything.
    pub async fn empty_redis(&self) {
        database::flush(&self.redis).await;
    }

    /// What this shop's Redis answers to a command.
    pub async fn redis_command(&self, command: &str) -> String {
        database::tell_redis(&self.redis, command).await
    }

    pub fn mysql(&self) -> &MysqlEndpoint {
        &self.mysql
    }

    /// Schemas are called `<prefix>_<service>`.
    pub(crate) fn schema_prefix(&self) -> &str {
        &self.prefix
    }

    /// Ends the host as a power cut would.
    pub async fn kill(&mut self) {
        self.host.kill().await;
    }

    /// Starts the host again, at the same address.
    pub async fn restart(&mut self) {
        self.try_restart()
            .await
            .unwrap_or_else(|error| panic!("{error:#}"));
    }

    /// The same, where somebody else may have taken its port meanwhile.
    pub(crate) async fn try_restart(&mut self) -> anyhow::Result<()> {
        self.host.start_again().await
    }

    /// Everything the host has said since it started.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("host.log")).unwrap_or_default()
    }

    async fn close(&mut self) {
        self.host.stop().await.ok();
        // Servers of the test's own may be gone already, and their schemas with them.
        if self.mysql.connect().await.is_ok() {
            database::drop_schemas(&self.mysql, &self.prefix).await;
        }
    }
}

impl Drop for Shop {
    /// A failed test leaves its host's log, and shows the end of it.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            eprintln!("The end of {}:", self.folder.join("host.log").display());
            eprintln!("{}", xtask::command::last_lines(&log, 25));
        } else {
            std::fs::remove_dir_all(&self.folder).ok();
        }
        // A test's runtime cannot wait for a future while it drops: a thread with one of its own can.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                if let Ok(runtime) = runtime {
                    runtime.block_on(self.close());
                }
            });
        });
    }
}
