//! Settles on one quantity and gives every architecture its value.

use std::collections::{BTreeSet, HashMap};

use tables::{BenchRow, Direction};

use super::Values;
use super::choose::{Wanted, wanted};
use crate::benchmarks::Measured;
use crate::quantity::{Quantity, Runs};
use crate::{Error, Options, Result};

/// The value of an architecture of the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    /// Its text in the table.
    pub arch: String,
    /// Its index, where the table has one.
    pub index: Option<u32>,
    /// The value.
    pub value: f64,
    /// Its single runs, as far as the table has them: seed or number, value.
    pub runs: Vec<(u32, f64)>,
}

/// Every architecture of a dataset with its value.
#[derive(Clone, Debug)]
pub(crate) struct Selected {
    pub quantity: Quantity,
    /// In the table's order.
    pub values: Vec<Known>,
}

/// Takes the first wanted quantity that the table has for a dataset. `example` is the key of a scored architecture, for
/// errors that say what there is instead.
///
/// # Errors
/// [`Error::WrongSpace`], [`Error::NoValues`], [`Error::Ambiguous`], and those of reading.
pub(crate) fn select(source: Values<'_>, space: &str, dataset: &str, example: &str, options: &Options) -> Result<Selected> {
    let all = wanted(space, dataset, options);
    for one in &all {
        let table = source.candidates(dataset, one, options.trial)?;
        let fits = |row: &BenchRow<'_>| {
            (row.space, row.dataset) == (space, dataset)
                && one.split.as_deref().is_none_or(|split| row.split == split)
                && one.metric.as_deref().is_none_or(|metric| row.metric == metric)
                && (options.trial.is_none() || row.trial == options.trial)
        };
        let mut found: BTreeSet<Series<'_>> = table.iter().filter(fits).map(|row| series(&row)).collect();
        let Some(epochs) = one.epochs.or_else(|| found.iter().map(|series| series.epochs).max()) else { continue };
        found.retain(|series| series.epochs == epochs);
        let epoch = moment(&found, one.measured, epochs);
        found.retain(|series| series.epoch == epoch);
        let Some(&series_of) = found.first() else { continue };
        for (what, choices) in [("split", list(found.iter().map(|s| s.split))), ("metric", list(found.iter().map(|s| s.metric)))] {
            if choices.contains(", ") {
                return Err(Error::Ambiguous { what, space: space.into(), dataset: dataset.into(), choices });
            }
        }
        let rows = || table.iter().filter(|row| fits(row) && series(row) == series_of);
        let Some(first) = rows().next() else { continue };
        let (values, averaged) = average(rows());
        let quantity = Quantity {
            split: first.split.into(),
            metric: first.metric.into(),
            unit: first.unit.into(),
            direction: first.direction,
            epochs,
            epoch,
            runs: options.trial.map_or(averaged, Runs::One),
            instead_of: if one.own { None } else { all.first().map(Wanted::in_words) },
        };
        return Ok(Selected { quantity, values });
    }
    Err(missing(source, space, dataset, example, &all, options)?)
}

/// What rows of one quantity have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Series<'a> {
    split: &'a str,
    metric: &'a str,
    epochs: u32,
    epoch: Option<u32>,
}

fn series<'a>(row: &BenchRow<'a>) -> Series<'a> {
    Series { split: row.split, metric: row.metric, epochs: row.epochs, epoch: row.epoch }
}

/// The wanted moment of training; where none is wanted, the best of those that were found.
fn moment(found: &BTreeSet<Series<'_>>, measured: Option<Measured>, epochs: u32) -> Option<u32> {
    let has = |epoch: Option<u32>| found.iter().any(|series| series.epoch == epoch);
    match measured {
        Some(Measured::Last) => Some(epochs),
        Some(Measured::Best) => None,
        Some(Measured::At(epoch)) => Some(epoch),
        None if has(Some(epochs)) => Some(epochs),
        None if has(None) => None,
        None => found.iter().filter_map(|series| series.epoch).max(),
    }
}

