use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_loaders::readers::tfrecord::{TfRecordReader, encode_record};
use flate2::read::GzDecoder;
use spaces::nb101::Cell;

use crate::support::{Tables, chain, ingest, shared};

const C3: &str = "conv3x3-bn-relu";
const C1: &str = "conv1x1-bn-relu";
const MP: &str = "maxpool3x3";

/// The cells of the fixtures with the parameters of their networks, in the order of each round of records.
fn cells() -> [(Cell, u32); 6] {
    let inception = "0111100000000100000010000001000001000000010000000";
    let cells: [(&str, &[&str], u32); 6] = [
        (inception, &[C3, C1, MP, C3, C3], 2_694_282),
        ("0100", &[], 882_570),
        ("010001000", &[C3], 10_177_674),
        ("010001000", &[C1], 1_920_138),
        ("0101001000010000", &[C3, C3], 20_346_506),
        ("0111000101000010000100000", &[C3, C1, MP], 2_040_231),
    ];
    cells.map(|(bits, interior, params)| {
        let operations = ["input"].iter().chain(interior).chain(&["output"]).copied().collect::<Vec<_>>().join(",");
        (Cell::parse_record(bits, &operations).unwrap(), params)
    })
}

/// What the maker of the fixtures put into a record: value of the split (or the seconds) half-way or at the end.
fn made_up(budget: u32, k: u32, at_end: bool, split: &str) -> f64 {
    let (e, k) = (f64::from(budget), f64::from(k));
    let seconds = f64::from((10.6875 * e + k) as f32);
    let base = match (split, at_end) {
        ("seconds", true) => return seconds,
        ("seconds", false) => return f64::from((seconds / 2.0) as f32),
        ("train", false) => 0.8,
        ("valid", false) => 0.78,
        ("test", false) => 0.77,
        ("train", true) => 0.9,
        ("valid", true) => 0.86,
        _ => 0.85,
    };
    100.0 * f64::from((base + 0.001 * k + 0.0005 * e).min(1.0) as f32)
}

/// Rows by hash, split, metric, epochs, epoch, trial.
type Rows = BTreeMap<(String, &'static str, &'static str, u32, u32, u32), f64>;

fn expected(budgets: &[u32]) -> Rows {
    let mut rows = Rows::new();
    for trial in 0..3 {
        for &budget in budgets {
            for (i, (cell, _)) in cells().iter().enumerate() {
                for at_end in [false, true] {
                    let epoch = if at_end { budget } else { budget / 2 };
                    let mut row = |split, metric, from| {
                        let value = made_up(budget, i as u32 + 7 * trial, at_end, from);
                        rows.insert((cell.hash().to_string(), split, metric, budget, epoch, trial), value);
                    };
                    for split in ["train", "valid", "test"] {
                        row(split, "accuracy", split);
                    }
                    row("train", "time", "seconds");
                }
            }
        }
    }
    rows
}

#[test]
fn every_value_of_the_fixtures_arrives_where_it_belongs() {
    for (file, budgets) in [("nasbench_only108.tfrecord", [108].as_slice()), ("nasbench_full.tfrecord", &[4, 12, 36, 108])] {
        let Some(path) = shared(&format!("golden/format-fixtures/nb101/{file}")) else { return };
        let Tables { bench, cost, summary } = ingest("nb101", &path, false).unwrap();
        let rows = expected(budgets);
        assert_eq!((bench.len(), summary.rows), (rows.len(), rows.len() as u64));
        for row in bench.iter() {
            assert_eq!((row.space, row.dataset, row.index), ("nb101", "cifar10", None));
            let unit = if row.metric == "time" { "seconds" } else { "percent" };
            assert_eq!(row.unit, unit);
            let found = rows.iter().find(|((arch, split, metric, epochs, epoch, trial), _)| {
                (arch.as_str(), *split, *metric, *epochs, Some(*epoch), Some(*trial))
                    == (row.arch, row.split, row.metric, row.epochs, row.epoch, row.trial)
            });
            assert_eq!(found.map(|(_, value)| *value), Some(row.value), "{row:?}");
        }
        assert_eq!(cost.len(), 6 * 3 * budgets.len());
        for row in cost.iter() {
            let params = cells().iter().find(|(cell, _)| cell.hash().to_string() == row.arch).map(|(_, params)| f64::from(*params));
            assert_eq!((row.origin, row.dataset, row.params, row.flops), ("official", "cifar10", params, None));
            assert!(row.epochs.is_some_and(|epochs| budgets.contains(&epochs)) && row.trial.is_some_and(|trial| trial < 3));
        }
        assert_eq!(summary.architectures, 6);
        assert_eq!(summary.warnings.len(), 1, "{:?}", summary.warnings);
        assert!(summary.warnings[0].starts_with("423618 of 423624 cells are missing (the first is 00005c142e6f48ac74fdcf73e3439874)"));
    }
}

