use std::path::PathBuf;
use std::process::ExitCode;

use report::{Options, Values};
use tables::ScoreTable;

use crate::output::{self, Format};

/// Correlate scores with the accuracies of a benchmark table: tau-b, tau-a and rho with confidence intervals.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Score folder or file.
    #[arg(long, value_name = "DIR|FILE")]
    scores: PathBuf,
    /// Table of the benchmark.
    #[arg(long, value_name = "FILE")]
    table: PathBuf,
    /// Bootstrap resamples.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    replicates: u32,
    /// Seed of the bootstrap.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let scores = ScoreTable::read_any(&args.scores)?;
    let options = Options { replicates: args.replicates, seed: args.seed, ..Options::default() };
    output::print_batch(report::correlate_values(&scores, Values::File(&args.table), &options)?.batch(), args.format, None)?;
    Ok(ExitCode::SUCCESS)
}
