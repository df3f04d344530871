//! `cargo xtask bench`: what a request costs, scenario by scenario, beside the empty component; and a
//! soak. It owns the order of things; wrk (not ours) makes the load, with the scripts of `bench/`.
//!
//! Everything runs on this machine: the figures are of the whole, wrk included, and only their ratios
//! mean something elsewhere. The servers keep their data as those of `up` do, on the disk.

mod calls;
mod figure;
mod goods;
mod history;
mod load;
mod machine;
mod native;
mod neighbour;
mod report;
mod reports;
mod scenario;
mod soak;
mod stage;
mod statements;
mod storm;
mod table;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{compile, demo, setup, ticker};
use figure::{Effort, Figure};
use goods::Goods;
use native::Comparison;
use scenario::{Before, EMPTY, SCENARIOS, Scenario};
use stage::Stage;
use statements::Counter;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Only the scenarios with this in their names (and the empty component); may be repeated.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// How long each scenario is measured.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=300))]
    seconds: u64,
    /// How long each scenario runs before it is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    warm_up: u64,
    /// Connections at once [default: 64, of a soak 128].
    #[arg(long, value_parser = clap::value_parser!(u32).range(8..=4096))]
    connections: Option<u32>,
    /// Instead of the scenarios: a mixed load that must show no error and no stall.
    #[arg(long)]
    soak: bool,
    /// Instead of the scenarios: each report with few orders and with many.
    #[arg(long, conflicts_with = "soak")]
    reports: bool,
    /// Instead of the scenarios: how much slower one customer's shop becomes by another within the default limits.
    #[arg(long, conflicts_with_all = ["soak", "reports"])]
    neighbour: bool,
    /// Instead of the scenarios: many unpaid orders run out within a minute while customers shop.
    #[arg(long, conflicts_with_all = ["soak", "reports"])]
    storm: bool,
    /// How many orders a storm has.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    orders: u64,
    /// How long a soak lasts; access tokens end after 15.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=13))]
    minutes: u64,
    /// Count no request: what the limiter costs.
    #[arg(long)]
    without_limits: bool,
    /// Measure what was built last.
    #[arg(long)]
    no_build: bool,
}

/// Measures and prints; any error of a request is an error of the command.
pub async fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    bench(workspace, options).await
}

