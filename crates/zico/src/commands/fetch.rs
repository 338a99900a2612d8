use std::process::ExitCode;

use crate::data::{SourceArgs, observer};
use crate::output::{self, Format};

/// Find the official files of a benchmark by checksum, or download them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Benchmark (see `zico list benchmarks`).
    benchmark: String,
    /// Edition of it [default: the first that is on this machine or can be downloaded].
    #[arg(long, value_name = "NAME")]
    edition: Option<String>,
    #[command(flatten)]
    sources: SourceArgs,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let benchmark = bench_loaders::find(&args.benchmark)?;
    let located = args.sources.fetcher().locate(benchmark.meta(), args.edition.as_deref(), &observer())?;
    let mut rows = vec![["file", "path", "found", "sha256"].map(str::to_owned).to_vec()];
    for file in &located.files {
        rows.push(vec![
            file.file.into(),
            file.path.display().to_string(),
            format!("{:?}", file.found).to_lowercase(),
            file.sha256.clone().unwrap_or_default(),
        ]);
    }
    output::print_rows(&rows, args.format)?;
    Ok(ExitCode::SUCCESS)
}