/// The data of the records of the smaller fixture.
fn records() -> Option<Vec<Vec<u8>>> {
    let path = shared("golden/format-fixtures/nb101/nasbench_only108.tfrecord")?;
    let bytes = fs::read(&path).unwrap();
    let mut reader = TfRecordReader::new(bytes.as_slice(), &path, 1 << 16);
    let mut records = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        records.push(record.data);
    }
    assert_eq!(records.len(), 18);
    Some(records)
}

fn ingest_records(records: &[Vec<u8>]) -> Result<Tables, String> {
    let bytes: Vec<u8> = records.iter().flat_map(|data| encode_record(data)).collect();
    ingest_bytes(&bytes)
}

fn ingest_bytes(bytes: &[u8]) -> Result<Tables, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nasbench_only108.tfrecord");
    fs::write(&path, bytes).unwrap();
    ingest("nb101", &path, false).map_err(|error| chain(&error))
}

/// A record with a text replaced.
fn change(record: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(record).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn what_a_record_should_not_hold_is_named_with_its_place() {
    let Some(records) = records() else { return };
    let metrics = std::str::from_utf8(&records[2]).unwrap().rsplit('"').nth(1).unwrap().to_owned();
    let hash = cells()[2].0.hash().to_string();
    let other = cells()[3].0.hash().to_string();
    for (from, to, expected) in [
        (hash.as_str(), other.as_str(), format!("expected the cell of the hash {other}, got one with the hash {hash}")),
        (&hash, &hash.to_uppercase(), "expected a module hash of 32 lower-case hexadecimal digits".into()),
        (&hash, "00000000000000000000000000000000", "expected the hash of a cell of NAS-Bench-101".into()),
        (" 108,", " 107,", "expected one of the budgets [4, 12, 36, 108] of epochs, got 107".into()),
        (" 108,", " \"108\",", "expected a JSON list".into()),
        ("010001000", "010001001", "expected a cell of NAS-Bench-101".into()),
        ("010001000", "0110001000000000", "expected a cell".into()),
        ("conv3x3-bn-relu", "conv5x5-bn-relu", "expected a cell of NAS-Bench-101".into()),
        (&metrics, "", "expected a message ModelMetrics with three evaluations, got 0 evaluations".into()),
        (&metrics, &metrics[..metrics.len() - 4], "expected a message ModelMetrics".into()),
        (&metrics, &metrics[1..], "expected metrics in base64".into()),
        ("[", "{", "expected a JSON list".into()),
        ("]", ", 1]", "expected a JSON list".into()),
    ] {
        let mut damaged = records.clone();
        damaged[2] = change(&records[2], from, to);
        let error = ingest_records(&damaged).err().unwrap();
        let offset: usize = records[..2].iter().map(|data| data.len() + 16).sum();
        assert!(error.contains(&format!("nasbench_only108.tfrecord, record 2 at byte {offset}: ")), "{error}");
        assert!(error.contains(&expected), "{expected} in {error}");
    }
}

#[test]
fn a_fourth_run_of_a_cell_is_refused_and_a_missing_one_is_told() {
    let Some(mut records) = records() else { return };
    let last = records.pop().unwrap();
    let warnings = ingest_records(&records).unwrap().summary.warnings;
    assert!(warnings.contains(&"1 cells have fewer than 3 runs over 108 epochs".to_owned()), "{warnings:?}");
    records.extend([last.clone(), last]);
    let error = ingest_records(&records).err().unwrap();
    assert!(error.contains("record 18 at byte") && error.contains("expected at most 3 runs of a cell over 108 epochs"), "{error}");
}

#[test]
fn epochs_that_do_not_fit_the_schedule_are_told() {
    let Some(mut records) = records() else { return };
    records[2] = change(&records[2], " 108,", " 4,");
    let Tables { bench, summary, .. } = ingest_records(&records).unwrap();
    assert!(bench.iter().any(|row| (row.epochs, row.epoch) == (4, Some(2))));
    let said = |start: &str| summary.warnings.iter().any(|warning| warning.starts_with(start));
    assert!(said("1 runs say they were measured at other epochs") && said("5 cells have no run over 4 epochs"), "{:?}", summary.warnings);
}

#[test]
fn a_file_cut_or_changed_anywhere_is_refused_or_tells_what_is_missing() {
    let Some(records) = records() else { return };
    let bytes: Vec<u8> = records.iter().flat_map(|data| encode_record(data)).collect();
    let mut boundaries = vec![0];
    for data in &records {
        boundaries.push(boundaries.last().unwrap() + data.len() + 16);
    }
    for cut in (0..bytes.len()).step_by(29).chain(boundaries.iter().copied()) {
        match ingest_bytes(&bytes[..cut]) {
            Ok(tables) => {
                assert!(boundaries.contains(&cut), "cut at {cut}");
                assert!(cut == bytes.len() || tables.summary.warnings.len() == 2, "{:?}", tables.summary.warnings);
            }
            // Without the start of its first record it is no file of records at all.
            Err(error) => assert!(error.contains(if cut < 14 { "not a TFRecord file" } else { ", record " }), "cut at {cut}: {error}"),
        }
    }
    for at in (0..bytes.len()).step_by(17) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let error = ingest_bytes(&damaged).err().unwrap();
        assert!(error.contains(", record ") || at < 14 && error.contains("not a TFRecord file"), "byte {at}: {error}");
    }
}

