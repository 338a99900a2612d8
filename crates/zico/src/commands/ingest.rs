use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use bench_loaders::{Fetcher, IngestOptions, cost_path};

use super::own_csv;
use crate::data::{SourceArgs, observer};
use crate::exit::usage;
use crate::output;

/// Read the official files of a benchmark into a Parquet table, and the costs of its networks into a second one.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Benchmark (see `zico list benchmarks`), or `csv` for a table of your own.
    benchmark: String,
    /// The official file, or the folder that holds it [default: raw folder, mirrors, download].
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["raw", "mirrors", "offline"])]
    source: Option<PathBuf>,
    #[command(flatten)]
    sources: SourceArgs,
    /// Edition of the benchmark, where it was published in several [default: the one the source is, or the first that is
    /// found; see `zico list benchmarks --format json`].
    #[arg(long, value_name = "NAME")]
    edition: Option<String>,
    /// Keep every epoch that the files hold, not only the last one of each training.
    #[arg(long)]
    every_epoch: bool,
    /// Threads that read [default: all cores].
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// Table to write; costs go beside it, as NAME-cost.parquet [default: data/tables/BENCHMARK.parquet].
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    own: own_csv::Args,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.benchmark == "csv" {
        let source = args.source.as_deref().ok_or_else(|| usage("ingest csv needs --source FILE"))?;
        let out = args.out.as_deref().ok_or_else(|| usage("ingest csv needs --out T.parquet"))?;
        return own_csv::run(&args.own, source, out);
    }
    if let Some(flag) = args.own.given() {
        return Err(usage(format!("{flag} is for `ingest csv`")));
    }
    let benchmark = bench_loaders::find(&args.benchmark)?;
    let meta = benchmark.meta();
    let edition = args.edition.as_deref();
    let located = match &args.source {
        Some(path) => Fetcher::given(path, meta, edition, &observer())?,
        None => args.sources.fetcher().locate(meta, edition, &observer())?,
    };
    for file in located.files.iter().filter(|f| f.official == Some(false)) {
        let sha256 = file.sha256.as_deref().unwrap_or("unknown");
        let path = file.path.display();
        output::say(&format!("note: {path} is not the official file (sha256 {sha256}); its content is checked all the same"));
    }
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("data/tables/{}.parquet", meta.name)));
    let options =
        IngestOptions { every_epoch: args.every_epoch, workers: args.workers.map_or(IngestOptions::default().workers, Into::into) };
    let summary = bench_loaders::ingest(benchmark, &located, &options, &out, &observer());
    let summary = summary.with_context(|| format!("failed to ingest {}", meta.name))?;
    summary.warnings.iter().for_each(|warning| output::say(&format!("note: {warning}")));
    output::say(&format!(
        "{} ({}): {} architectures, {} rows in {}, costs in {}",
        meta.name,
        located.edition.title,
        summary.architectures,
        summary.rows,
        out.display(),
        cost_path(&out).display()
    ));
    Ok(ExitCode::SUCCESS)
}