async fn bench(workspace: &Workspace, options: &Options) -> Result<()> {
    let chosen = choose(&options.only)?;
    setup::run_for_bench(workspace).await?;
    if !options.no_build {
        compile::components(workspace).await?;
        compile::empty_component(workspace).await?;
        compile::host(workspace).await?;
    }
    let own: &[(&str, &str)] = match options {
        Options { soak: true, .. } => &soak::VARIABLES,
        Options { storm: true, .. } => &storm::VARIABLES,
        _ => &[],
    };
    let limits: &[(&str, &str)] = if options.without_limits {
        &[("rate_limits", "")]
    } else {
        &[]
    };
    println!("Opening a shop …");
    let stage = Stage::open(workspace, &[own, limits].concat()).await?;
    let work = async {
        demo::load_on(workspace, &stage.shop.url, &stage.mariadb.endpoint()).await?;
        println!("Making {} items with stock, and clients …", goods::ITEMS);
        let url = stage.shop.url.clone();
        let demo = workspace.demo();
        let goods = blocking(move || Goods::make(&demo, &url)).await?;
        describe(&stage).await?;
        if options.reports {
            reports::run(&stage, &goods).await
        } else if options.neighbour {
            neighbour::run(workspace, &stage, &goods, options.seconds).await
        } else if options.storm {
            let connections = options.connections.unwrap_or(64);
            let scripts = scripts(workspace);
            let storm = storm::run(&stage, &scripts, goods, connections, options.orders);
            let clock = ticker::run(&stage.shop.url, &stage.service_token);
            tokio::select! {
                outcome = storm => outcome,
                () = clock => Ok(()),
            }
        } else if options.soak {
            let data = write_data(&stage, &goods)?;
            let connections = options.connections.unwrap_or(128);
            soak::run(
                &stage,
                &scripts(workspace),
                &data,
                connections,
                options.minutes,
            )
            .await
        } else {
            measure(workspace, options, &stage, goods, &chosen).await
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        how = stage.failed() => bail!("{how}"),
    };
    let log = workspace.target().join("bench").join("host.log");
    let closed = stage.close(&log).await;
    if outcome.is_err() {
        eprintln!("What the host said is in {}.", log.display());
    }
    outcome.and(closed)
}

async fn measure(
    workspace: &Workspace,
    options: &Options,
    stage: &Stage,
    mut goods: Goods,
    chosen: &[Scenario],
) -> Result<()> {
    let effort = Effort {
        connections: options.connections.unwrap_or(64),
        warm_up: Duration::from_secs(options.warm_up),
        measured: Duration::from_secs(options.seconds),
    };
    println!(
        "Measuring with {} connections, {} s each after {} s of warm-up …\n",
        effort.connections, options.seconds, options.warm_up
    );
    let scripts = scripts(workspace);
    let by_sql = compile::orders_by_sql(workspace).await?;
    let mut figures: Vec<Figure> = Vec::new();
    let mut comparisons: Vec<Comparison> = Vec::new();
    for scenario in chosen {
        let (before, url) = (scenario.before, stage.shop.url.clone());
        goods = blocking(move || {
            goods.refresh(&url)?;
            if before == Before::FillCarts {
                goods.fill_carts(&url)?;
            }
            Ok(goods)
        })
        .await?;
        let data = write_data(stage, &goods)?;
        eprintln!("  {} …", scenario.name);
        let figure = figure::take(scenario, stage, &scripts, &data, effort);
        let figure = figure
            .await
            .with_context(|| format!("{} cannot be measured", scenario.name))?;
        let comparison = native::compare(&by_sql, stage, &goods, scenario, &figure, effort);
        comparisons.extend(comparison.await?);
        figures.push(figure);
    }
    println!("{}\n", figure::table(&figures));
    if !comparisons.is_empty() {
        println!("{}\n", native::table(&comparisons));
    }
    let json = serde_json::json!({
        "scenarios": figure::to_json(&figures),
        "natively": native::to_json(&comparisons),
    });
    let file = workspace.target().join("bench.json");
    std::fs::write(&file, format!("{json:#}\n"))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    let complaints: Vec<String> = figures.iter().filter_map(Figure::complaint).collect();
    ensure!(
        complaints.is_empty(),
        "requests went wrong: {}",
        complaints.join("; ")
    );
    println!("No request went wrong. The same in numbers: target/bench.json");
    Ok(())
}

/// Says what is measured, and whether the machine has something else to do.
async fn describe(stage: &Stage) -> Result<()> {
    let version = Counter::connect(&stage.mariadb.endpoint())
        .await?
        .version()
        .await?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "\n{cores} cores for everything, wrk with {} threads among it. MySQL or MariaDB {version} on \
         the disk, every commit flushed; Redis with an append-only file, flushed each second; the \
         local host in release.",
        load::threads()
    );
    match machine::busy().await {
        Some(busy) if busy > 10 => println!(
            "WARNING: others use {busy} % of this machine; the figures are worth less for it."
        ),
        Some(_) => println!("The machine is otherwise idle."),
        None => println!("Whether the machine is otherwise idle cannot be told here."),
    }
    println!(
        "SQL/request: the server's Questions. Redis/request: calls that MONITOR shows, counted in the \
         warm-up. logins/1000: new MySQL connections a thousand requests. host MB: the most that the \
         host had in memory."
    );
    Ok(())
}

/// The empty component, and what has one of these words in its name.
fn choose(only: &[String]) -> Result<Vec<Scenario>> {
    let wanted = |scenario: &&Scenario| {
        only.is_empty()
            || only
                .iter()
                .any(|word| scenario.name.contains(word.as_str()))
    };
    let chosen: Vec<Scenario> = SCENARIOS.iter().filter(wanted).copied().collect();
    if chosen.is_empty() && !wanted(&&EMPTY) {
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        bail!(
            "no scenario has that in its name: there are {}",
            names.join("; ")
        );
    }
    Ok([vec![EMPTY], chosen].concat())
}

fn scripts(workspace: &Workspace) -> PathBuf {
    workspace.root().join("bench")
}

fn write_data(stage: &Stage, goods: &Goods) -> Result<PathBuf> {
    let file = stage.folder.path().join("data.lua");
    crate::private::write(Path::new(&file), &goods.to_lua())?;
    Ok(file)
}

/// The API's client of the demo waits for its answers with its thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.context("the preparation was interrupted")?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_component_is_measured_with_whatever_is_chosen() {
        let chosen = choose(&["search".to_owned()]).unwrap();
        let names: Vec<&str> = chosen.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names, ["empty component", "search"]);
        assert_eq!(choose(&[]).unwrap().len(), SCENARIOS.len() + 1);
        assert!(choose(&["nothing of the kind".to_owned()]).is_err());
    }
}
