//! Answers to questions equal those of the official APIs, asked about the same files by `scripts/api_goldens.py`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use bench_loaders::query::{self, At, Question, Runs};
use bench_loaders::{Benchmark, Error, IngestOptions, NatsSss, Nb101, Nb201, Tnb101, cost_path};
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::{located, shared};

/// Files and folders ingested with every epoch, each once.
struct Tables {
    folder: tempfile::TempDir,
    paths: HashMap<String, PathBuf>,
}

impl Tables {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), paths: HashMap::new() }
    }

    fn of(&mut self, source: &str) -> Option<PathBuf> {
        if let Some(path) = self.paths.get(source) {
            return Some(path.clone());
        }
        let mut file = shared(source)?;
        let name = file.file_name()?.to_str()?.to_owned();
        let out = self.folder.path().join(format!("{}.parquet", self.paths.len()));
        if let Some(plain) = name.strip_suffix(".gz") {
            let unpacked = self.folder.path().join(plain);
            io::copy(&mut GzDecoder::new(File::open(&file).unwrap()), &mut File::create(&unpacked).unwrap()).unwrap();
            file = unpacked;
        }
        let (benchmark, edition): (&dyn Benchmark, _) = match name.split(['.', '_']).next()? {
            "nasbench" => (&Nb101, if name.contains("full") { "full" } else { "only108" }),
            "transnas-bench" => (&Tnb101, "pth"),
            "NAS-Bench-201-v1" => (&Nb201, if name.contains("v1_0") { "v1_0" } else { "v1_1" }),
            "NATS-sss-v1" => (&NatsSss, "simple"),
            _ => (&Nb201, "simple"),
        };
        let options = IngestOptions { every_epoch: true, workers: 2 };
        bench_loaders::ingest(benchmark, &located(benchmark, edition, &file), &options, &out, &|_| {}).unwrap();
        self.paths.insert(source.into(), out.clone());
        Some(out)
    }
}

fn goldens(api: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api_goldens.json");
    let mut goldens: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let Value::Array(cases) = goldens[api].take() else { panic!("no answers of {api}") };
    assert!(!cases.is_empty());
    cases
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().map(|value| value as u32)
}

fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-12 * theirs.abs()
}

/// The only answer.
fn ask(table: &Path, rows: &tables::BenchTable, question: &Question<'_>) -> bench_loaders::Result<f64> {
    let answers = query::select(table, rows, question)?;
    assert_eq!(answers.len(), 1, "{question:?}");
    Ok(answers[0].value)
}

/// Compares `get_more_info` and `get_cost_info`. Returns how many numbers were equal, and how many refusals were ours too.
fn compare_nats(api: &str) -> Option<(usize, usize)> {
    let (mut tables, mut equal, mut refused) = (Tables::new(), 0, 0);
    for case in goldens(api) {
        let table = tables.of(case["source"].as_str().unwrap())?;
        let (arch, dataset) = (case["index"].to_string(), case["dataset"].as_str().unwrap());
        let epochs = number(&case["epochs"]).unwrap();
        let rows = query::find_rows(&table, &arch, Some(dataset));
        if case.get("cost").is_some() {
            compare_costs(&table, &arch, dataset, epochs, &case["cost"], &mut equal, &mut refused);
            continue;
        }
        let question = Question {
            epochs: Some(epochs),
            at: number(&case["epoch"]).map_or(At::End, At::Epoch),
            runs: number(&case["trial"]).map_or(Runs::Mean, Runs::One),
            ..Question::default()
        };
        let ask = |split: &'static str, metric: &'static str| match &rows {
            Ok(rows) => ask(&table, rows, &Question { split: Some(split), metric: Some(metric), ..question }).ok(),
            Err(error) => {
                assert!(matches!(error, Error::NoRows { .. }), "{error}");
                None
            }
        };
        let answer = &case["answer"];
        if answer.get("error").is_some() {
            // The official API refuses all of it if training or, on cifar10-valid, validation is not there.
            let valid = dataset == "cifar10-valid" && ask("valid", "accuracy").is_none();
            assert!(valid || ask("train", "accuracy").is_none(), "{case}");
            refused += 1;
            continue;
        }
        for split in ["train", "valid", "test", "valtest"] {
            for (theirs, metric) in [("accuracy", "accuracy"), ("loss", "loss"), ("all-time", "time")] {
                match answer.get(format!("{split}-{theirs}")).map(Value::as_f64) {
                    Some(Some(theirs)) => {
                        let ours = ask(split, metric).unwrap_or_else(|| panic!("{split} {metric} of {case}"));
                        assert!(close(ours, theirs), "{split} {metric}: {ours}, not {theirs}: {case}");
                        equal += 1;
                    }
                    Some(None) => {
                        assert_eq!(ask(split, metric), None, "{split} {metric} of {case}");
                        refused += 1;
                    }
                    // Times are there at epochs at which nothing was evaluated.
                    None if metric == "time" => {}
                    // Asked for one run, the official API is silent if another run lacks the value; ours answers.
                    None if case["trial"].is_u64() => {}
                    None => assert_eq!(ask(split, metric), None, "{split} {metric} of {case}"),
                }
            }
        }
    }
    Some((equal, refused))
}

