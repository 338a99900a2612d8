use std::process::ExitCode;
use std::str::FromStr;

use bench_loaders::query::{self, Answer, At, Question, Runs};
use serde_json::{Map, Value, json};

use super::inspect::table_path;
use crate::exit::usage;
use crate::output::{self, Format};

/// Ask a benchmark table about one architecture, with the answers of the benchmark's own API.
///
/// The mean over training runs is the default; `cifar10-valid` is the training on half of CIFAR-10's training images that
/// has a validation split, `cifar10` the one on all of them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A benchmark (its ingested table in data/tables) or a table.
    what: String,
    /// Architecture: its string or index; in nb101 the hash of its module or BITS:ops.
    #[arg(long, value_name = "STRING|INDEX|HASH")]
    arch: String,
    /// Dataset or task.
    #[arg(long)]
    dataset: String,
    /// Split: train, valid, test or valtest [default: all].
    #[arg(long)]
    split: Option<String>,
    /// Length of the training schedule (NATS hp 12 or 200; NB101 budget) [default: the only one there is].
    #[arg(long)]
    epochs: Option<u32>,
    /// When it was measured: an epoch from 1, or `best` for the best one by the metric [default: the end of training].
    #[arg(long, value_name = "E|best", value_parser = parse_epoch)]
    epoch: Option<At>,
    /// Training runs: their mean, one by its seed (nb101: 0, 1, 2), or all.
    #[arg(long, value_name = "mean|SEED|all", default_value = "mean", value_parser = parse_runs)]
    trial: Runs,
    /// Metric, or `all`.
    #[arg(long, default_value = "all")]
    metric: String,
    /// Say what the network costs instead: multiply-adds, parameters and latency as the official API gives them.
    #[arg(long, conflicts_with_all = ["split", "epoch", "metric", "simulate"])]
    cost: bool,
    /// Say what training it and one evaluation would cost in seconds (`simulate_train_eval`), with the validation accuracy.
    #[arg(long, conflicts_with_all = ["split", "metric"])]
    simulate: bool,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let table = table_path(&args.what)?;
    let at = args.epoch.unwrap_or_default();
    if args.cost {
        let epochs = args.epochs.ok_or_else(|| usage("--cost needs --epochs: official figures belong to a training schedule"))?;
        let path = bench_loaders::cost_path(&table);
        let rows = query::find_costs(&path, &args.arch, &args.dataset)?;
        let costs = query::costs(&path, &rows, &args.dataset, epochs)?;
        let arch = rows.get(0).map_or_else(String::new, |row| row.arch.to_owned());
        let object = json!({
            "arch": arch, "dataset": args.dataset, "epochs": epochs, "params": costs.params, "flops": costs.flops,
            "latency_ms": costs.latency_ms,
        });
        return print(&[object], args.format);
    }
    // Searches on CIFAR-10 train on half of the images and validate on the other half.
    let dataset = if args.simulate && args.dataset == "cifar10" { "cifar10-valid" } else { &args.dataset };
    let rows = query::find_rows(&table, &args.arch, Some(dataset))?;
    let (arch, index) = rows.get(0).map_or_else(|| (String::new(), None), |row| (row.arch.to_owned(), row.index));
    if args.simulate {
        let epochs = args.epochs.ok_or_else(|| usage("--simulate needs --epochs"))?;
        let (accuracy, seconds) = query::simulated_seconds(&table, &rows, epochs, at, args.trial)?;
        let mut object = in_json(&arch, index, &accuracy);
        object["seconds"] = json!(seconds);
        return print(&[object], args.format);
    }
    let metric = (args.metric != "all").then_some(args.metric.as_str());
    let question = Question { split: args.split.as_deref(), metric, epochs: args.epochs, at, runs: args.trial };
    let answers = query::select(&table, &rows, &question)?;
    print(&answers.iter().map(|answer| in_json(&arch, index, answer)).collect::<Vec<_>>(), args.format)
}

fn in_json(arch: &str, index: Option<u32>, answer: &Answer) -> Value {
    json!({
        "arch": arch, "index": index, "dataset": answer.dataset, "split": answer.split, "metric": answer.metric,
        "epochs": answer.epochs, "epoch": answer.epoch.map_or_else(|| "best".into(), Value::from),
        "trial": answer.trial.map_or_else(|| "mean".into(), Value::from), "n_runs": answer.n_runs, "value": answer.value,
        "unit": answer.unit, "direction": answer.direction.as_str(),
    })
}

/// JSON is the objects; the other forms have their keys as a head and nothing for null.
fn print(objects: &[Value], format: Format) -> anyhow::Result<ExitCode> {
    if format == Format::Json {
        output::print_json(&Value::Array(objects.to_vec()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let empty = Map::new();
    let head = objects.first().and_then(Value::as_object).unwrap_or(&empty);
    let mut rows = vec![head.keys().cloned().collect::<Vec<_>>()];
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows.extend(objects.iter().map(|object| head.keys().map(|key| cell(&object[key])).collect()));
    output::print_rows(&rows, format)?;
    Ok(ExitCode::SUCCESS)
}

fn parse_epoch(text: &str) -> Result<At, String> {
    match u32::from_str(text) {
        Ok(epoch) if epoch > 0 => Ok(At::Epoch(epoch)),
        _ if text == "best" => Ok(At::Best),
        _ => Err("expected an epoch, from 1, or `best`".into()),
    }
}

fn parse_runs(text: &str) -> Result<Runs, String> {
    match text {
        "mean" => Ok(Runs::Mean),
        "all" => Ok(Runs::All),
        seed => seed.parse().map(Runs::One).map_err(|_| "expected `mean`, `all` or the seed of a run".into()),
    }
}