#[test]
fn an_accuracy_that_is_none_is_refused() {
    let Some(records) = records() else { return };
    // Whatever bytes change in the message, a value is a fraction, or the record is refused.
    let text = std::str::from_utf8(&records[0]).unwrap();
    let metrics = text.rsplit('"').nth(1).unwrap();
    let message = STANDARD.decode(metrics).unwrap();
    let (mut refused, mut read) = (0, 0);
    for at in 0..message.len() {
        for flip in [0x01, 0xc0] {
            let mut damaged = message.clone();
            damaged[at] ^= flip;
            let record = change(&records[0], metrics, &STANDARD.encode(damaged));
            match ingest_records(&[record]) {
                Err(error) => {
                    assert!(error.contains("record 0 at byte 0: expected "), "{error}");
                    refused += 1;
                }
                Ok(tables) => {
                    let accuracies = tables.bench.iter().filter(|row| row.metric == "accuracy");
                    assert!(accuracies.map(|row| row.value).all(|value| (0.0..=100.0).contains(&value)));
                    read += 1;
                }
            }
        }
    }
    assert!(refused > 50 && read > 50, "{refused} refused, {read} read");
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    assert!(ingest("nb101", Path::new("/nonexistent/nasbench_only108.tfrecord"), false).is_err());
}

#[test]
fn the_tables_of_means_agree_with_another_extraction() {
    let (Some(folder), Some(other)) = (shared("data/mirror/nb101"), shared("data/tables/nb101.csv.gz")) else { return };
    let Tables { bench, cost, summary } = ingest("nb101", &folder, false).unwrap();
    assert_eq!((bench.len(), cost.len(), summary.architectures), (423_624, 423_624, 423_624));
    assert!(summary.warnings.is_empty());
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(other).unwrap()));
    let mut rows = 0;
    let mut best: f64 = 0.0;
    for (((record, bench), cost), entry) in reader.records().zip(bench.iter()).zip(cost.iter()).zip(spaces::nb101::cells()) {
        let record = record.unwrap();
        assert_eq!((&record[1], &record[1]), (bench.arch, cost.arch));
        assert_eq!(cost.params, record[5].parse().ok());
        assert!((bench.value - 100.0 * record[6].parse::<f64>().unwrap()).abs() < 1e-6, "{record:?}");
        let images = bench.value / 100.0 * 29_952.0;
        assert!((images - images.round()).abs() < 1e-2, "{images}");
        assert_eq!((bench.split, bench.epochs, bench.epoch, bench.trial), ("test", 108, Some(108), None));
        if rows % 4_001 == 0 {
            let architecture = spaces::find("nb101").unwrap().parse(bench.arch).unwrap();
            assert_eq!(Cell::parse(&architecture.text).unwrap(), entry.cell);
        }
        best = best.max(bench.value);
        rows += 1;
    }
    assert_eq!((rows, (best * 1e4).round() / 1e4), (423_624, 94.3176));
}

#[test]
fn a_table_of_means_that_is_none_is_refused() {
    let Some(source) = shared("data/mirror/nb101") else { return };
    let folder = tempfile::tempdir().unwrap();
    let read = |file: &str| fs::read(source.join(file)).unwrap();
    let (accuracies, params) = (read("accuracies.pkl.gz"), read("params.pkl.gz"));
    let refused = |accuracies: &[u8], params: &[u8]| {
        fs::write(folder.path().join("accuracies.pkl.gz"), accuracies).unwrap();
        fs::write(folder.path().join("params.pkl.gz"), params).unwrap();
        chain(&ingest("nb101", folder.path(), false).err().unwrap())
    };
    let error = refused(&params, &params);
    assert!(
        error.contains("accuracies.pkl.gz is not a gzip-compressed pickle") && error.contains("it has no column `accuracy`"),
        "{error}"
    );
    let error = refused(&accuracies, &accuracies);
    assert!(error.contains("params.pkl.gz") && error.contains("it has no column `params`"), "{error}");
    for cut in [0, 10, 100, accuracies.len() / 2, accuracies.len() - 20] {
        refused(&accuracies[..cut], &params);
    }
    let mut damaged = accuracies.clone();
    damaged[500_000] ^= 4;
    refused(&damaged, &params);
}