fn compare_costs(table: &Path, arch: &str, dataset: &str, epochs: u32, theirs: &Value, equal: &mut usize, refused: &mut usize) {
    let path = cost_path(table);
    let ours = query::find_costs(&path, arch, dataset).and_then(|rows| query::costs(&path, &rows, dataset, epochs));
    if theirs.get("error").is_some() {
        assert!(ours.is_err(), "{dataset} {epochs} {theirs}");
        *refused += 1;
        return;
    }
    let ours = ours.unwrap();
    let latency = (ours.latency_ms.map(|ms| ms / 1e3), theirs["latency"].as_f64());
    assert!(latency.0.zip(latency.1).map_or(latency.0 == latency.1, |(ours, theirs)| close(ours, theirs)), "{latency:?}");
    for (ours, theirs) in [(ours.flops, &theirs["flops"]), (ours.params, &theirs["params"])] {
        assert!(close(ours / 1e6, theirs.as_f64().unwrap()), "{ours}, not {theirs} million");
    }
    let rows = query::find_rows(table, arch, Some(dataset)).unwrap();
    let question = Question { split: Some("train"), metric: Some("time"), epochs: Some(epochs), ..Question::default() };
    match theirs["T-train@total"].as_f64() {
        Some(theirs) => assert!(close(ask(table, &rows, &question).unwrap(), theirs)),
        None => assert!(ask(table, &rows, &question).is_err()),
    }
    *equal += 4;
}

#[test]
fn nats_bench_answers_as_its_api() {
    let Some(counts) = compare_nats("nats") else { return };
    assert_eq!(counts, (NATS_EQUAL, NATS_REFUSED));
}

#[test]
fn nas_bench_201_answers_as_its_api() {
    let Some(counts) = compare_nats("nb201") else { return };
    assert_eq!(counts, (NB201_EQUAL, NB201_REFUSED));
}

/// Numbers that are equal, and questions that both refuse: so many that no comparison is left out unseen.
const NATS_EQUAL: usize = 4_555;
const NATS_REFUSED: usize = 430;
const NB201_EQUAL: usize = 420;
const NB201_REFUSED: usize = 148;

