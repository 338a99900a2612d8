use std::fs;
use std::path::Path;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use tables::{Bench, BenchRow, BenchTable, Cost, CostTable, Error, Filter, TableWriter, Wanted, hash_file};

use crate::rows::{BENCH, COST, provenance};

/// More than two row groups in key order: architectures with two splits and three trials each.
fn rows(n: u32, mut each: impl FnMut(BenchRow<'_>)) {
    for k in 0..n {
        let arch = format!("arch-{k:06}");
        for split in ["test", "valid"] {
            for trial in [None, Some(777), Some(888)] {
                let value = f64::from(k * 7 % 1_000) / 8.0;
                each(BenchRow { arch: &arch, index: (k % 3 > 0).then_some(k), split, trial, value, epoch: trial.map(|_| 12), ..BENCH });
            }
        }
    }
}

fn stream(path: &Path, n: u32) -> u64 {
    let mut writer = TableWriter::<Bench>::create(path, provenance()).unwrap();
    rows(n, |row| writer.push(row).unwrap());
    writer.finish().unwrap()
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_streamed_table_is_the_same_file_as_one_built_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let [streamed, built] = ["streamed", "built"].map(|name| folder.path().join(name));
    assert_eq!(stream(&streamed, 50_000), 300_000);
    let mut all = Vec::new();
    rows(50_000, |row| {
        all.push((
            row.arch.to_owned(),
            row.split.to_owned(),
            BenchRow { arch: "", split: "", ..row }.trial,
            row.index,
            row.value,
            row.epoch,
        ));
    });
    let mut builder = BenchTable::builder();
    for (arch, split, trial, index, value, epoch) in all.iter().rev() {
        builder.push(BenchRow { arch, split, trial: *trial, index: *index, value: *value, epoch: *epoch, ..BENCH }).unwrap();
    }
    let table = builder.finish(provenance()).unwrap();
    table.write(&built).unwrap();
    assert_eq!(hash_file(&streamed).unwrap(), hash_file(&built).unwrap());
    assert_eq!(BenchTable::read(&streamed).unwrap(), table);
    assert_eq!(BenchTable::summary(&streamed).unwrap(), (table.provenance().clone(), 300_000));
}

#[test]
fn rows_are_found_by_any_condition() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    stream(&path, 50_000);
    let whole = BenchTable::read(&path).unwrap();
    let expect = |filter: Filter<'_>, keep: &dyn Fn(&BenchRow<'_>) -> bool| {
        let found = BenchTable::read_where(&path, &filter).unwrap();
        assert!(found.iter().eq(whole.iter().filter(keep)), "{filter:?}: {} rows", found.len());
        let mut scanned = 0;
        BenchTable::scan(&path, &filter, |row| {
            assert_eq!(Some(*row), found.get(scanned));
            scanned += 1;
        })
        .unwrap();
        assert_eq!(scanned, found.len());
    };
    for arch in ["arch-000000", "arch-021845", "arch-049999", "arch-050000", "a", "z"] {
        expect(Filter { arch: Some(arch), ..Filter::default() }, &|row| row.arch == arch);
    }
    expect(Filter { split: Some("valid"), trial: Wanted::Is(888), ..Filter::default() }, &|row| {
        row.split == "valid" && row.trial == Some(888)
    });
    expect(Filter { trial: Wanted::Null, ..Filter::default() }, &|row| row.trial.is_none());
    expect(Filter { trial: Some(777).into(), epoch: Wanted::Is(12), epochs: Wanted::Is(200), ..Filter::default() }, &|row| {
        row.trial == Some(777)
    });
    expect(Filter { dataset: Some("cifar100"), ..Filter::default() }, &|_| false);
    expect(Filter::default(), &|_| true);
    let error = BenchTable::read_where(&path, &Filter { origin: Some("official"), ..Filter::default() }).unwrap_err().to_string();
    assert_eq!(error, "a bench table has no column `origin` to choose rows by");
}

#[test]
fn a_row_out_of_order_is_named_with_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    for (next, part) in [
        (BenchRow { trial: None, ..BENCH }, "rows 0 and 1 of the bench table have the same key: space = \"nb201\", arch = \"arch-0\""),
        (BenchRow { arch: "arch", ..BENCH }, "row 1 of the bench table comes after a greater one: space = \"nb201\", arch = \"arch\""),
        (BenchRow { epoch: None, ..BENCH }, "epoch = null, trial = null after space = \"nb201\", arch = \"arch-0\""),
        (BenchRow { dataset: "a", split: "z", ..BENCH }, "dataset = \"a\""),
        (BenchRow { arch: "b", value: f64::NAN, ..BENCH }, "row 1 of the bench table, column `value`: expected a finite number"),
    ] {
        let mut writer = TableWriter::<Bench>::create(&path, provenance()).unwrap();
        writer.push(BENCH).unwrap();
        let error = writer.push(next).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        assert!(matches!(writer.finish(), Err(Error::Abandoned { .. })));
        assert_eq!(files(folder.path()), 0);
    }
    let mut writer = TableWriter::<Cost>::create(&path, provenance()).unwrap();
    writer.push(COST).unwrap();
    assert!(matches!(writer.push(tables::CostRow { epochs: Some(12), ..COST }), Err(Error::Order { row: 1, .. })));
}

