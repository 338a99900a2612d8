//! Anybody's table in text form.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use spaces::{Architecture, Space};
use tables::{Bench, BenchRow, Direction, Provenance, TableWriter};

use crate::error::excerpt;
use crate::form::Form;
use crate::{Error, Event, Observer, Result, Summary};

/// Most bytes of text that are read, unpacked: 1 GiB.
const MAX_BYTES: u64 = 1 << 30;
/// Most values of a table.
const MAX_VALUES: usize = 1 << 25;

/// A table in text form (CSV with a line of column names; packed with gzip or not) and what its columns are. Nothing is
/// guessed: what a row of the result says that is not in the file, its user has said.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnTable {
    /// The file.
    pub path: PathBuf,
    /// Search space of the architectures.
    pub space: String,
    /// Column that names the architecture in any form the space reads: text, index, hash.
    pub arch: String,
    /// Column of the training run's seed or number; without one the values are of the run that each [`OwnColumn`] names.
    pub trial_column: Option<String>,
    /// Columns of values.
    pub values: Vec<OwnColumn>,
}

/// A column of values.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnColumn {
    /// Its name.
    pub column: String,
    /// Dataset.
    pub dataset: String,
    /// Split.
    pub split: String,
    /// Metric.
    pub metric: String,
    /// Unit of the values after scaling.
    pub unit: String,
    /// Which values are the better ones.
    pub direction: Direction,
    /// Length of the training schedule.
    pub epochs: u32,
    /// When it was measured; `None` at the best epoch.
    pub epoch: Option<u32>,
    /// The training run; `None` for a mean.
    pub trial: Option<u32>,
    /// What a number of the file is multiplied by: 100 from fractions to percent.
    pub scale: f64,
}

/// Values of a line of the file.
struct Line {
    architecture: Architecture,
    key: String,
    trial: Option<u32>,
    values: Vec<Option<f64>>,
}

/// Reads the table into one of measured values at `out`. Empty cells are absent values; the summary counts them.
///
/// # Errors
/// [`Error::Place`] with line and column for what is no architecture, no number or no trial, and for an architecture that
/// has been there already; [`Error::Space`] for an unknown space; [`Error::NoColumn`]; [`Error::Line`], [`Error::Format`],
/// [`Error::Io`].
pub fn ingest_own(table: &OwnTable, out: &Path, observe: &Observer<'_>) -> Result<Summary> {
    let space = spaces::find(&table.space)?;
    let mut writer = TableWriter::<Bench>::create(out, provenance(table)?)?;
    let mut lines = read(table, space, observe)?;
    lines.sort_by(|a, b| (&a.key, a.trial).cmp(&(&b.key, b.trial)));
    // Key order within an architecture: that of the quantities, then of the runs.
    let mut order: Vec<usize> = (0..table.values.len()).collect();
    let quantity = |k: usize| {
        let value = &table.values[k];
        (&value.dataset, &value.split, &value.metric, value.epochs, value.epoch)
    };
    order.sort_by(|&a, &b| (quantity(a), table.values[a].trial).cmp(&(quantity(b), table.values[b].trial)));
    let (mut architectures, mut absent) = (0, 0_u64);
    for group in lines.chunk_by(|a, b| a.key == b.key) {
        architectures += 1;
        for runs in order.chunk_by(|&a, &b| quantity(a) == quantity(b)) {
            for line in group {
                for &k in runs {
                    let column = &table.values[k];
                    let Some(value) = line.values[k] else {
                        absent += 1;
                        continue;
                    };
                    writer.push(BenchRow {
                        space: space.meta().name,
                        arch: &line.key,
                        index: line.architecture.index,
                        dataset: &column.dataset,
                        split: &column.split,
                        metric: &column.metric,
                        unit: &column.unit,
                        direction: column.direction,
                        epochs: column.epochs,
                        epoch: column.epoch,
                        trial: line.trial.or(column.trial),
                        value,
                    })?;
                }
            }
        }
    }
    let rows = writer.finish()?;
    let warnings = if absent > 0 { vec![format!("{absent} cells are empty: these values are absent")] } else { Vec::new() };
    Ok(Summary { architectures, rows, warnings })
}

