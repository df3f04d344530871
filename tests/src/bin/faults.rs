//! What `cargo xtask faults` starts: the words of its command line, and its exit code.

use std::process::ExitCode;

use clap::Parser;
use xtask::faults::Options;
use xtask::interruption::Interruption;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { options } = Arguments::parse();
    // What the run has started ends with the future that owned it.
    let interruption = Interruption::listen();
    let interruption = match interruption {
        Ok(interruption) => interruption,
        Err(error) => {
            eprintln!("Error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let passed = tokio::select! {
        passed = comptoir_tests::faults::run(&options) => passed,
        () = interruption.asked() => false,
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
