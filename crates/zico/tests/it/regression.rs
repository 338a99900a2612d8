//! Scores of fixed architectures in f64, and the committed correlations: neither may change unnoticed.
//!
//! `ZICO_BLESS=1 cargo test -p zico --test it regression` writes the scores anew; a changed score needs a new version of its
//! proxy and a line in the changelog.

use std::fs;
use std::path::PathBuf;

use bench_loaders::{BatchSpec, Fetcher, datasets, noise_batches};
use engine::{DType, Placement};
use proxies::{Options, TensorBatch, evaluate, zoo};
use serde_json::{Value, json};
use spaces::Setting;
use tables::{CorrelationTable, ScoreTable};
use tch::Device;

const N_ARCHITECTURES: usize = 24;
/// Relative tolerance; the same program on another machine differs by about 1e-12, ZiCo by up to 1e-7.
const TOLERANCE: f64 = 1e-6;

fn here(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(name)
}

fn scores_now() -> Value {
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 4, cells: 2, ..space.default_setting(10, 16) };
    let placement = Placement::new(Device::Cpu, DType::F64);
    let set = noise_batches(&BatchSpec { n_batches: 2, batch_size: 8, ..BatchSpec::default() }, datasets::find("cifar10").unwrap(), 10, 16)
        .unwrap();
    let options = Options { placement, ..Options::default() };
    let batches = TensorBatch::all(&set.batches, &options).unwrap();
    let rows = space.sample(2023, N_ARCHITECTURES).into_iter().map(|architecture| {
        let graph = space.lower(&architecture, &setting).unwrap();
        let outcomes = evaluate(&graph, zoo::ALL, &batches, &options).unwrap().outcomes;
        let scores: serde_json::Map<String, Value> = zoo::ALL
            .iter()
            .zip(outcomes)
            .map(|(proxy, outcome)| {
                (format!("{} v{}", proxy.meta().name, proxy.meta().version), outcome.score.map_or(Value::Null, |s| json!(s.value)))
            })
            .collect();
        json!({ "index": architecture.index, "scores": scores })
    });
    Value::Array(rows.collect())
}

#[test]
fn regression_of_scores() {
    let now = scores_now();
    let file = here("regression.json");
    if std::env::var_os("ZICO_BLESS").is_some() {
        fs::write(&file, format!("{now:#}\n")).unwrap();
    }
    let committed: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let (now, committed) = (now.as_array().unwrap(), committed.as_array().unwrap());
    assert_eq!((now.len(), committed.len()), (N_ARCHITECTURES, N_ARCHITECTURES));
    for (now, committed) in now.iter().zip(committed) {
        assert_eq!(now["index"], committed["index"]);
        let (now_scores, then) = (now["scores"].as_object().unwrap(), committed["scores"].as_object().unwrap());
        assert!(now_scores.keys().eq(then.keys()), "the proxies or their versions changed: bless the new scores");
        for (proxy, want) in then {
            let got = &now_scores[proxy];
            match (got.as_f64(), want.as_f64()) {
                (Some(got), Some(want)) => {
                    assert!(
                        (got - want).abs() <= TOLERANCE * want.abs().max(1e-3),
                        "{proxy} of {}: got {got}, committed {want}",
                        now["index"]
                    );
                }
                _ => assert_eq!(got, want, "{proxy} of {}", now["index"]),
            }
        }
    }
}

/// Absolute tolerance of recomputed coefficients: they are ratios of whole numbers, or of sums of them.
const COEFFICIENT_TOLERANCE: f64 = 1e-12;

#[test]
fn regression_of_correlations() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (data, mirror) = (root.join("reports/nb201/data"), root.join("../shared/data/mirror"));
    let fetcher = Fetcher { raw: root.join("data/raw"), mirrors: vec![mirror], offline: true };
    let nb201 = bench_loaders::find("nb201").unwrap();
    let Ok(located) = fetcher.locate(nb201.meta(), Some("csv"), &|_| {}) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: the accuracies of NAS-Bench-201 are not on this machine");
        }
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nb201.parquet");
    bench_loaders::ingest(nb201, &located, &bench_loaders::IngestOptions::default(), &path, &|_| {}).unwrap();
    let table = tables::BenchTable::read(&path).unwrap();
    let scores = ScoreTable::read(&data.join("scores.parquet")).unwrap();
    let committed = CorrelationTable::read(&data.join("correlations.parquet")).unwrap();
    let now = report::correlate(&scores, &table, &report::Options::default()).unwrap();
    assert_eq!(now.len(), committed.len());
    for (now, then) in now.iter().zip(committed.iter()) {
        assert_eq!((now.proxy, now.n, now.n_missing, now.ties_score), (then.proxy, then.n, then.n_missing, then.ties_score));
        for (got, want) in [
            (now.tau_b, then.tau_b),
            (now.tau_b_low, then.tau_b_low),
            (now.tau_b_high, then.tau_b_high),
            (now.tau_a, then.tau_a),
            (now.rho, then.rho),
            (now.rho_low, then.rho_low),
            (now.rho_high, then.rho_high),
        ] {
            assert!((got.unwrap() - want.unwrap()).abs() < COEFFICIENT_TOLERANCE, "{}: {got:?}, committed {want:?}", now.proxy);
        }
    }
}

/// What the README says of the quick start: between processors no tau-b moves by more.
const QUICK_START_TOLERANCE: f64 = 1e-3;

/// Compares the report that `./do quickstart` left behind.
#[test]
fn regression_of_the_quick_start() {
    let report = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../reports/quickstart/data/correlations.parquet");
    let Ok(table) = CorrelationTable::read(&report) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: `./do quickstart` has not run in this checkout");
        }
        return;
    };
    let now: serde_json::Map<String, Value> = table.iter().map(|row| (row.proxy.to_owned(), json!(row.tau_b))).collect();
    let file = here("quickstart.json");
    if std::env::var_os("ZICO_BLESS").is_some() {
        fs::write(&file, format!("{:#}\n", Value::Object(now.clone()))).unwrap();
    }
    let committed: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let committed = committed.as_object().unwrap();
    assert!(now.keys().eq(committed.keys()), "other proxies: run the quick start with all of them, then bless");
    for (proxy, want) in committed {
        match (now[proxy].as_f64(), want.as_f64()) {
            (Some(got), Some(want)) => assert!((got - want).abs() <= QUICK_START_TOLERANCE, "{proxy}: got {got}, committed {want}"),
            _ => assert_eq!(&now[proxy], want, "{proxy}"),
        }
    }
}