fn provenance(table: &OwnTable) -> Result<Provenance> {
    let name = table.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let columns: Vec<_> = table
        .values
        .iter()
        .map(|value| {
            serde_json::json!({
                "column": value.column, "dataset": value.dataset, "split": value.split, "metric": value.metric, "unit": value.unit,
                "direction": value.direction, "epochs": value.epochs, "epoch": value.epoch, "trial": value.trial, "scale": value.scale,
            })
        })
        .collect();
    let config = serde_json::json!({
        "benchmark": null, "space": table.space, "table": "bench", "source": name, "arch": table.arch,
        "trial_column": table.trial_column, "values": columns,
    });
    Ok(Provenance::new(config).with_input(name, tables::hash_file(&table.path)?))
}

fn read(table: &OwnTable, space: &dyn Space, observe: &Observer<'_>) -> Result<Vec<Line>> {
    let path = &table.path;
    let file = File::open(path).map_err(Error::io("open", path))?;
    let packed = Form::Gzip.fits(path).map_err(Error::io("read", path))?;
    let text: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.take(MAX_BYTES + 1));
    let mut record = csv::ByteRecord::new();
    let next = |reader: &mut csv::Reader<_>, record: &mut csv::ByteRecord| -> Result<bool> {
        let more = reader.read_byte_record(record).map_err(|error| Error::io("read", path)(error.into()))?;
        if reader.position().byte() > MAX_BYTES {
            return Err(Error::Format { path: path.clone(), expected: "a table of at most 1 GiB", reason: "it is longer".into() });
        }
        Ok(more)
    };
    if !next(&mut reader, &mut record)? {
        return Err(Error::Line { path: path.clone(), line: 1, expected: "the names of the columns".into(), got: "an empty file".into() });
    }
    let head: Vec<String> = record.iter().map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').into()).collect();
    let column = |name: &str| {
        let mut places = head.iter().enumerate().filter(|(_, column)| *column == name).map(|(place, _)| place);
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (place, _) => {
                Err(Error::NoColumn { path: path.clone(), column: name.into(), twice: place.is_some(), columns: excerpt_list(&head) })
            }
        }
    };
    let arch_column = column(&table.arch)?;
    let trial_column = table.trial_column.as_deref().map(column).transpose()?;
    let value_columns = table.values.iter().map(|value| column(&value.column)).collect::<Result<Vec<_>>>()?;
    let mut lines: Vec<Line> = Vec::new();
    let mut seen: HashMap<(String, Option<u32>), u64> = HashMap::new();
    while next(&mut reader, &mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != head.len() {
            let (expected, got) = (format!("{} columns", head.len()), record.len().to_string());
            return Err(Error::Line { path: path.clone(), line, expected, got });
        }
        if lines.len() * table.values.len().max(1) >= MAX_VALUES {
            return Err(Error::Line { path: path.clone(), line, expected: format!("at most {MAX_VALUES} values"), got: "more".into() });
        }
        let cell = |place: usize| std::str::from_utf8(&record[place]).map_or("bytes that are not UTF-8", str::trim);
        let wrong = |place: usize, expected: String| Error::Place {
            path: path.clone(),
            line,
            column: head[place].clone(),
            expected,
            got: format!("`{}`", excerpt(cell(place))),
        };
        let architecture = space.parse(cell(arch_column)).map_err(|error| {
            let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
            wrong(arch_column, format!("an architecture of {} ({reason})", space.meta().name))
        })?;
        let trial = trial_column.map(|place| cell(place).parse().map_err(|_| wrong(place, "the number of a training run".into())));
        let trial = trial.transpose()?;
        let key = space.table_key(&architecture);
        if let Some(first) = seen.insert((key.clone(), trial), line) {
            return Err(wrong(arch_column, format!("an architecture that has not been there yet (it was in line {first})")));
        }
        let values = value_columns.iter().zip(&table.values).map(|(&place, column)| match cell(place) {
            "" => Ok(None),
            text => text
                .parse::<f64>()
                .ok()
                .map(|value| value * column.scale)
                .filter(|value| value.is_finite())
                .map(Some)
                .ok_or_else(|| wrong(place, "a finite number, or nothing".into())),
        });
        let values = values.collect::<Result<_>>()?;
        lines.push(Line { architecture, key, trial, values });
        if lines.len().is_multiple_of(10_000) {
            observe(Event::Reading { done: lines.len() as u64, total: 0, unit: "rows" });
        }
    }
    Ok(lines)
}

fn excerpt_list(names: &[String]) -> String {
    let more = if names.len() > 40 { ", ..." } else { "" };
    format!("{}{more}", names.iter().take(40).map(|name| excerpt(name)).collect::<Vec<_>>().join(", "))
}
