use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bench_loaders::Fetcher;

use crate::data::{SourceArgs, observer};
use crate::output;

/// Read the official files of a benchmark into a Parquet table, and the costs of its networks into a second one.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Benchmark (see `zico list benchmarks`).
    benchmark: String,
    /// The official file, or the folder that holds it [default: raw folder, mirrors, download].
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["raw", "mirrors", "offline"])]
    source: Option<PathBuf>,
    #[command(flatten)]
    sources: SourceArgs,
    /// Table to write; costs go beside it, as NAME-cost.parquet [default: data/tables/BENCHMARK.parquet].
    #[arg(long)]
    out: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let benchmark = bench_loaders::find(&args.benchmark)?;
    let meta = benchmark.meta();
    let located = match &args.source {
        Some(path) => Fetcher::given(path, meta.sources, &observer())?,
        None => args.sources.fetcher().locate(meta.sources, &observer())?,
    };
    for file in located.files.iter().filter(|f| !f.official) {
        output::say(&format!(
            "note: {} is not the official file (sha256 {}); its content is checked all the same",
            file.path.display(),
            file.sha256
        ));
    }
    let ingested = benchmark.ingest(&located, &observer()).with_context(|| format!("failed to ingest {}", meta.name))?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("data/tables/{}.parquet", meta.name)));
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
    }
    let cost = cost_path(&out);
    ingested.cost.write(&cost)?;
    ingested.bench.write(&out)?;
    output::say(&format!("{} rows in {}, {} rows in {}", ingested.bench.len(), out.display(), ingested.cost.len(), cost.display()));
    Ok(ExitCode::SUCCESS)
}

/// Where the costs of a table stand.
pub fn cost_path(table: &Path) -> PathBuf {
    let stem = table.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    table.with_file_name(format!("{stem}-cost.parquet"))
}
