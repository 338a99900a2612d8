//! Tables of NATS-Bench against the files themselves, read in another way: as a tree of values.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use bench_loaders::readers::pickle::{self, Limits, Value};
use bench_loaders::{Benchmark, NatsSss, Nb201};
use tables::{BenchRow, BenchTable};

use crate::support::{Tables, ingest_edition, shared};

const TSS: &str = "NATS-tss-v1_0-3ffb9-simple";
const SSS: &str = "NATS-sss-v1_0-50262-simple";

/// What names a value in a table: arch, dataset, split, metric, epochs, epoch, trial.
type Place = (String, String, &'static str, &'static str, u32, u32, u32);

fn place(row: &BenchRow<'_>) -> (Place, f64) {
    let split = ["test", "train", "valid", "valtest"].into_iter().find(|split| *split == row.split).unwrap();
    let metric = ["accuracy", "accuracy_top5", "loss", "time"].into_iter().find(|metric| *metric == row.metric).unwrap();
    ((row.arch.into(), row.dataset.into(), split, metric, row.epochs, row.epoch.unwrap(), row.trial.unwrap()), row.value)
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut plain = Vec::new();
    bzip2::read::MultiBzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut plain).unwrap();
    plain
}

/// Every value of the schedules of an architecture.
fn values_of(schedules: Value<'_>, every_epoch: bool, values: &mut HashMap<Place, f64>) {
    for (_, results) in schedules.items().unwrap() {
        let arch = results.require("arch_str").unwrap().text().unwrap();
        for (key, run) in results.require("all_results").unwrap().items().unwrap() {
            let key: Vec<_> = key.sequence().unwrap().collect();
            let (dataset, seed) = (key[0].text().unwrap(), key[1].integer().unwrap() as u32);
            let n = run.require("epochs").unwrap().integer().unwrap();
            let mut put = |split, metric, epoch: i64, value: f64| {
                if every_epoch || epoch == n - 1 {
                    let place = (arch.into(), dataset.to_lowercase(), split, metric, n as u32, epoch as u32 + 1, seed);
                    assert_eq!(values.insert(place, value), None);
                }
            };
            for (field, metric) in [("train_acc1es", "accuracy"), ("train_acc5es", "accuracy_top5"), ("train_losses", "loss")] {
                let series = run.require(field).unwrap();
                if !series.is_none() {
                    series
                        .items()
                        .unwrap()
                        .for_each(|(epoch, value)| put("train", metric, epoch.integer().unwrap(), value.number().unwrap()));
                }
            }
            let times = run.require("train_times").unwrap();
            if !times.is_none() {
                let mut sum = 0.0;
                for epoch in 0..n {
                    sum += times.items().unwrap().find(|(key, _)| key.integer().unwrap() == epoch).unwrap().1.number().unwrap();
                    put("train", "time", epoch, sum);
                }
            }
            for (set, split) in [
                ("x-valid", "valid"),
                ("x-test", "test"),
                ("ori-test", if dataset.starts_with("cifar10") && !dataset.ends_with("100") { "test" } else { "valtest" }),
            ] {
                for (field, metric) in [("eval_acc1es", "accuracy"), ("eval_losses", "loss")] {
                    let series = run.require(field).unwrap();
                    for epoch in 0..n {
                        if let Some(value) = series.get(&format!("{set}@{epoch}")).unwrap() {
                            put(split, metric, epoch, value.number().unwrap());
                        }
                    }
                }
                let (times, mut sum) = (run.require("eval_times").unwrap(), 0.0);
                for epoch in 0..n {
                    let Some(time) = times.get(&format!("{set}@{epoch}")).unwrap() else { break };
                    sum += time.number().unwrap();
                    put(split, "time", epoch, sum);
                }
            }
        }
    }
}

/// Every value of the architectures' files in a folder.
pub fn values_of_folder(folder: &Path, every_epoch: bool) -> HashMap<Place, f64> {
    let mut values = HashMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if !entry.ends_with("meta.pickle.pbz2") {
            let document = pickle::load(&unpacked(&entry), &Limits::default()).unwrap();
            values_of(document.root(), every_epoch, &mut values);
        }
    }
    values
}

#[track_caller]
pub fn same(table: &BenchTable, values: &HashMap<Place, f64>) {
    assert_eq!(table.len(), values.len());
    for row in table.iter() {
        let (place, value) = place(&row);
        assert_eq!(values.get(&place), Some(&value), "{place:?}");
    }
}

fn folders() -> impl Iterator<Item = (&'static dyn Benchmark, std::path::PathBuf)> {
    let kinds: [(&dyn Benchmark, &str); 2] = [(&Nb201, TSS), (&NatsSss, SSS)];
    let roots = ["data/mirror/nats-samples", "golden/format-fixtures"];
    kinds
        .into_iter()
        .flat_map(move |(benchmark, name)| roots.map(|root| (benchmark, shared(&format!("{root}/{name}")))))
        .filter_map(|(benchmark, path)| Some((benchmark, path?)))
}

#[test]
fn every_value_of_the_real_samples_and_the_fixtures_is_in_the_table() {
    for (benchmark, folder) in folders() {
        for every_epoch in [false, true] {
            let tables = ingest_edition(benchmark, "simple", &folder, every_epoch).unwrap();
            same(&tables.bench, &values_of_folder(&folder, every_epoch));
            assert_eq!(tables.summary.rows, tables.bench.len() as u64);
        }
    }
}

