use std::path::PathBuf;
use std::process::ExitCode;

use report::aggregate::{Aggregate, with_aggregates};
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
    /// Combination of proxies by rank: `az_nas`, `vkdnw_agg`, `vkdnw_agg_mbv2`, `swap_regular` (or `swap_regular@MU:SIGMA`), or proxies joined by `+`; repeat for several.
    #[arg(long, value_name = "NAME|A+B")]
    aggregate: Vec<String>,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let aggregates = args.aggregate.iter().map(|text| Aggregate::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let scores = with_aggregates(&ScoreTable::read_any(&args.scores)?, &aggregates)?;
    let options = Options { replicates: args.replicates, seed: args.seed, ..Options::default() };
    output::print_batch(report::correlate_values(&scores, Values::File(&args.table), &options)?.batch(), args.format, None)?;
    Ok(ExitCode::SUCCESS)
}
