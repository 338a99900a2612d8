//! `zico ingest csv`: a table of the user's own.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use bench_loaders::{OwnColumn, OwnTable, ingest_own};
use tables::Direction;

use crate::data::observer;
use crate::exit::usage;
use crate::output;

/// What the columns of a CSV file (also packed, `.csv.gz`) are. An example:
///
/// zico ingest csv --source t.csv --space nb201 --arch arch --value acc --dataset cifar10 --split test --metric accuracy
/// --unit percent --epochs 200 --out t.parquet
#[derive(Debug, clap::Args)]
#[group(id = "own_csv")]
#[command(next_help_heading = "Tables of your own (ingest csv)")]
pub struct Args {
    /// Search space of the architectures.
    #[arg(long)]
    space: Option<String>,
    /// Column that names the architecture: its string, index or hash.
    #[arg(long, value_name = "COLUMN")]
    arch: Option<String>,
    /// Column of values, once for each; what differs from the flags below is appended, as in
    /// `acc12:epochs=12,split=valid` (also dataset, metric, unit, direction, epoch, trial, scale).
    #[arg(long = "value", value_name = "COLUMN[:KEY=VALUE,...]")]
    values: Vec<String>,
    /// Dataset of the values.
    #[arg(long)]
    dataset: Option<String>,
    /// Split of the values.
    #[arg(long)]
    split: Option<String>,
    /// What was measured, as `accuracy`.
    #[arg(long)]
    metric: Option<String>,
    /// Unit of the values (accuracies: percent).
    #[arg(long)]
    unit: Option<String>,
    /// Which values are the better ones: higher or lower [default: higher].
    #[arg(long)]
    direction: Option<String>,
    /// Length of the training schedule.
    #[arg(long)]
    epochs: Option<u32>,
    /// When it was measured: an epoch from 1, or `best` [default: the end of training].
    #[arg(long)]
    epoch: Option<String>,
    /// Seed or number of the training run, or `mean` [default: mean].
    #[arg(long, conflicts_with = "trial_column")]
    trial: Option<String>,
    /// Column of the seed or number of the training run.
    #[arg(long, value_name = "COLUMN")]
    trial_column: Option<String>,
    /// What the numbers are multiplied by: 100 makes percent of fractions [default: 1].
    #[arg(long)]
    scale: Option<f64>,
}

impl Args {
    /// A flag that was given, to complain about where it has no meaning.
    pub fn given(&self) -> Option<&'static str> {
        let texts = [
            ("--space", &self.space),
            ("--arch", &self.arch),
            ("--dataset", &self.dataset),
            ("--split", &self.split),
            ("--metric", &self.metric),
            ("--unit", &self.unit),
            ("--direction", &self.direction),
            ("--epoch", &self.epoch),
            ("--trial", &self.trial),
            ("--trial-column", &self.trial_column),
        ];
        let text = texts.into_iter().find_map(|(flag, value)| value.as_ref().map(|_| flag));
        text.or((!self.values.is_empty()).then_some("--value")).or(self.epochs.map(|_| "--epochs")).or(self.scale.map(|_| "--scale"))
    }

    /// A column of values: its own settings before those of the flags.
    fn column(&self, text: &str) -> anyhow::Result<OwnColumn> {
        const KEYS: [&str; 9] = ["dataset", "split", "metric", "unit", "direction", "epochs", "epoch", "trial", "scale"];
        let (column, settings) = text.split_once(':').unwrap_or((text, ""));
        let mut own = std::collections::BTreeMap::new();
        for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
            let Some((key, value)) = setting.split_once('=') else {
                return Err(usage(format!("--value {text}: expected KEY=VALUE after the colon, got `{setting}`")));
            };
            if !KEYS.contains(&key) {
                return Err(usage(format!("--value {text}: unknown key `{key}`; known: {}", KEYS.join(", "))));
            }
            own.insert(key, value.to_owned());
        }
        let setting = |key: &str, flag: Option<String>| own.get(key).cloned().or(flag);
        let needed = |key: &str, flag: Option<String>| {
            setting(key, flag)
                .ok_or_else(|| usage(format!("--value {text}: say its {key} with --{key}, or after a colon ({column}:{key}=...)")))
        };
        let number = |key: &str, value: &str| {
            value.parse::<u32>().map_err(|_| usage(format!("--value {text}: {key}: expected a number, got `{value}`")))
        };
        let epochs = number("epochs", &needed("epochs", self.epochs.map(|epochs| epochs.to_string()))?)?;
        let epoch = match setting("epoch", self.epoch.clone()).as_deref() {
            None => Some(epochs),
            Some("best") => None,
            Some(epoch) => Some(number("epoch", epoch)?),
        };
        if epoch.is_some_and(|epoch| epoch == 0 || epoch > epochs) {
            return Err(usage(format!("--value {text}: the epoch must be from 1 to {epochs}")));
        }
        let trial = match setting("trial", self.trial.clone()).as_deref() {
            None | Some("mean") => None,
            Some(trial) => Some(number("trial", trial)?),
        };
        let direction = setting("direction", self.direction.clone()).unwrap_or_else(|| "higher".into());
        let scale = setting("scale", self.scale.map(|scale| scale.to_string())).unwrap_or_else(|| "1".into());
        let scale = scale.parse::<f64>().ok().filter(|scale| scale.is_finite() && *scale > 0.0);
        Ok(OwnColumn {
            column: column.into(),
            dataset: needed("dataset", self.dataset.clone())?,
            split: needed("split", self.split.clone())?,
            metric: needed("metric", self.metric.clone())?,
            unit: needed("unit", self.unit.clone())?,
            direction: Direction::parse(&direction)
                .ok_or_else(|| usage(format!("--value {text}: direction: expected higher or lower, got `{direction}`")))?,
            epochs,
            epoch,
            trial,
            scale: scale.ok_or_else(|| usage(format!("--value {text}: scale: expected a number above 0")))?,
        })
    }
}

pub fn run(args: &Args, source: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    let needed = |flag: &str, value: &Option<String>| value.clone().ok_or_else(|| usage(format!("ingest csv needs {flag}")));
    if args.values.is_empty() {
        return Err(usage("ingest csv needs --value COLUMN, once for each column of values"));
    }
    let table = OwnTable {
        path: source.into(),
        space: needed("--space", &args.space)?,
        arch: needed("--arch", &args.arch)?,
        trial_column: args.trial_column.clone(),
        values: args.values.iter().map(|value| args.column(value)).collect::<anyhow::Result<_>>()?,
    };
    let summary = ingest_own(&table, out, &observer()).with_context(|| format!("failed to ingest {}", source.display()))?;
    summary.warnings.iter().for_each(|warning| output::say(&format!("note: {warning}")));
    output::say(&format!("{} architectures, {} rows in {}", summary.architectures, summary.rows, out.display()));
    Ok(ExitCode::SUCCESS)
}
