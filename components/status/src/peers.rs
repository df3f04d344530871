//! The clients of every service: their health, and the work that is due at some time.

use commerce::Text;
use futures_util::future::join_all;
use http::{Method, StatusCode};
use serde_json::Value;
use service::outbox::{Redeliver, Waiting};
use service::settings::SettingError;
use service::{Context, Health, Invalid, Peer, PeerError, Problem, ServiceToken, Settings, Status};

/// The services that the house is made of, and the variables that say where they are.
const SERVICES: [(&str, &str); 8] = [
    ("accounts", "accounts_url"),
    ("catalog", "catalog_url"),
    ("cart", "cart_url"),
    ("orders", "orders_url"),
    ("payments", "payments_url"),
    ("webhooks", "webhooks_url"),
    ("suppliers", "suppliers_url"),
    ("reports", "reports_url"),
];

/// Those that have work which is due at some time, in the order in which one makes work for the next.
const TICKING: [&str; 6] = [
    "accounts", "catalog", "payments", "orders", "webhooks", "reports",
];

/// Everybody whose health is asked.
#[derive(Clone)]
pub struct Peers(Vec<Peer>);

impl Peers {
    /// Reads where each service is.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let token = ServiceToken::from_settings(settings).await?;
        let mut peers = Vec::with_capacity(SERVICES.len());
        for (name, variable) in SERVICES {
            let url = settings.text(variable).await?;
            peers.push(Peer::new(name, &url, token.clone()).unguarded());
        }
        Ok(Self(peers))
    }

    /// Asks all of them at once; the answer takes as long as the slowest.
    pub async fn health(&self, context: &Context) -> Health {
        let answers = join_all(self.0.iter().map(|peer| ask(context, peer))).await;
        let named = || self.0.iter().map(Peer::name).zip(&answers);
        let proxies = service::proxies::check(context).await;
        let health = Health::new(
            named()
                .flat_map(|(name, answer)| checks(name, answer))
                .chain(proxies),
        );
        Health {
            events: named()
                .flat_map(|(name, answer)| events(name, answer))
                .collect(),
            ..health
        }
    }
}

impl Peers {
    /// Has every service do what is due; what each has done. One that fails does not keep the others from it.
    pub async fn tick(&self, context: &Context) -> Result<Value, Problem> {
        let mut done = serde_json::Map::new();
        let mut failed = None;
        for name in TICKING {
            let Some(peer) = self.0.iter().find(|peer| peer.name() == name) else {
                continue;
            };
            match tick(context, peer).await {
                Ok(report) => drop(done.insert(name.to_owned(), report)),
                Err(error) => {
                    service::warn(context, "a service did not do what is due", &error);
                    failed = Some(error);
                }
            }
        }
        match failed {
            None => Ok(done.into()),
            Some(error) => Err(error.into()),
        }
    }
}

/// Those that have events to deliver.
const DELIVERING: [&str; 4] = ["accounts", "catalog", "payments", "orders"];

impl Peers {
    /// Has the services send set-aside events again, or one of them; what each has sent. One that fails does not keep
    /// the others from it.
    pub async fn redeliver(
        &self,
        context: &Context,
        service: Option<&str>,
        which: &Redeliver,
    ) -> Result<Value, Problem> {
        if service.is_some_and(|name| !DELIVERING.contains(&name)) {
            let mut invalid = Invalid::new();
            invalid.refuse(
                "/service",
                Text::new(
                    format!("Un de : {}", DELIVERING.join(", ")),
                    format!("One of: {}", DELIVERING.join(", ")),
                ),
            );
            return Err(invalid.into());
        }
        let mut done = serde_json::Map::new();
        let mut failed = None;
        let named = |peer: &&Peer| {
            DELIVERING.contains(&peer.name()) && service.is_none_or(|name| name == peer.name())
        };
        for peer in self.0.iter().filter(named) {
            let path = "/internal/events/redeliver";
            let sent: Result<Value, PeerError> = peer.ask(context, path, which).await;
            match sent {
                Ok(sent) => drop(done.insert(peer.name().to_owned(), sent)),
                Err(error) => {
                    service::warn(context, "a service did not send its events again", &error);
                    failed = Some(error);
                }
            }
        }
        match failed {
            None => Ok(done.into()),
            Some(error) => Err(error.into()),
        }
    }
}

async fn tick(context: &Context, peer: &Peer) -> Result<Value, PeerError> {
    let answer = peer
        .send(context, Method::POST, "/internal/tick", None::<&()>)
        .await?;
    match answer.status {
        StatusCode::OK => answer.json(),
        _ => Err(answer.unexpected()),
    }
}

/// 503 has a health in its body just as 200 has.
async fn ask(context: &Context, peer: &Peer) -> Result<Health, PeerError> {
    let answer = peer
        .send(context, Method::GET, "/internal/health", None::<&()>)
        .await?;
    match answer.status.as_u16() {
        200 | 503 => answer.json(),
        _ => Err(answer.unexpected()),
    }
    .inspect_err(|error| service::warn(context, "a service did not say how it is", error))
}

/// What a service says of itself, each check under the service's name. One that says nothing fails whole.
fn checks(name: &str, answer: &Result<Health, PeerError>) -> Vec<(String, Status)> {
    let Ok(health) = answer else {
        return vec![(name.to_owned(), Status::Fail)];
    };
    let named = |(check, status): (&String, &Status)| (format!("{name}:{check}"), *status);
    health.checks.iter().map(named).collect()
}

/// The events that wait in a service for its consumers: `orders>webhooks`.
fn events(name: &str, answer: &Result<Health, PeerError>) -> Vec<(String, Waiting)> {
    let waiting = answer.iter().flat_map(|health| &health.events);
    let named = |(consumer, waiting): (&String, &Waiting)| (format!("{name}>{consumer}"), *waiting);
    waiting.map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(checks: &[(&str, Status)]) -> Health {
        Health::new(
            checks
                .iter()
                .map(|(name, status)| (name.to_string(), *status)),
        )
    }

    #[test]
    fn each_check_is_known_by_its_service() {
        let merged = Health::new(
            [
                checks("cart", &Ok(health(&[("cache", Status::Pass)]))),
                checks(
                    "orders",
                    &Ok(health(&[
                        ("cache", Status::Pass),
                        ("database", Status::Fail),
                    ])),
                ),
            ]
            .concat(),
        );
        let names: Vec<_> = merged.checks.keys().map(String::as_str).collect();
        assert_eq!(names, ["cart:cache", "orders:cache", "orders:database"]);
        assert_eq!(merged.status, Status::Fail);
    }

    #[test]
    fn a_warning_is_no_failure() {
        let warned = health(&[("cache", Status::Pass), ("model", Status::Warn)]);
        assert_eq!(warned.status, Status::Warn);
        let failed = health(&[("cache", Status::Fail), ("model", Status::Warn)]);
        assert_eq!(failed.status, Status::Fail);
    }

    #[test]
    fn a_service_that_says_nothing_fails_the_house() {
        let silent = checks("cart", &Err(PeerError::TooSlow { peer: "cart" }));
        assert_eq!(silent, [("cart".to_owned(), Status::Fail)]);
        assert_eq!(Health::new(silent).status, Status::Fail);
    }
}
