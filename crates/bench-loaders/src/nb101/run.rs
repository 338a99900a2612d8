use std::borrow::Cow;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use spaces::nb101::{self, Cell, Hash};

use crate::error::excerpt;
use crate::readers::tfrecord::Record;
use crate::{Error, Result};

use super::metrics::{Evaluation, Metrics, STAGES};

/// Lengths of the training schedules, in epochs.
pub const BUDGETS: [u32; 4] = [4, 12, 36, 108];

/// One training run of a known cell: 88 bytes, since a file has up to five million.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Half-way and at the end.
    pub halves: [Measured; 2],
    /// Where the record begins in the file.
    pub offset: u64,
    /// Number of the record in the file.
    pub record: u32,
    /// The cell, by its place in the order of hashes ([`nb101::cells`]).
    pub position: u32,
    /// Trainable parameters.
    pub parameters: u32,
    /// Length of the schedule in epochs.
    pub budget: u8,
    /// Whether the file says that it was measured half-way and at the end, or says nothing.
    pub epochs_agree: bool,
}

/// What was measured at one point of a training run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Accuracy on the training, validation and test images, as fractions.
    pub train: f64,
    /// See `train`.
    pub valid: f64,
    /// See `train`.
    pub test: f64,
    /// Seconds of training so far.
    pub seconds: f64,
}

/// `[module hash, epochs, adjacency, operations, metrics]`.
#[derive(Deserialize)]
struct Row<'a>(
    #[serde(borrow)] Cow<'a, str>,
    f64,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
);

impl Run {
    /// Reads a record whose checksum is right. `buffer` is for the decoded message.
    ///
    /// # Errors
    /// [`Error::Record`].
    pub fn parse(record: &Record, path: &Path, buffer: &mut Vec<u8>) -> Result<Self> {
        let wrong = |expected: String, got: String| record.wrong(path, expected, got);
        let row: Row<'_> = serde_json::from_slice(&record.data)
            .map_err(|error| wrong("a JSON list of hash, epochs, adjacency, operations and metrics".into(), error.to_string()))?;
        let Row(hash, epochs, adjacency, operations, metrics) = row;
        let budget = BUDGETS.into_iter().find(|&budget| f64::from(budget) == epochs);
        let budget = budget.ok_or_else(|| wrong(format!("one of the budgets {BUDGETS:?} of epochs"), epochs.to_string()))?;
        let position = position(&hash, &adjacency, &operations).map_err(|(expected, got)| wrong(expected, got))?;
        buffer.clear();
        STANDARD.decode_vec(metrics.as_bytes(), buffer).map_err(|error| wrong("metrics in base64".into(), error.to_string()))?;
        let metrics = Metrics::decode(buffer).map_err(|got| wrong("a message ModelMetrics with three evaluations".into(), got))?;
        let parameters = metrics.parameters.filter(|&parameters| parameters > 0);
        let parameters = parameters.ok_or_else(|| wrong("a number of trainable parameters".into(), "none".into()))?;
        let mut halves = [Measured { train: 0.0, valid: 0.0, test: 0.0, seconds: 0.0 }; 2];
        let mut epochs_agree = true;
        for (stage, measured) in halves.iter_mut().enumerate() {
            let evaluation = &metrics.evaluations[stage + 1];
            // Their order is what counts, for the official API too; an epoch has 156.25 steps, so the file may round.
            let nominal = f64::from(budget) * (stage + 1) as f64 / 2.0;
            epochs_agree &= evaluation.epoch.is_none_or(|epoch| (epoch - nominal).abs() <= 0.5);
            *measured = Measured::of(evaluation).map_err(|(expected, got)| wrong(format!("{expected} {}", STAGES[stage + 1]), got))?;
        }
        let number = u32::try_from(record.number).map_err(|_| wrong("fewer than 2^32 records".into(), "more".into()))?;
        Ok(Self { halves, offset: record.offset, record: number, position, parameters, budget: budget as u8, epochs_agree })
    }

    /// An error about the record of this run.
    pub fn wrong(&self, path: &Path, expected: impl Into<String>, got: impl Into<String>) -> Error {
        let (record, offset) = (u64::from(self.record), self.offset);
        Error::Record { path: path.into(), record, offset, expected: expected.into(), got: got.into() }
    }
}

impl Measured {
    /// What an evaluation holds, if it holds everything. The error is what was expected and what came.
    fn of(evaluation: &Evaluation) -> std::result::Result<Self, (String, String)> {
        let told = |value: Option<f64>| value.map_or_else(|| "none".into(), |value| value.to_string());
        let accuracy = |what: &str, value: Option<f64>| {
            value.filter(|value| (0.0..=1.0).contains(value)).ok_or_else(|| (format!("a {what} accuracy from 0 to 1"), told(value)))
        };
        let seconds = evaluation.seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        Ok(Self {
            train: accuracy("training", evaluation.train)?,
            valid: accuracy("validation", evaluation.valid)?,
            test: accuracy("test", evaluation.test)?,
            seconds: seconds.ok_or_else(|| ("seconds of training".to_owned(), told(evaluation.seconds)))?,
        })
    }
}

/// Place of the cell in the order of hashes, once hash and matrix are found to belong together. The error is what was
/// expected and what came.
fn position(hash: &str, adjacency: &str, operations: &str) -> std::result::Result<u32, (String, String)> {
    let quoted = |text: &str| format!("`{}`", excerpt(text));
    let lower_case = !hash.bytes().any(|byte| byte.is_ascii_uppercase());
    let known = Hash::parse(hash).filter(|_| lower_case);
    let known = known.ok_or_else(|| ("a module hash of 32 lower-case hexadecimal digits".to_owned(), quoted(hash)))?;
    let position = nb101::position(known).ok_or_else(|| ("the hash of a cell of NAS-Bench-101".to_owned(), quoted(hash)))?;
    let cell = Cell::parse_record(adjacency, operations).map_err(|error| ("a cell of NAS-Bench-101".to_owned(), error.to_string()))?;
    let whole = cell.n_vertices().pow(2) == adjacency.len() && cell.n_edges() == adjacency.bytes().filter(|bit| *bit == b'1').count();
    if !whole {
        return Err(("a cell without vertices that lead nowhere".into(), quoted(adjacency)));
    }
    // Equal hashes are isomorphic cells, so the least of the relabelings decides and nothing needs to be hashed.
    let representative = nb101::cells()[position].cell;
    if cell != representative && cell.representative() != representative {
        return Err((format!("the cell of the hash {hash}"), format!("one with the hash {}", cell.hash())));
    }
    Ok(position as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_million_runs_fit_into_half_a_gigabyte() {
        assert!(size_of::<Run>() <= 88);
    }
}
