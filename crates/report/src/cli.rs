//! The command line of `report` and of `zico report`.

use std::path::PathBuf;

use crate::{Options, Result, Settings, build};

/// Where the committed report of NAS-Bench-201 stands.
const NB201_REPORT: &str = "reports/nb201";
/// Where `zico ingest nb201` writes.
const NB201_TABLE: &str = "data/tables/nb201.parquet";

/// Arguments as they were typed; [`Cli::settings`] resolves them.
#[derive(Clone, Debug, clap::Args)]
pub struct Cli {
    /// Score folder or file; repeat for several datasets [default: the scores in the data folder of --out]
    #[arg(long, value_name = "DIR|FILE")]
    pub scores: Vec<PathBuf>,
    /// Table of the benchmark
    #[arg(long, value_name = "FILE", default_value = NB201_TABLE)]
    pub table: PathBuf,
    /// Folder of the report
    #[arg(long, value_name = "DIR", default_value = NB201_REPORT)]
    pub out: PathBuf,
    /// Dataset to report on; repeat for several [default: every scored one]
    #[arg(long, value_name = "NAME")]
    pub dataset: Vec<String>,
    /// Another run of the same proxies, to measure the noise of scores; repeat for several
    #[arg(long, value_name = "LABEL=DIR", value_parser = parse_compare)]
    pub compare: Vec<(String, PathBuf)>,
    /// Bootstrap resamples
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replicates: u32,
    /// Coverage of the confidence intervals, a fraction between 0 and 1
    #[arg(long, default_value_t = 0.95)]
    pub confidence: f64,
    /// Seed of the bootstrap
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Heading of the page
    #[arg(long)]
    pub title: Option<String>,
    /// Split of the measured values
    #[arg(long, default_value = "test")]
    pub split: String,
    /// Metric of the measured values, where the table has several
    #[arg(long)]
    pub metric: Option<String>,
    /// Epochs of training [default: the most]
    #[arg(long)]
    pub epochs: Option<u32>,
    /// Seed of one training run [default: mean over runs]
    #[arg(long)]
    pub trial: Option<u32>,
    /// Seed of the scores, where a proxy was scored with several
    #[arg(long, value_name = "SEED")]
    pub score_seed: Option<u64>,
    /// Proxy whose low scores claim the better network; repeat for several
    #[arg(long, value_name = "PROXY")]
    pub lower_is_better: Vec<String>,
}

fn parse_compare(text: &str) -> std::result::Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((label, path)) if !label.is_empty() && !path.is_empty() => Ok((label.into(), path.into())),
        _ => Err("expected LABEL=DIR".into()),
    }
}

impl Cli {
    /// The settings: without `--scores` those of a report that is built again from its own data folder.
    ///
    /// # Errors
    /// Those of [`Settings::rebuild`].
    pub fn settings(&self) -> Result<Settings> {
        let options = Options {
            replicates: self.replicates,
            seed: self.seed,
            confidence: self.confidence,
            split: Some(self.split.clone()),
            metric: self.metric.clone(),
            epochs: self.epochs,
            trial: self.trial,
            score_seed: self.score_seed,
            datasets: self.dataset.clone(),
            lower_is_better: self.lower_is_better.clone(),
        };
        let (table, out, title) = (self.table.clone(), self.out.clone(), self.title.clone());
        if !self.scores.is_empty() {
            return Ok(Settings { scores: self.scores.clone(), table, out, compare: self.compare.clone(), title, options });
        }
        let rebuilt = Settings::rebuild(&out, &table)?;
        let compare = if self.compare.is_empty() { rebuilt.compare } else { self.compare.clone() };
        Ok(Settings { compare, title, options, ..rebuilt })
    }
}

/// Builds the report and says what came out: a sentence per dataset and where the page stands.
///
/// # Errors
/// Those of [`build`].
pub fn run(cli: &Cli) -> Result<String> {
    let summary = build(&cli.settings()?)?;
    let findings = summary.findings.into_iter().map(|(dataset, finding)| format!("{dataset}: {finding}"));
    let lines: Vec<String> = findings.chain([format!("open {}", summary.index.display())]).collect();
    Ok(lines.join("\n"))
}
