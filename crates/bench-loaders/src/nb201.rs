//! NAS-Bench-201: accuracies of all 15,625 architectures, and the size of their networks.

use std::fs::File;
use std::path::Path;

use spaces::nb201::Cell;
use spaces::{Architecture, Space};
use tables::{BenchRow, Direction};

use crate::error::excerpt;
use crate::{
    Benchmark, BenchmarkMeta, Edition, Error, Event, Form, IngestOptions, Located, Observer, Result, Sink, Source, Summary, nats_tss,
    nb201_pth,
};

/// The benchmark of the space `nb201`, from the table of accuracies that `v-tao/nats-bench-landscape` took from the official
/// API of NATS-Bench.
///
/// # Conventions
/// * Test accuracy in percent after 200 epochs, the mean over the training runs there are (1 to 3 an architecture).
/// * Rows are in official index order, so the row number is the index. A table in another order is refused.
/// * Accuracies are kept as written, to the last digit.
/// * Parameters and multiply-adds are counted on the networks that `spaces` builds (C = 16, N = 5).
pub struct Nb201;

static META: BenchmarkMeta = BenchmarkMeta {
    name: "nb201",
    aliases: &["nats-tss"],
    title: "NAS-Bench-201 (NATS-Bench topology)",
    paper: "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search (Dong and Yang, ICLR 2020), arXiv 2001.00326",
    licence: "MIT (NATS-Bench)",
    space: "nb201",
    datasets: &["cifar10", "cifar10-valid", "cifar100", "imagenet16-120"],
    editions: &[nats_tss::SIMPLE, nats_tss::SIMPLE_TAR, nats_tss::SINGLE, nb201_pth::V1_1, nb201_pth::V1_0, NATS_BENCH_CSV],
};

/// The small public table.
const NATS_BENCH_CSV: Edition = Edition {
    name: "csv",
    title: "test accuracies that v-tao/nats-bench-landscape took from the official API of NATS-Bench",
    sources: &[Source {
        file: "nats_bench.csv",
        form: Form::Lines(
            "CIFAR10TestAccuracy200Epochs,CIFAR100TestAccuracy200Epochs,ImageNetTestAccuracy200Epochs,ArchitectureString,UniqueString",
        ),
        urls: &["https://raw.githubusercontent.com/v-tao/nats-bench-landscape/b307ae5fe6e8d7043cd4fe7d1c3532288271adb7/nats_bench.csv"],
        obtain: "",
        sha256: Some("cb5d777ec3368be83c8f9b3aa4d520696051cb0eb8d94b8f85b519f9ea4afa3e"),
        bytes: Some(3_024_008),
        about: "",
        licence: "none stated; the values are those of NATS-Bench (MIT)",
    }],
    note: "test accuracy after 200 epochs, mean over the runs there are (1 to 3 an architecture): cifar10, cifar100, imagenet16-120",
    rows: "46,875",
    verified: "all 46,875 values equal those of other extractions of NATS-Bench to 1e-9",
    read: read_csv,
};

const EPOCHS: u32 = 200;
/// Data sets of the columns of accuracies.
const CSV_DATASETS: &[&str] = &["cifar10", "cifar100", "imagenet16-120"];
const ARCHITECTURE: usize = 3;
/// The columns; the first three are accuracies in the order of the data sets above.
const HEADER: [&str; 5] = [
    "CIFAR10TestAccuracy200Epochs",
    "CIFAR100TestAccuracy200Epochs",
    "ImageNetTestAccuracy200Epochs",
    "ArchitectureString",
    "UniqueString",
];
/// A file of more bytes is not this table.
const MAX_BYTES: u64 = 1 << 24;

struct Row {
    architecture: Architecture,
    accuracies: [f64; 3],
}

impl Benchmark for Nb201 {
    fn meta(&self) -> &'static BenchmarkMeta {
        &META
    }
}

