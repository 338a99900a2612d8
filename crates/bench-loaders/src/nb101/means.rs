use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use flate2::read::GzDecoder;
use spaces::nb101;
use tables::{BenchRow, CostRow, Direction};

use crate::readers::{data_frame, pickle};
use crate::{Error, Event, Observer, Result, Sink, Summary};

use super::{CELLS, DATASET, SPACE};

/// Memory for the values of a file: the larger official one unpacks to 13.6 MB.
const LIMITS: pickle::Limits = pickle::Limits { memory: 1 << 26, longest_bytes: 1 << 25 };
const EXPECTED: &str = "a gzip-compressed pickle of a data frame of all cells of NAS-Bench-101";
/// The budget that the accuracies belong to.
const EPOCHS: u32 = 108;

/// Reads mean test accuracies (fractions, in the order of hashes) and parameters (millions), and writes them.
///
/// # Errors
/// [`Error::Format`] for a file that does not hold one finite number for each cell.
pub fn ingest(accuracies: &Path, params: &Path, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    let accuracies = column(accuracies, "accuracy", |value| (0.0..=1.0).contains(&value))?;
    let params = column(params, "params", |value| value > 0.0 && value < 1e3)?;
    for (k, ((entry, accuracy), millions)) in nb101::cells().iter().zip(accuracies).zip(params).enumerate() {
        let hash = entry.hash.to_string();
        sink.bench.push(BenchRow {
            space: SPACE,
            arch: &hash,
            index: None,
            dataset: DATASET,
            split: "test",
            metric: "accuracy",
            unit: "percent",
            direction: Direction::HigherIsBetter,
            epochs: EPOCHS,
            epoch: Some(EPOCHS),
            trial: None,
            value: 100.0 * accuracy,
        })?;
        sink.cost.push(CostRow {
            space: SPACE,
            arch: &hash,
            index: None,
            dataset: DATASET,
            origin: CostRow::OFFICIAL,
            epochs: None,
            trial: None,
            // Millions with six digits: the count is whole.
            params: Some((1e6 * millions).round()),
            flops: None,
            latency_ms: None,
        })?;
        if k.is_multiple_of(10_000) {
            observe(Event::Writing { done: k as u64, total: CELLS.into() });
        }
    }
    Ok(Summary { architectures: CELLS.into(), rows: CELLS.into(), warnings: Vec::new() })
}

/// A column of a data frame whose rows are the cells in the order of their hashes, which is what its column `index` counts.
fn column(path: &Path, name: &str, in_range: impl Fn(f64) -> bool) -> Result<Vec<f64>> {
    let wrong = |reason: String| Error::Format { path: path.into(), expected: EXPECTED, reason };
    let file = File::open(path).map_err(Error::io("open", path))?;
    let document = pickle::load_from(GzDecoder::new(BufReader::new(file)), &LIMITS).map_err(|error| wrong(error.to_string()))?;
    let mut columns = data_frame::columns(document.root()).map_err(|problem| wrong(problem.to_string()))?;
    let mut take = |wanted: &str| {
        let at = columns.iter().position(|(name, _)| name == wanted);
        let column = at.map(|at| columns.swap_remove(at).1).ok_or_else(|| wrong(format!("it has no column `{wanted}` of numbers")))?;
        let rows = column.len();
        if rows == CELLS as usize { Ok(column) } else { Err(wrong(format!("expected {CELLS} rows, got {rows}"))) }
    };
    let (index, values) = (take("index")?, take(name)?);
    if let Some(row) = index.iter().enumerate().position(|(row, index)| *index != row as f64) {
        return Err(wrong(format!("row {row}: expected the index {row}, got {}", index[row])));
    }
    match values.iter().position(|value| !in_range(*value)) {
        Some(row) => Err(wrong(format!("row {row}: {} is no {name}", values[row]))),
        None => Ok(values),
    }
}