/// One value per architecture: the mean of the table, or else the mean over its runs in the table's order.
fn average<'a>(rows: impl Iterator<Item = BenchRow<'a>>) -> (Vec<Known>, Runs) {
    struct Sum<'a> {
        arch: &'a str,
        index: Option<u32>,
        mean: Option<f64>,
        runs: Vec<(u32, f64)>,
    }
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut sums: Vec<Sum<'_>> = Vec::new();
    for row in rows {
        let place = *places.entry(row.arch).or_insert_with(|| {
            sums.push(Sum { arch: row.arch, index: row.index, mean: None, runs: Vec::new() });
            sums.len() - 1
        });
        let sum = &mut sums[place];
        match row.trial {
            None => sum.mean = Some(row.value),
            Some(run) => sum.runs.push((run, row.value)),
        }
    }
    let averaged = sums.iter().filter(|sum| sum.mean.is_none());
    let (architectures, fewest, most) =
        averaged.fold((0, u32::MAX, 0), |(n, few, many), sum| (n + 1, few.min(sum.runs.len() as u32), many.max(sum.runs.len() as u32)));
    let runs = if architectures == 0 { Runs::Mean } else { Runs::Averaged { architectures, fewest, most } };
    let known = |sum: Sum<'_>| Known {
        arch: sum.arch.into(),
        index: sum.index,
        value: sum.mean.unwrap_or_else(|| sum.runs.iter().map(|(_, value)| value).sum::<f64>() / (sum.runs.len().max(1) as f64)),
        runs: sum.runs,
    };
    (sums.into_iter().map(known).collect(), runs)
}

/// Why nothing was found.
fn missing(source: Values<'_>, space: &str, dataset: &str, example: &str, all: &[Wanted], options: &Options) -> Result<Error> {
    let spaces = source.spaces()?;
    if !spaces.contains(space) {
        return Ok(Error::WrongSpace { scores: space.into(), table: spaces.into_iter().collect::<Vec<_>>().join(", ") });
    }
    let table = source.sample(example)?;
    let rows: Vec<BenchRow<'_>> = table.iter().filter(|row| row.space == space).collect();
    if !rows.iter().any(|row| row.dataset == dataset) {
        return Ok(Error::NoValues { wanted: format!("{space} on {dataset}"), available: list(rows.iter().map(|row| row.dataset)) });
    }
    let available = list(rows.iter().filter(|row| row.dataset == dataset).map(|row| {
        let trial = row.trial.map_or("mean".into(), |trial| format!("trial {trial}"));
        format!("{} {} {} ({trial})", row.split, row.metric, crate::quantity::when(row.epochs, row.epoch))
    }));
    let trial = options.trial.map_or("mean over trials".into(), |trial| format!("trial {trial}"));
    let wanted = all.first().map_or_else(String::new, Wanted::in_words);
    Ok(Error::NoValues { wanted: format!("{space} on {dataset}: {wanted}, {trial}"), available })
}

/// Distinct texts in alphabetical order, the first 20 of them.
fn list<T: Into<String>>(texts: impl Iterator<Item = T>) -> String {
    let distinct: BTreeSet<String> = texts.map(Into::into).collect();
    let more = if distinct.len() > 20 { ", ..." } else { "" };
    let shown: Vec<String> = distinct.into_iter().take(20).collect();
    format!("{}{more}", shown.join(", "))
}

/// How much worse than the best a value is; 0 or more.
pub(crate) fn regret(direction: Direction, best: f64, value: f64) -> f64 {
    match better(direction, best, value) {
        std::cmp::Ordering::Less => 0.0,
        _ => (best - value).abs(),
    }
}

/// Whether the first of two values is the better one, or as good.
pub(crate) fn better(direction: Direction, a: f64, b: f64) -> std::cmp::Ordering {
    match direction {
        Direction::HigherIsBetter => a.total_cmp(&b),
        Direction::LowerIsBetter => b.total_cmp(&a),
    }
}