#[test]
fn nothing_is_there_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub/t");
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(&path, "old").unwrap();
    let mut writer = TableWriter::<Bench>::create(&path, provenance()).unwrap();
    writer.push(BENCH).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old");
    drop(writer);
    assert_eq!((fs::read(&path).unwrap(), files(&folder.path().join("sub"))), (b"old".to_vec(), 1));
    let mut writer = TableWriter::<Bench>::create(&path, provenance()).unwrap();
    writer.provenance_mut().inputs.insert("late".into(), "00".into());
    let sealed = writer.seal().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(sealed.publish().unwrap(), 0);
    assert_eq!(BenchTable::read(&path).unwrap().provenance().inputs["late"], "00");
}

#[test]
fn a_table_of_the_first_version_says_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let mut builder = CostTable::builder();
    builder.push(COST).unwrap();
    builder.finish(provenance()).unwrap().write(&path).unwrap();
    // The same file with another version in its metadata.
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(&path).unwrap()).unwrap();
    let mut entries: Vec<KeyValue> = reader.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let schema = reader.schema().clone();
    entries.iter_mut().filter(|entry| entry.key == "zico.schema_version").for_each(|entry| entry.value = Some("1".into()));
    let properties = WriterProperties::builder().set_key_value_metadata(Some(entries)).build();
    let batch = reader.build().unwrap().next().unwrap().unwrap();
    let mut writer = ArrowWriter::try_new(fs::File::create(&path).unwrap(), schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    for error in [CostTable::read(&path).unwrap_err(), CostTable::read_where(&path, &Filter::default()).unwrap_err()] {
        let text = error.to_string();
        assert!(
            text.ends_with(
                "has version 1 of the cost schema, this program reads version 2\nmake it again: zico ingest BENCHMARK --out FILE"
            ),
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn a_damaged_file_is_never_read_by_condition_with_a_panic(position in 0_usize..10_000, mask in 1_u8..) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t");
        stream(&path, 20);
        let mut bytes = fs::read(&path).unwrap();
        let position = position % bytes.len();
        bytes[position] ^= mask;
        fs::write(&path, &bytes).unwrap();
        let _ = BenchTable::read_where(&path, &Filter { arch: Some("arch-000007"), ..Filter::default() });
        if let Ok(table) = BenchTable::read(&path) {
            prop_assert_eq!(table.len(), 120);
        }
    }
}

/// Seconds of processor time that this process has taken, all threads together (Linux).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = |n: usize| stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(n)?.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Run with `cargo test -p tables --test it -- --ignored --nocapture speed`: 10 million rows like those of NAS-Bench-101.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement")]
fn the_speed_of_ten_million_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    let start = std::time::Instant::now();
    let mut writer = TableWriter::<Bench>::create(&path, provenance()).unwrap();
    let mut pushing = 0.0;
    for k in 0..423_624_u64 {
        let arch = format!("{:032x}", u128::from(k) << 100 | u128::from(k.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let begin = std::time::Instant::now();
        for (split, metric) in [("test", "accuracy"), ("train", "accuracy"), ("train", "time"), ("valid", "accuracy")] {
            for epoch in [54, 108] {
                for trial in 0..3 {
                    let value = (k.wrapping_mul(u64::from(trial) + 77) % 10_000) as f64 / 100.0;
                    writer
                        .push(BenchRow {
                            space: "nb101",
                            arch: &arch,
                            index: None,
                            split,
                            metric,
                            epochs: 108,
                            epoch: Some(epoch),
                            trial: Some(trial),
                            value,
                            ..BENCH
                        })
                        .unwrap();
                }
            }
        }
        pushing += begin.elapsed().as_secs_f64();
    }
    let rows = writer.finish().unwrap();
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{rows} rows in {seconds:.2} s ({pushing:.2} s in push), {:.2} s of processors, {} bytes",
        cpu_seconds(),
        fs::metadata(&path).unwrap().len()
    );
    let start = std::time::Instant::now();
    let arch = format!("{:032x}", 200_000_u128 << 100 | u128::from(200_000_u64.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let found = BenchTable::read_where(&path, &Filter { arch: Some(&arch), ..Filter::default() }).unwrap();
    eprintln!("{} rows of one architecture in {:.3} s", found.len(), start.elapsed().as_secs_f64());
    let (start, before) = (std::time::Instant::now(), cpu_seconds());
    let found = BenchTable::read_where(&path, &Filter { split: Some("test"), epoch: Wanted::Is(108), ..Filter::default() }).unwrap();
    eprintln!(
        "{} rows of one quantity in {:.2} s, {:.2} s of processors",
        found.len(),
        start.elapsed().as_secs_f64(),
        cpu_seconds() - before
    );
    drop(found);
    let (start, before) = (std::time::Instant::now(), cpu_seconds());
    let n = BenchTable::read(&path).unwrap().len();
    eprintln!("{n} rows in all in {:.2} s, {:.2} s of processors", start.elapsed().as_secs_f64(), cpu_seconds() - before);
}
