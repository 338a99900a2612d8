use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tables::{BenchRow, BenchTable, Direction};

use crate::exit::no_data;
use crate::output::{self, Format};

/// Say what a benchmark table holds: counts, splits, trials, ranges, and the best architecture of each dataset.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A benchmark (its ingested table in data/tables) or a table.
    what: String,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

/// What is gathered of one (dataset, split, metric, epochs).
struct Group<'a> {
    rows: usize,
    architectures: BTreeSet<&'a str>,
    trials: BTreeSet<Option<u32>>,
    least: f64,
    best: BenchRow<'a>,
    greatest: f64,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let table = BenchTable::read(&table_path(&args.what)?)?;
    let mut groups: BTreeMap<(&str, &str, &str, u32), Group> = BTreeMap::new();
    for row in table.iter() {
        let group = groups.entry((row.dataset, row.split, row.metric, row.epochs)).or_insert_with(|| Group {
            rows: 0,
            architectures: BTreeSet::new(),
            trials: BTreeSet::new(),
            least: row.value,
            best: row,
            greatest: row.value,
        });
        group.rows += 1;
        group.architectures.insert(row.arch);
        group.trials.insert(row.trial);
        group.least = group.least.min(row.value);
        group.greatest = group.greatest.max(row.value);
        let better = match row.direction {
            Direction::HigherIsBetter => row.value > group.best.value,
            Direction::LowerIsBetter => row.value < group.best.value,
        };
        if better {
            group.best = row;
        }
    }
    match args.format {
        Format::Json => {
            let list: Vec<Value> = groups.iter().map(|(key, group)| object(*key, group)).collect();
            output::print_json(&json!({ "provenance": table.provenance(), "rows": table.len(), "groups": list }))?;
        }
        Format::Table | Format::Csv => {
            let head =
                ["dataset", "split", "metric", "unit", "epochs", "architectures", "trials", "least", "best", "best architecture", "index"];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(groups.iter().map(|(key, group)| {
                let object = object(*key, group);
                let cell = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
                let value = |v: &Value| v.as_f64().map_or_else(String::new, |v| format!("{v:.3}"));
                let plain = ["dataset", "split", "metric", "unit", "epochs", "architectures", "trials"].map(|k| cell(&object[k]));
                let best = &object["best"];
                [plain.to_vec(), vec![value(&object["least"]), value(&best["value"]), cell(&best["arch"]), cell(&best["index"])]].concat()
            }));
            output::print_rows(&rows, args.format)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn object((dataset, split, metric, epochs): (&str, &str, &str, u32), group: &Group) -> Value {
    let trials: Vec<String> = group.trials.iter().map(|t| t.map_or_else(|| "mean".into(), |seed| seed.to_string())).collect();
    json!({
        "dataset": dataset, "split": split, "metric": metric, "unit": group.best.unit, "epochs": epochs, "rows": group.rows,
        "architectures": group.architectures.len(), "trials": trials.join(" "), "least": group.least, "greatest": group.greatest,
        "direction": group.best.direction.as_str(),
        "best": { "arch": group.best.arch, "index": group.best.index, "value": group.best.value },
    })
}

/// The table of a benchmark, or the path itself.
pub fn table_path(what: &str) -> anyhow::Result<PathBuf> {
    let path = Path::new(what);
    if path.exists() || path.extension().is_some() {
        return Ok(path.into());
    }
    let benchmark = bench_loaders::find(what)?;
    let path = PathBuf::from(format!("data/tables/{}.parquet", benchmark.meta().name));
    if path.exists() { Ok(path) } else { Err(no_data(format!("{} is not there yet\nrun: zico ingest {what}", path.display()))) }
}