/// Reads `nats_bench.csv`.
fn read_csv(sources: &Located, _options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    let mut rows = read(&sources.only()?.path, observe)?;
    rows.sort_by(|a, b| a.architecture.text.cmp(&b.architecture.text));
    let space = spaces::nb201::Nb201;
    for (done, Row { architecture, accuracies }) in rows.iter().enumerate() {
        if done.is_multiple_of(500) {
            observe(Event::Counting { done: done as u64, total: rows.len() as u64 });
        }
        for (dataset, value) in CSV_DATASETS.iter().zip(accuracies) {
            sink.bench.push(BenchRow {
                space: META.space,
                arch: &architecture.text,
                index: architecture.index,
                dataset,
                split: "test",
                metric: "accuracy",
                unit: "percent",
                direction: Direction::HigherIsBetter,
                epochs: EPOCHS,
                epoch: Some(EPOCHS),
                trial: None,
                value: *value,
            })?;
        }
        sink.push_computed_cost(&space, architecture, CSV_DATASETS)?;
    }
    Ok(Summary { architectures: rows.len() as u64, ..Summary::default() })
}

/// Reads and checks the table.
fn read(path: &Path, observe: &Observer<'_>) -> Result<Vec<Row>> {
    let space = spaces::nb201::Nb201;
    let total = space.meta().size;
    let file = File::open(path).map_err(Error::io("open", path))?;
    let bytes = file.metadata().map_err(Error::io("open", path))?.len();
    if bytes > MAX_BYTES {
        let reason = format!("expected about 3 MB, got {bytes} bytes");
        return Err(Error::Format { path: path.into(), expected: "the table of NAS-Bench-201", reason });
    }
    // Without headers and flexible, so that every complaint is ours and names the line.
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut rows = Vec::with_capacity(total as usize);
    let mut record = csv::ByteRecord::new();
    let mut line = 1;
    let read = |reader: &mut csv::Reader<File>, record: &mut csv::ByteRecord| {
        reader.read_byte_record(record).map_err(|error| Error::io("read", path)(error.into()))
    };
    let wrong_line = |line, expected: String, got: String| Error::Line { path: path.into(), line, expected, got };
    if !read(&mut reader, &mut record)? || !record.iter().eq(HEADER.iter().map(|name| name.as_bytes())) {
        let got = String::from_utf8_lossy(record.as_slice());
        return Err(wrong_line(1, format!("the columns {}", HEADER.join(",")), format!("`{}`", excerpt(&got))));
    }
    while read(&mut reader, &mut record)? {
        line = record.position().map_or(line + 1, csv::Position::line);
        let index = rows.len() as u32;
        if index >= total {
            return Err(wrong_line(line, format!("the end after {total} architectures"), "another row".into()));
        }
        if record.len() != HEADER.len() {
            return Err(wrong_line(line, format!("{} columns", HEADER.len()), record.len().to_string()));
        }
        let cell = |column: usize| std::str::from_utf8(&record[column]);
        let wrong = |column: usize, expected: String, got: &str| {
            let got = format!("`{}`", excerpt(got));
            Error::Cell { path: path.into(), line, column: HEADER[column], expected, got }
        };
        let mut accuracies = [0.0; 3];
        for (column, accuracy) in accuracies.iter_mut().enumerate() {
            let text = cell(column).unwrap_or("bytes that are not UTF-8");
            *accuracy = percent(text).ok_or_else(|| wrong(column, "a number from 0 to 100".into(), text))?;
        }
        let text = cell(ARCHITECTURE).unwrap_or("bytes that are not UTF-8");
        let architecture = space.at(index)?;
        if text != architecture.text {
            return Err(wrong(ARCHITECTURE, expected_architecture(text, &architecture.text, index), text));
        }
        rows.push(Row { architecture, accuracies });
        if index.is_multiple_of(1_000) {
            observe(Event::Reading { done: u64::from(index), total: u64::from(total), unit: "rows" });
        }
    }
    if rows.len() < total as usize {
        return Err(wrong_line(line + 1, format!("{total} architectures"), format!("the end of the file after {}", rows.len())));
    }
    Ok(rows)
}

fn percent(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value| (0.0..=100.0).contains(value))
}

/// What should stand in the place of a wrong architecture, and how what stands there is wrong.
fn expected_architecture(text: &str, official: &str, index: u32) -> String {
    let expected = format!("`{official}`, which is index {index} of the official order");
    match Cell::parse(text) {
        Err(error) => {
            let first_line = error.to_string().lines().next().unwrap_or_default().to_owned();
            format!("{expected} ({first_line})")
        }
        Ok(cell) => {
            let there = Architecture::from(cell).index.unwrap_or_default();
            let twice = if there < index { ", and has been there already" } else { "" };
            format!("{expected} (this one is index {there}{twice})")
        }
    }
}
