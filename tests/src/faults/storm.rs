//! Carries the plan out: kills, starts again, and lets the wires misbehave. It alone owns what is killed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;

use super::plan::{Fault, Line, Planned, Victim};
use super::wire::{Mood, Wire};
use super::world::World;
use crate::own_servers::OwnServers;
use crate::receiver::Receiver;
use crate::shop::Shop;
use crate::stripe::Stripe;
use crate::stripe_proxy::StripeProxy;

/// How often a server is started again: its port may be taken for a moment.
const STARTS: usize = 10;

/// How long a slow wire holds back whatever is sent.
const SLOWNESS: Duration = Duration::from_millis(30);

#[derive(Debug)]
pub struct Stage {
    // Ended in this order when dropped.
    pub shop: Shop,
    pub servers: OwnServers,
    pub mariadb: Wire,
    pub redis: Wire,
    pub stripe: Arc<Stripe>,
    /// A merchant who is told of every event.
    pub merchant: Receiver,
    /// Where the provider sends its webhooks.
    pub _postbox: Receiver,
    /// Where what the host has said is kept, because each start begins its log anew.
    pub log: PathBuf,
}

impl Stage {
    /// One fault after the other; afterwards everything is up.
    pub async fn storm(&mut self, plan: &[Planned], world: &World) {
        for planned in plan {
            tokio::time::sleep(planned.calm).await;
            eprintln!("   {:?} for {:?}", planned.fault, planned.lasts);
            let lasts = planned.lasts;
            *world.calm.lock().unwrap() = None;
            match planned.fault {
                Fault::Kill(victim) => self.kill(victim, lasts).await,
                Fault::Cut(Line::Mariadb) => self.mariadb.cut(),
                Fault::Cut(Line::Redis) => self.redis.cut(),
                Fault::Cut(Line::Provider) => self.be(Line::Provider, Mood::Still, lasts).await,
                Fault::Slow(line) => self.be(line, Mood::Slow(SLOWNESS), lasts).await,
                Fault::Still(line) => self.be(line, Mood::Still, lasts).await,
                Fault::Deaf(line) => self.be(line, Mood::Deaf, lasts).await,
                Fault::Away => {
                    self.merchant.stop().await;
                    tokio::time::sleep(lasts).await;
                    self.merchant.start_again().await;
                }
            }
            *world.calm.lock().unwrap() = Some(Instant::now());
            world.report.count(name(planned.fault));
        }
    }

    async fn be(&self, line: Line, mood: Mood, lasts: Duration) {
        self.set(line, mood);
        tokio::time::sleep(lasts).await;
        self.set(line, Mood::Flowing);
    }

    fn set(&self, line: Line, mood: Mood) {
        match line {
            Line::Mariadb => self.mariadb.set(mood),
            Line::Redis => self.redis.set(mood),
            Line::Provider => set_provider(&self.stripe.proxy, mood),
        }
    }

    async fn kill(&mut self, victim: Victim, lasts: Duration) {
        match victim {
            Victim::Host => {
                self.shop.kill().await;
                self.keep_log();
            }
            Victim::Mariadb => self.servers.mariadb.kill().await,
            Victim::Redis => self.servers.redis.kill().await,
        }
        tokio::time::sleep(lasts).await;
        for _ in 0..STARTS {
            let started = match victim {
                Victim::Host => self.shop.try_restart().await,
                Victim::Mariadb => self.servers.mariadb.start_again().await,
                Victim::Redis => self.servers.redis.start_again().await,
            };
            match started {
                Ok(()) => return,
                Err(error) => eprintln!("   {victim:?} does not start again yet: {error:#}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("{victim:?} does not start again");
    }

    /// Adds what the host has said since its start to the log of the run.
    pub fn keep_log(&self) {
        let file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log);
        let kept = file
            .and_then(|mut file| std::io::Write::write_all(&mut file, self.shop.log().as_bytes()));
        if let Err(error) = kept {
            eprintln!("   {} cannot be written: {error}", self.log.display());
        }
    }
}

/// The proxy before the provider has moods of its own.
fn set_provider(proxy: &StripeProxy, mood: Mood) {
    match mood {
        Mood::Flowing => {
            proxy.cut(false);
            proxy.delay(Duration::ZERO);
        }
        Mood::Slow(delay) => proxy.delay(delay * 20),
        Mood::Still => proxy.cut(true),
        Mood::Deaf => proxy.lose_answers(Method::POST, "/v1/", 3),
    }
}

/// As the report counts it.
fn name(fault: Fault) -> &'static str {
    match fault {
        Fault::Kill(Victim::Host) => "kills of the host",
        Fault::Kill(Victim::Mariadb) => "kills of MariaDB",
        Fault::Kill(Victim::Redis) => "kills of Redis",
        Fault::Cut(Line::Mariadb) => "cuts of MariaDB",
        Fault::Cut(Line::Redis) => "cuts of Redis",
        Fault::Cut(Line::Provider) | Fault::Still(Line::Provider) => "cuts of the provider",
        Fault::Slow(Line::Mariadb) => "delays of MariaDB",
        Fault::Slow(Line::Redis) => "delays of Redis",
        Fault::Slow(Line::Provider) => "delays of the provider",
        Fault::Still(Line::Mariadb) => "silences of MariaDB",
        Fault::Still(Line::Redis) => "silences of Redis",
        Fault::Deaf(Line::Mariadb) => "lost answers of MariaDB",
        Fault::Deaf(Line::Redis) => "lost answers of Redis",
        Fault::Deaf(Line::Provider) => "lost answers of the provider",
        Fault::Away => "absences of the merchant",
    }
}
