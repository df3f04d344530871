//! What `cargo xtask faults` starts: the words of its command line, and its exit code.

use std::process::ExitCode;

use clap::Parser;
use xtask::faults::Options;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { options } = Arguments::parse();
    // What the run has started ends with the future that owned it.
    let passed = tokio::select! {
        passed = comptoir_tests::faults::run(&options) => passed,
        _ = tokio::signal::ctrl_c() => false,
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
