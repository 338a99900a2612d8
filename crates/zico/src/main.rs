//! `zico`: does a zero-cost proxy rank networks as training does?
//!
//! One file per subcommand in `commands`; results go to stdout, talk to stderr, failures to an exit code of [`exit`].

mod cli;
mod commands;
mod data;
mod exit;
mod jobs;
mod output;
mod progress;
mod scoring;
mod selection;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // SAFETY: nothing has started a thread yet.
    unsafe {
        engine::forbid_reduced_precision();
        engine::ignore_alignment();
    }
    engine::keep_freed_memory();
    let cli = cli::Cli::parse();
    match cli.command.run() {
        Ok(code) => code,
        Err(error) => exit::report(&error),
    }
}
