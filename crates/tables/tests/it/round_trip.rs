use std::fs;

use tables::{AnyTable, BenchTable, CostTable, Provenance, ScoreRow, ScoreTable, Status, TimingRow, TimingTable, hash_file};

use crate::rows::{BENCH, COST, SCORE, bench, provenance, scores};

#[test]
fn every_kind_survives_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");

    let table = bench(50);
    table.write(&path).unwrap();
    assert_eq!(BenchTable::read(&path).unwrap(), table);
    assert_eq!(AnyTable::read(&path).unwrap(), AnyTable::Bench(table));

    let mut costs = CostTable::builder();
    costs.push(COST).unwrap();
    let costs = costs.finish(provenance()).unwrap();
    costs.write(&path).unwrap();
    assert_eq!(CostTable::read(&path).unwrap(), costs);
    assert_eq!(AnyTable::read(&path).unwrap().kind(), "cost");

    let mut timings = TimingTable::builder();
    timings.push(TimingRow { arch: "a", dataset: "cifar10", proxy: "zico", seed: 0, wall_ms: 0.25 }).unwrap();
    let timings = timings.finish(provenance()).unwrap();
    timings.write(&path).unwrap();
    assert_eq!(TimingTable::read(&path).unwrap(), timings);
}

#[test]
fn a_table_without_rows_survives_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let table = BenchTable::builder().finish(provenance()).unwrap();
    table.write(&path).unwrap();
    assert!(BenchTable::read(&path).unwrap().is_empty());
    assert_eq!(BenchTable::read(&path).unwrap(), table);
}

#[test]
fn rows_come_back_as_they_were_pushed() {
    let table = bench(3);
    let rows: Vec<_> = table.iter().collect();
    assert_eq!(rows.len(), table.len());
    assert_eq!((rows[2].arch, rows[2].index, rows[2].value), ("arch-1", None, 1.0 / 3.0));
    assert_eq!(rows[1].trial, Some(777));
    assert_eq!(table.get(6), None);
    assert_eq!(table.provenance().config["rate"], 0.1);
    assert_eq!(table.provenance().schema_version, 2);
}

#[test]
fn milliseconds_stay_out_of_score_files() {
    let folder = tempfile::tempdir().unwrap();
    let [fast, slow] = ["fast", "slow"].map(|name| folder.path().join(name));
    let missing =
        ScoreRow { seed: 1, value: None, status: Status::NonFinite, reason: Some("overflow"), representative: Some("b"), ..SCORE };
    for (path, ms) in [(&fast, Some(1.0)), (&slow, Some(1_000.0))] {
        scores(&[ScoreRow { wall_ms: ms, ..SCORE }, ScoreRow { wall_ms: ms, ..missing }]).write(path).unwrap();
    }
    assert_eq!(fs::read(&fast).unwrap(), fs::read(&slow).unwrap());
    let read = ScoreTable::read(&fast).unwrap();
    assert_eq!(read.iter().collect::<Vec<_>>(), [SCORE, missing]);
}

#[test]
fn equal_tables_give_equal_bytes_however_they_came_about() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a", "b", "c"].map(|name| folder.path().join(name));
    // More than one page, row group read batch and dictionary.
    bench(10_000).write(&paths[0]).unwrap();
    bench(10_000).write(&paths[1]).unwrap();
    BenchTable::read(&paths[0]).unwrap().write(&paths[2]).unwrap();
    let hashes = paths.map(|path| hash_file(&path).unwrap());
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(hashes[0], hashes[2]);
}

#[test]
fn a_file_names_neither_the_time_nor_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    bench(1).write(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(!holds("parquet-rs") && holds("zico tables"));
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = BenchTable::builder().push(tables::BenchRow { value, ..BENCH }).unwrap_err().to_string();
        assert!(error.contains("row 0 of the bench table, column `value`: expected a finite number"), "{error}");
    }
}

#[test]
fn a_refused_row_leaves_the_builder_as_it_was() {
    let mut builder = BenchTable::builder();
    builder.push(BENCH).unwrap();
    builder.push(tables::BenchRow { arch: "other", value: f64::NAN, ..BENCH }).unwrap_err();
    let long = "x".repeat(70_000);
    builder.push(tables::BenchRow { arch: &long, ..BENCH }).unwrap_err();
    assert_eq!(builder.len(), 1);
    assert_eq!(builder.finish(provenance()).unwrap().iter().collect::<Vec<_>>(), [BENCH]);
}

#[test]
fn the_checksum_of_the_rows_is_of_the_rows_alone() {
    let mut builder = BenchTable::builder();
    builder.push(BENCH).unwrap();
    let a = builder.finish(provenance()).unwrap();
    let mut builder = BenchTable::builder();
    builder.push(BENCH).unwrap();
    let b = builder.finish(Provenance::new(serde_json::Value::Null)).unwrap();
    assert_eq!(a.content_sha256(), b.content_sha256());
    let mut builder = BenchTable::builder();
    builder.push(tables::BenchRow { index: None, ..BENCH }).unwrap();
    assert_ne!(builder.finish(provenance()).unwrap().content_sha256(), a.content_sha256());
}
