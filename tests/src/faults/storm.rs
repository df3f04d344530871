//! Carries the plan out: kills, starts again, and lets the wires misbehave. It alone owns what is killed.

use std::path::PathBuf;
use std::time::Duration;

use super::plan::{Fault, Line, Planned, Victim};
use super::report::Report;
use super::wire::{Mood, Wire};
use crate::own_servers::OwnServers;
use crate::shop::Shop;

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
    /// Where what the host has said is kept, because each start begins its log anew.
    pub log: PathBuf,
}

impl Stage {
    /// One fault after the other; afterwards everything is up.
    pub async fn storm(&mut self, plan: &[Planned], report: &Report) {
        for planned in plan {
            tokio::time::sleep(planned.calm).await;
            eprintln!("   {:?} for {:?}", planned.fault, planned.lasts);
            match planned.fault {
                Fault::Kill(victim) => self.kill(victim, planned.lasts, report).await,
                Fault::Cut(line) => {
                    self.wire(line).cut();
                    report.count(name(line, ["cuts of MariaDB", "cuts of Redis"]));
                }
                Fault::Slow(line) => {
                    self.be(line, Mood::Slow(SLOWNESS), planned.lasts).await;
                    report.count(name(line, ["delays of MariaDB", "delays of Redis"]));
                }
                Fault::Still(line) => {
                    self.be(line, Mood::Still, planned.lasts).await;
                    report.count(name(line, ["silences of MariaDB", "silences of Redis"]));
                }
                Fault::Deaf(line) => {
                    self.be(line, Mood::Deaf, planned.lasts).await;
                    let names = ["lost answers of MariaDB", "lost answers of Redis"];
                    report.count(name(line, names));
                }
            }
        }
    }

    async fn be(&self, line: Line, mood: Mood, lasts: Duration) {
        let wire = self.wire(line);
        wire.set(mood);
        tokio::time::sleep(lasts).await;
        wire.set(Mood::Flowing);
    }

    fn wire(&self, line: Line) -> &Wire {
        match line {
            Line::Mariadb => &self.mariadb,
            Line::Redis => &self.redis,
        }
    }

    async fn kill(&mut self, victim: Victim, lasts: Duration, report: &Report) {
        match victim {
            Victim::Host => {
                self.shop.kill().await;
                self.keep_log();
                report.count("kills of the host");
            }
            Victim::Mariadb => {
                self.servers.mariadb.kill().await;
                report.count("kills of MariaDB");
            }
            Victim::Redis => {
                self.servers.redis.kill().await;
                report.count("kills of Redis");
            }
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
        let kept = file.and_then(|mut file| {
            std::io::Write::write_all(&mut file, self.shop.log().as_bytes())
        });
        if let Err(error) = kept {
            eprintln!("   {} cannot be written: {error}", self.log.display());
        }
    }
}

fn name(line: Line, [mariadb, redis]: [&'static str; 2]) -> &'static str {
    match line {
        Line::Mariadb => mariadb,
        Line::Redis => redis,
    }
}
