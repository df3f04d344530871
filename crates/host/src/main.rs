//! The `comptoir-host` command: arguments, logs and signals.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use comptoir_host::arguments::Arguments;
use comptoir_host::log::Log;
use comptoir_host::shutdown::Shutdown;
use comptoir_host::{application, server};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    write_logs();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "not served");
            ExitCode::FAILURE
        }
    }
}

/// One JSON line an event in the log, where the lines of the components go too.
fn write_logs() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,wasmtime=warn,cranelift=warn"));
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(Log)
        // Told of by `eprintln!`, which panics where standard error is what fails.
        .log_internal_errors(false)
        .init();
}

fn run(arguments: &Arguments) -> Result<()> {
    // Several crates use TLS; they all find this one. It is the first, so it cannot fail.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let shutdown = Shutdown::default();
    let application = application::load(arguments, &shutdown)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let served = runtime.block_on(async {
        tokio::spawn(stop_on_signal(shutdown.clone()));
        server::serve(arguments, application, &shutdown).await
    });
    // What is still running was abandoned above; its threads must not hold up the exit.
    runtime.shutdown_background();
    served
}

/// The first signal asks to stop, the second does not ask. A terminal that closes is a signal like others, but for
/// whoever was started to ignore it (`nohup`).
async fn stop_on_signal(shutdown: Shutdown) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = match ignores_hangup() {
        true => None,
        false => Some(signal(SignalKind::hangup())?),
    };
    for round in 0..2 {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = next(&mut hangup) => {}
        }
        if round == 1 {
            std::process::exit(130);
        }
        shutdown.start();
    }
    Ok(())
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether this process was started with SIGHUP ignored: its bit is the lowest in the mask that Linux tells.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 != 0)
}
