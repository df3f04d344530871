//! The proof: shoppers and sellers at work while the host, MariaDB and Redis are killed and the connections
//! between them fail; afterwards, whether every promise was kept.
//!
//! The seed decides what goes wrong and what people do; what meets what is the system's affair. Run it by
//! `cargo xtask faults`.

mod books;
mod checks;
mod courier;
mod ledger;
mod paying;
mod plan;
mod poison;
mod provider;
mod refunding;
mod report;
mod seller;
mod settle;
mod shopper;
mod stage;
mod storm;
mod watch;
mod wire;
mod world;

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use xtask::faults::Options;

use checks::Evidence;
use stage::Opening;
use world::Day;

const SHOPPERS: usize = 16;
const STAFF: usize = 4;

/// How long requests that were begun may take to be answered once everything is up.
const LAST_ANSWERS: Duration = Duration::from_secs(60);

/// Runs it and prints its report; whether every rule was kept.
pub async fn run(options: &Options) -> bool {
    let length = Duration::from_secs(options.minutes * 60);
    let plan = plan::draw(options.seed, length);
    say(&format!(
        "{} minutes of {} faults, seed {}",
        options.minutes,
        plan.len(),
        options.seed
    ));
    let begun = Instant::now();
    let Opening {
        mut stage,
        world,
        mut books,
        trays,
        letters,
    } = stage::open(options.seed).await;

    let mut background = JoinSet::new();
    background.spawn(watch::tick(Arc::clone(&world)));
    background.spawn(watch::sample(Arc::clone(&world), stage.books()));
    background.spawn(watch::read_reports(Arc::clone(&world)));
    background.spawn(poison::spread(Arc::clone(&world), stage.books()));
    background.spawn(provider::relay(Arc::clone(&world), letters));
    let mut staff = JoinSet::new();
    for (number, tray) in trays.into_iter().enumerate() {
        staff.spawn(seller::work(Arc::clone(&world), number, tray));
    }
    let mut people = JoinSet::new();
    people.spawn(seller::restock(Arc::clone(&world)));
    for number in 0..SHOPPERS {
        people.spawn(shopper::shop(Arc::clone(&world), number));
    }

    let opened = Instant::now();
    stage.storm(&plan, &world).await;
    tokio::time::sleep(length.saturating_sub(opened.elapsed())).await;
    world
        .day
        .send_replace(Day::Closing(Instant::now() + LAST_ANSWERS));
    people.join_all().await;
    world.trays.lock().unwrap().clear();
    staff.join_all().await;

    settle::settle(&world, &mut books).await;
    let noted = poison::check(&world, &mut books).await;
    noted.unwrap_or_else(|error| panic!("poisonous events cannot be counted: {error:#}"));
    background.shutdown().await;
    let evidence = Evidence {
        promised: &world.ledger.read(),
        books: &mut books,
        stripe: &world.stripe,
        merchant: &stage.merchant,
        admin: &world.admin.api(&world),
        report: &world.report,
    };
    let checked = checks::run(evidence).await;
    checked.unwrap_or_else(|error| panic!("the checks cannot be made: {error:#}"));
    stage.keep_log();
    stage.close().await;
    world
        .report
        .add("seconds in all", begun.elapsed().as_secs());
    say(&format!("\n{}", world.report));
    say(&match world.report.passed() {
        true => format!("Every rule was kept (seed {}).", options.seed),
        false => format!("RULES WERE BROKEN (seed {}).", options.seed),
    });
    world.report.passed()
}

/// To the terminal also in a test, whose own output is kept back.
fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").ok();
}
