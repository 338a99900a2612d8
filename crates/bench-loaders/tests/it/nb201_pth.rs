use std::io::{Read, Write};

use bench_loaders::{NatsSss, Nb201};

use crate::support::{Tables, chain, ingest_edition, shared};

/// The file, unpacked.
pub fn fixture(name: &str) -> Option<tempfile::NamedTempFile> {
    let path = shared(&format!("golden/format-fixtures/nb201/{name}.pth.gz"))?;
    let (mut bytes, mut file) = (Vec::new(), tempfile::NamedTempFile::new().unwrap());
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    file.write_all(&bytes).unwrap();
    Some(file)
}

fn value(tables: &Tables, dataset: &str, split: &str, metric: &str, epochs: u32, trial: u32) -> Option<f64> {
    let mut rows = tables.bench.iter();
    rows.find(|row| {
        (row.dataset, row.split, row.metric, row.epochs, row.epoch, row.trial)
            == (dataset, split, metric, epochs, Some(epochs), Some(trial))
    })
    .map(|row| row.value)
}

#[test]
fn version_1_1_holds_every_data_set_with_times_and_latency() {
    let Some(file) = fixture("NAS-Bench-201-v1_1-096897") else { return };
    let tables = ingest_edition(&Nb201, "v1_1", file.path(), false).unwrap();
    assert_eq!(tables.summary.architectures, 1);
    // Made by the generator: the last accuracy is the best (90, 70, 45) plus (seed mod 7)/8 and 0.25 for index 1, in sixteenths.
    assert_eq!(value(&tables, "cifar10", "train", "accuracy", 200, 777), Some(90.25));
    assert_eq!(value(&tables, "cifar10", "test", "accuracy", 200, 777), Some(88.25));
    assert_eq!(value(&tables, "cifar100", "valid", "accuracy", 200, 777), Some(68.25));
    assert_eq!(value(&tables, "cifar100", "test", "accuracy", 200, 777), Some(68.0));
    assert_eq!(value(&tables, "imagenet16-120", "valtest", "accuracy", 200, 777), Some(42.75));
    assert_eq!(value(&tables, "cifar10-valid", "valid", "time", 200, 777), Some(0.75 * 200.0));
    assert_eq!(value(&tables, "cifar10-valid", "train", "time", 12, 111), Some(12.5 * 12.0));
    assert_eq!(value(&tables, "cifar10-valid", "train", "accuracy_top5", 12, 777), Some(98.25));
    assert_eq!(value(&tables, "cifar10-valid", "train", "accuracy_top5", 200, 777), None);
    let official: Vec<_> = tables.cost.iter().filter(|row| row.origin == "official").collect();
    assert_eq!(official.len(), 9);
    assert!(official.iter().all(|row| matches!(row.latency_ms, Some(15.625 | 17.578_125))));
}

#[test]
fn version_1_0_holds_no_times_after_200_epochs() {
    let Some(file) = fixture("NAS-Bench-201-v1_0-e61699") else { return };
    let tables = ingest_edition(&Nb201, "v1_0", file.path(), false).unwrap();
    assert!(tables.bench.iter().all(|row| row.epochs == 12 || row.metric != "time"));
    assert!(tables.bench.iter().filter(|row| row.epochs == 12).all(|row| row.dataset == "cifar10-valid"));
    assert_eq!(value(&tables, "cifar10-valid", "train", "time", 12, 777), Some(150.0));
    for row in tables.cost.iter().filter(|row| row.origin == "official") {
        // The mean of three batches; none after 12 epochs.
        let mean = (0.015_625 + 0.011_718_75 + 0.013_671_875) / 3.0 * 1e3;
        assert_eq!(row.latency_ms, (row.epochs == Some(200)).then_some(mean));
    }
}

#[test]
fn every_epoch_is_there_if_asked_for() {
    let Some(file) = fixture("NAS-Bench-201-v1_1-096897") else { return };
    let tables = ingest_edition(&Nb201, "v1_1", file.path(), true).unwrap();
    let epochs = |split, metric| {
        let of = tables.bench.iter().filter(|row| (row.dataset, row.split, row.metric, row.epochs) == ("cifar100", split, metric, 200));
        of.count()
    };
    // The old layout: one set after every epoch, the others after the last; times of all.
    assert_eq!((epochs("train", "accuracy"), epochs("valtest", "accuracy"), epochs("valid", "accuracy")), (200, 200, 1));
    assert_eq!((epochs("valid", "time"), epochs("train", "time"), epochs("test", "loss")), (200, 200, 1));
}

#[test]
fn the_wrong_benchmark_is_refused() {
    let Some(file) = fixture("NAS-Bench-201-v1_1-096897") else { return };
    let error = chain(&ingest_edition(&NatsSss, "single", file.path(), false).unwrap_err());
    assert!(error.contains("cannot be read"), "{error}");
    let Some(folder) = shared("golden/format-fixtures/NATS-tss-v1_0-3ffb9-simple") else { return };
    let error = chain(&ingest_edition(&NatsSss, "simple", &folder, false).unwrap_err());
    assert!(error.contains("`8:8:8:8:8`, which is number 0 of the official order"), "{error}");
}