#[test]
fn nas_bench_101_answers_with_the_run_that_is_asked_for() {
    let mut tables = Tables::new();
    let mut means: HashMap<(String, String, u32), Vec<f64>> = HashMap::new();
    for case in goldens("nb101") {
        let source = case["source"].as_str().unwrap();
        let Some(table) = tables.of(source) else { return };
        let (arch, epochs, trial) = (case["arch"].as_str().unwrap(), number(&case["epochs"]).unwrap(), number(&case["trial"]).unwrap());
        let rows = query::find_rows(&table, arch, Some("cifar10")).unwrap();
        for (when, at) in [("halfway", At::Epoch(epochs / 2)), ("final", At::End)] {
            for (theirs, split, metric, scale) in [
                ("training_time", "train", "time", 1.0),
                ("train_accuracy", "train", "accuracy", 100.0),
                ("validation_accuracy", "valid", "accuracy", 100.0),
                ("test_accuracy", "test", "accuracy", 100.0),
            ] {
                let runs = Runs::One(trial);
                let question = Question { split: Some(split), metric: Some(metric), epochs: Some(epochs), at, runs };
                let theirs = case["answer"][format!("{when}_{theirs}")].as_f64().unwrap() * scale;
                let ours = ask(&table, &rows, &question).unwrap();
                assert!(close(ours, theirs), "{ours}, not {theirs}: {case}");
                if (when, split, metric) == ("final", "test", "accuracy") {
                    means.entry((source.into(), arch.into(), epochs)).or_default().push(theirs);
                }
            }
        }
        let costs = tables::CostTable::read(&cost_path(&table)).unwrap();
        let params = case["answer"]["trainable_parameters"].as_f64();
        assert!(costs.iter().any(|row| row.arch == arch && row.params == params), "{case}");
    }
    assert!(!means.is_empty());
    for ((source, arch, epochs), values) in means {
        let table = tables.of(&source).unwrap();
        let rows = query::find_rows(&table, &arch, Some("cifar10")).unwrap();
        let question = Question { split: Some("test"), metric: Some("accuracy"), epochs: Some(epochs), ..Question::default() };
        assert_eq!(values.len(), 3);
        assert!(close(ask(&table, &rows, &question).unwrap(), values.iter().sum::<f64>() / 3.0));
        let error = ask(&table, &rows, &Question { runs: Runs::One(3), ..question }).unwrap_err().to_string();
        assert!(error.ends_with("with trial 3; trials: 0, 1, 2"), "{error}");
    }
}

#[test]
fn transnas_bench_answers_at_the_end_and_at_the_best_epoch() {
    let (mut tables, mut equal) = (Tables::new(), 0);
    for case in goldens("tnb101") {
        let Some(table) = tables.of(case["source"].as_str().unwrap()) else { return };
        let rows = query::find_rows(&table, case["arch"].as_str().unwrap(), case["dataset"].as_str()).unwrap();
        for (mode, at) in [("final", At::End), ("best", At::Best)] {
            for (name, theirs) in case[mode].as_object().unwrap() {
                let (split, metric) = name.split_once('_').unwrap();
                let metric = metric.to_lowercase();
                let question = Question { split: Some(split), metric: Some(&metric), at, ..Question::default() };
                let ours = ask(&table, &rows, &question);
                // The API's best loss is the largest, which is nobody's best: the tables have none.
                if mode == "best" && metric.ends_with("loss") && metric != "neg_loss" {
                    assert!(ours.is_err(), "{name} of {case}");
                    continue;
                }
                assert!(close(ours.unwrap(), theirs.as_f64().unwrap()), "{name} of {case}");
                equal += 1;
            }
        }
    }
    assert!(equal > 200, "{equal}");
}

#[test]
fn the_simulated_time_is_that_of_training_and_one_validation() {
    let Some(table) = Tables::new_with("golden/format-fixtures/NATS-tss-v1_0-3ffb9-simple") else { return };
    let (tables, path) = table;
    let rows = query::find_rows(&path, "0", Some("cifar10-valid")).unwrap();
    let (accuracy, seconds) = query::simulated_seconds(&path, &rows, 12, At::End, Runs::Mean).unwrap();
    // From `get_more_info`: train-all-time 150, valid-per-time 0.75.
    assert_eq!((accuracy.value, seconds), (88.375, 150.75));
    drop(tables);
}

impl Tables {
    fn new_with(source: &str) -> Option<(Self, PathBuf)> {
        let mut tables = Self::new();
        let path = tables.of(source)?;
        Some((tables, path))
    }
}
