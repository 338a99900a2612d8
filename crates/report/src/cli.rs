//! The command line of `report` and of `zico report`.

use std::path::PathBuf;

use crate::aggregate::Aggregate;
use crate::benchmarks::Measured;
use crate::index::build_index;
use crate::{Options, Result, SearchSettings, Settings, TableChoice, build, build_search};

/// Where the committed report of NAS-Bench-201 stands.
const NB201_REPORT: &str = "reports/nb201";
/// Where the index stands.
const INDEX: &str = "reports/index.html";
/// Where the page of searches stands.
const SEARCH: &str = "reports/search";

/// Arguments as they were typed; [`Cli::settings`] resolves them.
#[derive(Clone, Debug, clap::Args)]
pub struct Cli {
    /// Score folder or file; repeat for several datasets [default: the scores in the data folder of --out]
    #[arg(long, value_name = "DIR|FILE")]
    pub scores: Vec<PathBuf>,
    /// Table of the benchmark [default: data/tables/BENCHMARK.parquet; if it is not there, a report without accuracies]
    #[arg(long, value_name = "FILE", conflicts_with = "scores_only")]
    pub table: Option<PathBuf>,
    /// Leave the accuracies out, even if they are there
    #[arg(long)]
    pub scores_only: bool,
    /// Folder of the report [default: reports/SPACE]; with --search [default: reports/search]; with --index the page [default: reports/index.html]
    #[arg(long, value_name = "DIR|FILE")]
    pub out: Option<PathBuf>,
    /// Make the page over all reports instead: of those in these folders, or of all beside the page
    #[arg(long, value_name = "DIR", num_args = 0.., conflicts_with_all = ["scores", "table", "scores_only"])]
    pub index: Option<Vec<PathBuf>>,
    /// Make the page of these searches instead: histories, folders that hold one, or the data folder of such a page; --table adds
    /// trained values, --scores first picks
    #[arg(long, value_name = "DIR|FILE", num_args = 1.., conflicts_with_all = ["index", "scores_only", "dataset", "compare", "aggregate"])]
    pub search: Vec<PathBuf>,
    /// Make the page of the theory experiments again instead, from the tables in the data folder of this one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scores", "table", "scores_only", "index", "out"])]
    pub theory: Option<PathBuf>,
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
    /// Split of the measured values [default: the benchmark's own, test]
    #[arg(long)]
    pub split: Option<String>,
    /// Metric of the measured values [default: the benchmark's own: accuracy, or that of the task]
    #[arg(long)]
    pub metric: Option<String>,
    /// Length of the training schedule in epochs [default: the benchmark's own]
    #[arg(long)]
    pub epochs: Option<u32>,
    /// When in its training a network was measured: `last`, `best` (by the metric itself) or an epoch [default: the benchmark's own]
    #[arg(long, value_name = "last|best|EPOCH")]
    pub epoch: Option<Measured>,
    /// Seed of one training run [default: mean over runs]
    #[arg(long)]
    pub trial: Option<u32>,
    /// Seed of the scores, where a proxy was scored with several
    #[arg(long, value_name = "SEED")]
    pub score_seed: Option<u64>,
    /// Proxy whose low scores claim the better network; repeat for several
    #[arg(long, value_name = "PROXY")]
    pub lower_is_better: Vec<String>,
    /// Combination of proxies by rank: `az_nas`, `vkdnw_agg`, `vkdnw_agg_mbv2`, `swap_regular` (or `swap_regular@MU:SIGMA`), or proxies joined by `+`; repeat for several
    #[arg(long, value_name = "NAME|A+B")]
    pub aggregate: Vec<String>,
}

fn parse_compare(text: &str) -> std::result::Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((label, path)) if !label.is_empty() && !path.is_empty() => Ok((label.into(), path.into())),
        _ => Err("expected LABEL=DIR".into()),
    }
}

impl Cli {
    fn options(&self) -> Result<Options> {
        Ok(Options {
            replicates: self.replicates,
            seed: self.seed,
            confidence: self.confidence,
            split: self.split.clone(),
            metric: self.metric.clone(),
            epochs: self.epochs,
            measured: self.epoch,
            trial: self.trial,
            score_seed: self.score_seed,
            datasets: self.dataset.clone(),
            lower_is_better: self.lower_is_better.clone(),
            aggregates: self.aggregate.iter().map(|text| Aggregate::parse(text)).collect::<Result<_>>()?,
        })
    }

    /// The settings of the page of searches, if there are some.
    fn search(&self) -> Result<Option<SearchSettings>> {
        if self.search.is_empty() {
            return Ok(None);
        }
        Ok(Some(SearchSettings {
            runs: self.search.clone(),
            scores: self.scores.clone(),
            table: self.table.clone(),
            out: self.out.clone().unwrap_or_else(|| SEARCH.into()),
            title: self.title.clone(),
            options: self.options()?,
        }))
    }

    /// The settings: without `--scores` those of a report that is built again from its own data folder.
    ///
    /// # Errors
    /// Those of [`Settings::rebuild`] and of [`Aggregate::parse`].
    pub fn settings(&self) -> Result<Settings> {
        let options = self.options()?;
        let table = match &self.table {
            _ if self.scores_only => TableChoice::None,
            Some(path) => TableChoice::File(path.clone()),
            None => TableChoice::Ingested,
        };
        let (out, title) = (self.out.clone(), self.title.clone());
        if !self.scores.is_empty() {
            return Ok(Settings { scores: self.scores.clone(), table, out, compare: self.compare.clone(), title, options });
        }
        let rebuilt = Settings::rebuild(&out.unwrap_or_else(|| NB201_REPORT.into()), table)?;
        let compare = if self.compare.is_empty() { rebuilt.compare } else { self.compare.clone() };
        Ok(Settings { compare, title, options, ..rebuilt })
    }
}

/// Builds the report, the page of searches or the index of reports, and says what came out: a sentence per dataset and where the page stands.
///
/// # Errors
/// Those of [`build`], [`build_search`] and [`build_index`].
pub fn run(cli: &Cli) -> Result<String> {
    if let Some(folder) = &cli.theory {
        return Ok(crate::theory::build(folder)?.in_words());
    }
    if let Some(folders) = &cli.index {
        return build_index(folders, &cli.out.clone().unwrap_or_else(|| INDEX.into()));
    }
    let summary = match cli.search()? {
        Some(settings) => build_search(&settings)?,
        None => build(&cli.settings()?)?,
    };
    let findings = summary.findings.into_iter().map(|(dataset, finding)| format!("{dataset}: {finding}"));
    let lines: Vec<String> = findings.chain([format!("open {}", summary.index.display())]).collect();
    Ok(lines.join("\n"))
}
