//! `report`: rank correlations and a page from scores that exist already. Needs no libtorch.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use report::{Error, Options, Settings, build};

/// Where the committed report of NAS-Bench-201 stands.
const NB201_REPORT: &str = "reports/nb201";
/// Where `zico ingest nb201` writes.
const NB201_TABLE: &str = "data/tables/nb201.parquet";

/// Correlates scores with measured accuracies and writes a page, pictures and tables.
///
/// Without arguments it makes reports/nb201 again from the scores in its own data folder.
#[derive(Debug, Parser)]
#[command(version, after_help = report::exit::HELP)]
struct Args {
    /// Score folder or file; may be repeated for several datasets [default: those of the report in --out]
    #[arg(long, value_name = "DIR|FILE")]
    scores: Vec<PathBuf>,
    /// Table of the benchmark
    #[arg(long, value_name = "FILE", default_value = NB201_TABLE)]
    table: PathBuf,
    /// Folder of the report
    #[arg(long, value_name = "DIR", default_value = NB201_REPORT)]
    out: PathBuf,
    /// Dataset to report on; may be repeated [default: every scored one]
    #[arg(long, value_name = "NAME")]
    dataset: Vec<String>,
    /// Another run of the same proxies, to measure the score's noise; may be repeated
    #[arg(long, value_name = "LABEL=DIR", value_parser = parse_compare)]
    compare: Vec<(String, PathBuf)>,
    /// Bootstrap resamples
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    replicates: u32,
    /// Coverage of the confidence intervals, a fraction
    #[arg(long, default_value_t = 0.95)]
    confidence: f64,
    /// Seed of the bootstrap
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Heading of the page
    #[arg(long)]
    title: Option<String>,
    /// Split of the measured values
    #[arg(long, default_value = "test")]
    split: String,
    /// Metric of the measured values, where the table has several
    #[arg(long)]
    metric: Option<String>,
    /// Epochs of training [default: the most]
    #[arg(long)]
    epochs: Option<u32>,
    /// Seed of one training run [default: mean over runs]
    #[arg(long)]
    trial: Option<u32>,
    /// Seed of the scores, where a proxy was scored with several
    #[arg(long, value_name = "SEED")]
    score_seed: Option<u64>,
    /// Proxy whose low scores claim the better network; may be repeated
    #[arg(long, value_name = "PROXY")]
    lower_is_better: Vec<String>,
}

fn parse_compare(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((label, path)) if !label.is_empty() && !path.is_empty() => Ok((label.into(), path.into())),
        _ => Err("expected LABEL=DIR".into()),
    }
}

impl Args {
    fn settings(self) -> Result<Settings, Error> {
        let Self { scores, table, out, compare, title, .. } = self;
        let options = Options {
            replicates: self.replicates,
            seed: self.seed,
            confidence: self.confidence,
            split: Some(self.split),
            metric: self.metric,
            epochs: self.epochs,
            trial: self.trial,
            score_seed: self.score_seed,
            datasets: self.dataset,
            lower_is_better: self.lower_is_better,
        };
        if !scores.is_empty() {
            return Ok(Settings { scores, table, out, compare, title, options });
        }
        let rebuilt = Settings::rebuild(&out, &table)?;
        let compare = if compare.is_empty() { rebuilt.compare } else { compare };
        Ok(Settings { compare, title, options, ..rebuilt })
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks: findings and the page's path on stdout, errors on stderr")]
fn main() -> ExitCode {
    let args = Args::parse();
    match args.settings().and_then(|settings| build(&settings)) {
        Ok(summary) => {
            for (dataset, finding) in &summary.findings {
                println!("{dataset}: {finding}");
            }
            println!("{}", summary.index.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            ExitCode::from(report::exit::code(&error))
        }
    }
}

/// The message and its causes, from the outermost.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        // A transparent wrapper repeats its cause's text: said once.
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
