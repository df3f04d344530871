//! Starts the host on a manifest of the test's own, and asks it things.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use serde_json::{Value, json};

/// Longer than anything here takes: only a test that fails waits for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A host that serves, until dropped.
pub struct Host {
    pub url: String,
    child: Child,
    lines: Receiver<String>,
}

/// What to serve and how.
#[derive(Default)]
pub struct Setup {
    name: &'static str,
    manifest: String,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    log: Option<&'static str>,
}

/// The manifest of most tests: `a` is public below `/a` and may reach `b`, which is private, and
/// both servers.
pub fn setup(name: &'static str) -> Setup {
    let guest = build_guest().display();
    let hosts = format!(
        r#"["http://b.spin.internal", "mysql://{}", "redis://{}"]"#,
        find_authority(&mysql_url()),
        find_authority(&redis_url())
    );
    let manifest = format!(
        r#"
        spin_manifest_version = 2
        [application]
        name = "test"
        version = "1.2.3"
        [variables]
        greeting = {{ default = "hello" }}
        secret = {{ required = true, secret = true }}
        [[trigger.http]]
        route = "/a/..."
        component = "a"
        [[trigger.http]]
        route = "/exact"
        component = "a"
        [[trigger.http]]
        route = {{ private = true }}
        component = "b"
        [component.a]
        source = "{guest}"
        allowed_outbound_hosts = {hosts}
        [component.a.variables]
        greeting = "{{{{ greeting }}}}, {{{{secret}}}}"
        [component.a.environment]
        COLOUR = "blue"
        [component.b]
        source = "{guest}"
        allowed_outbound_hosts = {hosts}
        "#
    );
    Setup {
        name,
        manifest,
        ..Setup::default()
    }
    .argument("--variable", "secret=world")
}

impl Setup {
    pub fn argument(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.to_owned(), value.to_owned()]);
        self
    }

    pub fn without_arguments(mut self) -> Self {
        self.arguments.clear();
        self
    }

    /// Standard error is this file, and no line of it is seen by the test.
    pub fn log_to(mut self, file: &'static str) -> Self {
        self.log = Some(file);
        self
    }

    pub fn environment(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub fn replace(mut self, from: &str, to: &str) -> Self {
        assert!(self.manifest.contains(from), "the manifest has no {from:?}");
        self.manifest = self.manifest.replace(from, to);
        self
    }

    /// A file beside the manifest.
    pub fn path(&self, file: &str) -> PathBuf {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.name);
        fs::create_dir_all(&directory).unwrap();
        directory.join(file)
    }

    pub fn spawn(&self) -> Child {
        let manifest = self.path("spin.toml");
        fs::write(&manifest, &self.manifest).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_comptoir-host"));
        command
            .args(["--listen", "127.0.0.1:0", "--from"])
            .arg(manifest)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !self.arguments.iter().any(|name| name == "--cache-dir") {
            let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
            command.arg("--cache-dir").arg(cache);
        }
        if let Some(log) = self.log {
            command.stderr(fs::File::options().write(true).open(log).unwrap());
        }
        command.spawn().expect("the host starts")
    }

    pub fn serve(&self) -> Host {
        let mut child = self.spawn();
        let (sender, lines) = channel();
        if let Some(stderr) = child.stderr.take() {
            collect(stderr, sender);
        }
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let Some(url) = ready.trim().strip_prefix("Serving ") else {
            let log: Vec<_> = lines.iter().collect();
            panic!("the host does not serve: {log:#?}");
        };
        Host {
            url: url.to_owned(),
            child,
            lines,
        }
    }

    /// Why the host does not start.
    pub fn refusal(&self) -> String {
        let output = self.spawn().wait_with_output().unwrap();
        assert!(!output.status.success(), "the host should not have served");
        let log = String::from_utf8(output.stderr).unwrap();
        let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        last["fields"]["error"].as_str().unwrap().to_owned()
    }
}

impl Host {
    pub async fn get(&self, path: &str) -> String {
        let response = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }

    pub async fn status(&self, path: &str) -> u16 {
        let response = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        response.status().as_u16()
    }

    pub async fn post(&self, path: &str, body: Vec<u8>) -> Vec<u8> {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url));
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.bytes().await.unwrap().to_vec()
    }

    /// Runs the steps in the guest and gives what it saw of each.
    pub async fn run(&self, path: &str, address: &str, steps: Value) -> Vec<String> {
        let script = json!({ "address": address, "steps": steps }).to_string();
        let seen = self.post(path, script.into_bytes()).await;
        serde_json::from_slice(&seen).unwrap()
    }

    /// The next line of the log that holds `part`.
    pub fn wait_for_line(&self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the log never says {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stderr: impl std::io::Read + Send + 'static, sender: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
}

/// Builds `tests/guest`, once a run.
fn build_guest() -> &'static Path {
    static GUEST: OnceLock<PathBuf> = OnceLock::new();
    GUEST.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release", "--locked"])
            .args(["--target", "wasm32-wasip2", "--target-dir"])
            .arg(&target)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guest"))
            .status();
        assert!(status.unwrap().success(), "the guest does not build");
        target.join("wasm32-wasip2/release/guest.wasm")
    })
}

fn read_environment(name: &str, example: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("set {name} to the address of a test server, as in {example}"))
}

pub fn mysql_url() -> String {
    read_environment("COMPTOIR_TEST_MYSQL", "mysql://root:pw@127.0.0.1:33061")
}

pub fn redis_url() -> String {
    read_environment("COMPTOIR_TEST_REDIS", "redis://127.0.0.1:6399")
}

pub fn find_authority(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    format!("{}{port}", url.host_str().unwrap())
}

/// An address of this machine where nobody listens.
pub fn find_closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// An empty database of the test's own; gives its address.
pub async fn create_database(name: &str) -> String {
    let server = mysql_url();
    let pool = mysql_async::Pool::from_url(&server).unwrap();
    let mut connection = pool.get_conn().await.unwrap();
    let name = format!("comptoir_host_{name}");
    connection
        .query_drop(format!("drop database if exists {name}"))
        .await
        .unwrap();
    connection
        .query_drop(format!("create database {name} character set utf8mb4"))
        .await
        .unwrap();
    drop(connection);
    pool.disconnect().await.unwrap();
    format!("{server}/{name}?prefer_socket=false")
}