#[test]
fn partial_folders_are_read_with_a_warning() {
    for (benchmark, folder) in folders() {
        let read = fs::read_dir(&folder).unwrap().count() - 1;
        let tables = ingest_edition(benchmark, "simple", &folder, false).unwrap();
        assert_eq!(tables.summary.architectures, read as u64);
        let size = spaces::find(benchmark.meta().space).unwrap().meta().size as usize;
        assert!(
            tables.summary.warnings.contains(&format!("{} of {size} architectures are missing", size - read)),
            "{:?}",
            tables.summary.warnings
        );
        let complete = folder.to_string_lossy().contains("samples");
        assert_eq!(tables.summary.warnings.len(), if complete { 1 } else { 2 }, "{:?}", tables.summary.warnings);
    }
}

/// The folder as the archive that it is distributed in.
fn archive(folder: &Path, name: impl Fn(&str) -> String) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut builder = tar::Builder::new(file.reopen().unwrap());
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        builder.append_path_with_name(&entry, name(entry.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    builder.finish().unwrap();
    drop(builder);
    file
}

#[test]
fn an_archive_of_a_folder_is_the_folder() {
    for (benchmark, folder) in folders() {
        let unpacked = ingest_edition(benchmark, "simple", &folder, true).unwrap();
        let six_digits = archive(&folder, |name| format!("{TSS}/{name}"));
        // The other way of naming files that the API knows.
        let no_zeros = archive(&folder, |name| {
            format!(
                "{TSS}/{}",
                if name.starts_with("meta") || name.starts_with("000000") {
                    name.replace("000000", "0")
                } else {
                    name.trim_start_matches('0').to_owned()
                }
            )
        });
        for file in [six_digits, no_zeros] {
            let tables = ingest_edition(benchmark, "simple-tar", file.path(), true).unwrap();
            assert!(tables.bench.iter().eq(unpacked.bench.iter()) && tables.cost.iter().eq(unpacked.cost.iter()));
            assert_eq!(tables.summary, unpacked.summary);
        }
    }
}

#[test]
fn the_single_file_has_what_the_folder_has() {
    for (benchmark, name) in [(&Nb201 as &dyn Benchmark, "NATS-tss-v1_0-3ffb9"), (&NatsSss, "NATS-sss-v1_0-50262")] {
        let Some(single) = shared(&format!("golden/format-fixtures/{name}.pickle.pbz2")) else { return };
        let Some(folder) = shared(&format!("golden/format-fixtures/{name}-simple")) else { return };
        for every_epoch in [false, true] {
            let one = ingest_edition(benchmark, "single", &single, every_epoch).unwrap();
            let all = ingest_edition(benchmark, "simple", &folder, every_epoch).unwrap();
            let first = spaces::find(benchmark.meta().space).unwrap().at(0).unwrap().text;
            assert!(!one.bench.is_empty() && one.bench.iter().eq(all.bench.iter().filter(|row| row.arch == first)));
            assert!(one.cost.iter().eq(all.cost.iter().filter(|row| row.arch == first)));
        }
    }
}

#[test]
fn costs_of_the_real_samples_are_those_of_the_networks() {
    for (benchmark, folder) in folders().filter(|(_, folder)| folder.to_string_lossy().contains("samples")) {
        let Tables { cost, .. } = ingest_edition(benchmark, "simple", &folder, false).unwrap();
        let computed: HashMap<_, _> = cost
            .iter()
            .filter(|row| row.origin == "computed")
            .map(|row| ((row.arch.to_owned(), row.dataset.to_owned()), (row.params, row.flops)))
            .collect();
        assert_eq!(computed.len(), 12);
        let official: Vec<_> = cost.iter().filter(|row| row.origin == "official").collect();
        assert_eq!(official.len(), if benchmark.meta().name == "nb201" { 3 * 17 } else { 3 * 20 });
        for row in official {
            assert_eq!(computed[&(row.arch.to_owned(), row.dataset.to_owned())], (row.params, row.flops), "{} {}", row.arch, row.dataset);
            assert!((5.0..50.0).contains(&row.latency_ms.unwrap()));
        }
    }
}

#[test]
fn seeds_that_disagree_about_parameters_are_kept() {
    let Some(folder) = shared(&format!("golden/format-fixtures/{TSS}")) else { return };
    let cost = ingest_edition(&Nb201, "simple", &folder, false).unwrap().cost;
    let second = spaces::find("nb201").unwrap().at(1).unwrap().text;
    let of = |trial| {
        cost.iter()
            .find(|row| row.arch == second && row.dataset == "cifar10" && row.epochs == Some(200) && row.trial == Some(trial))
            .unwrap()
            .params
            .unwrap()
    };
    assert_eq!(of(888), 802_426.0);
    assert!((of(777) - 1_302_426.0).abs() < 1e-6);
}

#[test]
fn threads_change_nothing() {
    let Some(folder) = shared(&format!("data/mirror/nats-samples/{SSS}")) else { return };
    let tables = [1, 2, 7].map(|workers| {
        let options = bench_loaders::IngestOptions { every_epoch: true, workers };
        crate::support::ingest_located(&NatsSss, &crate::support::located(&NatsSss, "simple", &folder), &options).unwrap()
    });
    assert!(tables.iter().all(|other| other.bench.iter().eq(tables[0].bench.iter()) && other.cost.iter().eq(tables[0].cost.iter())));
}
