use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tables::{BenchTable, Filter};

use super::census::{Census, Group};
use crate::exit::no_data;
use crate::output::{self, Format};

/// Say what a benchmark table holds: counts, splits, schedules, training runs, ranges, and the best architecture of each
/// dataset and metric.
///
/// Values are means over an architecture's training runs where it has several.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A benchmark (its ingested table in data/tables) or a table.
    what: String,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let path = table_path(&args.what)?;
    let mut census = Census::default();
    // Row by row: a table may have hundreds of millions.
    let provenance = BenchTable::scan(&path, &Filter::default(), |row| census.add(row))?;
    let groups = census.finish();
    match args.format {
        Format::Json => {
            let rows: u64 = groups.iter().map(|group| group.rows).sum();
            let list: Vec<Value> = groups.iter().map(object).collect();
            output::print_json(&json!({ "provenance": provenance, "rows": rows, "groups": list }))?;
        }
        Format::Table | Format::Csv => {
            let head = [
                "dataset",
                "split",
                "metric",
                "unit",
                "epochs",
                "measured",
                "architectures",
                "trials",
                "trials per architecture",
                "least",
                "best",
                "best architecture",
                "index",
            ];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(groups.iter().map(|group| {
                let object = object(group);
                let cell = |v: &Value| v.as_str().map_or_else(|| if v.is_null() { String::new() } else { v.to_string() }, str::to_owned);
                let value = |v: &Value| v.as_f64().map_or_else(String::new, |v| format!("{v:.3}"));
                let plain =
                    ["dataset", "split", "metric", "unit", "epochs", "measured", "architectures", "trials"].map(|k| cell(&object[k]));
                let histogram = group.histogram.iter().map(|(trials, architectures)| format!("{trials}: {architectures}"));
                let best = &object["best"];
                let rest = [
                    histogram.collect::<Vec<_>>().join(", "),
                    value(&object["least"]),
                    value(&best["value"]),
                    cell(&best["arch"]),
                    cell(&best["index"]),
                ];
                [plain.to_vec(), rest.to_vec()].concat()
            }));
            output::print_rows(&rows, args.format)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn object(group: &Group) -> Value {
    let trials: Vec<String> = group.trials.iter().map(|t| t.map_or_else(|| "mean".into(), |seed| seed.to_string())).collect();
    let histogram: serde_json::Map<String, Value> = group.histogram.iter().map(|(n, count)| (n.to_string(), (*count).into())).collect();
    json!({
        "dataset": group.dataset, "split": group.split, "metric": group.metric, "unit": group.unit, "epochs": group.epochs,
        "measured": group.measured(), "rows": group.rows, "architectures": group.architectures, "trials": trials.join(" "),
        "trials_per_architecture": histogram, "least": group.least, "greatest": group.greatest, "direction": group.direction.as_str(),
        "best": group.best.as_ref().map(|best| json!({ "arch": best.arch, "index": best.index, "value": best.value })),
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
